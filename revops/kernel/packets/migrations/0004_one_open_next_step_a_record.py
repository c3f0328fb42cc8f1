from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("packets", "0003_accepted_packets_never_change")]

    operations = [
        migrations.AddConstraint(
            model_name="obligation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "next_step"), ("state", "open")),
                fields=("subject_type", "subject_id"),
                name="one_open_next_step_a_record",
            ),
        ),
    ]
