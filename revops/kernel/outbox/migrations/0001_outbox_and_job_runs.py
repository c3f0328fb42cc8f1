"""Create the outbox, the effects of its receivers and the runs of scheduled jobs."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="JobRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("job_key", models.CharField(max_length=80)),
                ("slot", models.DateTimeField()),
                ("started_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("running", "Running"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                            ("abandoned", "Abandoned"),
                        ],
                        default="running",
                        max_length=9,
                    ),
                ),
                ("result", models.TextField(blank=True)),
                ("error", models.TextField(blank=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("job_key", "slot"), name="job_run_once_per_slot"),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "running")),
                        fields=("job_key",),
                        name="job_run_never_overlaps",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("finished_at__isnull", True), ("state", "running")),
                            models.Q(
                                models.Q(("state", "running"), _negated=True), ("finished_at__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="job_run_finished_with_state",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OutboxEvent",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("type", models.CharField(max_length=80)),
                ("payload_version", models.PositiveSmallIntegerField(default=1)),
                ("subject_type", models.CharField(max_length=80)),
                ("subject_id", models.BigIntegerField()),
                ("subject_seq", models.BigIntegerField()),
                ("occurred_at", models.DateTimeField()),
                ("payload", models.JSONField(default=dict)),
                ("change_id", models.UUIDField()),
                ("created_at", models.DateTimeField()),
                ("delivered_at", models.DateTimeField(null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("next_attempt_at", models.DateTimeField()),
                ("dead", models.BooleanField(default=False)),
                ("last_error", models.TextField(blank=True)),
                ("carried_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("dead", False), ("delivered_at__isnull", True)),
                        fields=["subject_type", "subject_id", "subject_seq"],
                        name="event_waiting_by_subject",
                    ),
                    models.Index(
                        condition=models.Q(("dead", False), ("delivered_at__isnull", True)),
                        fields=["next_attempt_at"],
                        name="event_waiting_by_due",
                    ),
                    models.Index(condition=models.Q(("dead", True)), fields=["id"], name="event_dead"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("subject_type", "subject_id", "subject_seq"),
                        name="event_once_per_place_of_subject",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("dead", False), ("delivered_at__isnull", True), _connector="OR"),
                        name="event_dead_or_delivered",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Effect",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("receiver_key", models.CharField(max_length=120)),
                ("created_at", models.DateTimeField()),
                (
                    "event",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="effects",
                        to="outbox.outboxevent",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("event", "receiver_key"), name="effect_once_per_event_and_receiver"
                    )
                ],
            },
        ),
    ]
