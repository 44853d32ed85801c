"""A pause begins open, and a clock begins only where the portal begins one.

What was promised is put off by a pause that somebody ended. A pause that is written as ended would
put it off without ever having stood; a clock that is stopped and begun once more, with a later
time, would be put off without any pause at all.
"""

from django.db import migrations

# After the row, so that a row which breaks a named constraint is refused by that name.
REFUSE = """
CREATE FUNCTION referrals_pause_begins_open() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'pause_begins_open' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER referrals_pause_begins_open AFTER INSERT ON referrals_pause
FOR EACH ROW WHEN (
    NEW.until_at IS NOT NULL OR NEW.ended_by_id IS NOT NULL OR NEW.due_after IS NOT NULL
)
EXECUTE FUNCTION referrals_pause_begins_open();

-- A first look begins when the case does, once. It begins anew in one way only: the case became
-- more pressing (prioritised by a person, or joined by a more pressing one), and then what was
-- promised is replaced by something sooner. Whoever has acknowledged, returned, withdrawn or decided
-- has read it or ended it: nothing begins after that, so a clock that was not replaced bars the way.
CREATE FUNCTION referrals_first_look_begins() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM referrals_clock c
        WHERE c.case_id = NEW.case_id AND c.kind = NEW.kind AND c.id <> NEW.id
          AND NOT (c.replaced AND NEW.due_at < c.due_at)
    ) THEN
        RAISE EXCEPTION 'first_look_begins_anew_only_to_end_sooner'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER referrals_first_look_begins AFTER INSERT ON referrals_clock
FOR EACH ROW WHEN (NEW.kind = 'first_look') EXECUTE FUNCTION referrals_first_look_begins();

-- "Replaced" is no way to end a promise: when the transaction ends there is one that ends sooner.
CREATE FUNCTION referrals_clock_has_its_next() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM referrals_clock c
        WHERE c.case_id = NEW.case_id AND c.kind = NEW.kind AND c.due_at < NEW.due_at
    ) THEN
        RAISE EXCEPTION 'clock_is_replaced_by_a_sooner_one' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER referrals_clock_is_replaced_by_another
AFTER INSERT OR UPDATE ON referrals_clock DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (NEW.replaced) EXECUTE FUNCTION referrals_clock_has_its_next();

-- The clock of a decision begins again when a join is undone: to the time that was promised at
-- first, which the case has kept.
CREATE FUNCTION referrals_decision_begins() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.due_at <> (SELECT decision_due_at FROM referrals_case WHERE id = NEW.case_id) THEN
        RAISE EXCEPTION 'clock_of_a_decision_says_what_the_case_says'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER referrals_decision_begins AFTER INSERT ON referrals_clock
FOR EACH ROW WHEN (NEW.kind = 'decision') EXECUTE FUNCTION referrals_decision_begins();
"""

BACK = """
DROP FUNCTION referrals_pause_begins_open() CASCADE;
DROP FUNCTION referrals_first_look_begins() CASCADE;
DROP FUNCTION referrals_clock_has_its_next() CASCADE;
DROP FUNCTION referrals_decision_begins() CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("referrals", "0046_a_promise_is_never_put_off")]

    operations = [migrations.RunSQL(REFUSE, BACK)]
