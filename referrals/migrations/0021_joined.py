"""A referral may be decided by joining it to another case."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0012_words_to_those_who_refer"),
        ("referrals", "0020_particulars"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="decision",
            name="decision_outcome_known",
        ),
        migrations.AlterField(
            model_name="decision",
            name="outcome",
            field=models.CharField(
                choices=[
                    ("strategy", "Strategy discussion now"),
                    ("panel", "MASE panel agenda"),
                    ("assessment", "Children's social care assessment"),
                    ("early_help", "Early help"),
                    ("advice", "Advice, no further multi-agency action"),
                    ("joined", "Taken further with other information"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "outcome__in",
                        ["strategy", "panel", "assessment", "early_help", "advice", "joined"],
                    )
                ),
                name="decision_outcome_known",
            ),
        ),
    ]
