"""A case leaves the board by a decision only; nobody ends the work on a child alone."""

from importlib import import_module

from django.db import migrations

# A referral that was withdrawn stays on the board until somebody has decided about it too.
_SIGHTS = import_module("referrals.migrations.0006_sights_follow").SHOULD_BE
BOARD = _SIGHTS.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION").replace(
    "'received', 'checking', 'returned'", "'received', 'checking', 'returned', 'withdrawn'"
)

DECISIONS = """
CREATE FUNCTION referrals_off_the_board() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- As it is when the transaction ends: a later step may have put the case back, or decided it.
    IF EXISTS (
        SELECT FROM referrals_case c WHERE c.id = (to_jsonb(NEW) ->> TG_ARGV[0])::uuid
        AND c.status NOT IN ('received', 'checking', 'returned', 'withdrawn')
        AND NOT EXISTS (
            SELECT FROM referrals_decision d WHERE d.case_id = c.id AND d.superseded_at IS NULL
        )
    ) THEN
        RAISE EXCEPTION 'case_off_the_board_has_a_decision' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER referrals_case_leaves_by_decision
AFTER INSERT OR UPDATE OF status ON referrals_case DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (NEW.status NOT IN ('received', 'checking', 'returned', 'withdrawn'))
EXECUTE FUNCTION referrals_off_the_board('id');
CREATE CONSTRAINT TRIGGER referrals_decision_gives_way_to_another
AFTER UPDATE OF superseded_at ON referrals_decision DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION referrals_off_the_board('case_id');

CREATE FUNCTION referrals_is_another(one uuid, other uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT count(DISTINCT user_id) = 2 FROM accounts_membership WHERE id IN (one, other)
$$;

CREATE FUNCTION referrals_decision_takes_another() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.outcome IN ('advice', 'nfa')
        AND NOT referrals_is_another(NEW.decided_by_id, NEW.confirmed_by_id)
    THEN
        RAISE EXCEPTION 'decision_that_ends_takes_two_people'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.outcome IN ('open_case', 'transfer') AND NOT EXISTS (
        SELECT FROM referrals_proposal p
        WHERE p.case_id = NEW.case_id AND p.outcome = NEW.outcome AND p.accepted
    ) THEN
        RAISE EXCEPTION 'decision_that_hands_over_takes_a_yes'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER referrals_decision_takes_another BEFORE INSERT ON referrals_decision
FOR EACH ROW EXECUTE FUNCTION referrals_decision_takes_another();

CREATE FUNCTION referrals_proposal_takes_another() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.accepted AND NEW.asks = 'second'
        AND NOT referrals_is_another(NEW.proposed_by_id, NEW.answered_by_id)
    THEN
        RAISE EXCEPTION 'proposal_is_confirmed_by_another_person'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.answered_at IS NOT NULL THEN
        RAISE EXCEPTION '% has ended, and stays so', TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER referrals_proposal_takes_another BEFORE INSERT OR UPDATE ON referrals_proposal
FOR EACH ROW EXECUTE FUNCTION referrals_proposal_takes_another();

CREATE FUNCTION referrals_side_route_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.done_at IS NOT NULL THEN
        RAISE EXCEPTION '% has ended, and stays so', TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER referrals_sideroute_stays BEFORE UPDATE ON referrals_sideroute
FOR EACH ROW EXECUTE FUNCTION referrals_side_route_stays();
"""

# A decision is set aside by another one in its place; or, without one, when a join is undone and
# the same transaction puts the case back on the board.
SET_ASIDE = """
CREATE FUNCTION referrals_decision_set_aside() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- As it is when the transaction ends: the case goes back after its decision was set aside.
    IF NOT EXISTS (
        SELECT FROM referrals_decision d
        WHERE d.case_id = NEW.case_id AND d.superseded_at IS NULL
    ) AND NOT EXISTS (
        SELECT FROM referrals_case c
        WHERE c.id = NEW.case_id AND c.status = 'checking' AND NEW.outcome = 'joined'
    ) THEN
        RAISE EXCEPTION 'decision_is_set_aside_by_another_or_by_undoing_a_join'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER referrals_decision_set_aside
AFTER UPDATE OF superseded_at ON referrals_decision DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (NEW.superseded_at IS NOT NULL) EXECUTE FUNCTION referrals_decision_set_aside();
"""

MAY_CHANGE = {
    "referrals_proposal": (
        "answered_by_id",
        "answered_at",
        "accepted",
        "answer_words",
    ),
    "referrals_sideroute": ("owner_id", "due_at", "done_by_id", "done_at", "done_words"),
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


class Migration(migrations.Migration):
    dependencies = [("referrals", "0023_decisions_and_who_confirms")]

    operations = [
        migrations.RunSQL(
            BOARD + DECISIONS + SET_ASIDE + "".join(_guard(*each) for each in MAY_CHANGE.items()),
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL("SELECT referrals_sight_rebuild()", migrations.RunSQL.noop),
    ]
