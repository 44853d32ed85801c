"""A second person is another person, whatever the role; a wall may leave a case without its
coordinator, and nothing else may."""

from django.db import migrations, models
from django.db.models import Q

from referrals.workflow import Status

ANOTHER = """
CREATE FUNCTION referrals_another_lifts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.lifted_by_id IS NOT NULL AND EXISTS (
        SELECT FROM accounts_membership m WHERE m.id = NEW.lifted_by_id AND m.user_id = NEW.user_id
    ) THEN
        RAISE EXCEPTION 'wall_is_lifted_by_another_person'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER referrals_wall_is_lifted_by_another BEFORE INSERT OR UPDATE ON referrals_wall
FOR EACH ROW EXECUTE FUNCTION referrals_another_lifts();

CREATE FUNCTION referrals_another_reviews() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.reviewed_by_id IS NOT NULL AND EXISTS (
        SELECT FROM accounts_membership reviewer
        JOIN accounts_membership used USING (user_id)
        WHERE reviewer.id = NEW.reviewed_by_id AND used.id = NEW.membership_id
        AND reviewer.id <> used.id  -- which the table's own constraint refuses
    ) THEN
        RAISE EXCEPTION 'emergency_is_reviewed_by_another_person'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER referrals_emergencyaccess_is_reviewed_by_another
BEFORE INSERT OR UPDATE ON referrals_emergencyaccess
FOR EACH ROW EXECUTE FUNCTION referrals_another_reviews();

CREATE FUNCTION referrals_keeps_its_coordinator() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.coordinator_id IS NULL
        AND NEW.status IN ('decided', 'open', 'stepping_down', 'closed')
        AND NOT EXISTS (SELECT FROM referrals_wall w WHERE w.case_id = NEW.id)
    THEN
        RAISE EXCEPTION 'case_decided_has_coordinator: only a conflict of interest takes them off'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER referrals_case_keeps_its_coordinator BEFORE INSERT OR UPDATE ON referrals_case
FOR EACH ROW EXECUTE FUNCTION referrals_keeps_its_coordinator();
"""


class Migration(migrations.Migration):
    dependencies = [("referrals", "0006_sights_follow")]

    operations = [
        migrations.RemoveConstraint(
            model_name="case", name="case_decided_has_time_and_coordinator"
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                name="case_decided_has_time",
                condition=~Q(
                    status__in=[Status.DECIDED, Status.OPEN, Status.STEPPING_DOWN, Status.CLOSED]
                )
                | Q(decided_at__isnull=False),
            ),
        ),
        migrations.RunSQL(ANOTHER, migrations.RunSQL.noop),
    ]
