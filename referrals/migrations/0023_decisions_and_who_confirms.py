"""A decision has an owner and a day on which it is looked at next; some take another's yes."""

import django.db.models.deletion
from datetime import date, timedelta
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0014_bands_and_clocks"),
        ("referrals", "0022_clocks"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Proposal",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "asks",
                    models.CharField(
                        choices=[
                            ("second", "A second person at the front door"),
                            ("worker", "The allocated worker"),
                            ("area", "The other area"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
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
                        ],
                        max_length=20,
                    ),
                ),
                ("reason", models.TextField()),
                ("told_referrer", models.TextField()),
                ("late_reason", models.TextField(blank=True)),
                ("owner_words", models.CharField(blank=True, max_length=200)),
                ("next_on", models.DateField()),
                ("proposed_at", models.DateTimeField()),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                ("accepted", models.BooleanField(null=True)),
                ("answer_words", models.TextField(blank=True)),
            ],
        ),
        migrations.CreateModel(
            name="SideRoute",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "side",
                    models.CharField(
                        choices=[
                            ("police", "Report a crime to the police"),
                            ("intelligence", "Send the police an information report"),
                            ("lado", "Tell the LADO: a person of concern works with children"),
                            ("nrm", "Refer to the National Referral Mechanism"),
                            ("missing", "Missing: offer a return interview"),
                            ("health", "Urgent health care"),
                            ("siblings", "Look at the brothers and sisters"),
                            ("child_of_concern", "A person of concern is a child: refer them too"),
                        ],
                        max_length=20,
                    ),
                ),
                ("due_at", models.DateTimeField()),
                ("raised_at", models.DateTimeField()),
                ("done_at", models.DateTimeField(blank=True, null=True)),
                ("done_words", models.TextField(blank=True)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="decision",
            name="decision_outcome_known",
        ),
        migrations.RemoveConstraint(
            model_name="move",
            name="move_action_known",
        ),
        migrations.AddField(
            model_name="case",
            name="harm_sign",
            field=models.BooleanField(
                default=False, help_text="A sign of harm was told openly, and told by choosing it."
            ),
        ),
        migrations.AddField(
            model_name="decision",
            name="confirmed_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.membership",
            ),
        ),
        migrations.AddField(
            model_name="decision",
            name="next_on",
            # What was decided before there was such a day is looked at within four weeks of now.
            field=models.DateField(
                default=date.today() + timedelta(days=28),
                help_text="When somebody looks at it next.",
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="decision",
            name="owner",
            field=models.ForeignKey(
                help_text="Who goes on with it.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.membership",
            ),
        ),
        migrations.AddField(
            model_name="decision",
            name="owner_words",
            field=models.CharField(
                blank=True,
                default="Whoever coordinates the case",
                help_text="The same for somebody who does not work in here.",
                max_length=200,
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="wall",
            name="agency",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.agency",
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
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="wall",
            name="user",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
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
                        ],
                    )
                ),
                name="decision_outcome_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("owner__isnull", False), ("owner_words__regex", "\\S"), _connector="OR"
                ),
                name="decision_has_an_owner",
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
                        ],
                    )
                ),
                name="move_action_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="wall",
            constraint=models.UniqueConstraint(
                condition=models.Q(("lifted_at__isnull", True)),
                fields=("agency", "case"),
                name="wall_stands_once_for_an_agency_and_case",
            ),
        ),
        migrations.AddConstraint(
            model_name="wall",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("user__isnull", True), ("agency__isnull", True), _connector="XOR"
                ),
                name="wall_is_against_a_person_or_an_agency",
            ),
        ),
        migrations.AddField(
            model_name="proposal",
            name="answered_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.membership",
            ),
        ),
        migrations.AddField(
            model_name="proposal",
            name="case",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="proposals",
                to="referrals.case",
            ),
        ),
        migrations.AddField(
            model_name="proposal",
            name="owner",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.membership",
            ),
        ),
        migrations.AddField(
            model_name="proposal",
            name="proposed_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.membership",
            ),
        ),
        migrations.AddField(
            model_name="proposal",
            name="to_area",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.partnership",
            ),
        ),
        migrations.AddField(
            model_name="sideroute",
            name="case",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="sides",
                to="referrals.case",
            ),
        ),
        migrations.AddField(
            model_name="sideroute",
            name="done_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.membership",
            ),
        ),
        migrations.AddField(
            model_name="sideroute",
            name="owner",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.membership",
            ),
        ),
        migrations.AddField(
            model_name="sideroute",
            name="raised_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.membership",
            ),
        ),
        migrations.AddField(
            model_name="sideroute",
            name="wall",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="referrals.wall",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.UniqueConstraint(
                condition=models.Q(("answered_at__isnull", True)),
                fields=("case",),
                name="proposal_one_open_per_case",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(("asks__in", ["second", "worker", "area"])),
                name="proposal_asks_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("asks", "worker"), ("outcome", "open_case")),
                    models.Q(("asks", "area"), ("outcome", "transfer")),
                    models.Q(
                        models.Q(("outcome__in", ["open_case", "transfer"]), _negated=True),
                        ("asks", "second"),
                    ),
                    _connector="OR",
                ),
                name="proposal_asks_whom_the_outcome_takes",
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
                        ],
                    )
                ),
                name="proposal_outcome_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason__regex", "\\S"), ("told_referrer__regex", "\\S")),
                name="proposal_has_reason_and_feedback",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("owner__isnull", False),
                    ("owner_words__regex", "\\S"),
                    ("to_area__isnull", False),
                    _connector="OR",
                ),
                name="proposal_has_an_owner",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("accepted", None),
                        ("answered_at__isnull", True),
                        ("answered_by__isnull", True),
                    ),
                    models.Q(
                        ("accepted__isnull", False),
                        ("answered_at__isnull", False),
                        ("answered_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="proposal_answered_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("accepted", False), _negated=True),
                    ("answer_words__regex", "\\S"),
                    _connector="OR",
                ),
                name="proposal_declined_says_why",
            ),
        ),
        migrations.AddIndex(
            model_name="sideroute",
            index=models.Index(
                condition=models.Q(("done_at__isnull", True)),
                fields=["owner", "due_at"],
                name="side_route_by_owner",
            ),
        ),
        migrations.AddConstraint(
            model_name="sideroute",
            constraint=models.UniqueConstraint(
                condition=models.Q(("done_at__isnull", True)),
                fields=("case", "side"),
                name="side_route_once_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="sideroute",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "side__in",
                        [
                            "police",
                            "intelligence",
                            "lado",
                            "nrm",
                            "missing",
                            "health",
                            "siblings",
                            "child_of_concern",
                        ],
                    )
                ),
                name="side_route_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="sideroute",
            constraint=models.CheckConstraint(
                condition=models.Q(("wall__isnull", True), ("side", "lado"), _connector="OR"),
                name="side_route_only_the_lado_hides",
            ),
        ),
        migrations.AddConstraint(
            model_name="sideroute",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("done_at__isnull", True), ("done_by__isnull", True), ("done_words", "")
                    ),
                    models.Q(
                        ("done_at__isnull", False),
                        ("done_by__isnull", False),
                        ("done_words__regex", "\\S"),
                    ),
                    _connector="OR",
                ),
                name="side_route_done_says_what_came_of_it",
            ),
        ),
    ]
