"""A proposal may be of any outcome that there is."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0016_a_join_takes_two"),
        ("referrals", "0028_closed_stays_on_the_record"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="proposal",
            name="proposal_outcome_known",
        ),
        migrations.AlterField(
            model_name="proposal",
            name="outcome",
            field=models.CharField(
                choices=[
                    ("strategy", "Strategy discussion now"),
                    ("panel", "MASE panel agenda"),
                    ("assessment", "Children's social care assessment"),
                    ("open_case", "Already has an allocated worker, who takes it on"),
                    ("early_help", "Early help"),
                    ("transfer", "Another area takes it on"),
                    ("advice", "Advice, no further multi-agency action"),
                    ("nfa", "No further action"),
                    ("withdrawn", "Withdrawn by the person who sent it"),
                    ("joined", "Taken further with other information"),
                    ("reopened", "Reopened: the work goes on"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "outcome__in",
                        [
                            "strategy",
                            "panel",
                            "assessment",
                            "open_case",
                            "early_help",
                            "transfer",
                            "advice",
                            "nfa",
                            "withdrawn",
                            "joined",
                            "reopened",
                        ],
                    )
                ),
                name="proposal_outcome_known",
            ),
        ),
    ]
