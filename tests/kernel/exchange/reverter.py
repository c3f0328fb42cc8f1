"""One revert in a process of its own: `python -m tests.kernel.exchange.reverter RUN EMAIL`."""

import os
import sys

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "revops.settings")
    django.setup()

    from revops.kernel.exchange import reverting
    from revops.kernel.exchange.models import ImportRun
    from revops.kernel.identity.models import User

    number, email = sys.argv[1:]
    reverting.run(ImportRun.objects.get(pk=int(number)), User.objects.get(email=email))
