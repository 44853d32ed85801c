"""An author may ask a colleague to finish and send a draft."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0010_contacts"),
        ("intake", "0002_kept_as_promised"),
    ]

    operations = [
        migrations.AddField(
            model_name="draft",
            name="delegate",
            field=models.ForeignKey(
                blank=True,
                help_text="The colleague whom the author has asked to finish and send it.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="delegated_drafts",
                to="accounts.membership",
            ),
        ),
        migrations.AddConstraint(
            model_name="draft",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("delegate__isnull", True),
                    models.Q(("delegate", models.F("author")), _negated=True),
                    _connector="OR",
                ),
                name="draft_delegate_is_somebody_else",
            ),
        ),
    ]
