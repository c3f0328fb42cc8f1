from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("packets", "0004_one_open_next_step_a_record")]

    operations = [
        migrations.AddField(
            model_name="historicalobligation",
            name="overdue_told",
            field=models.PositiveSmallIntegerField(db_default=0, default=0, editable=False),
        ),
        migrations.AddField(
            model_name="obligation",
            name="overdue_told",
            field=models.PositiveSmallIntegerField(db_default=0, default=0, editable=False),
        ),
    ]
