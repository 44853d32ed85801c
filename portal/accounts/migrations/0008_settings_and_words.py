"""Partnerships change their settings themselves: bounds for them, and a list of phrases."""

import portal.accounts.vocabulary
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_files"),
    ]

    operations = [
        migrations.AddField(
            model_name="partnership",
            name="language",
            field=models.TextField(blank=True, default=portal.accounts.vocabulary.default_language),
        ),
        migrations.AddField(
            model_name="partnership",
            name="neutral_site",
            field=models.URLField(blank=True),
        ),
        migrations.AddConstraint(
            model_name="partnership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("decision_working_days__lte", 10),
                    ("panel_access_days__range", (1, 365)),
                    ("request_immediate_hours__lte", 24),
                    ("request_working_days__lte", 20),
                ),
                name="partnership_clocks_within_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="partnership",
            constraint=models.CheckConstraint(
                condition=models.Q(("suppress_below__range", (3, 50))),
                name="partnership_suppresses_small_numbers",
            ),
        ),
        migrations.AddConstraint(
            model_name="partnership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("front_door_phone__regex", "^\\+?[0-9][0-9 ]{1,28}$"),
                    ("out_of_hours_phone__regex", "^\\+?[0-9][0-9 ]{1,28}$"),
                ),
                name="partnership_phones_can_be_called",
            ),
        ),
        migrations.AddConstraint(
            model_name="partnership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("neutral_site", ""),
                    ("neutral_site__regex", "^https://[!-~]+$"),
                    _connector="OR",
                ),
                name="partnership_neutral_site_is_safe",
            ),
        ),
    ]
