"""Lines about actions never change; an action ends by two people; no case leaves with one open."""

from django.db import migrations

MAY_CHANGE = {
    "actions_action": ("status", "owner_id", "agency_id", "due_at", "climbed"),
    "actions_entry": (),
    "actions_review": (
        "near_told_at",
        "late_told_at",
        "outcome",
        "happened",
        "level",
        "child_view",
        "reason",
        "agreed_by",
        "ended_by_id",
        "ended_at",
    ),
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
        REVOKE DELETE, TRUNCATE ON {table} FROM portal_app;
    """


ACTIONS = """
CREATE FUNCTION actions_owner_is_of_the_agency() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM accounts_membership m JOIN accounts_team t ON t.group_ptr_id = m.team_id
        WHERE m.id = NEW.owner_id AND t.agency_id = NEW.agency_id
    ) THEN
        RAISE EXCEPTION 'action_owner_is_of_its_agency' USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.status IN ('verified', 'not_possible')
        AND (NEW.status, NEW.owner_id, NEW.due_at) <> (OLD.status, OLD.owner_id, OLD.due_at)
    THEN
        RAISE EXCEPTION 'action_has_ended_and_stays_so' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER actions_owner_is_of_the_agency BEFORE INSERT OR UPDATE ON actions_action
FOR EACH ROW EXECUTE FUNCTION actions_owner_is_of_the_agency();

-- Whatever an action has become is in the lines that were written about it.
CREATE FUNCTION actions_is_as_written() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    now_is actions_action;
BEGIN
    SELECT * INTO now_is FROM actions_action WHERE id = NEW.id;
    IF TG_OP = 'INSERT' THEN
        IF NEW.status <> 'open' THEN
            RAISE EXCEPTION 'action_begins_open' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NULL;
    END IF;
    IF now_is.status = 'verified' AND NOT EXISTS (
        SELECT FROM actions_entry said JOIN actions_entry checked ON checked.answers_id = said.id
        WHERE said.action_id = NEW.id AND said.kind = 'claimed' AND checked.kind = 'verified'
        AND referrals_is_another(said.by_id, checked.by_id)
    ) THEN
        RAISE EXCEPTION 'action_is_done_by_two_people' USING ERRCODE = 'restrict_violation';
    END IF;
    IF now_is.status = 'done_claimed' AND NOT EXISTS (
        SELECT FROM actions_entry said WHERE said.action_id = NEW.id AND said.kind = 'claimed'
        AND NOT EXISTS (SELECT FROM actions_entry a WHERE a.answers_id = said.id)
    ) THEN
        RAISE EXCEPTION 'action_claimed_has_its_line' USING ERRCODE = 'restrict_violation';
    END IF;
    IF now_is.status = 'not_possible' AND NOT EXISTS (
        SELECT FROM actions_entry e WHERE e.action_id = NEW.id AND e.kind = 'not_possible'
    ) THEN
        RAISE EXCEPTION 'action_not_possible_says_why' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.owner_id <> OLD.owner_id AND NOT EXISTS (
        SELECT FROM actions_entry e
        WHERE e.action_id = NEW.id AND e.kind = 'accepted' AND e.by_id = NEW.owner_id
    ) THEN
        RAISE EXCEPTION 'action_owner_has_taken_it_on' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.due_at <> OLD.due_at AND NOT EXISTS (
        SELECT FROM actions_entry gave JOIN actions_entry asked ON asked.id = gave.answers_id
        WHERE asked.action_id = NEW.id AND gave.kind = 'gave_time'
        AND (NEW.due_at AT TIME ZONE 'Europe/London')::date = asked.until
    ) THEN
        RAISE EXCEPTION 'action_day_was_asked_for_and_given' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER actions_is_as_written
AFTER INSERT OR UPDATE ON actions_action DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION actions_is_as_written();

CREATE FUNCTION actions_line_is_whose_it_is() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    about actions_action;
    asked actions_entry;
