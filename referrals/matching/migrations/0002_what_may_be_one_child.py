"""The database refuses what can be no join, and changes nothing that was decided.

Two cases that are judged or joined are of one partnership. Children with different NHS numbers are
never one child. A join leads to no case that is over, and has no chain: what is joined to a case leads no other, and what leads is not
joined itself. Both cases are locked first, so that two at once cannot make one together.
"""

from django.db import migrations

FUNCTIONS = """
CREATE FUNCTION matching_insist_on_two(one uuid, other uuid) RETURNS void
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM referrals_case WHERE id IN (one, other) ORDER BY id FOR UPDATE;
    IF (SELECT count(DISTINCT partnership_id) FROM referrals_case WHERE id IN (one, other)) <> 1 THEN
        RAISE EXCEPTION 'Two partnerships share no child' USING ERRCODE = '23514';
    END IF;
END $$;

CREATE FUNCTION matching_insist_on_one_number(one uuid, other uuid) RETURNS void
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF (SELECT count(DISTINCT nhs_number) FROM referrals_particulars
        WHERE case_id IN (one, other) AND nhs_number <> '') > 1 THEN
        RAISE EXCEPTION 'Different NHS numbers are different children' USING ERRCODE = '23514';
    END IF;
END $$;

CREATE FUNCTION matching_judgement_is_possible() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM matching_insist_on_two(NEW.first_id, NEW.second_id);
    IF NEW.verdict = 'same' THEN
        PERFORM matching_insist_on_one_number(NEW.first_id, NEW.second_id);
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION matching_join_is_possible() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM matching_insist_on_two(NEW.joined_id, NEW.leading_id);
    PERFORM matching_insist_on_one_number(NEW.joined_id, NEW.leading_id);
    IF EXISTS (
        SELECT FROM referrals_case
        WHERE id = NEW.leading_id AND status IN ('closed', 'transferred', 'withdrawn')
    ) THEN
        RAISE EXCEPTION 'A join leads to a case on which the work goes on'
            USING ERRCODE = '23514';
    END IF;
    IF EXISTS (
        SELECT FROM matching_join
        WHERE ended_at IS NULL AND (leading_id = NEW.joined_id OR joined_id = NEW.leading_id)
    ) THEN
        RAISE EXCEPTION 'A join has no chain' USING ERRCODE = '23514';
    END IF;
    IF NOT EXISTS (
        SELECT FROM matching_judgement
        WHERE id = NEW.judgement_id AND verdict = 'same' AND ended_at IS NULL
        AND first_id = LEAST(NEW.joined_id, NEW.leading_id)
        AND second_id = GREATEST(NEW.joined_id, NEW.leading_id)
    ) THEN
        RAISE EXCEPTION 'A join rests on a judgement that it is the same child'
            USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION matching_joined_has_a_join() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.outcome = 'joined' AND EXISTS (
        SELECT FROM referrals_decision WHERE id = NEW.id AND superseded_at IS NULL
    ) AND NOT EXISTS (
        SELECT FROM matching_join WHERE joined_id = NEW.case_id AND ended_at IS NULL
    ) THEN
        RAISE EXCEPTION 'A case that is decided as joined is joined to another one'
            USING ERRCODE = '23514';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION matching_judgement_bears_a_join() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.ended_at IS NOT NULL AND OLD.ended_at IS NULL AND EXISTS (
        SELECT FROM matching_join WHERE judgement_id = NEW.id AND ended_at IS NULL
    ) THEN
        RAISE EXCEPTION 'A judgement stands while a join rests on it' USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
"""

TRIGGERS = (
    "".join(
        f"""
        CREATE TRIGGER matching_{table}_is_possible BEFORE INSERT ON matching_{table}
        FOR EACH ROW EXECUTE FUNCTION matching_{table}_is_possible();
        CREATE TRIGGER matching_{table}_is_immutable BEFORE UPDATE ON matching_{table}
        FOR EACH ROW EXECUTE FUNCTION
            referrals_only_these_change('ended_at', 'ended_by_id', 'ended_why');
        CREATE TRIGGER matching_{table}_is_never_deleted BEFORE DELETE ON matching_{table}
        FOR EACH ROW EXECUTE FUNCTION referrals_never_deleted();
        CREATE TRIGGER matching_{table}_is_never_emptied BEFORE TRUNCATE ON matching_{table}
        FOR EACH STATEMENT EXECUTE FUNCTION referrals_never_deleted();
    """
        for table in ("judgement", "join")
    )
    + """
    CREATE TRIGGER matching_judgement_bears_a_join BEFORE UPDATE ON matching_judgement
    FOR EACH ROW EXECUTE FUNCTION matching_judgement_bears_a_join();
    CREATE CONSTRAINT TRIGGER matching_joined_has_a_join AFTER INSERT ON referrals_decision
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION matching_joined_has_a_join();
"""
)

BACK = (
    "".join(
        f"DROP TRIGGER matching_{table}_is_{what} ON matching_{table};"
        for table in ("judgement", "join")
        for what in ("immutable", "never_deleted", "never_emptied")
    )
    + """
    DROP FUNCTION matching_joined_has_a_join() CASCADE;
    DROP FUNCTION matching_judgement_bears_a_join() CASCADE;
    DROP FUNCTION matching_join_is_possible() CASCADE;
    DROP FUNCTION matching_judgement_is_possible() CASCADE;
    DROP FUNCTION matching_insist_on_one_number(uuid, uuid);
    DROP FUNCTION matching_insist_on_two(uuid, uuid);
"""
)


class Migration(migrations.Migration):
    dependencies = [
        ("matching", "0001_judgements_and_joins"),
        ("referrals", "0021_joined"),
    ]

    operations = [migrations.RunSQL(FUNCTIONS + TRIGGERS, BACK)]
