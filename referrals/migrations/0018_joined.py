"""A referral may be decided by joining it to another case, and undoing that owes a decision again."""

from django.db import migrations, models

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
BACK = "DROP FUNCTION referrals_decision_set_aside() CASCADE"


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0014_bands_and_clocks"),
        ("referrals", "0017_particulars"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="decision",
            name="decision_outcome_known",
        ),
        migrations.AlterField(
            model_name="decision",
            name="outcome",
            field=models.CharField(
                choices=[
                    ("strategy", "Strategy discussion now"),
                    ("panel", "MASE panel agenda"),
                    ("assessment", "Children's social care assessment"),
                    ("open_case", "Already has an allocated worker, who takes it on"),
                    ("early_help", "Early help"),
                    ("transfer", "Another area takes it on"),
                    ("advice", "Advice, no further multi-agency action"),
                    ("nfa", "No further action"),
                    ("withdrawn", "Withdrawn by the person who sent it"),
                    ("joined", "Taken further with other information"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "outcome__in",
                        [
                            "strategy",
                            "panel",
                            "assessment",
                            "open_case",
                            "early_help",
                            "transfer",
                            "advice",
                            "nfa",
                            "withdrawn",
                            "joined",
                        ],
                    )
                ),
                name="decision_outcome_known",
            ),
        ),
        migrations.RunSQL(SET_ASIDE, BACK),
    ]
