"""A case is closed by a test, is looked at again, and can be handed over with a note."""

import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0014_bands_and_clocks"),
        ("referrals", "0026_sides"),
    ]

    operations = [
        migrations.CreateModel(
            name="Assignment",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("note", models.TextField(blank=True)),
                ("given_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Closure",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("safe", "The child is safer, and their plan goes on with others"),
                            ("early_help", "Early help goes on with the family"),
                            ("protection", "A child protection plan goes on"),
                            ("looked_after", "The child is looked after, and that plan goes on"),
                            ("transferred", "Another area has accepted the child"),
                            ("adult", "They are 18, and adult services have accepted them"),
                            (
                                "not_exploitation",
                                "It was not exploitation, and other needs are met",
                            ),
                            ("joined", "The work goes on in another case about this child"),
                            ("died", "The child has died, and the child death process goes on"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "goes_on_with",
                    models.CharField(
                        help_text="Who works with the child from now on, or who accepted.",
                        max_length=200,
                    ),
                ),
                ("answers", models.JSONField()),
                (
                    "agreed_by",
                    models.CharField(
                        help_text="Who agreed to close, and from where.", max_length=200
                    ),
                ),
                ("told_referrer", models.TextField()),
                ("closed_at", models.DateTimeField()),
                ("look_back_on", models.DateField(null=True)),
                ("reopened_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="LookBack",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "safe",
                    models.CharField(
                        choices=[("yes", "Yes"), ("no", "No"), ("not_known", "Not known")],
                        max_length=10,
                    ),
                ),
                ("asked", models.CharField(help_text="Who was asked.", max_length=200)),
                ("words", models.TextField()),
                ("reopens", models.BooleanField()),
                ("looked_at", models.DateTimeField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="clock",
            name="clock_kind_known",
        ),
        migrations.RemoveConstraint(
            model_name="decision",
            name="decision_outcome_known",
        ),
        migrations.RemoveConstraint(
            model_name="move",
            name="move_action_known",
        ),
        migrations.AlterField(
            model_name="clock",
            name="kind",
            field=models.CharField(
                choices=[
                    ("first_look", "Somebody reads it"),
                    ("decision", "Decision"),
                    ("cure", "The sender says what was missing"),
                    ("look_back", "A look at the child after the case was closed"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="decision",
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
        migrations.AlterField(
            model_name="move",
            name="action",
            field=models.CharField(
                choices=[
                    ("acknowledge", "Acknowledge"),
                    ("decide", "Record decision"),
                    ("change", "Change the decision"),
                    ("return", "Return for more information"),
                    ("resume", "Carry on checking"),
                    ("route", "Route to the allocated worker"),
                    ("transfer", "Transfer to another area"),
                    ("withdraw", "Withdraw referral"),
                    ("open", "Open a plan"),
                    ("step-down", "Step down"),
                    ("close", "Close case"),
                    ("reopen", "Reopen case"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddConstraint(
            model_name="clock",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["first_look", "decision", "cure", "look_back"])),
                name="clock_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
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
                name="decision_outcome_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="move",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "action__in",
                        [
                            "acknowledge",
                            "decide",
                            "change",
                            "return",
                            "resume",
                            "route",
                            "transfer",
                            "withdraw",
                            "open",
                            "step-down",
                            "close",
                            "reopen",
                        ],
                    )
                ),
                name="move_action_known",
            ),
        ),
        migrations.AddField(
            model_name="assignment",
            name="case",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="assignments",
                to="referrals.case",
            ),
        ),
        migrations.AddField(
            model_name="assignment",
            name="given_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.membership",
            ),
        ),
        migrations.AddField(
            model_name="assignment",
            name="held_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.membership",
            ),
        ),
        migrations.AddField(
            model_name="assignment",
            name="to",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.membership",
            ),
        ),
        migrations.AddField(
            model_name="closure",
            name="case",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="closures",
                to="referrals.case",
            ),
        ),
        migrations.AddField(
            model_name="closure",
            name="closed_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.membership",
            ),
        ),
        migrations.AddField(
            model_name="closure",
            name="move",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="referrals.move"
            ),
        ),
        migrations.AddField(
            model_name="lookback",
            name="closure",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="look_backs",
                to="referrals.closure",
            ),
        ),
        migrations.AddField(
            model_name="lookback",
            name="looked_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.membership",
            ),
        ),
        migrations.AddIndex(
            model_name="assignment",
            index=models.Index(fields=["case", "-given_at"], name="assignment_by_case"),
        ),
        migrations.AddConstraint(
            model_name="assignment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("given_by__isnull", True),
                        ("held_by__isnull", False),
                        ("note", ""),
                        ("to__isnull", True),
                    ),
                    models.Q(
                        ("given_by__isnull", False), ("note__regex", "\\S"), ("to__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="assignment_by_a_person_has_a_note",
            ),
        ),
        migrations.AddConstraint(
            model_name="assignment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("held_by__isnull", True),
                    ("to__isnull", True),
                    models.Q(("to", models.F("held_by")), _negated=True),
                    _connector="OR",
                ),
                name="assignment_goes_to_somebody_else",
            ),
        ),
        migrations.AddConstraint(
            model_name="closure",
            constraint=models.UniqueConstraint(
                condition=models.Q(("reopened_at__isnull", True)),
                fields=("case",),
                name="closure_one_stands_per_case",
            ),
        ),
        migrations.AddConstraint(
            model_name="closure",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "reason__in",
                        [
                            "safe",
                            "early_help",
                            "protection",
                            "looked_after",
                            "transferred",
                            "adult",
                            "not_exploitation",
                            "joined",
                            "died",
                        ],
                    )
                ),
                name="closure_reason_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="closure",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("goes_on_with__regex", "\\S"),
                    ("agreed_by__regex", "\\S"),
                    ("told_referrer__regex", "\\S"),
                ),
                name="closure_says_who_goes_on_who_agreed_and_what_is_told",
            ),
        ),
        migrations.AddConstraint(
            model_name="closure",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("reopened_at__isnull", True),
                    ("reopened_at__gte", models.F("closed_at")),
                    _connector="OR",
                ),
                name="closure_is_reopened_after_it_was_closed",
            ),
        ),
        migrations.AddConstraint(
            model_name="closure",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("look_back_on__isnull", True), ("reason", "died")),
                    models.Q(
                        models.Q(("reason", "died"), _negated=True),
                        ("look_back_on__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="closure_is_looked_back_on_unless_the_child_died",
            ),
        ),
        migrations.AddConstraint(
            model_name="lookback",
            constraint=models.CheckConstraint(
                condition=models.Q(("safe__in", ["yes", "no", "not_known"])),
                name="look_back_safe_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="lookback",
            constraint=models.CheckConstraint(
                condition=models.Q(("asked__regex", "\\S"), ("words__regex", "\\S")),
                name="look_back_says_who_was_asked_and_what_they_said",
            ),
        ),
    ]
