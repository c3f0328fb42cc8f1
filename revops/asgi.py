"""The ASGI entry point, for servers that speak it; RevOps itself is served over WSGI."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "revops.settings")
application = get_asgi_application()
