"""How long an agency has to answer when it is asked is the partnership's setting."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_agreements_are_in_a_register")]

    operations = [
        migrations.AddField(
            model_name="partnership",
            name="request_working_days",
            field=models.PositiveSmallIntegerField(default=2),
        ),
        migrations.AddField(
            model_name="partnership",
            name="request_immediate_hours",
            field=models.PositiveSmallIntegerField(default=2),
        ),
        migrations.AddConstraint(
            model_name="partnership",
            constraint=models.CheckConstraint(
                name="partnership_gives_time_to_answer",
                condition=models.Q(request_working_days__gte=1, request_immediate_hours__gte=1),
            ),
        ),
    ]
