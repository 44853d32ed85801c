"""Actions with one owner, what was written about them, and reviews."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0016_a_join_takes_two"),
        ("referrals", "0030_notes"),
    ]

    operations = [
        migrations.CreateModel(
            name="Action",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("what", models.TextField()),
                ("effect", models.TextField(help_text="Why: what it is to change for the child.")),
                ("due_at", models.DateTimeField()),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("open", "Not started"),
                            ("in_progress", "Started"),
                            ("done_claimed", "Said to be done"),
                            ("verified", "Done"),
                            ("not_possible", "Not possible"),
                        ],
                        default="open",
                        max_length=20,
                    ),
                ),
                ("given_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("cause", models.UUIDField(blank=True, null=True)),
                ("climbed", models.PositiveSmallIntegerField(default=0)),
                (
                    "agency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.agency",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="actions",
                        to="referrals.case",
                    ),
                ),
                (
                    "given_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Review",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "about",
                    models.CharField(
                        choices=[
                            ("planned", "Review"),
                            ("transition", "Review before the 18th birthday"),
                        ],
                        default="planned",
                        max_length=20,
                    ),
                ),
                ("on", models.DateField()),
                ("why", models.TextField()),
                ("planned_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("near_told_at", models.DateTimeField(blank=True, null=True)),
                ("late_told_at", models.DateTimeField(blank=True, null=True)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("continue", "Go on, and look again"),
                            ("step_down", "Step down"),
                            ("close", "Close"),
                            ("moved", "The day was changed"),
                        ],
                        max_length=20,
                    ),
                ),
                ("happened", models.TextField(blank=True)),
                (
                    "level",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("none_indicated", "Nothing indicated so far"),
                            ("emerging", "Emerging concern"),
                            ("moderate", "Moderate concern"),
                            ("significant", "Significant concern"),
                        ],
                        max_length=20,
                    ),
                ),
                ("child_view", models.TextField(blank=True)),
                ("reason", models.TextField(blank=True)),
                ("agreed_by", models.CharField(blank=True, max_length=200)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "after",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="then",
                        to="actions.review",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reviews",
                        to="referrals.case",
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
                    "planned_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Entry",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("taken_up", "Started"),
                            ("evidence", "What happened so far"),
                            ("asked_time", "More time asked for"),
                            ("gave_time", "More time given"),
                            ("kept_time", "More time not given"),
                            ("offered", "To be handed over"),
                            ("accepted", "Taken on"),
                            ("declined", "Not taken on"),
                            ("claimed", "Said to be done"),
                            ("verified", "Checked: it is done"),
                            ("sent_back", "Checked: it is not done yet"),
                            ("not_possible", "Not possible"),
                            ("reminded", "Owner reminded"),
                            ("climbed", "Late: others told"),
                            ("asked_effect", "Another agency asked what it changed"),
                            ("judged", "What it changed"),
                        ],
                        max_length=20,
                    ),
                ),
                ("words", models.TextField(blank=True)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("until", models.DateField(blank=True, null=True)),
                ("instead", models.TextField(blank=True)),
                (
                    "effect",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("worked", "It had the effect that was hoped for"),
                            ("partly", "It had some of it"),
                            ("none", "It changed nothing for the child"),
                            ("worse", "It made things worse"),
                            ("early", "It is too early to say"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "step",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("1", "Its owner"),
                            ("2", "The lead of the owner's agency"),
                            ("3", "Whoever coordinates the case"),
                            ("4", "The managers and the panel's chair"),
                        ],
                        max_length=1,
                    ),
                ),
                (
                    "told",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(), default=list, size=None
                    ),
                ),
                ("working_day", models.DateField(blank=True, null=True)),
                (
                    "action",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="actions.action",
                    ),
                ),
                (
                    "answers",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answered",
                        to="actions.entry",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "to",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "review",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="judged",
                        to="actions.review",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="action",
            index=models.Index(
                condition=models.Q(("status__in", ("open", "in_progress", "done_claimed"))),
                fields=["owner", "due_at"],
                name="action_by_owner",
            ),
        ),
        migrations.AddIndex(
            model_name="action",
            index=models.Index(
                condition=models.Q(("status__in", ("open", "in_progress"))),
                fields=["due_at"],
                name="action_running",
            ),
        ),
        migrations.AddIndex(
            model_name="action",
            index=models.Index(fields=["agency", "due_at"], name="action_by_agency"),
        ),
        migrations.AddConstraint(
            model_name="action",
            constraint=models.CheckConstraint(
                condition=models.Q(("what__regex", "\\S"), ("effect__regex", "\\S")),
                name="action_says_what_and_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="action",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "status__in",
                        ["open", "in_progress", "done_claimed", "verified", "not_possible"],
                    )
                ),
                name="action_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="action",
            constraint=models.CheckConstraint(
                condition=models.Q(("due_at__gt", models.F("given_at"))),
                name="action_due_after_given",
            ),
        ),
        migrations.AddConstraint(
            model_name="action",
            constraint=models.CheckConstraint(
                condition=models.Q(("climbed__lte", 4)), name="action_climbs_so_far"
            ),
        ),
        migrations.AddIndex(
            model_name="review",
            index=models.Index(
                condition=models.Q(("outcome", "")), fields=["on"], name="review_to_come"
            ),
        ),
        migrations.AddIndex(
            model_name="review",
            index=models.Index(fields=["case", "ended_at"], name="review_by_case"),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.UniqueConstraint(
                condition=models.Q(("outcome", "")),
                fields=("case", "about"),
                name="review_one_to_come_for_a_case",
            ),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.CheckConstraint(
                condition=models.Q(("about__in", ["planned", "transition"])),
                name="review_about_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.CheckConstraint(
                condition=models.Q(("why__regex", "\\S")), name="review_says_why"
            ),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("agreed_by", ""),
                        ("child_view", ""),
                        ("ended_at__isnull", True),
                        ("ended_by__isnull", True),
                        ("happened", ""),
                        ("level", ""),
                        ("outcome", ""),
                        ("reason", ""),
                    ),
                    models.Q(
                        ("agreed_by", ""),
                        ("child_view", ""),
                        ("ended_at__isnull", False),
                        ("ended_by__isnull", False),
                        ("happened", ""),
                        ("level", ""),
                        ("outcome", "moved"),
                        ("reason__regex", "\\S"),
                    ),
                    models.Q(
                        ("agreed_by__regex", "\\S"),
                        ("child_view__regex", "\\S"),
                        ("ended_at__isnull", False),
                        ("ended_by__isnull", False),
                        ("happened__regex", "\\S"),
                        ("level__in", ["none_indicated", "emerging", "moderate", "significant"]),
                        ("outcome__in", ("continue", "step_down", "close")),
                        ("reason__regex", "\\S"),
                    ),
                    _connector="OR",
                ),
                name="review_is_to_come_moved_or_whole",
            ),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(fields=["action", "kind", "at"], name="entry_by_action"),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(
                condition=models.Q(("to__isnull", False)), fields=["to", "kind"], name="entry_asks"
            ),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "reminded")),
                fields=("action", "working_day"),
                name="entry_reminds_once_a_working_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "taken_up",
                            "evidence",
                            "asked_time",
                            "gave_time",
                            "kept_time",
                            "offered",
                            "accepted",
                            "declined",
                            "claimed",
                            "verified",
                            "sent_back",
                            "not_possible",
                            "reminded",
                            "climbed",
                            "asked_effect",
                            "judged",
                        ],
                    )
                ),
                name="entry_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("words__regex", "\\S"),
                    (
                        "kind__in",
                        (
                            "taken_up",
                            "gave_time",
                            "accepted",
                            "verified",
                            "reminded",
                            "climbed",
                            "asked_effect",
                        ),
                    ),
                    _connector="OR",
                ),
                name="entry_says_something",
            ),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("by__isnull", True),
                        ("kind", "climbed"),
                        ("step__in", ["1", "2", "3", "4"]),
                    ),
                    models.Q(
                        models.Q(("kind", "climbed"), _negated=True),
                        ("by__isnull", False),
                        ("step", ""),
                        ("told", []),
                    ),
                    _connector="OR",
                ),
                name="entry_is_somebodys_unless_it_climbs",
            ),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("answers__isnull", False),
                        (
                            "kind__in",
                            [
                                "gave_time",
                                "kept_time",
                                "accepted",
                                "declined",
                                "verified",
                                "sent_back",
                            ],
                        ),
                    ),
                    ("kind", "judged"),
                    models.Q(
                        models.Q(
                            (
                                "kind__in",
                                [
                                    "gave_time",
                                    "kept_time",
                                    "accepted",
                                    "declined",
                                    "verified",
                                    "sent_back",
                                    "judged",
                                ],
                            ),
                            _negated=True,
                        ),
                        ("answers__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="entry_answers_what_was_asked",
            ),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind__in", ["offered", "asked_effect"]), ("to__isnull", False)),
                    models.Q(
                        models.Q(("kind__in", ["offered", "asked_effect"]), _negated=True),
                        ("to__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="entry_names_whom_it_asks",
            ),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "asked_time"), ("until__isnull", False)),
                    models.Q(
                        models.Q(("kind", "asked_time"), _negated=True), ("until__isnull", True)
                    ),
                    _connector="OR",
                ),
                name="entry_asks_until_a_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("instead__regex", "\\S"), ("kind", "not_possible")),
                    models.Q(models.Q(("kind", "not_possible"), _negated=True), ("instead", "")),
                    _connector="OR",
                ),
                name="entry_not_possible_says_what_instead",
            ),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("effect__in", ["worked", "partly", "none", "worse", "early"]),
                        ("kind", "judged"),
                    ),
                    models.Q(
                        models.Q(("kind", "judged"), _negated=True),
                        ("effect", ""),
                        ("review__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="entry_judges_the_effect",
            ),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "reminded"), ("working_day__isnull", False)),
                    models.Q(
                        models.Q(("kind", "reminded"), _negated=True), ("working_day__isnull", True)
                    ),
                    _connector="OR",
                ),
                name="entry_reminds_on_a_day",
            ),
        ),
    ]
