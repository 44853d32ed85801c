"""What the bands of urgency are called, how long each has, and when somebody is told."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0013_when_people_are_told"),
    ]

    operations = [
        migrations.AddField(
            model_name="partnership",
            name="cure_hours",
            field=models.PositiveSmallIntegerField(default=4),
        ),
        migrations.AddField(
            model_name="partnership",
            name="immediate_hours",
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AddField(
            model_name="partnership",
            name="immediate_name",
            field=models.CharField(default="Immediate", max_length=30),
        ),
        migrations.AddField(
            model_name="partnership",
            name="near_minutes",
            field=models.PositiveSmallIntegerField(default=60),
        ),
        migrations.AddField(
            model_name="partnership",
            name="standard_name",
            field=models.CharField(default="Standard", max_length=30),
        ),
        migrations.AddField(
            model_name="partnership",
            name="urgent_hours",
            field=models.PositiveSmallIntegerField(default=4),
        ),
        migrations.AddField(
            model_name="partnership",
            name="urgent_name",
            field=models.CharField(default="Urgent", max_length=30),
        ),
        migrations.AddConstraint(
            model_name="partnership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("immediate_name", ""), _negated=True),
                    models.Q(("urgent_name", ""), _negated=True),
                    models.Q(("standard_name", ""), _negated=True),
                    ("cure_hours__range", (1, 24)),
                    ("immediate_hours__range", (1, 24)),
                    ("near_minutes__range", (5, 480)),
                    ("urgent_hours__range", (1, 24)),
                ),
                name="partnership_bands_have_names_and_hours",
            ),
        ),
    ]
