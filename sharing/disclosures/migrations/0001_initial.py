import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
import sharing.disclosures.models
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("referrals", "0003_walls_and_emergencies"),
    ]

    operations = [
        migrations.CreateModel(
            name="Disclosure",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "number",
                    models.CharField(
                        default=sharing.disclosures.models.new_number, max_length=10, unique=True
                    ),
                ),
                ("decided_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("recipient_person", models.CharField(blank=True, max_length=120)),
                (
                    "purpose",
                    models.CharField(
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
                (
                    "statements",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(), blank=True, default=list, size=None
                    ),
                ),
                (
                    "result",
                    models.CharField(
                        choices=[
                            ("shared", "Shared"),
                            ("part", "Shared in part"),
                            ("refused", "Not shared"),
                            ("delayed", "Not shared yet"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "rulings",
                    models.JSONField(
                        help_text="What the law answered, by category, with its inputs."
                    ),
                ),
                ("rule", models.CharField(max_length=20)),
                ("rule_version", models.PositiveIntegerField()),
                ("gateway", models.CharField(max_length=30)),
                (
                    "article_6",
                    models.CharField(
                        choices=[
                            ("public_task", "6(1)(e): a task in the public interest"),
                            (
                                "recognised_safeguarding",
                                "6(1)(ea): recognised legitimate interest, safeguarding",
                            ),
                            (
                                "recognised_request",
                                "6(1)(ea): recognised legitimate interest, a public body asked",
                            ),
                            ("legitimate_interests", "6(1)(f): legitimate interests, balanced"),
                            ("legal_duty", "6(1)(c): a legal duty"),
                            ("vital_interests", "6(1)(d): somebody's life is in danger"),
                            (
                                "law_enforcement",
                                "Data Protection Act 2018, section 35: law enforcement",
                            ),
                        ],
                        max_length=40,
                    ),
                ),
                (
                    "article_9",
                    models.CharField(
                        choices=[
                            ("substantial_public_interest", "9(2)(g): substantial public interest"),
                            ("health_or_care", "9(2)(h): health or social care"),
                            ("social_protection", "9(2)(b): social protection"),
                            (
                                "strictly_necessary",
                                "Data Protection Act 2018, section 35(5): strictly necessary for law enforcement",
                            ),
                        ],
                        max_length=40,
                    ),
                ),
                (
                    "article_10",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("safeguarding", "Schedule 1, paragraph 18: safeguarding of children"),
                            (
                                "unlawful_acts",
                                "Schedule 1, paragraph 10: preventing or detecting unlawful acts",
                            ),
                            (
                                "law_enforcement_safeguarding",
                                "Schedule 8, paragraph 4: safeguarding of children",
                            ),
                        ],
                        max_length=40,
                    ),
                ),
                (
                    "condition",
                    models.CharField(
                        choices=[
                            ("safeguarding", "Schedule 1, paragraph 18: safeguarding of children"),
                            (
                                "unlawful_acts",
                                "Schedule 1, paragraph 10: preventing or detecting unlawful acts",
                            ),
                            (
                                "law_enforcement_safeguarding",
                                "Schedule 8, paragraph 4: safeguarding of children",
                            ),
                        ],
                        max_length=40,
                    ),
                ),
                (
                    "consent_limb",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("cannot_be_given", "Consent cannot be given"),
                            ("not_reasonable", "It is not reasonable to obtain consent"),
                            (
                                "would_prejudice",
                                "Asking for consent would prejudice the protection",
                            ),
                        ],
                        max_length=40,
                    ),
                ),
                (
                    "confidence_limb",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("agreement", "The person agrees"),
                            ("statute", "A statute says so"),
                            ("public_interest", "The public interest in sharing is greater"),
                        ],
                        max_length=40,
                    ),
                ),
                ("necessity", models.TextField()),
                (
                    "proportionality",
                    models.TextField(help_text="Why a smaller amount would not do."),
                ),
                ("relevance", models.TextField(blank=True)),
                (
                    "accuracy",
                    models.JSONField(default=dict, help_text="How many statements, by how known."),
                ),
                (
                    "harm_suspected",
                    models.TextField(blank=True, help_text="Why significant harm is suspected."),
                ),
                ("requested_at", models.DateTimeField(blank=True, null=True)),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("portal", "In this service"),
                            ("phone", "By phone"),
                            ("in_person", "In person"),
                        ],
                        default="portal",
                        max_length=10,
                    ),
                ),
                ("child_view", models.TextField(blank=True)),
                (
                    "child_told",
                    models.CharField(
                        choices=[
                            ("yes", "Yes"),
                            ("not_yet", "Not yet: somebody will"),
                            ("unsafe", "No: it would not be safe"),
                            ("not_possible", "No: it is not possible"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "parents_told",
                    models.CharField(
                        choices=[
                            ("yes", "Yes"),
                            ("not_yet", "Not yet: somebody will"),
                            ("unsafe", "No: it would not be safe"),
                            ("not_possible", "No: it is not possible"),
                        ],
                        max_length=20,
                    ),
                ),
                ("not_told_why", models.TextField(blank=True)),
                (
                    "protects",
                    models.TextField(blank=True, help_text="Whose identity must be protected."),
                ),
                (
                    "redactions",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=10),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                (
                    "detriment",
                    models.TextField(
                        blank=True, help_text="The harm that sharing would have done."
                    ),
                ),
                ("advice_from", models.CharField(blank=True, max_length=200)),
                ("advice", models.TextField(blank=True)),
                (
                    "onward",
                    models.TextField(
                        blank=True, help_text="What the recipient may not do with it."
                    ),
                ),
                ("review_on", models.DateField(blank=True, null=True)),
                ("until_at", models.DateTimeField(blank=True, null=True)),
                (
                    "preview",
                    models.CharField(
                        blank=True, help_text="SHA-256 of the preview.", max_length=64
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="disclosures",
                        to="referrals.case",
                    ),
                ),
                (
                    "corrects",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="disclosures.disclosure",
                    ),
                ),
                (
                    "decider",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "grants",
                    models.ManyToManyField(related_name="disclosures", to="referrals.grant"),
                ),
                (
                    "holder",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.agency",
                    ),
                ),
                (
                    "recipient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="disclosures",
                        to="accounts.team",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Acknowledgement",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
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
                    "disclosure",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="acknowledgement",
                        to="disclosures.disclosure",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Request",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
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
                ("question", models.TextField()),
                (
                    "why",
                    models.TextField(
                        help_text="What the answer is for, as the asked agency reads it."
                    ),
                ),
                (
                    "purpose",
                    models.CharField(
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
                ),
                ("gateway", models.CharField(max_length=30)),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("due_at", models.DateTimeField()),
                (
                    "reply",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("share", "We hold it, and share it"),
                            ("part", "We hold some of it, and share part"),
                            ("decline", "We hold it, and will not share it now"),
                            ("nothing", "We hold nothing"),
                            ("not_us", "It is not us who would hold it"),
                        ],
                        max_length=10,
                    ),
                ),
                ("reply_words", models.TextField(blank=True)),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                (
                    "answered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="requests",
                        to="referrals.case",
                    ),
                ),
                ("statements", models.ManyToManyField(related_name="+", to="referrals.statement")),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="requests",
                        to="accounts.team",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="disclosure",
            name="request",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="disclosures",
                to="disclosures.request",
            ),
        ),
        migrations.CreateModel(
            name="ShareDraft",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("answers", models.JSONField(blank=True, default=dict)),
                ("saved_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("asked_at", models.DateTimeField(blank=True, null=True)),
                ("question", models.TextField(blank=True)),
                ("advised_at", models.DateTimeField(blank=True, null=True)),
                ("advice", models.TextField(blank=True)),
                ("disclosed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "advised_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="share_drafts",
                        to="accounts.membership",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="share_drafts",
                        to="referrals.case",
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="disclosures.request",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="request",
            index=models.Index(fields=["team", "due_at"], name="request_by_team"),
        ),
        migrations.AddIndex(
            model_name="request",
            index=models.Index(fields=["case", "asked_at"], name="request_by_case"),
        ),
        migrations.AddConstraint(
            model_name="request",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("question__regex", "\\S"),
                    ("why__regex", "\\S"),
                    models.Q(("gateway", ""), _negated=True),
                ),
                name="request_says_what_and_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="request",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("categories__len__gte", 1),
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
                ),
                name="request_categories_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="request",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "purpose__in",
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
                    )
                ),
                name="request_purpose_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="request",
            constraint=models.CheckConstraint(
                condition=models.Q(("due_at__gt", models.F("asked_at"))),
                name="request_due_after_asked",
            ),
        ),
        migrations.AddConstraint(
            model_name="request",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("answered_at__isnull", True), ("answered_by__isnull", True), ("reply", "")
                    ),
                    models.Q(
                        ("answered_at__isnull", False),
                        ("answered_by__isnull", False),
                        ("reply__in", ["share", "part", "decline", "nothing", "not_us"]),
                    ),
                    _connector="OR",
                ),
                name="request_answered_says_what_and_by_whom",
            ),
        ),
        migrations.AddConstraint(
            model_name="request",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("reply__in", ["decline", "not_us"]), _negated=True),
                    ("reply_words__regex", "\\S"),
                    _connector="OR",
                ),
                name="request_declined_says_why",
            ),
        ),
        migrations.AddIndex(
            model_name="disclosure",
            index=models.Index(fields=["case", "-decided_at"], name="disclosure_by_case"),
        ),
        migrations.AddIndex(
            model_name="disclosure",
            index=models.Index(fields=["-decided_at"], name="disclosure_by_time"),
        ),
        migrations.AddConstraint(
            model_name="disclosure",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("gateway", ""), _negated=True),
                    models.Q(("rule", ""), _negated=True),
                    ("rule_version__gte", 1),
                    models.Q(("rulings", {}), _negated=True),
                ),
                name="disclosure_says_what_decided_it",
            ),
        ),
        migrations.AddConstraint(
            model_name="disclosure",
            constraint=models.CheckConstraint(
                condition=models.Q(("necessity__regex", "\\S"), ("proportionality__regex", "\\S")),
                name="disclosure_is_necessary_and_proportionate",
            ),
        ),
        migrations.AddConstraint(
            model_name="disclosure",
            constraint=models.CheckConstraint(
                condition=models.Q(("result__in", ["shared", "part", "refused", "delayed"])),
                name="disclosure_result_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="disclosure",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "purpose__in",
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
                    )
                ),
                name="disclosure_purpose_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="disclosure",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("categories__len__gte", 1),
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
                ),
                name="disclosure_categories_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="disclosure",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "article_6__in",
                        [
                            "public_task",
                            "recognised_safeguarding",
                            "recognised_request",
                            "legitimate_interests",
                            "legal_duty",
                            "vital_interests",
                            "law_enforcement",
                        ],
                    ),
                    (
                        "article_9__in",
                        [
                            "substantial_public_interest",
                            "health_or_care",
                            "social_protection",
                            "strictly_necessary",
                        ],
                    ),
                    (
                        "condition__in",
                        ["safeguarding", "unlawful_acts", "law_enforcement_safeguarding"],
                    ),
                ),
                name="disclosure_rests_on_data_protection_law",
            ),
        ),
        migrations.AddConstraint(
            model_name="disclosure",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("condition", "safeguarding"), _negated=True),
                    ("consent_limb__in", ["cannot_be_given", "not_reasonable", "would_prejudice"]),
                    _connector="OR",
                ),
                name="disclosure_says_why_no_consent",
            ),
        ),
        migrations.AddConstraint(
            model_name="disclosure",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("child_told__in", ["yes", "not_yet", "unsafe", "not_possible"]),
                    ("parents_told__in", ["yes", "not_yet", "unsafe", "not_possible"]),
                    models.Q(
                        models.Q(("child_told", "yes"), ("parents_told", "yes")),
                        ("not_told_why__regex", "\\S"),
                        _connector="OR",
                    ),
                ),
                name="disclosure_says_who_was_told",
            ),
        ),
        migrations.AddConstraint(
            model_name="disclosure",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("result__in", frozenset(["part", "shared"])),
                    ("detriment__regex", "\\S"),
                    _connector="OR",
                ),
                name="disclosure_refused_says_the_harm",
            ),
        ),
        migrations.AddConstraint(
            model_name="sharedraft",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("asked_at__isnull", True), ("question__regex", "\\S"), _connector="OR"
                ),
                name="sharedraft_asked_says_what",
            ),
        ),
        migrations.AddConstraint(
            model_name="sharedraft",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("advice", ""), ("advised_at__isnull", True), ("advised_by__isnull", True)
                    ),
                    models.Q(
                        ("advised_at__isnull", False),
                        ("advised_by__isnull", False),
                        ("asked_at__isnull", False),
                        ("advice__regex", "\\S"),
                    ),
                    _connector="OR",
                ),
                name="sharedraft_advised_says_what_and_by_whom",
            ),
        ),
        migrations.AddConstraint(
            model_name="sharedraft",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("disclosed_at__isnull", True), ("answers", {}), _connector="OR"
                ),
                name="sharedraft_disclosed_is_empty",
            ),
        ),
    ]