BEGIN
    SELECT * INTO about FROM actions_action WHERE id = NEW.action_id;
    IF NEW.answers_id IS NOT NULL THEN
        SELECT * INTO asked FROM actions_entry WHERE id = NEW.answers_id;
        IF asked.action_id <> NEW.action_id OR (NEW.kind, asked.kind) NOT IN (
            ('gave_time', 'asked_time'), ('kept_time', 'asked_time'), ('accepted', 'offered'),
            ('declined', 'offered'), ('verified', 'claimed'), ('sent_back', 'claimed'),
            ('judged', 'asked_effect')
        ) THEN
            RAISE EXCEPTION 'entry_answers_its_own_question' USING ERRCODE = 'restrict_violation';
        END IF;
        IF asked.to_id IS NOT NULL AND asked.to_id <> NEW.by_id THEN
            RAISE EXCEPTION 'entry_is_answered_by_whom_it_asks'
                USING ERRCODE = 'restrict_violation';
        END IF;
    END IF;
    IF NEW.kind IN ('verified', 'sent_back') AND NOT (
        referrals_is_another(asked.by_id, NEW.by_id)
        AND referrals_is_another(about.owner_id, NEW.by_id)
    ) THEN
        RAISE EXCEPTION 'action_is_checked_by_another_person' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.kind IN ('gave_time', 'kept_time') AND NOT (
        referrals_is_another(asked.by_id, NEW.by_id)
        AND referrals_is_another(about.owner_id, NEW.by_id)
    ) THEN
        RAISE EXCEPTION 'action_gets_time_from_another_person'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.kind = 'claimed' AND NEW.by_id <> about.owner_id THEN
        RAISE EXCEPTION 'action_is_claimed_by_its_owner' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.kind = 'judged' AND (about.status <> 'verified' OR EXISTS (
        SELECT FROM accounts_membership m JOIN accounts_team t ON t.group_ptr_id = m.team_id
        WHERE m.id = NEW.by_id AND t.agency_id = about.agency_id
    )) THEN
        RAISE EXCEPTION 'action_is_judged_by_another_agency' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.kind = 'judged' AND NOT referrals_is_another(about.owner_id, NEW.by_id) THEN
        RAISE EXCEPTION 'action_is_judged_by_another_person' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER actions_line_is_whose_it_is BEFORE INSERT ON actions_entry
FOR EACH ROW EXECUTE FUNCTION actions_line_is_whose_it_is();

CREATE FUNCTION actions_none_is_left_behind() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM actions_action a WHERE a.case_id = NEW.id
        AND a.status IN ('open', 'in_progress', 'done_claimed')
    ) THEN
        RAISE EXCEPTION 'case_leaves_no_action_behind' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER actions_none_is_left_behind BEFORE UPDATE OF status ON referrals_case
FOR EACH ROW WHEN (
    NEW.status IS DISTINCT FROM OLD.status
    AND NEW.status IN ('closed', 'stepping_down', 'transferred', 'routed')
)
EXECUTE FUNCTION actions_none_is_left_behind();
"""

REVIEWS = """
CREATE FUNCTION actions_review_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.outcome <> '' THEN
        RAISE EXCEPTION 'review_has_been_held_and_stays_so' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER actions_review_stays BEFORE UPDATE ON actions_review
FOR EACH ROW EXECUTE FUNCTION actions_review_stays();

CREATE FUNCTION actions_review_has_its_next() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM actions_review r WHERE r.after_id = NEW.id) THEN
        RAISE EXCEPTION 'review_is_followed_by_the_next' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER actions_review_has_its_next
AFTER INSERT OR UPDATE ON actions_review DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (NEW.outcome <> '' AND (NEW.about = 'planned' OR NEW.outcome = 'moved'))
EXECUTE FUNCTION actions_review_has_its_next();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("actions", "0001_actions_and_reviews"),
        ("referrals", "0030_notes"),
    ]

    operations = [
        migrations.RunSQL(
            ACTIONS + REVIEWS + "".join(_guard(*each) for each in MAY_CHANGE.items()),
            migrations.RunSQL.noop,
        )
    ]
