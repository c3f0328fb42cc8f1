"""A policy version that has been active may end and retire, and nothing else: the database refuses the rest.

A later migration that makes SQLite copy the table must create the trigger again.
"""

from django.db import migrations

TABLE = "policies_policyversion"
MESSAGE = "A policy version that has been active never changes: draft the next version."
FIXED = ("policy_id", "n", "body", "mode", "effective_from", "authority", "source_note", "created_at")


def _changed(differs):
    fixed = " OR ".join(f"NEW.{name} {differs} OLD.{name}" for name in FIXED)
    return (
        f"OLD.status IN ('active', 'retired') AND ({fixed} "
        "OR NEW.status NOT IN ('active', 'retired') OR (OLD.status = 'retired' AND NEW.status <> 'retired'))"
    )


def protect(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            "CREATE FUNCTION policies_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
        )
        schema_editor.execute(
            f"CREATE TRIGGER policy_version_never_changes BEFORE UPDATE ON {TABLE} FOR EACH ROW "
            f"WHEN ({_changed('IS DISTINCT FROM')}) EXECUTE FUNCTION policies_refuse_change()"
        )
    else:
        schema_editor.execute(
            f"CREATE TRIGGER policy_version_never_changes BEFORE UPDATE ON {TABLE} FOR EACH ROW "
            f"WHEN {_changed('IS NOT')} BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
        )


def release(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP TRIGGER policy_version_never_changes ON {TABLE}")
        schema_editor.execute("DROP FUNCTION policies_refuse_change()")
    else:
        schema_editor.execute("DROP TRIGGER policy_version_never_changes")


class Migration(migrations.Migration):
    dependencies = [("policies", "0001_policies_and_their_versions")]

    operations = [migrations.RunPython(protect, release)]
