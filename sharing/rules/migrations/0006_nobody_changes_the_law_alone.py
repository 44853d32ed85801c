"""A change of the law keeps to its life; an agreement is not rewritten; neither is deleted."""

from django.db import migrations

LIFE = """
CREATE FUNCTION rules_change_keeps_its_life() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    says constant text[] := ARRAY[
        'id', 'created_at', 'kind', 'number', 'from_version', 'line', 'reason', 'starts_on',
        'author_id'
    ];
    approval constant text[] := ARRAY['approver_id', 'approved_at', 'approved_why', 'failing'];
    was jsonb;
    becomes jsonb;
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.status <> 'draft' OR NEW.approver_id IS NOT NULL THEN
            RAISE EXCEPTION 'A change of the law begins as a draft' USING ERRCODE = '23001';
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP <> 'UPDATE' THEN
        RAISE EXCEPTION 'A change of the law is never deleted' USING ERRCODE = '23001';
    END IF;
    IF OLD.status <> NEW.status AND (OLD.status, NEW.status) NOT IN (
        ('draft', 'submitted'), ('draft', 'rejected'),
        ('submitted', 'approved'), ('submitted', 'rejected'),
        ('approved', 'live'), ('approved', 'rejected'),
        ('live', 'rolled_back')
    ) THEN
        RAISE EXCEPTION 'A change of the law does not go from % to %', OLD.status, NEW.status
            USING ERRCODE = '23001';
    END IF;
    was := to_jsonb(OLD);
    becomes := to_jsonb(NEW);
    IF OLD.status = 'draft' THEN
        IF NEW.author_id <> OLD.author_id OR NEW.created_at <> OLD.created_at THEN
            RAISE EXCEPTION 'Whoever drafted a change stays its author' USING ERRCODE = '23001';
        END IF;
    ELSIF EXISTS (SELECT FROM unnest(says) AS name WHERE was -> name <> becomes -> name) THEN
        RAISE EXCEPTION 'What a change says stays as it was submitted' USING ERRCODE = '23001';
    END IF;
    IF EXISTS (SELECT FROM unnest(approval) AS name WHERE was -> name <> becomes -> name) THEN
        IF (OLD.status, NEW.status) <> ('submitted', 'approved') THEN
            RAISE EXCEPTION 'An approval is given once, to what was submitted'
                USING ERRCODE = '23001';
        END IF;
        IF (SELECT count(DISTINCT m.user_id) <> 2 OR bool_or(t.role <> 'ig_lead')
            FROM accounts_membership m JOIN accounts_team t ON t.group_ptr_id = m.team_id
            WHERE m.id IN (NEW.author_id, NEW.approver_id))
        THEN
            RAISE EXCEPTION 'Two information-governance leads who are two people change the law'
                USING ERRCODE = '23001';
        END IF;
    END IF;
    IF OLD.status IN ('rejected', 'rolled_back') AND was <> becomes THEN
        RAISE EXCEPTION 'This change is over' USING ERRCODE = '23001';
    END IF;
    IF OLD.live_in_id IS NOT NULL AND NEW.live_in_id IS DISTINCT FROM OLD.live_in_id THEN
        RAISE EXCEPTION 'A change goes live once' USING ERRCODE = '23001';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER rules_change_keeps_its_life BEFORE INSERT OR UPDATE OR DELETE ON rules_change
    FOR EACH ROW EXECUTE FUNCTION rules_change_keeps_its_life();
CREATE TRIGGER rules_change_is_not_emptied BEFORE TRUNCATE ON rules_change
    FOR EACH STATEMENT EXECUTE FUNCTION rules_change_keeps_its_life();
ALTER TABLE rules_change ENABLE ALWAYS TRIGGER rules_change_keeps_its_life;
ALTER TABLE rules_change ENABLE ALWAYS TRIGGER rules_change_is_not_emptied;
"""

AGREEMENTS = """
CREATE FUNCTION rules_agreement_is_not_rewritten() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    ends constant text[] := ARRAY['ended_at', 'ended_why'];
BEGIN
    IF TG_OP <> 'UPDATE' THEN
        RAISE EXCEPTION 'An agreement is never deleted: give it an end' USING ERRCODE = '23001';
    END IF;
    IF to_jsonb(OLD) - ends <> to_jsonb(NEW) - ends OR to_jsonb(OLD) ->> 'ended_at' IS NOT NULL
    THEN
        RAISE EXCEPTION 'What was signed is not rewritten: renew it, or end it'
            USING ERRCODE = '23001';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER rules_agreement_is_not_rewritten BEFORE UPDATE OR DELETE ON rules_agreement
    FOR EACH ROW EXECUTE FUNCTION rules_agreement_is_not_rewritten();
CREATE TRIGGER rules_agreement_is_not_emptied BEFORE TRUNCATE ON rules_agreement
    FOR EACH STATEMENT EXECUTE FUNCTION rules_agreement_is_not_rewritten();
CREATE TRIGGER rules_agreement_parties_stay BEFORE UPDATE OR DELETE ON rules_agreement_parties
    FOR EACH ROW EXECUTE FUNCTION rules_agreement_is_not_rewritten();
CREATE TRIGGER rules_agreement_parties_are_not_emptied BEFORE TRUNCATE ON rules_agreement_parties
    FOR EACH STATEMENT EXECUTE FUNCTION rules_agreement_is_not_rewritten();
ALTER TABLE rules_agreement ENABLE ALWAYS TRIGGER rules_agreement_is_not_rewritten;
ALTER TABLE rules_agreement ENABLE ALWAYS TRIGGER rules_agreement_is_not_emptied;
ALTER TABLE rules_agreement_parties ENABLE ALWAYS TRIGGER rules_agreement_parties_stay;
ALTER TABLE rules_agreement_parties ENABLE ALWAYS TRIGGER rules_agreement_parties_are_not_emptied;
"""

DROP = """
DROP FUNCTION rules_change_keeps_its_life() CASCADE;
DROP FUNCTION rules_agreement_is_not_rewritten() CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("rules", "0005_changes_and_agreements")]

    operations = [migrations.RunSQL(LIFE + AGREEMENTS, DROP)]
