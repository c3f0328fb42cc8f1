"""Ship the reasons for advancing, stalling and pushing a deal, and the one by which the stale sweep closes it."""

from django.db import migrations

# kind, code, label, requires words
REASONS = (
    ("advance", "criteria_met", "The exit criteria are met", False),
    ("advance", "buyer_asked", "The buyer asked for the next step", False),
    ("advance", "trial_passed", "Trial or proof passed", False),
    ("advance", "decision_taken", "The buyer has taken a decision", False),
    ("advance", "known_buyer", "A known buyer who skips steps", True),
    ("advance", "advance_other", "Another reason", True),
    ("stall", "waiting_for_budget", "Waiting for a budget", False),
    ("stall", "sponsor_silent", "The sponsor does not answer", False),
    ("stall", "priorities_changed", "The buyer's priorities changed", False),
    ("stall", "review_pending", "A review on the buyer's side", False),
    ("stall", "ours_to_do", "It is our move", True),
    ("stall", "stall_other", "Another reason", True),
    ("push", "meeting_moved", "A meeting was moved", False),
    ("push", "paperwork_open", "Paperwork is open", False),
    ("push", "push_other", "Another reason", True),
    ("loss", "timed_out", "No decision: timed out", False),
)


def ship(apps, schema_editor):
    reason = apps.get_model("opportunities", "Reason")
    reason.objects.bulk_create(
        [
            reason(kind=kind, code=code, label=label, requires_text=words)
            for kind, code, label, words in REASONS
        ],
        ignore_conflicts=True,
    )


def withdraw(apps, schema_editor):
    apps.get_model("opportunities", "Reason").objects.filter(code__in=[row[1] for row in REASONS]).delete()


class Migration(migrations.Migration):
    dependencies = [("opportunities", "0006_the_governed_funnel")]

    operations = [migrations.RunPython(ship, withdraw)]
