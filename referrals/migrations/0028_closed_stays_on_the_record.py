"""No case is closed without its closure test, or reopened without a decision; both stay."""

from django.db import migrations

# The questions, with the answer that needs no more words ("" where words always go with it), as
# they are asked when this is written.
QUESTIONS = {
    "child_view": "",
    "new_harm": "no",
    "missing": "no",
    "contact": "no",
    "plan": "",
    "family": "yes",
    "referrer": "yes",
    "police": "yes",
    "gaps": "yes",
}
_ASKED = ", ".join(f"('{code}', '{fine}')" for code, fine in QUESTIONS.items())

CLOSED = f"""
CREATE FUNCTION referrals_closure_is_answered() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    asked record;
    said text;
    gaps integer := 0;
BEGIN
    FOR asked IN SELECT * FROM (VALUES {_ASKED}) AS each (code, fine) LOOP
        said := NEW.answers -> asked.code ->> 'answer';
        IF said IS NULL OR said NOT IN ('yes', 'no', 'not_known') THEN
            RAISE EXCEPTION 'closure_test_is_answered: %', asked.code
                USING ERRCODE = 'restrict_violation';
        END IF;
        IF said <> asked.fine AND coalesce(NEW.answers -> asked.code ->> 'words', '') !~ '\\S' THEN
            RAISE EXCEPTION 'closure_answer_has_its_words: %', asked.code
                USING ERRCODE = 'restrict_violation';
        END IF;
        gaps := gaps + (said = 'not_known')::integer;
    END LOOP;
    IF gaps * 100 > 30 * {len(QUESTIONS)} THEN
        RAISE EXCEPTION 'closure_test_has_few_gaps' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER referrals_closure_is_answered BEFORE INSERT ON referrals_closure
FOR EACH ROW EXECUTE FUNCTION referrals_closure_is_answered();

CREATE FUNCTION referrals_closed_has_its_test() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    one uuid := (to_jsonb(NEW) ->> TG_ARGV[0])::uuid;
    is_closed boolean;
    stands boolean;
BEGIN
    -- As it is when the transaction ends.
    SELECT status = 'closed' INTO is_closed FROM referrals_case WHERE id = one;
    stands := EXISTS (
        SELECT FROM referrals_closure c WHERE c.case_id = one AND c.reopened_at IS NULL
    );
    IF is_closed AND NOT stands THEN
        RAISE EXCEPTION 'case_closed_has_its_closure_test' USING ERRCODE = 'restrict_violation';
    END IF;
    IF stands AND NOT is_closed THEN
        RAISE EXCEPTION 'case_with_a_closure_is_closed' USING ERRCODE = 'restrict_violation';
    END IF;
    IF is_closed AND NOT EXISTS (
        SELECT FROM referrals_closure c JOIN referrals_move m ON m.id = c.move_id
        WHERE c.case_id = one AND c.reopened_at IS NULL
        AND m.case_id = one AND m.action = 'close'
    ) THEN
        RAISE EXCEPTION 'closure_is_of_its_own_step' USING ERRCODE = 'restrict_violation';
    END IF;
    -- Another person said yes to the end of the work before: they confirmed the decision that
    -- holds, which a join is not, or they are who stepped the case down last.
    IF is_closed AND NOT EXISTS (
        SELECT FROM referrals_decision d
        WHERE d.case_id = one AND d.superseded_at IS NULL
        AND d.confirmed_by_id IS NOT NULL AND d.outcome <> 'joined'
    ) AND NOT EXISTS (
        SELECT FROM referrals_closure c
        WHERE c.case_id = one AND c.reopened_at IS NULL AND referrals_is_another(
            c.closed_by_id,
            (
                SELECT m.moved_by_id FROM referrals_move m
                WHERE m.case_id = one AND m.action = 'step-down' AND m.created_at > coalesce(
                    (SELECT max(reopened_at) FROM referrals_closure WHERE case_id = one),
                    '-infinity'
                )
                ORDER BY m.created_at DESC LIMIT 1
            )
        )
    ) THEN
        RAISE EXCEPTION 'case_is_closed_by_two_people' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NOT is_closed AND NOT EXISTS (
        SELECT FROM referrals_decision d
        WHERE d.case_id = one AND d.superseded_at IS NULL AND d.outcome = 'reopened'
        -- One that was closed before there were closures has none.
        AND d.decided_at >= coalesce(
            (SELECT max(closed_at) FROM referrals_closure WHERE case_id = one), '-infinity'
        )
    ) THEN
        RAISE EXCEPTION 'case_is_reopened_by_a_decision' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER referrals_case_starts_closed_by_its_test
AFTER INSERT ON referrals_case DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (NEW.status = 'closed')
EXECUTE FUNCTION referrals_closed_has_its_test('id');
CREATE CONSTRAINT TRIGGER referrals_case_stands_closed_by_its_test
AFTER UPDATE OF status ON referrals_case DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (
    NEW.status IS DISTINCT FROM OLD.status AND 'closed' IN (NEW.status, OLD.status)
)
EXECUTE FUNCTION referrals_closed_has_its_test('id');
CREATE CONSTRAINT TRIGGER referrals_closure_is_of_a_closed_case
AFTER INSERT OR UPDATE ON referrals_closure DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION referrals_closed_has_its_test('case_id');
"""

# Somebody who has left looks after nothing: then too a case may be without a coordinator.
LEFT = """
CREATE OR REPLACE FUNCTION referrals_keeps_its_coordinator() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.coordinator_id IS NULL
        AND NEW.status IN ('decided', 'open', 'stepping_down', 'closed')
        AND NOT EXISTS (SELECT FROM referrals_wall w WHERE w.case_id = NEW.id)
        AND NOT EXISTS (
            SELECT FROM referrals_assignment a WHERE a.case_id = NEW.id AND a.to_id IS NULL
        )
    THEN
        RAISE EXCEPTION 'case_decided_has_coordinator: only a conflict of interest takes them off'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
"""

MAY_CHANGE = {
    "referrals_closure": ("reopened_at",),
    "referrals_lookback": (),
    "referrals_assignment": (),
}


def _guard(table: str, columns: tuple[str, ...]) -> str:
    listed = ", ".join(f"'{column}'" for column in columns)
    return f"""
        CREATE TRIGGER {table}_is_immutable BEFORE UPDATE ON {table}
        FOR EACH ROW EXECUTE FUNCTION referrals_only_these_change({listed});
        CREATE TRIGGER {table}_is_never_deleted BEFORE DELETE ON {table}
        FOR EACH ROW EXECUTE FUNCTION referrals_never_deleted();
        CREATE TRIGGER {table}_is_never_emptied BEFORE TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION referrals_never_deleted();
    """


REOPENED_ONCE = """
CREATE FUNCTION referrals_closure_is_reopened_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.reopened_at IS NOT NULL THEN
        RAISE EXCEPTION '% has ended, and stays so', TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER referrals_closure_is_reopened_once BEFORE UPDATE ON referrals_closure
FOR EACH ROW EXECUTE FUNCTION referrals_closure_is_reopened_once();
"""


class Migration(migrations.Migration):
    dependencies = [("referrals", "0027_closed_by_test_and_handed_over")]

    operations = [
        migrations.RunSQL(
            CLOSED + LEFT + REOPENED_ONCE + "".join(_guard(*each) for each in MAY_CHANGE.items()),
            migrations.RunSQL.noop,
        )
    ]
