from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_find_changes_of_an_import")]

    operations = [
        migrations.AlterField(
            model_name="changeevent",
            name="source",
            field=models.CharField(
                choices=[
                    ("ui", "Web page"),
                    ("api", "API"),
                    ("job", "Background job"),
                    ("import", "Import"),
                    ("bulk", "Bulk change"),
                    ("merge", "Merge"),
                    ("admin", "Set-up"),
                    ("command", "Command line"),
                ],
                max_length=8,
            ),
        ),
    ]
