"""A case leaves the board by a decision only; nobody ends the work on a child alone."""

from importlib import import_module

from django.db import migrations

# A referral that was withdrawn stays on the board until somebody has decided about it too.
_SIGHTS = import_module("referrals.migrations.0006_sights_follow").SHOULD_BE
BOARD = _SIGHTS.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION").replace(
    "'received', 'checking', 'returned'", "'received', 'checking', 'returned', 'withdrawn'"
)

# What the signs of harm were called when they were told: an answer is kept in these words.
HARM_SIGNS = """
UPDATE referrals_case c SET harm_sign = true WHERE EXISTS (
    SELECT FROM referrals_statement s
    WHERE s.case_id = c.id AND s.question = 'signs' AND s.answer = 'given'
    AND s.protect <> 'existence' AND s.text ~ concat_ws(
        '|',
        'Is taken to flats, hotels or other places they cannot explain',
        'Is taken to other towns',
        'Somebody controls what the child does, or speaks for them',
        'Somebody threatens the child or their family',
        'Somebody asks for images, or threatens to share them',
        'Is told that they owe somebody',
        'Is given alcohol or drugs',
        'Marks or pain that nobody can explain, or self-harm',
        'Worries about sexual health or pregnancy'
    )
);
"""

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

CREATE FUNCTION referrals_may_be_harmed(about uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT harm_sign OR priority <> 'standard' FROM referrals_case WHERE id = about
$$;

CREATE FUNCTION referrals_decision_takes_another() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    takes text := CASE
        WHEN NEW.outcome = 'open_case' THEN 'worker'
        WHEN NEW.outcome = 'transfer' THEN 'area'
        WHEN NEW.outcome IN ('advice', 'nfa') THEN 'second'
        WHEN NEW.confirmed_by_id IS NOT NULL THEN 'second'
        WHEN NEW.outcome IN ('early_help', 'withdrawn') AND referrals_may_be_harmed(NEW.case_id)
            THEN 'second'
    END;
BEGIN
    IF takes IS NULL THEN
        RETURN NEW;
    END IF;
    -- The yes to this very decision, given at this moment: it makes one decision, and no other.
    IF NOT EXISTS (
        SELECT FROM referrals_proposal p
        WHERE p.case_id = NEW.case_id AND p.outcome = NEW.outcome AND p.asks = takes AND p.accepted
        AND p.proposed_by_id = NEW.decided_by_id AND p.answered_by_id = NEW.confirmed_by_id
        AND p.answered_at = NEW.decided_at
    ) OR EXISTS (
        SELECT FROM referrals_decision d WHERE d.case_id = NEW.case_id
        AND d.decided_at = NEW.decided_at AND d.confirmed_by_id IS NOT NULL
    ) THEN
        RAISE EXCEPTION 'decision_takes_the_yes_of_another' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER referrals_decision_takes_another BEFORE INSERT ON referrals_decision
FOR EACH ROW EXECUTE FUNCTION referrals_decision_takes_another();

CREATE FUNCTION referrals_works_as(member uuid, VARIADIC roles text[]) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM accounts_membership m JOIN accounts_team t ON t.group_ptr_id = m.team_id
        WHERE m.id = member AND t.role = ANY (roles)
    )
$$;

CREATE FUNCTION referrals_answers(said referrals_proposal) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN said.asks = 'second' THEN
            referrals_works_as(said.answered_by_id, 'coordinator', 'manager')
            AND (
                referrals_works_as(said.answered_by_id, 'manager')
                OR referrals_works_as(said.proposed_by_id, 'manager')
                OR NOT referrals_may_be_harmed(said.case_id)
            )
        WHEN said.to_area_id IS NOT NULL THEN EXISTS (
            SELECT FROM accounts_membership m
            JOIN accounts_team t ON t.group_ptr_id = m.team_id
            JOIN accounts_agency_partnerships serves ON serves.agency_id = t.agency_id
            WHERE m.id = said.answered_by_id AND serves.partnership_id = said.to_area_id
        )
        WHEN said.owner_id IS NOT NULL THEN said.answered_by_id = said.owner_id
        ELSE true
    END
$$;

CREATE FUNCTION referrals_proposal_takes_another() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.accepted AND NOT referrals_is_another(NEW.proposed_by_id, NEW.answered_by_id) THEN
        RAISE EXCEPTION 'proposal_is_confirmed_by_another_person'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.accepted AND NOT referrals_answers(NEW) THEN
        RAISE EXCEPTION 'proposal_is_confirmed_by_whom_it_asks'
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
            HARM_SIGNS
            + BOARD
            + DECISIONS
            + SET_ASIDE
            + "".join(_guard(*each) for each in MAY_CHANGE.items()),
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL("SELECT referrals_sight_rebuild()", migrations.RunSQL.noop),
    ]
