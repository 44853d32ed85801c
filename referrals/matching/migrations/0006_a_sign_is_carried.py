"""A join carries a sign of harm for as long as it holds, and as long as it is told there."""

from django.db import migrations

CARRIED = """
-- What was joined before this counts from now on.
UPDATE referrals_case c SET harm_sign = true, sign_carried = true WHERE EXISTS (
    SELECT FROM matching_join j JOIN referrals_case other ON other.id = j.joined_id
    WHERE j.leading_id = c.id AND j.ended_at IS NULL AND other.harm_sign
);

CREATE FUNCTION matching_carries_a_sign(about uuid) RETURNS boolean
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM matching_join j JOIN referrals_case other ON other.id = j.joined_id
        WHERE j.leading_id = about AND j.ended_at IS NULL AND other.harm_sign
    )
$$;

CREATE FUNCTION matching_sign_is_carried() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.sign_carried AND NOT matching_carries_a_sign(NEW.id) THEN
        RAISE EXCEPTION 'case_sign_is_carried_by_a_join' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NOT NEW.sign_carried AND matching_carries_a_sign(NEW.id) THEN
        RAISE EXCEPTION 'case_sign_is_carried_while_joined' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER matching_sign_is_carried BEFORE UPDATE OF sign_carried ON referrals_case
FOR EACH ROW WHEN (OLD.sign_carried <> NEW.sign_carried)
EXECUTE FUNCTION matching_sign_is_carried();
CREATE TRIGGER matching_sign_is_carried_at_first BEFORE INSERT ON referrals_case
FOR EACH ROW WHEN (NEW.sign_carried) EXECUTE FUNCTION matching_sign_is_carried();

-- What is told or concealed in a joined case after the join counts at once where the work goes on.
CREATE FUNCTION matching_sign_follows() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE referrals_case c
    SET sign_carried = NEW.harm_sign OR matching_carries_a_sign(c.id),
        harm_sign = NEW.harm_sign OR matching_carries_a_sign(c.id) OR referrals_tells_of_harm(c.id)
    FROM matching_join j
    WHERE j.joined_id = NEW.id AND j.ended_at IS NULL AND c.id = j.leading_id
    AND c.sign_carried <> (NEW.harm_sign OR matching_carries_a_sign(c.id));
    RETURN NULL;
END $$;
CREATE TRIGGER matching_sign_follows AFTER UPDATE OF harm_sign ON referrals_case
FOR EACH ROW WHEN (OLD.harm_sign <> NEW.harm_sign)
EXECUTE FUNCTION matching_sign_follows();
"""
BACK = """
DROP FUNCTION matching_sign_follows() CASCADE;
DROP FUNCTION matching_sign_is_carried() CASCADE;
DROP FUNCTION matching_carries_a_sign(uuid);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("matching", "0003_proposed_joins"),
        ("referrals", "0037_a_sign_of_harm_stays"),
    ]

    operations = [migrations.RunSQL(CARRIED, BACK)]
