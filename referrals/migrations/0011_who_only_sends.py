"""Nothing opens a case to somebody who only sends: neither a grant nor an emergency."""

from django.db import migrations

REFUSED = """
CREATE FUNCTION referrals_team_takes_shares() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM accounts_team WHERE group_ptr_id = NEW.group_id AND sends_only) THEN
        RAISE EXCEPTION 'A team that only sends is given nothing' USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER referrals_grant_not_to_who_only_sends BEFORE INSERT OR UPDATE OF group_id
    ON referrals_grant FOR EACH ROW EXECUTE FUNCTION referrals_team_takes_shares();
ALTER TABLE referrals_grant ENABLE ALWAYS TRIGGER referrals_grant_not_to_who_only_sends;

CREATE FUNCTION referrals_member_opens_cases() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM accounts_membership member
        JOIN accounts_team team ON team.group_ptr_id = member.team_id
        WHERE member.id = NEW.membership_id AND team.sends_only
    ) THEN
        RAISE EXCEPTION 'Whoever only sends opens no case' USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER referrals_emergency_not_of_who_only_sends BEFORE INSERT OR UPDATE OF membership_id
    ON referrals_emergencyaccess FOR EACH ROW EXECUTE FUNCTION referrals_member_opens_cases();
ALTER TABLE referrals_emergencyaccess
    ENABLE ALWAYS TRIGGER referrals_emergency_not_of_who_only_sends;

-- Who only sends is decided when the team is made: later it may hold shares.
CREATE FUNCTION accounts_team_stays_as_it_is() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.sends_only <> OLD.sends_only THEN
        RAISE EXCEPTION 'A team that only sends stays so' USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER accounts_team_stays_as_it_is BEFORE UPDATE OF sends_only
    ON accounts_team FOR EACH ROW EXECUTE FUNCTION accounts_team_stays_as_it_is();
ALTER TABLE accounts_team ENABLE ALWAYS TRIGGER accounts_team_stays_as_it_is;
"""

BACK = """
DROP FUNCTION referrals_team_takes_shares() CASCADE;
DROP FUNCTION referrals_member_opens_cases() CASCADE;
DROP FUNCTION accounts_team_stays_as_it_is() CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("referrals", "0010_files"), ("accounts", "0011_sends_only")]

    operations = [migrations.RunSQL(REFUSED, BACK)]
