"""Create the service user that acts where no person does: the very first change needs an actor."""

from datetime import UTC, datetime

from django.contrib.auth.hashers import make_password
from django.db import migrations

# The same on every installation: it is older than everything it did.
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)


def create_system_user(apps, schema_editor):
    apps.get_model("identity", "User").objects.create(
        email="system@revops.invalid",
        name="RevOps",
        kind="service",
        is_active=False,
        password=make_password(None),
        created_at=BEGINNING,
        updated_at=BEGINNING,
    )


class Migration(migrations.Migration):
    dependencies = [("identity", "0001_users")]

    operations = [migrations.RunPython(create_system_user, migrations.RunPython.noop)]
