import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("exchange", "0004_revert_imports"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="BulkRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("record_type", models.CharField(max_length=80)),
                ("deed", models.CharField(max_length=40)),
                ("values", models.JSONField(default=dict)),
                ("reason", models.CharField(blank=True, max_length=500)),
                ("parameters", models.JSONField(default=dict)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "To be confirmed"),
                            ("running", "Being done"),
                            ("done", "Done"),
                            ("stopped", "Stopped, can go on"),
                            ("denied", "Denied: the right is missing"),
                        ],
                        default="open",
                        max_length=8,
                    ),
                ),
                ("total", models.PositiveIntegerField(default=0)),
                ("repeated", models.PositiveIntegerField(default=0)),
                ("changed", models.PositiveIntegerField(default=0)),
                ("unchanged", models.PositiveIntegerField(default=0)),
                ("refused", models.PositiveIntegerField(default=0)),
                ("denied", models.PositiveIntegerField(default=0)),
                ("trouble", models.JSONField(default=list)),
                ("token", models.UUIDField(null=True)),
                ("created_at", models.DateTimeField()),
                ("started_at", models.DateTimeField(null=True)),
                ("heartbeat_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "undoes",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="undone_by",
                        to="exchange.bulkrun",
                    ),
                ),
            ],
            options={
                "verbose_name": "bulk change",
            },
        ),
        migrations.CreateModel(
            name="BulkItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("record_id", models.BigIntegerField(null=True)),
                ("given", models.CharField(blank=True, max_length=80)),
                ("expects", models.PositiveIntegerField(null=True)),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("changed", "Changed"),
                            ("unchanged", "Unchanged"),
                            ("refused", "Refused"),
                            ("denied", "Denied"),
                        ],
                        default="waiting",
                        max_length=9,
                    ),
                ),
                ("version", models.PositiveIntegerField(null=True)),
                ("findings", models.JSONField(default=list)),
                (
                    "run",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="items",
                        to="exchange.bulkrun",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="bulkrun",
            index=models.Index(fields=["asked_by", "-id"], name="bulk_run_by_person"),
        ),
        migrations.AddIndex(
            model_name="bulkrun",
            index=models.Index(fields=["state", "heartbeat_at"], name="bulk_run_by_state"),
        ),
        migrations.AddConstraint(
            model_name="bulkrun",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "running"), ("token__isnull", False)),
                    models.Q(models.Q(("state", "running"), _negated=True), ("token__isnull", True)),
                    _connector="OR",
                ),
                name="bulk_run_is_held_while_it_runs",
            ),
        ),
        migrations.AddConstraint(
            model_name="bulkrun",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("started_at__isnull", True), ("state", "open")),
                    models.Q(models.Q(("state", "open"), _negated=True), ("started_at__isnull", False)),
                    _connector="OR",
                ),
                name="bulk_run_started_has_its_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="bulkrun",
            constraint=models.UniqueConstraint(
                condition=models.Q(("undoes__isnull", False), models.Q(("state", "open"), _negated=True)),
                fields=("undoes",),
                name="bulk_run_undone_once",
            ),
        ),
        migrations.AddIndex(
            model_name="bulkitem",
            index=models.Index(fields=["run", "outcome", "id"], name="bulk_item_by_outcome"),
        ),
        migrations.AddConstraint(
            model_name="bulkitem",
            constraint=models.UniqueConstraint(fields=("run", "record_id"), name="bulk_item_once_a_record"),
        ),
    ]
