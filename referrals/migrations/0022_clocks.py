"""The clocks of a case, as rows: what was promised stays as it was worked out."""

import django.db.models.deletion
import uuid
from django.db import migrations, models


# While the clock of a decision runs, its row says what the case says: one truth, in the column that
# orders the board. A clock that has stopped, and a pause that has ended, stay as they are.
KEEP = """
CREATE FUNCTION referrals_clock_follows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE referrals_clock SET
        due_at = NEW.decision_due_at,
        near_at = least(NEW.decision_due_at, near_at + (NEW.decision_due_at - due_at)),
        near_told_at = CASE WHEN NEW.decision_due_at > due_at THEN NULL ELSE near_told_at END,
        passed_told_at = CASE WHEN NEW.decision_due_at > due_at THEN NULL ELSE passed_told_at END
    WHERE case_id = NEW.id AND kind = 'decision' AND stopped_at IS NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER referrals_case_moves_its_clock AFTER UPDATE OF decision_due_at ON referrals_case
FOR EACH ROW WHEN (OLD.decision_due_at IS DISTINCT FROM NEW.decision_due_at)
EXECUTE FUNCTION referrals_clock_follows();

CREATE FUNCTION referrals_clock_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.stopped_at IS NOT NULL OR (OLD.case_id, OLD.kind, OLD.started_at, OLD.settings)
        IS DISTINCT FROM (NEW.case_id, NEW.kind, NEW.started_at, NEW.settings)
    THEN
        RAISE EXCEPTION 'referrals_clock is immutable once written'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER referrals_clock_is_immutable BEFORE UPDATE ON referrals_clock
FOR EACH ROW EXECUTE FUNCTION referrals_clock_stays();

CREATE FUNCTION referrals_pause_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.until_at IS NOT NULL OR (OLD.clock_id, OLD.reason, OLD.paused_by_id, OLD.from_at)
        IS DISTINCT FROM (NEW.clock_id, NEW.reason, NEW.paused_by_id, NEW.from_at)
    THEN
        RAISE EXCEPTION 'referrals_pause is immutable once written'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER referrals_pause_is_immutable BEFORE UPDATE ON referrals_pause
FOR EACH ROW EXECUTE FUNCTION referrals_pause_stays();

-- Only the clock of a decision stands still, and only while it runs.
CREATE FUNCTION referrals_pause_of_a_running_decision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM referrals_clock c
        WHERE c.id = NEW.clock_id AND c.kind = 'decision' AND c.stopped_at IS NULL
    ) THEN
        RAISE EXCEPTION 'pause_is_of_a_decision_that_runs' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER referrals_pause_begins BEFORE INSERT ON referrals_pause
FOR EACH ROW EXECUTE FUNCTION referrals_pause_of_a_running_decision();

-- Every referral that waits has its clock, those too that were sent before there were such rows.
INSERT INTO referrals_clock (id, created_at, case_id, kind, started_at, due_at, near_at, settings)
SELECT gen_random_uuid(), now(), c.id, 'decision', c.received_at, c.decision_due_at,
    greatest(c.received_at, c.decision_due_at - interval '1 hour'),
    jsonb_build_object('working_days', p.decision_working_days,
        'opens', to_char(p.office_opens, 'HH24:MI'), 'closes', to_char(p.office_closes, 'HH24:MI'))
FROM referrals_case c JOIN accounts_partnership p ON p.id = c.partnership_id
WHERE c.status IN ('received', 'checking', 'returned', 'withdrawn');
""" + "".join(
    f"""
    CREATE TRIGGER {table}_is_never_deleted BEFORE DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION referrals_never_deleted();
    CREATE TRIGGER {table}_is_never_emptied BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION referrals_never_deleted();
    """
    for table in ("referrals_clock", "referrals_pause")
)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0014_bands_and_clocks"),
        ("referrals", "0021_joined"),
    ]

    operations = [
        migrations.CreateModel(
            name="Clock",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("first_look", "Somebody reads it"),
                            ("decision", "Decision"),
                            ("cure", "The sender says what was missing"),
                        ],
                        max_length=20,
                    ),
                ),
                ("started_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                (
                    "near_at",
                    models.DateTimeField(
                        help_text="From then on somebody is told that it is close."
                    ),
                ),
                (
                    "settings",
                    models.JSONField(default=dict, help_text="What it was worked out with."),
                ),
                ("stopped_at", models.DateTimeField(blank=True, null=True)),
                ("elapsed", models.DurationField(blank=True, null=True)),
                ("near_told_at", models.DateTimeField(blank=True, null=True)),
                ("passed_told_at", models.DateTimeField(blank=True, null=True)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="clocks",
                        to="referrals.case",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Pause",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("reason", models.TextField()),
                ("from_at", models.DateTimeField()),
                ("until_at", models.DateTimeField(blank=True, null=True)),
                (
                    "clock",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pauses",
                        to="referrals.clock",
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "paused_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="clock",
            index=models.Index(
                condition=models.Q(("near_told_at__isnull", True), ("stopped_at__isnull", True)),
                fields=["near_at"],
                name="clock_near",
            ),
        ),
        migrations.AddIndex(
            model_name="clock",
            index=models.Index(
                condition=models.Q(("passed_told_at__isnull", True), ("stopped_at__isnull", True)),
                fields=["due_at"],
                name="clock_due",
            ),
        ),
        migrations.AddConstraint(
            model_name="clock",
            constraint=models.UniqueConstraint(
                condition=models.Q(("stopped_at__isnull", True)),
                fields=("case", "kind"),
                name="clock_runs_once_for_a_case",
            ),
        ),
        migrations.AddConstraint(
            model_name="clock",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["first_look", "decision", "cure"])),
                name="clock_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="clock",
            constraint=models.CheckConstraint(
                condition=models.Q(("near_at__lte", models.F("due_at"))),
                name="clock_is_near_before_it_is_due",
            ),
        ),
        migrations.AddConstraint(
            model_name="clock",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("elapsed__isnull", True), ("stopped_at__isnull", True)),
                    models.Q(("elapsed__isnull", False), ("stopped_at__isnull", False)),
                    _connector="OR",
                ),
                name="clock_stopped_says_how_long",
            ),
        ),
        migrations.AddConstraint(
            model_name="pause",
            constraint=models.UniqueConstraint(
                condition=models.Q(("until_at__isnull", True)),
                fields=("clock",),
                name="pause_once_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="pause",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason__regex", "\\S")), name="pause_has_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="pause",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_by__isnull", True), ("until_at__isnull", True)),
                    ("until_at__gte", models.F("from_at")),
                    _connector="OR",
                ),
                name="pause_ends_after_it_begins",
            ),
        ),
        migrations.RunSQL(KEEP, migrations.RunSQL.noop),
    ]
