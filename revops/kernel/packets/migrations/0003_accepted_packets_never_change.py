"""An accepted packet may be superseded or change hands; personal values may be erased; the database refuses the rest.

A later migration that makes SQLite copy the table must create the trigger again.
"""

from django.db import migrations

TABLE = "packets_packet"
MESSAGE = "An accepted packet never changes: open a new one, which supersedes it."
FIXED = (
    "title",
    "template",
    "template_version_id",
    "template_ref",
    "form",
    "roles",
    "subject_type",
    "subject_id",
    "subject",
    "receiver_id",
    "submitted_at",
    "submitted_by_id",
    "decided_at",
    "decided_by_id",
    "supersedes_id",
    "created_at",
)
# What may be emptied, and to what: the erasure of personal data.
ERASED = {"values": "{}", "facts": "{}", "gaps": "[]", "withdrawn_because": ""}


def _changed(differs):
    changes = [f'NEW."{name}" {differs} OLD."{name}"' for name in FIXED]
    changes += [
        f'(NEW."{name}" {differs} OLD."{name}" AND NEW."{name}" <> \'{empty}\')'
        for name, empty in ERASED.items()
    ]
    fixed = " OR ".join(changes)
    return (
        f"OLD.state IN ('accepted', 'superseded') AND ({fixed} OR NEW.state NOT IN ('accepted', 'superseded') "
        "OR (OLD.state = 'superseded' AND NEW.state <> 'superseded'))"
    )


def protect(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            "CREATE FUNCTION packets_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
        )
        schema_editor.execute(
            f"CREATE TRIGGER accepted_packet_never_changes BEFORE UPDATE ON {TABLE} FOR EACH ROW "
            f"WHEN ({_changed('IS DISTINCT FROM')}) EXECUTE FUNCTION packets_refuse_change()"
        )
    else:
        schema_editor.execute(
            f"CREATE TRIGGER accepted_packet_never_changes BEFORE UPDATE ON {TABLE} FOR EACH ROW "
            f"WHEN {_changed('IS NOT')} BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
        )


def release(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP TRIGGER accepted_packet_never_changes ON {TABLE}")
        schema_editor.execute("DROP FUNCTION packets_refuse_change()")
    else:
        schema_editor.execute("DROP TRIGGER accepted_packet_never_changes")


class Migration(migrations.Migration):
    dependencies = [("packets", "0002_packets_and_kinds_of_obligations")]

    operations = [migrations.RunPython(protect, release)]
