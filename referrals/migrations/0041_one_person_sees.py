"""What opens to one person of a team is a sight of that person alone; the person is of the team."""

from django.db import migrations

# As in 0006, with two changes: a grant that names a person is not the team's, and it is the
# person's, beside what they sent and what emergency access opens.
SHOULD_BE = """
CREATE OR REPLACE FUNCTION referrals_sights_of(one uuid) RETURNS TABLE (
    group_id integer, case_id uuid, only_id uuid, from_at timestamptz, until_at timestamptz,
    partnership_id uuid, reference varchar, received_at timestamptz, due_at timestamptz,
    rank smallint, waiting boolean, unassigned boolean, opened boolean
) LANGUAGE sql STABLE AS $$
    WITH team AS (
        SELECT given.group_id, given.content_object_id AS case_id,
               range_agg(tstzrange(given.from_at, coalesce(given.until_at, 'infinity'))) AS at
        FROM referrals_grant given
        WHERE given.content_object_id = one AND given.ended_at IS NULL
            AND given.extent <> 'answer' AND given.only_id IS NULL
        GROUP BY given.group_id, given.content_object_id
    ), own (case_id, only_id, at) AS (
        SELECT sent.case_id, sent.author_id, tstzrange('-infinity', 'infinity')
        FROM referrals_referral sent WHERE sent.case_id = one
        UNION ALL
        SELECT used.case_id, used.membership_id, tstzrange(used.from_at, used.until_at)
        FROM referrals_emergencyaccess used
        WHERE used.case_id = one AND used.ended_at IS NULL
        UNION ALL
        SELECT given.content_object_id, given.only_id,
               tstzrange(given.from_at, given.until_at)
        FROM referrals_grant given
        WHERE given.content_object_id = one AND given.ended_at IS NULL
            AND given.extent <> 'answer' AND given.only_id IS NOT NULL
    ), person AS (
        SELECT member.team_id AS group_id, own.case_id, own.only_id, range_agg(own.at) AS at
        FROM own JOIN accounts_membership member ON member.id = own.only_id
        GROUP BY member.team_id, own.case_id, own.only_id
    ), seen (group_id, case_id, only_id, at) AS (
        SELECT team.group_id, team.case_id, NULL::uuid, team.at FROM team
        UNION ALL
        SELECT person.group_id, person.case_id, person.only_id,
               person.at - coalesce(team.at, '{}'::tstzmultirange)
        FROM person LEFT JOIN team
            ON team.group_id = person.group_id AND team.case_id = person.case_id
    )
    SELECT seen.group_id, seen.case_id, seen.only_id, lower(span.at), upper(span.at),
           about.partnership_id, about.reference, about.received_at, about.decision_due_at,
           CASE about.priority WHEN 'immediate' THEN 0 ELSE 1 END::smallint,
           about.status IN ('received', 'checking', 'returned', 'withdrawn'),
           about.coordinator_id IS NULL,
           about.status = 'open'
    FROM seen
    CROSS JOIN LATERAL unnest(seen.at) AS span (at)
    JOIN referrals_case about ON about.id = one
    WHERE upper(span.at) > statement_timestamp()
$$;

CREATE OR REPLACE FUNCTION referrals_sight_follows_member() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM referrals_sight_refresh(array(
        SELECT case_id FROM referrals_referral WHERE author_id = NEW.id
        UNION SELECT case_id FROM referrals_emergencyaccess WHERE membership_id = NEW.id
        UNION SELECT content_object_id FROM referrals_grant WHERE only_id = NEW.id
    ));
    RETURN NULL;
END $$;
"""

OF_THE_TEAM = """
CREATE FUNCTION referrals_grant_to_one_of_the_team() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM accounts_membership WHERE id = NEW.only_id AND team_id = NEW.group_id
    ) THEN
        RAISE EXCEPTION 'a grant to one person names a person of its team'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER referrals_grant_to_one_of_the_team BEFORE INSERT ON referrals_grant
FOR EACH ROW WHEN (NEW.only_id IS NOT NULL)
EXECUTE FUNCTION referrals_grant_to_one_of_the_team();
"""


class Migration(migrations.Migration):
    dependencies = [("referrals", "0040_one_person")]

    operations = [migrations.RunSQL(SHOULD_BE + OF_THE_TEAM, migrations.RunSQL.noop)]
