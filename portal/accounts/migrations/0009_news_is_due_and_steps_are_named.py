"""When somebody tells a sender that they are reading, and the steps of disagreeing, are settings."""

import portal.accounts.vocabulary
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_settings_and_words"),
    ]

    operations = [
        migrations.AddField(
            model_name="partnership",
            name="acknowledge_working_days",
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AddField(
            model_name="partnership",
            name="escalation",
            field=models.JSONField(default=portal.accounts.vocabulary.default_escalation),
        ),
        migrations.AddConstraint(
            model_name="partnership",
            constraint=models.CheckConstraint(
                condition=models.Q(("acknowledge_working_days__gte", 1)),
                name="partnership_acknowledges_within_days",
            ),
        ),
        migrations.AddConstraint(
            model_name="partnership",
            constraint=models.CheckConstraint(
                condition=models.Q(("escalation", []), _negated=True),
                name="partnership_escalates_somewhere",
            ),
        ),
    ]
