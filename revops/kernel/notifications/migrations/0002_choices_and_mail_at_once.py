"""Keep how people want to be told, and what goes out as an e-mail at once."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0002_system_user"),
        ("notifications", "0001_notifications"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DigestTime",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("hour", models.PositiveSmallIntegerField(default=8)),
                ("weekdays_only", models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name="NotificationChoice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=80)),
                ("in_bell", models.BooleanField()),
                (
                    "mail",
                    models.CharField(
                        choices=[
                            ("none", "No e-mail"),
                            ("once", "At once"),
                            ("digest", "Daily digest"),
                        ],
                        max_length=8,
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="notification",
            name="detail",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="notification",
            name="in_bell",
            field=models.BooleanField(default=True),
        ),
        migrations.AddField(
            model_name="notification",
            name="mail",
            field=models.CharField(
                choices=[("none", "No e-mail"), ("once", "At once"), ("digest", "Daily digest")],
                default="digest",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="notification",
            name="mail_attempts",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="notification",
            name="mail_from",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="notification",
            name="mailed_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(fields=["recipient", "-created_at", "-id"], name="notification_newest"),
        ),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(
                condition=models.Q(("mail", "once"), ("mailed_at__isnull", True), ("read_at__isnull", True)),
                fields=["mail_from"],
                name="notification_to_mail",
            ),
        ),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(
                condition=models.Q(
                    ("digested_at__isnull", True), ("mail", "digest"), ("read_at__isnull", True)
                ),
                fields=["recipient"],
                name="notification_to_digest",
            ),
        ),
        migrations.AddConstraint(
            model_name="digesttime",
            constraint=models.CheckConstraint(
                condition=models.Q(("hour__lte", 23)), name="digest_hour_of_a_day"
            ),
        ),
        migrations.AddField(
            model_name="notificationchoice",
            name="user",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="notificationchoice",
            constraint=models.UniqueConstraint(fields=("user", "kind"), name="one_choice_a_kind"),
        ),
    ]
