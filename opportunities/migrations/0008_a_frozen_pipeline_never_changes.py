"""A frozen pipeline is written once: the database refuses every change of one.

A later migration that makes SQLite copy the table must create the trigger again.
"""

from django.db import migrations

TABLE = "opportunities_pipelinerun"
MESSAGE = "A frozen pipeline never changes."


def protect(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            "CREATE FUNCTION opportunities_refuse_change_of_run() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
        )
        schema_editor.execute(
            f"CREATE TRIGGER frozen_pipeline_never_changes BEFORE UPDATE ON {TABLE} FOR EACH ROW "
            "EXECUTE FUNCTION opportunities_refuse_change_of_run()"
        )
    else:
        schema_editor.execute(
            f"CREATE TRIGGER frozen_pipeline_never_changes BEFORE UPDATE ON {TABLE} FOR EACH ROW "
            f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
        )


def release(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP TRIGGER frozen_pipeline_never_changes ON {TABLE}")
        schema_editor.execute("DROP FUNCTION opportunities_refuse_change_of_run()")
    else:
        schema_editor.execute("DROP TRIGGER frozen_pipeline_never_changes")


class Migration(migrations.Migration):
    dependencies = [("opportunities", "0007_reasons_to_advance_stall_and_push")]

    operations = [migrations.RunPython(protect, release)]
