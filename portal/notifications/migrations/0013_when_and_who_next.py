"""The daily e-mail, who is told next, how people want to hear, and a stop of all mail."""

import django.db.models.deletion
import django.utils.timezone
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0013_when_people_are_told"),
        ("notifications", "0012_found_by_cause"),
    ]

    operations = [
        migrations.CreateModel(
            name="Digest",
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
                            ("pending", "Waiting"),
                            ("digest", "In the daily e-mail"),
                            ("leased", "Being sent"),
                            ("sent", "Sent"),
                            ("dead", "Given up"),
                            ("suppressed", "Not sent: the person is not to be told any more"),
                        ],
                        default="pending",
                        max_length=10,
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("next_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("lease", models.UUIDField(blank=True, null=True)),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                (
                    "last_error",
                    models.CharField(
                        blank=True, help_text="A class name, no message.", max_length=80
                    ),
                ),
                ("message_id", models.CharField(blank=True, max_length=200)),
                ("day", models.DateField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="MailStop",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("why", models.CharField(max_length=200)),
                ("stopped_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("resumed_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Preference",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "to_do",
                    models.CharField(
                        choices=[
                            ("at_once", "One email for each, at once"),
                            ("digest", "In one email a day"),
                        ],
                        default="at_once",
                        max_length=10,
                    ),
                ),
                (
                    "for_information",
                    models.CharField(
                        choices=[
                            ("at_once", "One email for each, at once"),
                            ("digest", "In one email a day"),
                        ],
                        default="digest",
                        max_length=10,
                    ),
                ),
                (
                    "digest_hour",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Nothing where the partnership's hour will do.",
                        null=True,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Pulse",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("part", models.CharField(max_length=20)),
                ("beat_at", models.DateTimeField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="notice",
            name="notice_status_known",
        ),
        migrations.AddField(
            model_name="notice",
            name="escalate_at",
            field=models.DateTimeField(
                blank=True, help_text="Nothing when it never will be, or has been.", null=True
            ),
        ),
        migrations.AddField(
            model_name="notice",
            name="escalated_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="notice",
            name="escalates",
            field=models.ForeignKey(
                blank=True,
                help_text="The notice that nobody acknowledged, for which this one came.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="escalations",
                to="notifications.notice",
            ),
        ),
        migrations.AlterField(
            model_name="notice",
            name="status",
            field=models.CharField(
                choices=[
                    ("pending", "Waiting"),
                    ("digest", "In the daily e-mail"),
                    ("leased", "Being sent"),
                    ("sent", "Sent"),
                    ("dead", "Given up"),
                    ("suppressed", "Not sent: the person is not to be told any more"),
                ],
                default="pending",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="digest",
            name="recipient",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="digests",
                to="accounts.membership",
            ),
        ),
        migrations.AddField(
            model_name="notice",
            name="digest",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="notices",
                to="notifications.digest",
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                condition=models.Q(("digest__isnull", True), ("status", "digest")),
                fields=["next_at"],
                name="notice_to_gather",
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                condition=models.Q(("escalate_at__isnull", False), ("read_at__isnull", True)),
                fields=["escalate_at"],
                name="notice_to_escalate",
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                condition=models.Q(("status", "dead")), fields=["created_at"], name="notice_dead"
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("status__in", ["pending", "digest", "leased", "sent", "dead", "suppressed"])
                ),
                name="notice_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("digest__isnull", True),
                    ("status__in", ["digest", "sent", "suppressed"]),
                    _connector="OR",
                ),
                name="notice_in_a_digest_has_no_mail_of_its_own",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("escalated_at__isnull", True), ("escalate_at__isnull", True), _connector="OR"
                ),
                name="notice_is_escalated_once",
            ),
        ),
        migrations.AddField(
            model_name="mailstop",
            name="resumed_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.membership",
            ),
        ),
        migrations.AddField(
            model_name="mailstop",
            name="stopped_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.membership",
            ),
        ),
        migrations.AddField(
            model_name="preference",
            name="membership",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="preference",
                to="accounts.membership",
            ),
        ),
        migrations.AddConstraint(
            model_name="pulse",
            constraint=models.UniqueConstraint(fields=("part",), name="pulse_one_for_each_part"),
        ),
        migrations.AddIndex(
            model_name="digest",
            index=models.Index(
                condition=models.Q(("status", "pending")), fields=["next_at"], name="digest_due"
            ),
        ),
        migrations.AddIndex(
            model_name="digest",
            index=models.Index(
                condition=models.Q(("status", "leased")),
                fields=["lease_until"],
                name="digest_lease",
            ),
        ),
        migrations.AddConstraint(
            model_name="digest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("status__in", ["pending", "digest", "leased", "sent", "dead", "suppressed"])
                ),
                name="digest_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="digest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "sent"), _negated=True),
                    models.Q(("message_id", ""), _negated=True),
                    _connector="OR",
                ),
                name="digest_sent_has_message_id",
            ),
        ),
        migrations.AddConstraint(
            model_name="digest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("lease__isnull", False),
                        ("lease_until__isnull", False),
                        ("status", "leased"),
                    ),
                    models.Q(
                        models.Q(("status", "leased"), _negated=True),
                        ("lease__isnull", True),
                        ("lease_until__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="digest_leased_has_lease",
            ),
        ),
        migrations.AddConstraint(
            model_name="digest",
            constraint=models.UniqueConstraint(
                fields=("recipient", "day"), name="digest_once_a_day"
            ),
        ),
        migrations.AddConstraint(
            model_name="digest",
            constraint=models.CheckConstraint(
                condition=models.Q(("status", "digest"), _negated=True),
                name="digest_waits_for_no_digest",
            ),
        ),
        migrations.AddConstraint(
            model_name="mailstop",
            constraint=models.UniqueConstraint(
                condition=models.Q(("resumed_at__isnull", True)),
                fields=("resumed_at",),
                name="mailstop_one_at_a_time",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="mailstop",
            constraint=models.CheckConstraint(
                condition=models.Q(("why", ""), _negated=True), name="mailstop_says_why"
            ),
        ),
        migrations.AddConstraint(
            model_name="mailstop",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("resumed_at__isnull", True), ("resumed_by__isnull", True)),
                    models.Q(("resumed_at__isnull", False), ("resumed_by__isnull", False)),
                    _connector="OR",
                ),
                name="mailstop_resumed_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="preference",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("for_information__in", ["at_once", "digest"]),
                    ("to_do__in", ["at_once", "digest"]),
                ),
                name="preference_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="preference",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("digest_hour__isnull", True), ("digest_hour__range", (0, 23)), _connector="OR"
                ),
                name="preference_hour_is_of_a_day",
            ),
        ),
    ]
