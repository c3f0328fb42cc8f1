"""Ship the reasons for losing, moving back, reopening and putting off a deal, and a first list of use cases."""

from django.db import migrations

# kind, code, label, requires a competitor, requires words
REASONS = (
    ("loss", "lost_to_competitor", "Lost to a competitor", True, False),
    ("loss", "price", "Price", False, False),
    ("loss", "no_budget", "No budget", False, False),
    ("loss", "no_decision", "No decision", False, False),
    ("loss", "missing_capability", "Missing capability", False, True),
    ("loss", "timing", "Timing", False, False),
    ("loss", "no_champion", "Champion left or never found", False, False),
    ("loss", "built_in_house", "Built in-house", False, False),
    ("loss", "legal_or_security", "Legal or security terms", False, True),
    ("loss", "bad_fit", "Bad fit", False, True),
    ("loss", "loss_other", "Another reason", False, True),
    ("regress", "champion_lost", "Champion lost", False, False),
    ("regress", "requirements_changed", "Requirements changed", False, False),
    ("regress", "budget_withdrawn", "Budget withdrawn", False, False),
    ("regress", "evaluation_repeated", "Evaluation has to be repeated", False, False),
    ("regress", "moved_too_early", "Moved forward too early", False, False),
    ("regress", "regress_other", "Another reason", False, True),
    ("reopen", "buyer_returned", "The buyer came back", False, False),
    ("reopen", "budget_restored", "Budget restored", False, False),
    ("reopen", "competitor_failed", "The competitor failed", False, False),
    ("reopen", "closed_by_mistake", "Closed by mistake", False, False),
    ("reopen", "contract_void", "Contract void", False, True),
    ("reopen", "reopen_other", "Another reason", False, True),
    ("slip", "buyer_delayed", "The buyer delayed", False, False),
    ("slip", "procurement_slow", "Procurement takes longer", False, False),
    ("slip", "legal_review", "Legal review", False, False),
    ("slip", "security_review", "Security review", False, False),
    ("slip", "budget_cycle", "Budget cycle", False, False),
    ("slip", "scope_changed", "Scope changed", False, False),
    ("slip", "decision_maker_absent", "Decision maker absent", False, False),
    ("slip", "date_was_guessed", "The date was a guess", False, False),
    ("slip", "slip_other", "Another reason", False, True),
)
USE_CASES = (
    ("NewRollout", "New rollout"),
    ("Replacement", "Replacement of another product"),
    ("Consolidation", "Consolidation of several tools"),
    ("Automation", "Automation"),
    ("Analytics", "Analytics"),
    ("Compliance", "Compliance"),
    ("Extension", "More users or units"),
)


def ship(apps, schema_editor):
    reason, use_case = apps.get_model("opportunities", "Reason"), apps.get_model("opportunities", "UseCase")
    reason.objects.bulk_create(
        [
            reason(kind=kind, code=code, label=label, requires_competitor=rival, requires_text=words)
            for kind, code, label, rival, words in REASONS
        ]
    )
    use_case.objects.bulk_create([use_case(code=code, label=label) for code, label in USE_CASES])


def take_back(apps, schema_editor):
    apps.get_model("opportunities", "Reason").objects.filter(code__in=[row[1] for row in REASONS]).delete()
    codes = [code for code, _ in USE_CASES]
    apps.get_model("opportunities", "UseCase").objects.filter(code__in=codes).delete()


class Migration(migrations.Migration):
    dependencies = [("opportunities", "0001_deals")]

    operations = [migrations.RunPython(ship, take_back)]
