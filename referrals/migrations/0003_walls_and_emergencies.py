import datetime
import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("referrals", "0002_sent_words_never_change"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="EmergencyAccess",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "why",
                    models.CharField(
                        choices=[
                            ("life", "Somebody's life could be in danger"),
                            ("missing", "The child is missing, or about to be taken somewhere"),
                            (
                                "with_child",
                                "I am with the child, and must decide now how to keep them safe",
                            ),
                            ("other", "Another risk to somebody's safety, now"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "next_step",
                    models.TextField(help_text="What they will do with it in the next hour."),
                ),
                ("authorised_by", models.CharField(blank=True, max_length=120)),
                ("from_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("until_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("review_due_at", models.DateTimeField()),
                ("reviewed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "found",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("right", "It was right"),
                            ("learn", "It was right, and we can learn from it"),
                            ("not_right", "It was not right, and becomes an incident"),
                        ],
                        max_length=20,
                    ),
                ),
                ("found_words", models.TextField(blank=True)),
            ],
            options={
                "verbose_name_plural": "emergency accesses",
            },
        ),
        migrations.CreateModel(
            name="Wall",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "why",
                    models.CharField(
                        choices=[
                            ("relative", "A relative or close friend of somebody in the case"),
                            ("named", "They are named in the case themselves"),
                            ("allegation", "An allegation about them is being looked into"),
                            (
                                "own_file",
                                "They, or their own child, had support in a case linked to this one",
                            ),
                            ("other", "Another reason"),
                        ],
                        max_length=20,
                    ),
                ),
                ("words", models.TextField(blank=True)),
                ("raised_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("lifted_at", models.DateTimeField(blank=True, null=True)),
                ("lifted_why", models.TextField(blank=True)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="grant",
            name="grant_by_a_person_or_a_service",
        ),
        migrations.AddField(
            model_name="grant",
            name="necessity",
            field=models.TextField(
                default="Decided by the rule itself, before this was asked for.",
                help_text="What the team does with it, and could not without it.",
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="grant",
            name="proportionality",
            field=models.TextField(
                default="Decided by the rule itself, before this was asked for.",
                help_text="Why less would not do.",
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="statement",
            name="corrects",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="corrected_by",
                to="referrals.statement",
            ),
        ),
        migrations.AlterField(
            model_name="statement",
            name="referral",
            field=models.ForeignKey(
                help_text="What it was sent with; an answer to another agency's question has none.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="statements",
                to="referrals.referral",
            ),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.CheckConstraint(
                condition=models.Q(("necessity__regex", "\\S"), ("proportionality__regex", "\\S")),
                name="grant_is_necessary_and_proportionate",
            ),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("granted_by__isnull", False),
                    models.Q(("granted_by_service", ""), _negated=True),
                    _connector="OR",
                ),
                name="grant_by_a_person_or_a_service",
            ),
        ),
        migrations.AddConstraint(
            model_name="statement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("referral__isnull", False),
                    ("question__startswith", "answer_"),
                    _connector="OR",
                ),
                name="statement_was_sent_or_answers",
            ),
        ),
        migrations.AddField(
            model_name="emergencyaccess",
            name="case",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="emergencies",
                to="referrals.case",
            ),
        ),
        migrations.AddField(
            model_name="emergencyaccess",
            name="membership",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.membership",
            ),
        ),
        migrations.AddField(
            model_name="emergencyaccess",
            name="reviewed_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.membership",
            ),
        ),
        migrations.AddField(
            model_name="wall",
            name="case",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="walls",
                to="referrals.case",
            ),
        ),
        migrations.AddField(
            model_name="wall",
            name="lifted_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.membership",
            ),
        ),
        migrations.AddField(
            model_name="wall",
            name="raised_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.membership",
            ),
        ),
        migrations.AddField(
            model_name="wall",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="emergencyaccess",
            index=models.Index(fields=["membership", "case"], name="emergency_by_person"),
        ),
        migrations.AddConstraint(
            model_name="emergencyaccess",
            constraint=models.CheckConstraint(
                condition=models.Q(("why__in", ["life", "missing", "with_child", "other"])),
                name="emergency_why_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="emergencyaccess",
            constraint=models.CheckConstraint(
                condition=models.Q(("next_step__regex", "\\S(.|\\n){18,}\\S")),
                name="emergency_says_the_next_step",
            ),
        ),
        migrations.AddConstraint(
            model_name="emergencyaccess",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("until_at__gt", models.F("from_at")),
                    (
                        "until_at__lte",
                        django.db.models.expressions.CombinedExpression(
                            models.F("from_at"), "+", models.Value(datetime.timedelta(seconds=3600))
                        ),
                    ),
                ),
                name="emergency_is_an_hour_at_most",
            ),
        ),
        migrations.AddConstraint(
            model_name="emergencyaccess",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("found", ""),
                        ("found_words", ""),
                        ("reviewed_at__isnull", True),
                        ("reviewed_by__isnull", True),
                    ),
                    models.Q(
                        ("reviewed_at__isnull", False),
                        ("reviewed_by__isnull", False),
                        ("found__in", ["right", "learn", "not_right"]),
                        ("found_words__regex", "\\S"),
                        models.Q(("reviewed_by", models.F("membership")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="emergency_reviewed_by_another_with_words",
            ),
        ),
        migrations.AddConstraint(
            model_name="wall",
            constraint=models.UniqueConstraint(
                condition=models.Q(("lifted_at__isnull", True)),
                fields=("user", "case"),
                name="wall_stands_once_for_a_person_and_case",
            ),
        ),
        migrations.AddConstraint(
            model_name="wall",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("why__in", ["relative", "named", "allegation", "own_file", "other"])
                ),
                name="wall_why_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="wall",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("lifted_at__isnull", True), ("lifted_by__isnull", True), ("lifted_why", "")
                    ),
                    models.Q(
                        ("lifted_at__isnull", False),
                        ("lifted_by__isnull", False),
                        ("lifted_why__regex", "\\S"),
                    ),
                    _connector="OR",
                ),
                name="wall_lifted_says_by_whom_and_why",
            ),
        ),
    ]
