"""When the next person is told, and the hour of the daily e-mail, are settings of a partnership."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0012_words_to_those_who_refer"),
    ]

    operations = [
        migrations.AddField(
            model_name="partnership",
            name="act_now_minutes",
            field=models.PositiveSmallIntegerField(default=60),
        ),
        migrations.AddField(
            model_name="partnership",
            name="digest_hour",
            field=models.PositiveSmallIntegerField(default=8),
        ),
        migrations.AddConstraint(
            model_name="partnership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("act_now_minutes__range", (15, 480)), ("digest_hour__range", (0, 23))
                ),
                name="partnership_tells_in_time",
            ),
        ),
    ]
