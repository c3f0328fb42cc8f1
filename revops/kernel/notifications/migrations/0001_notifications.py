"""Create notifications."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Notification",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=80)),
                ("title", models.CharField(max_length=200)),
                ("text", models.TextField(blank=True)),
                ("url", models.CharField(blank=True, max_length=400)),
                ("subject_type", models.CharField(blank=True, max_length=80)),
                ("subject_id", models.BigIntegerField(null=True)),
                ("dedupe_key", models.CharField(max_length=120)),
                ("created_at", models.DateTimeField()),
                ("read_at", models.DateTimeField(null=True)),
                ("digested_at", models.DateTimeField(null=True)),
                (
                    "recipient",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("read_at__isnull", True)),
                        fields=["recipient", "-created_at", "-id"],
                        name="notification_unread",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("recipient", "dedupe_key"), name="notification_once_per_cause"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("subject_id__isnull", True), ("subject_type", "")),
                            models.Q(
                                models.Q(("subject_type", ""), _negated=True), ("subject_id__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="notification_subject_whole_or_none",
                    ),
                ],
            },
        ),
    ]
