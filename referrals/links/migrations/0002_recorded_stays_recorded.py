"""The database refuses a link that can be none, and changes nothing that was recorded or decided.

What is recorded rests on an answer that was given, is not removed and is concealed from nobody by
its author; another child, or a brother or sister, is no person who may pose a risk. A link is of
two that stand, of one kind, on two cases of one partnership. An end is written once.
"""

from django.db import migrations

FUNCTIONS = """
CREATE FUNCTION links_mention_is_possible() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    rests_on referrals_statement%ROWTYPE;
BEGIN
    SELECT * INTO rests_on FROM referrals_statement WHERE id = NEW.statement_id FOR SHARE;
    IF rests_on.answer <> 'given' OR rests_on.removed_at IS NOT NULL
        OR rests_on.protect = 'existence' OR rests_on.upload_id IS NOT NULL THEN
        RAISE EXCEPTION 'What is recorded rests on words that stand' USING ERRCODE = '23514';
    END IF;
    IF NEW.kind = 'person' AND rests_on.question IN ('other_child', 'siblings') THEN
        RAISE EXCEPTION 'Another child is no person who may pose a risk' USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION links_link_is_possible() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    standing int; kinds int; cases int; areas int;
BEGIN
    PERFORM FROM links_mention WHERE id IN (NEW.first_id, NEW.second_id) ORDER BY id FOR SHARE;
    SELECT count(*), count(DISTINCT m.kind), count(DISTINCT c.id), count(DISTINCT c.partnership_id)
        INTO standing, kinds, cases, areas
        FROM links_mention m
        JOIN referrals_statement s ON s.id = m.statement_id
        JOIN referrals_case c ON c.id = s.case_id
        WHERE m.id IN (NEW.first_id, NEW.second_id) AND m.ended_at IS NULL;
    IF (standing, kinds, cases, areas) IS DISTINCT FROM (2, 1, 2, 1) THEN
        RAISE EXCEPTION 'A link is of two that stand, of one kind, on two cases of one partnership'
            USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
"""

TRIGGERS = "".join(
    f"""
        CREATE TRIGGER links_{table}_is_possible BEFORE INSERT ON links_{table}
        FOR EACH ROW EXECUTE FUNCTION links_{table}_is_possible();
        CREATE TRIGGER links_{table}_is_immutable BEFORE UPDATE ON links_{table}
        FOR EACH ROW EXECUTE FUNCTION
            referrals_only_these_change('ended_at', 'ended_by_id', 'ended_why');
        CREATE TRIGGER links_{table}_ends_once BEFORE UPDATE ON links_{table}
        FOR EACH ROW WHEN (OLD.ended_at IS NOT NULL) EXECUTE FUNCTION
            referrals_only_these_change();
        CREATE TRIGGER links_{table}_is_never_deleted BEFORE DELETE ON links_{table}
        FOR EACH ROW EXECUTE FUNCTION referrals_never_deleted();
        CREATE TRIGGER links_{table}_is_never_emptied BEFORE TRUNCATE ON links_{table}
        FOR EACH STATEMENT EXECUTE FUNCTION referrals_never_deleted();
    """
    for table in ("mention", "link")
)

BACK = (
    "".join(
        f"DROP TRIGGER links_{table}_{what} ON links_{table};"
        for table in ("mention", "link")
        for what in ("is_immutable", "ends_once", "is_never_deleted", "is_never_emptied")
    )
    + """
    DROP FUNCTION links_link_is_possible() CASCADE;
    DROP FUNCTION links_mention_is_possible() CASCADE;
"""
)


class Migration(migrations.Migration):
    dependencies = [
        ("links", "0001_mentions_and_links"),
        ("referrals", "0029_proposals_know_every_outcome"),
    ]

    operations = [migrations.RunSQL(FUNCTIONS + TRIGGERS, BACK)]
