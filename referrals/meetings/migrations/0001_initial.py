"""The panel: series, nominations, meetings, invitations, agendas, what is brought, who came."""

import django.contrib.postgres.fields
import django.db.models.constraints
import django.db.models.deletion
import django.utils.timezone
import referrals.meetings.vocabulary
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0016_a_join_takes_two"),
        ("referrals", "0040_one_person"),
    ]

    operations = [
        migrations.CreateModel(
            name="Meeting",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("place", models.CharField(blank=True, max_length=200)),
                ("link", models.URLField(blank=True, max_length=300)),
                ("confidentiality", models.TextField(max_length=1000)),
                (
                    "contributions_by",
                    models.DateTimeField(help_text="Until when agencies add to the pack."),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("planned", "Planned"),
                            ("published", "Papers are out"),
                            ("held", "Being held"),
                            ("ended", "Over"),
                        ],
                        default="planned",
                        max_length=10,
                    ),
                ),
                ("published_at", models.DateTimeField(blank=True, null=True)),
                ("held_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("quorum_met", models.BooleanField(blank=True, null=True)),
                ("quorum_words", models.TextField(blank=True)),
                (
                    "version",
                    models.PositiveIntegerField(
                        default=1, help_text="Of its agenda, for its page."
                    ),
                ),
                (
                    "chair",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "planned_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("invited_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("told_at", models.DateTimeField(blank=True, null=True)),
                ("read_at", models.DateTimeField(blank=True, null=True)),
                (
                    "came",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "Not known yet"),
                            ("present", "Here"),
                            ("apologies", "Apologies"),
                            ("sent", "Sent somebody"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "accepted_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="When they accepted the confidentiality statement.",
                        null=True,
                    ),
                ),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "instead_of",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deputies",
                        to="meetings.invitation",
                    ),
                ),
                (
                    "membership",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invitations",
                        to="meetings.meeting",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Nomination",
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
                            ("child", "Child"),
                            ("person", "Person who may pose a risk"),
                            ("place", "Place"),
                            ("theme", "Theme"),
                        ],
                        max_length=10,
                    ),
                ),
                ("title", models.CharField(blank=True, max_length=120)),
                ("words", models.TextField(blank=True, max_length=4000)),
                ("why", models.TextField()),
                (
                    "minutes",
                    models.PositiveSmallIntegerField(default=10, help_text="Time it needs."),
                ),
                (
                    "origin",
                    models.CharField(
                        choices=[
                            ("triage", "From triage"),
                            ("review", "From a review"),
                            ("partner", "From an agency of the panel"),
                        ],
                        max_length=10,
                    ),
                ),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("nominated", "Waits for the sift"),
                            ("more", "More information asked for"),
                            ("accepted", "Ready for an agenda"),
                            ("declined", "Not for the panel"),
                            ("considered", "Considered by the panel"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="nominated",
                        max_length=12,
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="nominations",
                        to="referrals.case",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="AgendaItem",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("position", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("minutes", models.PositiveSmallIntegerField(default=10)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("listed", "On the agenda"),
                            ("discussed", "Discussed"),
                            ("deferred", "Deferred"),
                            ("removed", "Taken off the agenda"),
                        ],
                        default="listed",
                        max_length=10,
                    ),
                ),
                ("deferrals", models.PositiveSmallIntegerField(default=0)),
                ("listed_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "listed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="items",
                        to="meetings.meeting",
                    ),
                ),
                (
                    "nomination",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="items",
                        to="meetings.nomination",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="NotInvited",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "invitation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="not_invited_to",
                        to="meetings.invitation",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="not_invited",
                        to="meetings.agendaitem",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "not invited",
            },
        ),
        migrations.CreateModel(
            name="Series",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("name", models.CharField(max_length=80)),
                (
                    "remit",
                    models.TextField(
                        blank=True, help_text="What the panel is for.", max_length=2000
                    ),
                ),
                (
                    "order",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("child", "Child"),
                                ("person", "Person who may pose a risk"),
                                ("place", "Place"),
                                ("theme", "Theme"),
                            ],
                            max_length=10,
                        ),
                        default=referrals.meetings.vocabulary.default_order,
                        size=None,
                    ),
                ),
                (
                    "quorum_agencies",
                    models.PositiveSmallIntegerField(
                        default=3, help_text="How many agencies must be there, at least."
                    ),
                ),
                (
                    "quorum_kinds",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("council", "Children's social care"),
                                ("police", "Police"),
                                ("health", "Health"),
                                ("school", "School or college"),
                                ("youth_justice", "Youth justice"),
                                ("probation", "Probation"),
                                ("housing", "Housing"),
                                ("charity", "Charity"),
                                ("district", "District council"),
                                ("board", "Safeguarding board"),
                            ],
                            max_length=20,
                        ),
                        blank=True,
                        default=list,
                        help_text="The kinds of agency that must be there.",
                        size=None,
                    ),
                ),
                (
                    "papers_out_days",
                    models.PositiveSmallIntegerField(
                        default=5,
                        help_text="Working days before a meeting by which its papers go out.",
                    ),
                ),
                (
                    "confidentiality",
                    models.TextField(
                        default="What is said here is about children and their families. Use it only to keep children safe. Keep it out of your own notes, and tell nobody who does not need it for that.",
                        max_length=1000,
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "chair",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "members",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Who is invited as a rule.",
                        related_name="panel_series",
                        to="accounts.membership",
                    ),
                ),
                (
                    "partnership",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="panel_series",
                        to="accounts.partnership",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "series",
            },
        ),
        migrations.AddField(
            model_name="nomination",
            name="series",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="nominations",
                to="meetings.series",
            ),
        ),
        migrations.AddField(
            model_name="meeting",
            name="series",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="meetings",
                to="meetings.series",
            ),
        ),
        migrations.CreateModel(
            name="Sift",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "step",
                    models.CharField(
                        choices=[
                            ("accept", "Accept for the panel"),
                            ("decline", "Decline"),
                            ("ask", "Ask for more information"),
                            ("answer", "Answer, and nominate again"),
                            ("withdraw", "Withdraw the nomination"),
                            ("consider", "Considered"),
                        ],
                        max_length=10,
                    ),
                ),
                ("reason", models.TextField(blank=True)),
                (
                    "alternative",
                    models.TextField(blank=True, help_text="What happens instead of the panel."),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "nomination",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sifts",
                        to="meetings.nomination",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Contribution",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("words", models.TextField(blank=True, max_length=4000)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "agency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.agency",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contributions",
                        to="meetings.agendaitem",
                    ),
                ),
                (
                    "statement",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contribution",
                        to="referrals.statement",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("statement__isnull", False), ("words", "")),
                            models.Q(("statement__isnull", True), ("words__regex", "\\S")),
                            _connector="OR",
                        ),
                        name="contribution_is_a_statement_or_words",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Attendance",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("from_at", models.DateTimeField()),
                ("to_at", models.DateTimeField(blank=True, null=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "grants",
                    models.ManyToManyField(
                        blank=True, related_name="attendances", to="referrals.grant"
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attendances",
                        to="meetings.agendaitem",
                    ),
                ),
                (
                    "invitation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attendances",
                        to="meetings.invitation",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("to_at__isnull", True)),
                        fields=("item", "invitation"),
                        name="attendance_once_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("to_at__isnull", True),
                            ("to_at__gte", models.F("from_at")),
                            _connector="OR",
                        ),
                        name="attendance_ends_after_it_starts",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.UniqueConstraint(
                fields=("meeting", "membership"), name="invitation_once_for_a_membership"
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.CheckConstraint(
                condition=models.Q(("came__in", ["", "present", "apologies", "sent"])),
                name="invitation_came_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("instead_of__isnull", True),
                    models.Q(("instead_of", models.F("id")), _negated=True),
                    _connector="OR",
                ),
                name="invitation_nobody_stands_in_for_themselves",
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("came", "present"), _negated=True),
                    ("accepted_at__isnull", False),
                    _connector="OR",
                ),
                name="invitation_present_has_accepted",
            ),
        ),
        migrations.AddConstraint(
            model_name="agendaitem",
            constraint=models.UniqueConstraint(
                deferrable=django.db.models.constraints.Deferrable["DEFERRED"],
                fields=("meeting", "position"),
                name="agenda_item_has_a_place_of_its_own",
            ),
        ),
        migrations.AddConstraint(
            model_name="agendaitem",
            constraint=models.UniqueConstraint(
                fields=("meeting", "nomination"), name="agenda_item_once_in_a_meeting"
            ),
        ),
        migrations.AddConstraint(
            model_name="agendaitem",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["listed", "discussed", "deferred", "removed"])),
                name="agenda_item_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="agendaitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("position__isnull", True), ("status", "removed")),
                    models.Q(
                        models.Q(("status", "removed"), _negated=True),
                        ("position__gte", 1),
                        ("position__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="agenda_item_has_a_place_unless_taken_off",
            ),
        ),
        migrations.AddConstraint(
            model_name="agendaitem",
            constraint=models.CheckConstraint(
                condition=models.Q(("minutes__range", (1, 120))), name="agenda_item_needs_minutes"
            ),
        ),
        migrations.AddConstraint(
            model_name="agendaitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "deferred"), _negated=True),
                    ("deferrals__gte", 1),
                    _connector="OR",
                ),
                name="agenda_item_deferred_is_counted",
            ),
        ),
        migrations.AddConstraint(
            model_name="notinvited",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)),
                fields=("item", "invitation"),
                name="not_invited_once_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="series",
            constraint=models.UniqueConstraint(
                fields=("partnership", "name"), name="series_named_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="series",
            constraint=models.CheckConstraint(
                condition=models.Q(("confidentiality__regex", "\\S"), ("name__regex", "\\S")),
                name="series_has_a_name_and_a_confidentiality_statement",
            ),
        ),
        migrations.AddConstraint(
            model_name="series",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("order__contains", ["child", "person", "place", "theme"]), ("order__len", 4)
                ),
                name="series_orders_every_kind_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="series",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("quorum_agencies__range", (2, 12)),
                    (
                        "quorum_kinds__contained_by",
                        [
                            "council",
                            "police",
                            "health",
                            "school",
                            "youth_justice",
                            "probation",
                            "housing",
                            "charity",
                            "district",
                            "board",
                        ],
                    ),
                ),
                name="series_quorum_within_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="series",
            constraint=models.CheckConstraint(
                condition=models.Q(("papers_out_days__range", (1, 20))),
                name="series_papers_go_out_in_time",
            ),
        ),
        migrations.AddIndex(
            model_name="nomination",
            index=models.Index(fields=["series", "status", "made_at"], name="nomination_waiting"),
        ),
        migrations.AddConstraint(
            model_name="nomination",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["child", "person", "place", "theme"])),
                name="nomination_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="nomination",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("case__isnull", False), ("kind", "child"), ("title", ""), ("words", "")
                    ),
                    models.Q(
                        models.Q(("kind", "child"), _negated=True),
                        ("case__isnull", True),
                        ("title__regex", "\\S"),
                        ("words__regex", "\\S"),
                    ),
                    _connector="OR",
                ),
                name="nomination_is_a_case_or_its_own_words",
            ),
        ),
        migrations.AddConstraint(
            model_name="nomination",
            constraint=models.CheckConstraint(
                condition=models.Q(("why__regex", "\\S")), name="nomination_says_why"
            ),
        ),
        migrations.AddConstraint(
            model_name="nomination",
            constraint=models.CheckConstraint(
                condition=models.Q(("minutes__range", (1, 120))), name="nomination_needs_minutes"
            ),
        ),
        migrations.AddConstraint(
            model_name="nomination",
            constraint=models.CheckConstraint(
                condition=models.Q(("origin__in", ["triage", "review", "partner"])),
                name="nomination_origin_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="nomination",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "status__in",
                        ["nominated", "more", "accepted", "declined", "considered", "withdrawn"],
                    )
                ),
                name="nomination_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="nomination",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status__in", ("nominated", "more", "accepted"))),
                fields=("series", "case"),
                name="nomination_of_a_case_once_at_a_time",
            ),
        ),
        migrations.AddIndex(
            model_name="meeting",
            index=models.Index(fields=["series", "starts_at"], name="meeting_by_series"),
        ),
        migrations.AddConstraint(
            model_name="meeting",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["planned", "published", "held", "ended"])),
                name="meeting_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="meeting",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                name="meeting_ends_after_it_starts",
            ),
        ),
        migrations.AddConstraint(
            model_name="meeting",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("place__regex", "\\S"), ("link__regex", "^https://[!-~]+$"), _connector="OR"
                ),
                name="meeting_is_somewhere",
            ),
        ),
        migrations.AddConstraint(
            model_name="meeting",
            constraint=models.CheckConstraint(
                condition=models.Q(("contributions_by__lte", models.F("starts_at"))),
                name="meeting_hears_agencies_before_it_starts",
            ),
        ),
        migrations.AddConstraint(
            model_name="meeting",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("ended_at__isnull", True),
                        ("held_at__isnull", True),
                        ("published_at__isnull", True),
                        ("status", "planned"),
                    ),
                    models.Q(
                        ("ended_at__isnull", True),
                        ("held_at__isnull", True),
                        ("published_at__isnull", False),
                        ("status", "published"),
                    ),
                    models.Q(
                        ("ended_at__isnull", True),
                        ("held_at__isnull", False),
                        ("published_at__isnull", False),
                        ("status", "held"),
                    ),
                    models.Q(
                        ("ended_at__isnull", False),
                        ("held_at__isnull", False),
                        ("published_at__isnull", False),
                        ("status", "ended"),
                    ),
                    _connector="OR",
                ),
                name="meeting_moments_follow_its_status",
            ),
        ),
        migrations.AddConstraint(
            model_name="meeting",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("held_at__isnull", True), ("quorum_met__isnull", True)),
                    models.Q(("held_at__isnull", False), ("quorum_met__isnull", False)),
                    _connector="OR",
                ),
                name="meeting_quorum_is_known_once_it_is_held",
            ),
        ),
        migrations.AddIndex(
            model_name="sift",
            index=models.Index(fields=["nomination", "at"], name="sift_by_nomination"),
        ),
        migrations.AddConstraint(
            model_name="sift",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("step__in", ["accept", "decline", "ask", "answer", "withdraw", "consider"])
                ),
                name="sift_step_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="sift",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("step__in", ["accept", "consider"]), ("reason__regex", "\\S"), _connector="OR"
                ),
                name="sift_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="sift",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("step", "decline"), ("alternative__regex", "\\S")),
                    models.Q(models.Q(("step", "decline"), _negated=True), ("alternative", "")),
                    _connector="OR",
                ),
                name="sift_declined_says_what_instead",
            ),
        ),
    ]
