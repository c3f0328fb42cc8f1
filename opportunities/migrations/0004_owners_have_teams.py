"""Tell PostgreSQL that an owner has one team: asked for both, it took them for unrelated and expected too few rows."""

from django.db import migrations

STATISTICS = {"opportunities_opportunity": "deal_keys"}


def tell(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for table, name in STATISTICS.items():
            schema_editor.execute(
                f"CREATE STATISTICS {name} (dependencies) ON owner_id, team_id FROM {table}"
            )
            schema_editor.execute(f"ANALYZE {table}")


def forget(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for name in STATISTICS.values():
            schema_editor.execute(f"DROP STATISTICS IF EXISTS {name}")


class Migration(migrations.Migration):
    dependencies = [("opportunities", "0003_index_what_deals_point_to")]

    operations = [migrations.RunPython(tell, forget)]
