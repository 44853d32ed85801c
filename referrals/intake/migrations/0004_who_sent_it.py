"""A draft remembers who pressed Send: its author, or whom they asked."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0011_sends_only"),
        ("intake", "0003_delegate"),
    ]

    operations = [
        migrations.AddField(
            model_name="draft",
            name="sent_by",
            field=models.ForeignKey(
                blank=True,
                help_text="Who pressed Send: the author, or the delegate.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="accounts.membership",
            ),
        ),
        migrations.AddConstraint(
            model_name="draft",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("sent_by__isnull", True), ("sent_at__isnull", False), _connector="OR"
                ),
                name="draft_unsent_has_no_sender",
            ),
        ),
    ]
