"""The questions that are often asked of agencies are a setting of the partnership; and each agency
says whether it is a first responder of the National Referral Mechanism, as the law has its kind.
"""

from django.db import migrations, models

import portal.accounts.vocabulary

FIRST = """
    UPDATE accounts_agency SET refers_to_nrm = true WHERE kind IN ('council', 'police', 'district')
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0016_a_join_takes_two"),
    ]

    operations = [
        migrations.AddField(
            model_name="agency",
            name="refers_to_nrm",
            field=models.BooleanField(
                default=False,
                help_text="Whether it is a first responder of the National Referral Mechanism.",
            ),
        ),
        migrations.RunSQL(FIRST, migrations.RunSQL.noop),
        migrations.AddField(
            model_name="partnership",
            name="ready_questions",
            field=models.TextField(
                blank=True, default=portal.accounts.vocabulary.default_questions
            ),
        ),
    ]
