"""How long before an answer is due an agency is chased is the partnership's setting."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0014_bands_and_clocks")]

    operations = [
        migrations.AddField(
            model_name="partnership",
            name="request_near_hours",
            field=models.PositiveSmallIntegerField(default=4),
        ),
        migrations.AddConstraint(
            model_name="partnership",
            constraint=models.CheckConstraint(
                condition=models.Q(("request_near_hours__range", (1, 40))),
                name="partnership_chases_before_it_is_late",
            ),
        ),
    ]
