"""Views of the board that somebody keeps for themselves."""

import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0017_ready_questions_and_first_responders"),
        ("referrals", "0035_priority_changes"),
    ]

    operations = [
        migrations.CreateModel(
            name="KeptView",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("codes", models.CharField(max_length=200)),
                (
                    "membership",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("membership", "codes"), name="kept_view_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("codes__regex", "^[a-z]+=[A-Za-z0-9_-]+(&[a-z]+=[A-Za-z0-9_-]+)*$")
                        ),
                        name="kept_view_holds_codes",
                    ),
                ],
            },
        ),
    ]
