"""Triggers keep the sights; the site may only read them. At the end, the table is filled."""

from django.db import migrations

COLUMNS = (
    "group_id, case_id, only_id, from_at, until_at, partnership_id, reference, received_at,"
    " due_at, rank, waiting, unassigned, opened"
)


def _row(alias: str) -> str:
    return "(" + ", ".join(f"{alias}.{name}" for name in COLUMNS.split(", ")[2:]) + ")"


def _key(alias: str) -> str:
    return f"({alias}.group_id, {alias}.case_id, {alias}.from_at)"


SAME = (
    f"kept.case_id = one AND {_key('wanted')} = {_key('kept')}"
    f" AND {_row('wanted')} IS NOT DISTINCT FROM {_row('kept')}"
)

# A team sees a case while any of its grants is live; one that only lets it answer a question does
# not count. A person sees, beside that, what they sent
# in this membership, and what emergency access opens: as rows of their own, without the time in
# which their whole team sees it. What has ended by its own clock is left out.
SHOULD_BE = """
CREATE FUNCTION referrals_sights_of(one uuid) RETURNS TABLE (
    group_id integer, case_id uuid, only_id uuid, from_at timestamptz, until_at timestamptz,
    partnership_id uuid, reference varchar, received_at timestamptz, due_at timestamptz,
    rank smallint, waiting boolean, unassigned boolean, opened boolean
) LANGUAGE sql STABLE AS $$
    WITH team AS (
        SELECT given.group_id, given.content_object_id AS case_id,
               range_agg(tstzrange(given.from_at, coalesce(given.until_at, 'infinity'))) AS at
        FROM referrals_grant given
        WHERE given.content_object_id = one AND given.ended_at IS NULL
            AND given.extent <> 'answer'
        GROUP BY given.group_id, given.content_object_id
    ), own (case_id, only_id, at) AS (
        SELECT sent.case_id, sent.author_id, tstzrange('-infinity', 'infinity')
        FROM referrals_referral sent WHERE sent.case_id = one
        UNION ALL
        SELECT used.case_id, used.membership_id, tstzrange(used.from_at, used.until_at)
        FROM referrals_emergencyaccess used
        WHERE used.case_id = one AND used.ended_at IS NULL
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
           about.status IN ('received', 'checking', 'returned'),
           about.coordinator_id IS NULL,
           about.status = 'open'
    FROM seen
    CROSS JOIN LATERAL unnest(seen.at) AS span (at)
    JOIN referrals_case about ON about.id = one
    WHERE upper(span.at) > statement_timestamp()
$$;
"""

