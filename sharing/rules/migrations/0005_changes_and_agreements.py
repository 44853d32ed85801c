import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("rules", "0004_an_end_says_who_gave_it"),
    ]

    operations = [
        migrations.CreateModel(
            name="Agreement",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("title", models.CharField(max_length=120)),
                (
                    "purposes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("DANGER", "Keep a child safe from danger now"),
                                ("ENQUIRY", "Enquire whether a child is being harmed (section 47)"),
                                ("SCREEN", "Check a new concern and decide what happens"),
                                ("PLAN", "Plan and give support or protection"),
                                ("PANEL", "Consider a child at the panel"),
                                ("DISRUPT", "Stop people who may be harming children"),
                                ("PROSECUTE", "Prosecute an offence"),
                                ("EARLY_HELP", "Offer early help"),
                                ("QA_AUDIT", "Check the quality of the work"),
                                ("REPORT", "Report to the board"),
                                ("RIGHTS", "Answer a person who asks for their own information"),
                                ("TRAINING", "Train staff"),
                                ("COMMISSION", "Plan and buy services"),
                            ],
                            max_length=20,
                        ),
                        size=None,
                    ),
                ),
                (
                    "categories",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("IC0", "Figures and examples that name nobody"),
                                ("IC1", "Who the child is and how to reach them"),
                                ("IC2", "Which services are working with the child"),
                                (
                                    "IC3",
                                    "Sensitive services: sexual or mental health, substance use, termination",
                                ),
                                ("IC4", "The concern and its signs"),
                                ("IC5", "Education"),
                                ("IC6", "Clinical detail"),
                                ("IC7", "Social care history and plan"),
                                ("IC8", "Suspected or proven offending"),
                                ("IC9", "Police intelligence"),
                                ("IC10", "The child's own words"),
                                ("IC11", "Other adults in the family"),
                                ("IC12", "A protected place"),
                                ("IC13", "Immigration and modern slavery referral"),
                                ("IC14", "Interviews and evidence"),
                                ("IC15", "Who told us about the concern"),
                                ("IC16", "Panel minutes"),
                                ("OUTCOME", "What was decided (one line)"),
                            ],
                            max_length=10,
                        ),
                        size=None,
                    ),
                ),
                ("signed_on", models.DateField()),
                ("review_on", models.DateField()),
                ("ends_on", models.DateField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_why", models.TextField(blank=True)),
            ],
        ),
        migrations.CreateModel(
            name="Change",
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
                            ("amend", "Write the next version of a rule"),
                            ("add", "Add a rule"),
                            ("end", "End a rule"),
                        ],
                        max_length=10,
                    ),
                ),
                ("number", models.CharField(max_length=4)),
                ("from_version", models.PositiveSmallIntegerField(null=True)),
                ("line", models.JSONField(null=True)),
                ("reason", models.TextField()),
                ("starts_on", models.DateField()),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("submitted", "Waiting for a second person"),
                            ("approved", "Approved"),
                            ("live", "Live"),
                            ("rolled_back", "Rolled back"),
                            ("rejected", "Not taken further"),
                        ],
                        default="draft",
                        max_length=20,
                    ),
                ),
                ("approved_at", models.DateTimeField(null=True)),
                ("approved_why", models.TextField(blank=True)),
                (
                    "failing",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40),
                        default=list,
                        help_text="The statements that must hold and did not, when it was approved.",
                        size=None,
                    ),
                ),
                ("rejected_why", models.TextField(blank=True)),
                ("rolled_back_why", models.TextField(blank=True)),
            ],
        ),
        migrations.CreateModel(
            name="Examination",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("asked", "Waiting to begin"),
                            ("doing", "Being done"),
                            ("done", "Done"),
                        ],
                        default="asked",
                        max_length=10,
                    ),
                ),
                ("lease", models.UUIDField(null=True)),
                ("lease_until", models.DateTimeField(null=True)),
                ("total", models.PositiveIntegerField(default=0)),
                ("done", models.PositiveIntegerField(default=0)),
                ("finished_at", models.DateTimeField(null=True)),
                ("reached", models.UUIDField(null=True)),
                ("kept", models.PositiveIntegerField(default=0)),
                ("narrowed", models.PositiveIntegerField(default=0)),
                ("ended", models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Impact",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("asked", "Waiting to begin"),
                            ("doing", "Being done"),
                            ("done", "Done"),
                        ],
                        default="asked",
                        max_length=10,
                    ),
                ),
                ("lease", models.UUIDField(null=True)),
                ("lease_until", models.DateTimeField(null=True)),
                ("total", models.PositiveIntegerField(default=0)),
                ("done", models.PositiveIntegerField(default=0)),
                ("finished_at", models.DateTimeField(null=True)),
                ("of", models.CharField(max_length=64)),
                ("result", models.JSONField(null=True)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="rule",
            name="rule_versions_never_meet",
        ),
        migrations.RemoveConstraint(
            model_name="rule",
            name="rule_ends_after_it_starts",
        ),
        migrations.AddField(
            model_name="ruleset",
            name="origin",
            field=models.CharField(
                choices=[
                    ("file", "A reviewed file"),
                    ("portal", "A change approved in the portal"),
                ],
                default="file",
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="rule",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[
                    ("number", "="),
                    (
                        models.Func(
                            models.F("effective_from"),
                            models.Func(
                                models.F("effective_to"),
                                output_field=models.DateField(),
                                template="(%(expressions)s + 1)",
                            ),
                            django.contrib.postgres.fields.ranges.RangeBoundary(),
                            function="DATERANGE",
                            output_field=django.contrib.postgres.fields.ranges.DateRangeField(),
                        ),
                        "&&",
                    ),
                ],
                name="rule_versions_never_meet",
            ),
        ),
        migrations.AddConstraint(
            model_name="rule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("effective_to__isnull", True),
                    ("effective_to__gte", models.F("effective_from")),
                    models.Q(
                        (
                            "effective_from",
                            models.Func(
                                models.F("effective_to"),
                                output_field=models.DateField(),
                                template="(%(expressions)s + 1)",
                            ),
                        ),
                        ("ended_in__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="rule_ends_after_it_starts",
            ),
        ),
        migrations.AddConstraint(
            model_name="ruleset",
            constraint=models.CheckConstraint(
                condition=models.Q(("origin__in", ["file", "portal"])), name="ruleset_origin_known"
            ),
        ),
        migrations.AddField(
            model_name="agreement",
            name="parties",
            field=models.ManyToManyField(related_name="agreements", to="accounts.agency"),
        ),
        migrations.AddField(
            model_name="agreement",
            name="renews",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="renewals",
                to="rules.agreement",
            ),
        ),
        migrations.AddField(
            model_name="agreement",
            name="signed_by",
            field=models.ForeignKey(
                help_text="Who put it in the register; nobody when the installation was set up.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.membership",
            ),
        ),
        migrations.AddField(
            model_name="change",
            name="approver",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.membership",
            ),
        ),
        migrations.AddField(
            model_name="change",
            name="author",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.membership",
            ),
        ),
        migrations.AddField(
            model_name="change",
            name="live_in",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="change",
                to="rules.ruleset",
            ),
        ),
        migrations.AddField(
            model_name="change",
            name="rolled_back_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.membership",
            ),
        ),
        migrations.AddField(
            model_name="change",
            name="rolled_back_in",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="undoes",
                to="rules.ruleset",
            ),
        ),
        migrations.AddField(
            model_name="examination",
            name="agreement",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="examinations",
                to="rules.agreement",
            ),
        ),
        migrations.AddField(
            model_name="examination",
            name="rule_set",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="examinations",
                to="rules.ruleset",
            ),
        ),
        migrations.AddField(
            model_name="impact",
            name="change",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="impacts",
                to="rules.change",
            ),
        ),
        migrations.AddConstraint(
            model_name="agreement",
            constraint=models.CheckConstraint(
                condition=models.Q(("title", ""), _negated=True), name="agreement_has_a_title"
            ),
        ),
        migrations.AddConstraint(
            model_name="agreement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "purposes__contained_by",
                        [
                            "DANGER",
                            "ENQUIRY",
                            "SCREEN",
                            "PLAN",
                            "PANEL",
                            "DISRUPT",
                            "PROSECUTE",
                            "EARLY_HELP",
                            "QA_AUDIT",
                            "REPORT",
                            "RIGHTS",
                            "TRAINING",
                            "COMMISSION",
                        ],
                    ),
                    ("purposes__len__gte", 1),
                ),
                name="agreement_purposes_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="agreement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "categories__contained_by",
                        [
                            "IC0",
                            "IC1",
                            "IC2",
                            "IC3",
                            "IC4",
                            "IC5",
                            "IC6",
                            "IC7",
                            "IC8",
                            "IC9",
                            "IC10",
                            "IC11",
                            "IC12",
                            "IC13",
                            "IC14",
                            "IC15",
                            "IC16",
                            "OUTCOME",
                        ],
                    ),
                    ("categories__len__gte", 1),
                ),
                name="agreement_categories_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="agreement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ends_on__gte", models.F("review_on")),
                    ("review_on__gt", models.F("signed_on")),
                ),
                name="agreement_is_reviewed_before_it_ends",
            ),
        ),
        migrations.AddConstraint(
            model_name="agreement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", True), ("ended_why", "")),
                    models.Q(
                        ("ended_at__isnull", False), models.Q(("ended_why", ""), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="agreement_ended_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["amend", "add", "end"])), name="change_kind_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "status__in",
                        ["draft", "submitted", "approved", "live", "rolled_back", "rejected"],
                    )
                ),
                name="change_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="change_says_why"
            ),
        ),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "end"), ("line__isnull", True)),
                    models.Q(models.Q(("kind", "end"), _negated=True), ("line__isnull", False)),
                    _connector="OR",
                ),
                name="change_says_its_line",
            ),
        ),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("from_version__isnull", True), ("kind", "add")),
                    models.Q(
                        models.Q(("kind", "add"), _negated=True), ("from_version__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="change_of_a_rule_names_its_version",
            ),
        ),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("approver__isnull", True),
                    models.Q(("approver", models.F("author")), _negated=True),
                    _connector="OR",
                ),
                name="change_approver_is_not_its_author",
            ),
        ),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status__in", ("approved", "live", "rolled_back")), _negated=True),
                    models.Q(("approved_at__isnull", False), ("approver__isnull", False)),
                    _connector="OR",
                ),
                name="change_is_approved_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("failing__len", 0),
                    models.Q(("approved_why", ""), _negated=True),
                    _connector="OR",
                ),
                name="change_with_failing_tests_is_argued",
            ),
        ),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("live_in__isnull", False), ("status__in", ("live", "rolled_back"))),
                    models.Q(
                        models.Q(("status__in", ("live", "rolled_back")), _negated=True),
                        ("live_in__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="change_that_was_live_names_its_rule_set",
            ),
        ),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "rejected"), models.Q(("rejected_why", ""), _negated=True)),
                    models.Q(models.Q(("status", "rejected"), _negated=True), ("rejected_why", "")),
                    _connector="OR",
                ),
                name="change_rejected_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("rolled_back_by__isnull", False),
                        ("rolled_back_in__isnull", False),
                        ("status", "rolled_back"),
                        models.Q(("rolled_back_why", ""), _negated=True),
                    ),
                    models.Q(
                        models.Q(("status", "rolled_back"), _negated=True),
                        ("rolled_back_by__isnull", True),
                        ("rolled_back_in__isnull", True),
                        ("rolled_back_why", ""),
                    ),
                    _connector="OR",
                ),
                name="change_rolled_back_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status__in", ["submitted", "approved"])),
                fields=("number",),
                name="change_one_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="examination",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["asked", "doing", "done"])),
                name="examination_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="examination",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("finished_at__isnull", False), ("status", "done")),
                    models.Q(
                        models.Q(("status", "done"), _negated=True), ("finished_at__isnull", True)
                    ),
                    _connector="OR",
                ),
                name="examination_done_says_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="examination",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("lease__isnull", False),
                        ("lease_until__isnull", False),
                        ("status", "doing"),
                    ),
                    models.Q(
                        models.Q(("status", "doing"), _negated=True),
                        ("lease__isnull", True),
                        ("lease_until__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="examination_being_done_has_lease",
            ),
        ),
        migrations.AddConstraint(
            model_name="examination",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("agreement__isnull", True), ("rule_set__isnull", False)),
                    models.Q(("agreement__isnull", False), ("rule_set__isnull", True)),
                    _connector="OR",
                ),
                name="examination_has_one_cause",
            ),
        ),
        migrations.AddConstraint(
            model_name="impact",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["asked", "doing", "done"])),
                name="impact_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="impact",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("finished_at__isnull", False), ("status", "done")),
                    models.Q(
                        models.Q(("status", "done"), _negated=True), ("finished_at__isnull", True)
                    ),
                    _connector="OR",
                ),
                name="impact_done_says_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="impact",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("lease__isnull", False),
                        ("lease_until__isnull", False),
                        ("status", "doing"),
                    ),
                    models.Q(
                        models.Q(("status", "doing"), _negated=True),
                        ("lease__isnull", True),
                        ("lease_until__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="impact_being_done_has_lease",
            ),
        ),
        migrations.AddConstraint(
            model_name="impact",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("result__isnull", False), ("status", "done")),
                    models.Q(models.Q(("status", "done"), _negated=True), ("result__isnull", True)),
                    _connector="OR",
                ),
                name="impact_done_has_a_result",
            ),
        ),
        migrations.AddConstraint(
            model_name="impact",
            constraint=models.UniqueConstraint(
                fields=("change", "of"), name="impact_once_for_each_text"
            ),
        ),
    ]
