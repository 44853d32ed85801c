"""A case gets another priority with a reason that stays; and a child is found by their numbers.

The reason is never changed and never deleted. A case becomes less pressing only with one: that a
child may be in danger is why one person alone does not end the work on them.
"""

import django.db.models.deletion
import uuid
from django.db import migrations, models


GUARDS = """
CREATE TRIGGER referrals_prioritychange_is_immutable BEFORE UPDATE ON referrals_prioritychange
FOR EACH ROW EXECUTE FUNCTION referrals_only_these_change();
CREATE TRIGGER referrals_prioritychange_is_never_deleted BEFORE DELETE ON referrals_prioritychange
FOR EACH ROW EXECUTE FUNCTION referrals_never_deleted();
CREATE TRIGGER referrals_prioritychange_is_never_emptied
BEFORE TRUNCATE ON referrals_prioritychange
FOR EACH STATEMENT EXECUTE FUNCTION referrals_never_deleted();

-- By the clock of the database, and of its transaction: nobody writes it as they like.
CREATE FUNCTION referrals_made_in_this_transaction() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    NEW.created_at := transaction_timestamp();
    RETURN NEW;
END $$;
CREATE TRIGGER referrals_prioritychange_made_now BEFORE INSERT ON referrals_prioritychange
FOR EACH ROW EXECUTE FUNCTION referrals_made_in_this_transaction();

CREATE FUNCTION referrals_less_pressing_has_a_reason() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    -- A reason given for this very step, in this transaction: an old one covers no new step.
    IF NOT EXISTS (
        SELECT FROM referrals_prioritychange c
        WHERE c.case_id = NEW.id AND c.was = OLD.priority AND c.now = NEW.priority
        AND c.created_at = transaction_timestamp()
    ) THEN
        RAISE EXCEPTION 'case_less_pressing_has_a_reason: no change in this transaction says why'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER referrals_less_pressing_has_a_reason
AFTER UPDATE OF priority ON referrals_case DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (
    (OLD.priority = 'immediate' AND NEW.priority <> 'immediate')
    OR (OLD.priority = 'urgent' AND NEW.priority = 'standard')
)
EXECUTE FUNCTION referrals_less_pressing_has_a_reason();

-- Danger that was reported goes on to count: to make a case less pressing makes nobody enough to
-- end the work on it alone.
CREATE OR REPLACE FUNCTION referrals_may_be_harmed(about uuid) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT harm_sign OR priority <> 'standard' OR EXISTS (
        SELECT FROM referrals_prioritychange p WHERE p.case_id = about AND p.was <> 'standard'
    ) FROM referrals_case WHERE id = about
$$;
"""

BACK = """
CREATE OR REPLACE FUNCTION referrals_may_be_harmed(about uuid) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT harm_sign OR priority <> 'standard' FROM referrals_case WHERE id = about
$$;
DROP FUNCTION referrals_less_pressing_has_a_reason() CASCADE;
DROP FUNCTION referrals_made_in_this_transaction() CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0017_ready_questions_and_first_responders"),
        ("referrals", "0031_open_cases_are_counted_by_an_index"),
    ]

    operations = [
        migrations.CreateModel(
            name="PriorityChange",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "was",
                    models.CharField(
                        choices=[
                            ("immediate", "Immediate"),
                            ("urgent", "Urgent"),
                            ("standard", "Standard"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "now",
                    models.CharField(
                        choices=[
                            ("immediate", "Immediate"),
                            ("urgent", "Urgent"),
                            ("standard", "Standard"),
                        ],
                        max_length=10,
                    ),
                ),
                ("reason", models.TextField()),
                ("changed_at", models.DateTimeField()),
            ],
        ),
        migrations.AddIndex(
            model_name="particulars",
            index=models.Index(
                condition=models.Q(("nhs_number__gt", "")),
                fields=["nhs_number"],
                name="particulars_by_nhs_number",
            ),
        ),
        migrations.AddIndex(
            model_name="particulars",
            index=models.Index(
                condition=models.Q(("upn__gt", "")), fields=["upn"], name="particulars_by_upn"
            ),
        ),
        migrations.AddField(
            model_name="prioritychange",
            name="case",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="priority_changes",
                to="referrals.case",
            ),
        ),
        migrations.AddField(
            model_name="prioritychange",
            name="changed_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.membership",
            ),
        ),
        migrations.AddConstraint(
            model_name="prioritychange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("now__in", ["immediate", "urgent", "standard"]),
                    ("was__in", ["immediate", "urgent", "standard"]),
                ),
                name="priority_change_between_known_ones",
            ),
        ),
        migrations.AddConstraint(
            model_name="prioritychange",
            constraint=models.CheckConstraint(
                condition=models.Q(("was", models.F("now")), _negated=True),
                name="priority_change_is_to_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="prioritychange",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason__regex", "\\S")), name="priority_change_has_reason"
            ),
        ),
        migrations.RunSQL(GUARDS, BACK),
    ]
