"""One import in a process of its own: `python -m tests.kernel.exchange.worker FILE EMAIL CHUNK`."""

import os
import sys
from pathlib import Path

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "revops.settings")
    django.setup()

    from revops.kernel.exchange import importing
    from revops.kernel.identity.models import User

    file, email, chunk = sys.argv[1:]
    importing.run(
        by=User.objects.get(email=email),
        record_type="account",
        path=Path(file),
        mapping="salesforce",
        chunk=int(chunk),
    )
