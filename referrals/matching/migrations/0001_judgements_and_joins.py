"""What people decided about two cases that may be of one child."""

import datetime
import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0012_words_to_those_who_refer"),
        ("referrals", "0020_particulars"),
    ]

    operations = [
        migrations.CreateModel(
            name="Judgement",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "verdict",
                    models.CharField(
                        choices=[("same", "The same child"), ("not_same", "Not the same child")],
                        max_length=10,
                    ),
                ),
                ("reason", models.TextField()),
                ("told_apart_by", models.CharField(max_length=16)),
                ("judged_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("ended_why", models.TextField(blank=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "first",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="referrals.case",
                    ),
                ),
                (
                    "second",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="referrals.case",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Join",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("reason", models.TextField()),
                ("shown_first", models.JSONField(blank=True, default=dict)),
                ("joined_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("ended_why", models.TextField(blank=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "joined",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="joins",
                        to="referrals.case",
                    ),
                ),
                (
                    "leading",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="joined_here",
                        to="referrals.case",
                    ),
                ),
                (
                    "judgement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="matching.judgement",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="judgement",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)),
                fields=("first", "second"),
                name="judgement_one_current_per_pair",
            ),
        ),
        migrations.AddConstraint(
            model_name="judgement",
            constraint=models.CheckConstraint(
                condition=models.Q(("first__lt", models.F("second"))),
                name="judgement_of_two_cases_in_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="judgement",
            constraint=models.CheckConstraint(
                condition=models.Q(("verdict__in", ["same", "not_same"])),
                name="judgement_verdict_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="judgement",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason__regex", "\\S")), name="judgement_has_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="judgement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("ended_at__isnull", True), ("ended_by__isnull", True), ("ended_why", "")
                    ),
                    models.Q(
                        ("ended_at__isnull", False),
                        ("ended_by__isnull", False),
                        ("ended_why__regex", "\\S"),
                    ),
                    _connector="OR",
                ),
                name="judgement_ended_says_by_whom_and_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="join",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)),
                fields=("joined",),
                name="join_one_current_per_joined_case",
            ),
        ),
        migrations.AddConstraint(
            model_name="join",
            constraint=models.CheckConstraint(
                condition=models.Q(("joined", models.F("leading")), _negated=True),
                name="join_is_not_with_itself",
            ),
        ),
        migrations.AddConstraint(
            model_name="join",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason__regex", "\\S")), name="join_has_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="join",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("ended_at__isnull", True), ("ended_by__isnull", True), ("ended_why", "")
                    ),
                    models.Q(
                        ("ended_at__isnull", False),
                        ("ended_by__isnull", False),
                        ("ended_why__regex", "\\S"),
                    ),
                    _connector="OR",
                ),
                name="join_ended_says_by_whom_and_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="join",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ended_at__isnull", True),
                    (
                        "ended_at__lte",
                        django.db.models.expressions.CombinedExpression(
                            models.F("joined_at"), "+", models.Value(datetime.timedelta(days=30))
                        ),
                    ),
                    _connector="OR",
                ),
                name="join_is_undone_within_thirty_days",
            ),
        ),
    ]
