"""What is named one by one: each is a statement of its own, with its details beside its words.

Both columns are new, and the trigger of 0002 names the columns that may change: these may not.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("referrals", "0008_a_question_is_not_a_share")]

    operations = [
        migrations.AddField(
            model_name="statement",
            name="details",
            field=models.JSONField(
                blank=True,
                default=dict,
                help_text="The words of one of a list, as fields to find it by.",
            ),
        ),
        migrations.AddField(
            model_name="statement",
            name="item",
            field=models.UUIDField(
                blank=True,
                help_text="Which one of a list it is; a correction is the same one.",
                null=True,
            ),
        ),
        migrations.AlterField(
            model_name="statement",
            name="known_how",
            field=models.CharField(
                choices=[
                    ("saw", "Seen or heard by the person who wrote it"),
                    ("child_said", "Said by the child"),
                    ("told", "Told by someone else"),
                    ("opinion", "Professional opinion"),
                    ("worked_out", "Worked out from other things"),
                    ("record", "From a record"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddConstraint(
            model_name="statement",
            constraint=models.CheckConstraint(
                condition=models.Q(("item__isnull", True), ("answer", "given"), _connector="OR"),
                name="statement_item_is_given",
            ),
        ),
        migrations.AddConstraint(
            model_name="statement",
            constraint=models.CheckConstraint(
                condition=models.Q(("details", {}), ("item__isnull", False), _connector="OR"),
                name="statement_details_are_of_an_item",
            ),
        ),
    ]
