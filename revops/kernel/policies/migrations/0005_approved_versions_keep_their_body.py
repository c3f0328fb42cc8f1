"""What was approved is what goes live: the database refuses to change an approved version, and one that was active.

An approved version may still be given its instant, its authority and `migrate`, or go back to being a draft. A later
migration that makes SQLite copy the table must create the trigger again.
"""

from django.db import migrations

TABLE = "policies_policyversion"
MESSAGE = "A policy version that has been approved never changes: draft the next version."
APPROVED = ("policy_id", "n", "body", "mode", "source_note", "created_at")
FIXED = (*APPROVED, "effective_from", "authority", "migrate")


def _changed(differs):
    held = " OR ".join(f"NEW.{name} {differs} OLD.{name}" for name in APPROVED)
    fixed = " OR ".join(f"NEW.{name} {differs} OLD.{name}" for name in FIXED)
    return (
        f"(OLD.status = 'approved' AND ({held})) OR "
        f"(OLD.status IN ('active', 'retired') AND ({fixed} "
        "OR NEW.status NOT IN ('active', 'retired') OR (OLD.status = 'retired' AND NEW.status <> 'retired')))"
    )


def protect(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP TRIGGER IF EXISTS policy_version_never_changes ON {TABLE}")
        schema_editor.execute(
            "CREATE OR REPLACE FUNCTION policies_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
        )
        schema_editor.execute(
            f"CREATE TRIGGER policy_version_never_changes BEFORE UPDATE ON {TABLE} FOR EACH ROW "
            f"WHEN ({_changed('IS DISTINCT FROM')}) EXECUTE FUNCTION policies_refuse_change()"
        )
    else:
        schema_editor.execute("DROP TRIGGER IF EXISTS policy_version_never_changes")
        schema_editor.execute(
            f"CREATE TRIGGER policy_version_never_changes BEFORE UPDATE ON {TABLE} FOR EACH ROW "
            f"WHEN {_changed('IS NOT')} BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
        )


class Migration(migrations.Migration):
    dependencies = [("policies", "0004_versions_that_migrate_and_kept_simulations")]

    operations = [migrations.RunPython(protect, migrations.RunPython.noop)]
