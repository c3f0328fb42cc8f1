"""Create the service user that acts where no person does: the very first change needs an actor."""

from django.contrib.auth.hashers import make_password
from django.db import migrations
from django.utils import timezone


def create_system_user(apps, schema_editor):
    now = timezone.now()
    apps.get_model("identity", "User").objects.create(
        email="system@revops.invalid",
        name="RevOps",
        kind="service",
        is_active=False,
        password=make_password(None),
        created_at=now,
        updated_at=now,
    )


class Migration(migrations.Migration):
    dependencies = [("identity", "0001_users")]

    operations = [migrations.RunPython(create_system_user, migrations.RunPython.noop)]
