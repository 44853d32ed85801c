"""What was promised is put off by a pause only, and a clock that started anew says so.

Sooner is more pressing, and hides nothing. Later is what a hurried hand would write: so the time by
which a decision is due moves there only to what a pause that somebody ended says, and the time of
every other clock not at all.
"""

from django.db import migrations, models

REFUSE = """
CREATE FUNCTION referrals_case_is_put_off() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM referrals_pause p JOIN referrals_clock c ON c.id = p.clock_id
        WHERE c.case_id = NEW.id AND c.kind = 'decision' AND c.stopped_at IS NULL
          AND p.due_after = NEW.decision_due_at
    ) THEN
        RAISE EXCEPTION 'case_is_put_off_by_a_pause_only' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER referrals_case_is_put_off_by_a_pause BEFORE UPDATE OF decision_due_at
ON referrals_case
FOR EACH ROW WHEN (NEW.decision_due_at > OLD.decision_due_at)
EXECUTE FUNCTION referrals_case_is_put_off();

CREATE FUNCTION referrals_clock_is_put_off() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.kind = 'decision' AND NEW.due_at <> OLD.due_at THEN
        IF NEW.due_at <> (SELECT decision_due_at FROM referrals_case WHERE id = NEW.case_id) THEN
            RAISE EXCEPTION 'clock_of_a_decision_says_what_the_case_says'
                USING ERRCODE = 'restrict_violation';
        END IF;
    ELSIF NEW.due_at > OLD.due_at OR NEW.near_at > OLD.near_at THEN
        RAISE EXCEPTION 'clock_is_never_put_off' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER referrals_clock_is_never_put_off BEFORE UPDATE OF due_at, near_at
ON referrals_clock
FOR EACH ROW WHEN (NEW.due_at <> OLD.due_at OR NEW.near_at > OLD.near_at)
EXECUTE FUNCTION referrals_clock_is_put_off();
"""

# Until now one that started anew stopped in the moment in which the next one started.
SAY = """
ALTER TABLE referrals_clock DISABLE TRIGGER referrals_clock_is_immutable;
UPDATE referrals_clock was SET replaced = true
WHERE was.kind = 'first_look' AND was.stopped_at IS NOT NULL AND EXISTS (
    SELECT FROM referrals_clock c
    WHERE c.case_id = was.case_id AND c.kind = was.kind AND c.started_at = was.stopped_at
);
ALTER TABLE referrals_clock ENABLE TRIGGER referrals_clock_is_immutable;
"""


class Migration(migrations.Migration):
    dependencies = [("referrals", "0045_the_level_of_a_case")]

    operations = [
        migrations.AddField(
            model_name="clock",
            name="replaced",
            field=models.BooleanField(
                default=False,
                help_text="It was not kept: it stopped because one that ends sooner took over.",
            ),
        ),
        migrations.AddField(
            model_name="pause",
            name="due_after",
            field=models.DateTimeField(
                blank=True,
                help_text="By when the decision was due, once somebody had let the clock run on.",
                null=True,
            ),
        ),
        migrations.AddConstraint(
            model_name="clock",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("replaced", False),
                    models.Q(("kind", "first_look"), ("stopped_at__isnull", False)),
                    _connector="OR",
                ),
                name="clock_replaced_has_stopped",
            ),
        ),
        migrations.AddConstraint(
            model_name="pause",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("due_after__isnull", True),
                    ("ended_by__isnull", False),
                    _connector="OR",
                ),
                name="pause_puts_off_when_somebody_ends_it",
            ),
        ),
        migrations.RunSQL(SAY, migrations.RunSQL.noop),
        migrations.RunSQL(REFUSE, migrations.RunSQL.noop),
    ]
