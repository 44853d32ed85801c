"""A level that waits for signatures can be withdrawn: by somebody, with words, and for ever.

Nobody signs or answers a level that was withdrawn, or to which somebody said no.
"""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

WITHDRAWN = ("withdrawn_at", "withdrawn_by_id", "withdrawn_why_id")
MAY_CHANGE = ("in_force_at", "declined_at", "review_told_at", "sign_told_at")


def _immutable(columns: tuple[str, ...]) -> str:
    listed = ", ".join(f"'{column}'" for column in columns)
    return f"""
        DROP TRIGGER assessments_agreement_is_immutable ON assessments_agreement;
        CREATE TRIGGER assessments_agreement_is_immutable BEFORE UPDATE ON assessments_agreement
        FOR EACH ROW EXECUTE FUNCTION referrals_only_these_change({listed});
    """


FUNCTIONS = """
CREATE FUNCTION assessments_withdrawn_while_it_waits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        -- Put up first. This is asked after the row is in, and so after its constraints.
        RAISE EXCEPTION 'assessments_agreement_withdrawn_while_it_waits'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.withdrawn_at IS NOT NULL AND OLD IS DISTINCT FROM NEW THEN
        RAISE EXCEPTION 'assessments_agreement_stays_withdrawn'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.withdrawn_at IS NOT NULL AND OLD.withdrawn_at IS NULL AND NOT EXISTS (
        SELECT FROM assessments_assessment
        WHERE id = NEW.assessment_id AND status = 'waiting'
    ) THEN
        RAISE EXCEPTION 'assessments_agreement_withdrawn_while_it_waits'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER assessments_withdrawn_while_it_waits BEFORE UPDATE ON assessments_agreement
FOR EACH ROW EXECUTE FUNCTION assessments_withdrawn_while_it_waits();
CREATE TRIGGER assessments_none_begins_withdrawn AFTER INSERT ON assessments_agreement
FOR EACH ROW WHEN (NEW.withdrawn_at IS NOT NULL)
EXECUTE FUNCTION assessments_withdrawn_while_it_waits();

CREATE FUNCTION assessments_said_of_what_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM assessments_agreement WHERE id = NEW.agreement_id
        AND (withdrawn_at IS NOT NULL OR declined_at IS NOT NULL)
    ) THEN
        RAISE EXCEPTION 'assessments_said_of_what_stands' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER assessments_said_of_what_stands BEFORE INSERT ON assessments_signature
FOR EACH ROW EXECUTE FUNCTION assessments_said_of_what_stands();
CREATE TRIGGER assessments_said_of_what_stands BEFORE INSERT ON assessments_confirmation
FOR EACH ROW EXECUTE FUNCTION assessments_said_of_what_stands();
"""
DROP = """
DROP FUNCTION assessments_withdrawn_while_it_waits() CASCADE;
DROP FUNCTION assessments_said_of_what_stands() CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("assessments", "0004_opened_is_agreed"),
    ]

    operations = [
        migrations.AddField(
            model_name="agreement",
            name="withdrawn_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="agreement",
            name="withdrawn_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.membership",
            ),
        ),
        migrations.AddField(
            model_name="agreement",
            name="withdrawn_why",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="referrals.statement",
            ),
        ),
        migrations.RemoveConstraint(model_name="agreement", name="agreement_one_per_assessment"),
        migrations.AddConstraint(
            model_name="agreement",
            constraint=models.UniqueConstraint(
                fields=["assessment"],
                condition=Q(declined_at__isnull=True, withdrawn_at__isnull=True),
                name="agreement_one_per_assessment",
            ),
        ),
        migrations.AddConstraint(
            model_name="agreement",
            constraint=models.CheckConstraint(
                name="agreement_withdrawn_by_somebody_who_says_why",
                condition=Q(
                    withdrawn_at__isnull=True,
                    withdrawn_by__isnull=True,
                    withdrawn_why__isnull=True,
                )
                | Q(
                    withdrawn_at__isnull=False,
                    withdrawn_by__isnull=False,
                    withdrawn_why__isnull=False,
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="agreement",
            constraint=models.CheckConstraint(
                name="agreement_withdrawn_is_not_in_force",
                condition=Q(in_force_at__isnull=True) | Q(withdrawn_at__isnull=True),
            ),
        ),
        migrations.AddConstraint(
            model_name="agreement",
            constraint=models.CheckConstraint(
                name="agreement_withdrawn_or_declined_once",
                condition=Q(declined_at__isnull=True) | Q(withdrawn_at__isnull=True),
            ),
        ),
        migrations.RunSQL(
            _immutable((*MAY_CHANGE, *WITHDRAWN)) + FUNCTIONS, DROP + _immutable(MAY_CHANGE)
        ),
    ]
