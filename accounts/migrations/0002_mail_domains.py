"""Load the shipped lists of domains that may not identify an account."""

from pathlib import Path
from typing import Any

from django.db import migrations

DATA = Path(__file__).resolve().parent.parent / "data"
VERSION = "2026.1"


def load(apps: Any, schema_editor: Any) -> None:
    mail_domain = apps.get_model("accounts", "MailDomain")
    seen: set[str] = set()
    rows = []
    for kind in ("freemail", "disposable"):
        for line in (DATA / f"{kind}.txt").read_text().splitlines():
            domain = line.strip().lower()
            if domain and not domain.startswith(("#", "//")) and domain not in seen:
                seen.add(domain)
                rows.append(mail_domain(domain=domain, kind=kind, list_version=VERSION))
    mail_domain.objects.bulk_create(rows, batch_size=2_000)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_accounts_and_domains")]
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
