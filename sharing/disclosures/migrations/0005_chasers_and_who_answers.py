"""When an answer is chased and how often, and who of the asked team is to give it."""

import django.db.models.deletion
import django.utils.timezone
import uuid
from django.db import migrations, models

# Whose it is to answer is not part of what was asked, so it may change.
GUARD = """
DROP TRIGGER disclosures_request_is_immutable ON disclosures_request;
-- What was asked before there was a time for it: as the settings begin, or half of the time.
UPDATE disclosures_request SET
    near_at = due_at - LEAST(interval '4 hours', (due_at - asked_at) / 2);
CREATE TRIGGER disclosures_request_is_immutable BEFORE UPDATE ON disclosures_request
FOR EACH ROW EXECUTE FUNCTION referrals_only_these_change(
    'reply', 'reply_words', 'answered_by_id', 'answered_at', 'given_to_id'
);

-- Asking tells one team of the child. Whoever else is to answer would be told without a decision.
CREATE FUNCTION disclosures_the_asked_team_answers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.given_to_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM accounts_membership member
        WHERE member.id = NEW.given_to_id AND member.team_id = NEW.team_id
    ) THEN
        RAISE EXCEPTION 'request_is_answered_by_the_team_that_is_asked'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER disclosures_request_is_answered_by_its_team
BEFORE INSERT OR UPDATE OF given_to_id, team_id ON disclosures_request
FOR EACH ROW EXECUTE FUNCTION disclosures_the_asked_team_answers();
"""

KEEP = """
CREATE TRIGGER disclosures_chaser_is_immutable BEFORE UPDATE ON disclosures_chaser
FOR EACH ROW EXECUTE FUNCTION referrals_only_these_change();
CREATE TRIGGER disclosures_chaser_is_never_deleted BEFORE DELETE ON disclosures_chaser
FOR EACH ROW EXECUTE FUNCTION referrals_never_deleted();
CREATE TRIGGER disclosures_chaser_is_never_emptied BEFORE TRUNCATE ON disclosures_chaser
FOR EACH STATEMENT EXECUTE FUNCTION referrals_never_deleted();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0015_chased_before_it_is_late"),
        ("disclosures", "0004_another_advises"),
        ("referrals", "0024_off_the_board_by_decision_only"),
    ]

    operations = [
        migrations.CreateModel(
            name="Chaser",
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
                            ("near", "The time to answer was nearly over"),
                            ("late", "The answer was late"),
                            ("hand", "Somebody chased it"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "working_day",
                    models.DateField(help_text="The working day to which the moment belongs."),
                ),
                ("chased_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="chasers",
                        to="disclosures.request",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["near", "late", "hand"])),
                        name="chaser_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("by__isnull", False), ("kind", "hand")),
                            models.Q(
                                models.Q(("kind", "hand"), _negated=True), ("by__isnull", True)
                            ),
                            _connector="OR",
                        ),
                        name="chaser_by_hand_is_somebodys",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "hand"), _negated=True),
                        fields=("request", "kind"),
                        name="chaser_of_each_kind_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "hand")),
                        fields=("request", "working_day"),
                        name="chaser_by_hand_once_a_working_day",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="request",
            name="given_to",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.membership",
            ),
        ),
        migrations.AddField(
            model_name="request", name="near_at", field=models.DateTimeField(null=True)
        ),
        migrations.RunSQL(GUARD, migrations.RunSQL.noop),
        migrations.AlterField(model_name="request", name="near_at", field=models.DateTimeField()),
        migrations.AddIndex(
            model_name="request",
            index=models.Index(
                condition=models.Q(("reply", "")), fields=["due_at"], name="request_late"
            ),
        ),
        migrations.AddIndex(
            model_name="request",
            index=models.Index(
                condition=models.Q(("reply", "")), fields=["near_at"], name="request_near"
            ),
        ),
        migrations.AddIndex(
            model_name="request",
            index=models.Index(
                condition=models.Q(("reply", "")), fields=["given_to"], name="request_given"
            ),
        ),
        migrations.AddIndex(
            model_name="request",
            index=models.Index(
                condition=models.Q(("reply", ""), _negated=True),
                fields=["-answered_at"],
                name="request_answered",
            ),
        ),
        migrations.AddConstraint(
            model_name="request",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("near_at__gte", models.F("asked_at")), ("near_at__lte", models.F("due_at"))
                ),
                name="request_is_near_between_asked_and_due",
            ),
        ),
        migrations.RunSQL(KEEP, migrations.RunSQL.noop),
    ]
