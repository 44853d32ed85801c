"""Whom to ring at each agency."""

import django.db.models.deletion
import django.utils.timezone
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0009_news_is_due_and_steps_are_named"),
    ]

    operations = [
        migrations.CreateModel(
            name="Contact",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("name", models.CharField(max_length=120)),
                ("phone", models.CharField(max_length=30)),
                ("hours", models.CharField(max_length=120)),
                ("deputy_name", models.CharField(blank=True, max_length=120)),
                ("deputy_phone", models.CharField(blank=True, max_length=30)),
                ("cover_from", models.DateField(blank=True, null=True)),
                ("cover_until", models.DateField(blank=True, null=True)),
                ("kept_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "agency",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contact",
                        to="accounts.agency",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("name", ""), _negated=True),
                            models.Q(("phone", ""), _negated=True),
                            models.Q(("hours", ""), _negated=True),
                        ),
                        name="contact_can_be_reached",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("deputy_name", ""), ("deputy_phone", "")),
                            models.Q(
                                models.Q(("deputy_name", ""), _negated=True),
                                models.Q(("deputy_phone", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="contact_deputy_can_be_reached",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("cover_from__isnull", True), ("cover_until__isnull", True)),
                            models.Q(
                                ("cover_from__isnull", False),
                                ("cover_until__isnull", False),
                                ("cover_from__lte", models.F("cover_until")),
                                models.Q(("deputy_name", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="contact_cover_has_both_days_and_a_deputy",
                    ),
                ],
            },
        ),
    ]
