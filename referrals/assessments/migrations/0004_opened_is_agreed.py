"""Once its answers are open an assessment is not called off, and no case is handed on under one.

A level to which somebody says no has the row of who did.
"""

from django.db import migrations, models
from django.db.models import Q

# As in 0003, but for the last pair.
FORWARD = """
CREATE OR REPLACE FUNCTION assessments_goes_forward() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.revealed_at IS NOT NULL
        AND (OLD.revealed_at, OLD.revealed_by_id)
            IS DISTINCT FROM (NEW.revealed_at, NEW.revealed_by_id)
    THEN
        RAISE EXCEPTION 'assessments_assessment_is_opened_once'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.status <> NEW.status AND (OLD.status, NEW.status) NOT IN (
        ('asked', 'opened'),
        ('asked', 'called_off'),
        ('opened', 'waiting'),
        ('opened', 'agreed'),
        ('waiting', 'opened'),
        ('waiting', 'agreed'),
        ('agreed', 'superseded'){more}
    ) THEN
        RAISE EXCEPTION 'assessments_assessment_goes_forward'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
"""
ALSO = """,
        ('opened', 'called_off')"""

FUNCTIONS = """
CREATE FUNCTION assessments_none_is_left_behind() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM assessments_assessment assessment WHERE assessment.case_id = NEW.id
        AND assessment.status IN ('asked', 'opened', 'waiting')
    ) THEN
        RAISE EXCEPTION 'case_leaves_no_assessment_behind' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER assessments_none_is_left_behind BEFORE UPDATE OF status ON referrals_case
FOR EACH ROW WHEN (
    NEW.status IS DISTINCT FROM OLD.status
    AND NEW.status IN ('closed', 'transferred', 'routed')
)
EXECUTE FUNCTION assessments_none_is_left_behind();

CREATE FUNCTION assessments_declined_by_somebody() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM assessments_signature signature
        WHERE signature.agreement_id = NEW.id AND NOT signature.signs
    ) THEN
        RAISE EXCEPTION 'assessments_agreement_declined_by_somebody'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER assessments_declined_by_somebody BEFORE UPDATE OF declined_at
ON assessments_agreement FOR EACH ROW
WHEN (OLD.declined_at IS NULL AND NEW.declined_at IS NOT NULL)
EXECUTE FUNCTION assessments_declined_by_somebody();
"""
DROP = """
DROP FUNCTION assessments_none_is_left_behind() CASCADE;
DROP FUNCTION assessments_declined_by_somebody() CASCADE;
"""
OPENED_BY_SOMEBODY = "assessment_opened_by_somebody"


class Migration(migrations.Migration):
    dependencies = [("assessments", "0003_sealed_then_kept")]

    operations = [
        migrations.RemoveConstraint(model_name="assessment", name=OPENED_BY_SOMEBODY),
        migrations.AddConstraint(
            model_name="assessment",
            constraint=models.CheckConstraint(
                name=OPENED_BY_SOMEBODY,
                condition=Q(
                    revealed_at__isnull=True,
                    revealed_by__isnull=True,
                    status__in=["asked", "called_off"],
                )
                | (
                    Q(revealed_at__isnull=False, revealed_by__isnull=False)
                    & ~Q(status__in=["asked", "called_off"])
                ),
            ),
        ),
        migrations.RunSQL(FORWARD.format(more=""), FORWARD.format(more=ALSO)),
        migrations.RunSQL(FUNCTIONS, DROP),
    ]
