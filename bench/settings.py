"""The product as it is measured: its own settings, switched to production, with static files of this run."""

import os

os.environ.setdefault("DEBUG", "0")
os.environ.setdefault("ALLOWED_HOSTS", "127.0.0.1,testserver")
os.environ.setdefault("SECRET_KEY", "measured-on-one-machine-and-nowhere-else-0123456789-abcdefghijklmnopq")
os.environ.setdefault("AUDIT_KEY", "measured-on-one-machine-and-nowhere-else-9876543210-abcdefghijklmnopq")
os.environ.setdefault("CELERY_BROKER_URL", "memory://")
os.environ.setdefault("LOG_LEVEL", "ERROR")
# Plain HTTP on one machine: no redirect, and a cookie that comes back.
os.environ.setdefault("SECURE_COOKIES", "0")

from revops.settings import *  # noqa: F403

# Hashed names as in production, without compressing what nobody downloads here.
STORAGES = {
    **STORAGES,  # noqa: F405
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
}
STATIC_ROOT = os.environ.get("BENCH_STATIC", STATIC_ROOT)  # noqa: F405
