"""A poller in a process of its own: `python -m tests.kernel.sla.poller BATCH NOW`."""

import os
import sys
from datetime import datetime

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "revops.settings")
    django.setup()

    from revops.kernel.sla import polling

    polling.BATCH = int(sys.argv[1])
    print(polling.poll(datetime.fromisoformat(sys.argv[2])).looked_at)