# The lock on the case puts two transactions that change who sees it one after the other; the
# second then reads what the first has written.
KEEP = f"""
-- Case by case, so that the work for each is small and the same however many there are. A plan that
-- is made while a table is small is kept while it grows: so it has to use the indexes.
CREATE FUNCTION referrals_sight_refresh(cases uuid[]) RETURNS void LANGUAGE plpgsql
SET enable_seqscan = off AS $$
DECLARE
    one uuid;
BEGIN
    FOR one IN SELECT DISTINCT unnest(cases) ORDER BY 1 LOOP
        PERFORM FROM referrals_case WHERE id = one FOR NO KEY UPDATE;
        DELETE FROM referrals_sight kept WHERE kept.case_id = one
            AND NOT EXISTS (SELECT FROM referrals_sights_of(one) wanted WHERE {SAME});
        INSERT INTO referrals_sight ({COLUMNS})
            SELECT {COLUMNS} FROM referrals_sights_of(one) wanted
            WHERE NOT EXISTS (SELECT FROM referrals_sight kept WHERE {SAME});
    END LOOP;
END $$;

CREATE FUNCTION referrals_sight_follows() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    cases uuid[];
    before uuid[];
BEGIN
    EXECUTE format('SELECT array_agg(DISTINCT %I) FROM rows_now', TG_ARGV[0]) INTO cases;
    IF TG_OP = 'UPDATE' THEN
        EXECUTE format('SELECT array_agg(DISTINCT %I) FROM rows_before', TG_ARGV[0]) INTO before;
        cases := array(SELECT DISTINCT unnest(cases || before));
    END IF;
    IF cases <> '{{}}' THEN
        PERFORM referrals_sight_refresh(cases);
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION referrals_sight_follows_member() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM referrals_sight_refresh(array(
        SELECT case_id FROM referrals_referral WHERE author_id = NEW.id
        UNION SELECT case_id FROM referrals_emergencyaccess WHERE membership_id = NEW.id
    ));
    RETURN NULL;
END $$;

-- Everything from the beginning. Changes nothing where the triggers have kept it.
CREATE FUNCTION referrals_sight_rebuild() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    batch uuid[];
    done uuid := '00000000-0000-0000-0000-000000000000';
BEGIN
    LOOP
        batch := array(SELECT id FROM referrals_case WHERE id > done ORDER BY id LIMIT 5000);
        EXIT WHEN batch = '{{}}';
        PERFORM referrals_sight_refresh(batch);
        done := batch[array_upper(batch, 1)];
    END LOOP;
END $$;

-- What ended an hour ago or more opens nothing: it only lies in the way. Returns how many went.
CREATE FUNCTION referrals_sight_sweep() RETURNS bigint LANGUAGE sql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH gone AS (
        DELETE FROM referrals_sight WHERE id IN (
            SELECT id FROM referrals_sight
            WHERE until_at < statement_timestamp() - interval '1 hour'
            ORDER BY until_at LIMIT 10000 FOR UPDATE SKIP LOCKED
        ) RETURNING id
    ) SELECT count(*) FROM gone
$$;
"""

FUNCTIONS = (
    "referrals_sights_of(uuid)",
    "referrals_sight_refresh(uuid[])",
    "referrals_sight_follows()",
    "referrals_sight_follows_member()",
    "referrals_sight_rebuild()",
    "referrals_sight_sweep()",
)
PRIVILEGES = (
    "".join(f"REVOKE ALL ON FUNCTION {each} FROM PUBLIC;\n" for each in FUNCTIONS)
    + """
GRANT EXECUTE ON FUNCTION referrals_sight_sweep() TO portal_app;
REVOKE INSERT, UPDATE, DELETE ON referrals_sight FROM portal_app;
REVOKE USAGE ON SEQUENCE referrals_sight_id_seq FROM portal_app;
-- Counting reads the index alone only where vacuum has been.
ALTER TABLE referrals_sight SET (
    autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.02
);
"""
)

# The tables that say who sees a case, with the column that names it, and when it matters.
FOLLOWED = {
    "referrals_grant": ("content_object_id", ("INSERT", "UPDATE")),
    "referrals_referral": ("case_id", ("INSERT", "UPDATE")),
    "referrals_emergencyaccess": ("case_id", ("INSERT", "UPDATE")),
    "referrals_case": ("id", ("UPDATE",)),
}
TABLES = {
    "INSERT": "NEW TABLE AS rows_now",
    "UPDATE": "OLD TABLE AS rows_before NEW TABLE AS rows_now",
}
TRIGGERS = (
    "".join(
        f"""
    CREATE TRIGGER {table}_is_followed_on_{event.lower()} AFTER {event} ON {table}
    REFERENCING {TABLES[event]}
    FOR EACH STATEMENT EXECUTE FUNCTION referrals_sight_follows('{column}');
    """
        for table, (column, events) in FOLLOWED.items()
        for event in events
    )
    + """
    CREATE TRIGGER accounts_membership_is_followed AFTER UPDATE OF team_id ON accounts_membership
    FOR EACH ROW WHEN (OLD.team_id IS DISTINCT FROM NEW.team_id)
    EXECUTE FUNCTION referrals_sight_follows_member();
"""
)


class Migration(migrations.Migration):
    dependencies = [("referrals", "0005_sight"), ("accounts", "0001_initial")]

    operations = [
        migrations.RunSQL(SHOULD_BE + KEEP + TRIGGERS + PRIVILEGES, migrations.RunSQL.noop),
        migrations.RunSQL("SELECT referrals_sight_rebuild()", migrations.RunSQL.noop),
    ]
