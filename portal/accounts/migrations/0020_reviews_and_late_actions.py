"""When a case is looked at again by its level, and who hears of late actions."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0019_levels_have_names"),
    ]

    operations = [
        migrations.AddField(
            model_name="partnership",
            name="action_chair_days",
            field=models.PositiveSmallIntegerField(default=5),
        ),
        migrations.AddField(
            model_name="partnership",
            name="action_coordinator_days",
            field=models.PositiveSmallIntegerField(default=3),
        ),
        migrations.AddField(
            model_name="partnership",
            name="action_lead_days",
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AddField(
            model_name="partnership",
            name="review_days_emerging",
            field=models.PositiveSmallIntegerField(default=84),
        ),
        migrations.AddField(
            model_name="partnership",
            name="review_days_high",
            field=models.PositiveSmallIntegerField(default=28),
        ),
        migrations.AddField(
            model_name="partnership",
            name="review_days_medium",
            field=models.PositiveSmallIntegerField(default=42),
        ),
        migrations.AddField(
            model_name="partnership",
            name="transition_months",
            field=models.PositiveSmallIntegerField(default=6),
        ),
        migrations.AddConstraint(
            model_name="partnership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("review_days_emerging__lte", 365),
                    ("review_days_high__range", (1, models.F("review_days_medium"))),
                    ("review_days_medium__lte", models.F("review_days_emerging")),
                ),
                name="partnership_reviews_by_level",
            ),
        ),
        migrations.AddConstraint(
            model_name="partnership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("action_chair_days__lte", 40),
                    ("action_coordinator_days__lte", models.F("action_chair_days")),
                    ("action_lead_days__range", (1, models.F("action_coordinator_days"))),
                ),
                name="partnership_late_actions_climb",
            ),
        ),
        migrations.AddConstraint(
            model_name="partnership",
            constraint=models.CheckConstraint(
                condition=models.Q(("transition_months__range", (1, 24))),
                name="partnership_prepares_for_eighteen",
            ),
        ),
    ]
