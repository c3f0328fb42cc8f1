import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import revops.kernel.people.models.organisation


class Migration(migrations.Migration):
    dependencies = [
        ("policies", "0003_decisions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="KeptSimulation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                ("created_at", models.DateTimeField(editable=False)),
                ("updated_at", models.DateTimeField(editable=False)),
                ("policy_key", models.CharField(max_length=80)),
                ("scope", models.JSONField(default=dict)),
                (
                    "mode",
                    models.CharField(
                        choices=[("observe", "Observe"), ("warn", "Warn"), ("enforce", "Enforce")],
                        max_length=7,
                    ),
                ),
                ("digest", models.CharField(max_length=64)),
                ("record_type", models.CharField(blank=True, max_length=80)),
                ("total", models.PositiveIntegerField(default=0)),
                ("moved", models.PositiveIntegerField(default=0)),
                ("counts", models.JSONField(default=list)),
                ("changed", models.JSONField(default=list)),
                ("past", models.JSONField(default=dict)),
                ("simulated_at", models.DateTimeField()),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.RemoveConstraint(
            model_name="policyversion",
            name="policy_version_in_force_says_from_when",
        ),
        migrations.RemoveConstraint(
            model_name="policyversion",
            name="active_policy_version_has_an_authority",
        ),
        migrations.AddField(
            model_name="historicalpolicyversion",
            name="applied_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="historicalpolicyversion",
            name="migrate",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="policyversion",
            name="applied_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="policyversion",
            name="migrate",
            field=models.BooleanField(default=False),
        ),
        migrations.AddConstraint(
            model_name="policyversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "active"), _negated=True),
                    ("effective_from__isnull", False),
                    _connector="OR",
                ),
                name="policy_version_in_force_says_from_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="policyversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status__in", ["approved", "active"]), _negated=True),
                    models.Q(("authority", ""), _negated=True),
                    _connector="OR",
                ),
                name="policy_version_past_its_draft_has_an_authority",
            ),
        ),
        migrations.AddField(
            model_name="keptsimulation",
            name="simulated_by",
            field=revops.kernel.people.models.organisation.Person(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddIndex(
            model_name="keptsimulation",
            index=models.Index(fields=["digest"], name="simulation_by_digest"),
        ),
    ]
