"""A grant may open a case to one person of a team; agencies bring words to a panel."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0016_a_join_takes_two"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("documents", "0002_files"),
        ("referrals", "0037_a_sign_of_harm_stays"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="statement",
            name="statement_was_sent_answers_or_notes",
        ),
        migrations.AddField(
            model_name="grant",
            name="only",
            field=models.ForeignKey(
                blank=True,
                help_text="The one person of the team to whom it opens; empty for the whole team.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.membership",
            ),
        ),
        migrations.AlterField(
            model_name="statement",
            name="referral",
            field=models.ForeignKey(
                help_text="What it was sent with; an answer, a note or words for a panel have none.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="statements",
                to="referrals.referral",
            ),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("only__isnull", True), ("until_at__isnull", False), _connector="OR"
                ),
                name="grant_to_one_person_ends",
            ),
        ),
        migrations.AddConstraint(
            model_name="statement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("referral__isnull", False),
                    ("question__startswith", "answer_"),
                    ("question__startswith", "note"),
                    ("question__startswith", "panel_"),
                    _connector="OR",
                ),
                name="statement_was_sent_answers_or_notes",
            ),
        ),
    ]
