"""The database refuses what must never be: an answer before the opening, a signed word changed, a
level lowered by one person alone.
"""

from django.db import migrations

# What may still change of each: how far it is, and of what somebody has been told.
MAY_CHANGE = {
    "assessments_assessment": (
        "status",
        "revealed_at",
        "revealed_by_id",
        "late_told_at",
        "ended_at",
        "ended_why",
    ),
    "assessments_answer": (),
    "assessments_brought": (),
    "assessments_judgement": (),
    "assessments_agreement": ("in_force_at", "declined_at", "review_told_at", "sign_told_at"),
    "assessments_confirmation": (),
    "assessments_signature": (),
}
KEPT = (*MAY_CHANGE, "assessments_invitation")

FUNCTIONS = """
CREATE FUNCTION assessments_what_is_sent_is_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.id, OLD.created_at, OLD.assessment_id, OLD.agency_id, OLD.chase_at)
        IS DISTINCT FROM (NEW.id, NEW.created_at, NEW.assessment_id, NEW.agency_id, NEW.chase_at)
    THEN
        RAISE EXCEPTION 'assessments_invitation_is_immutable' USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.submitted_at IS NOT NULL
        AND (OLD.submitted_at, OLD.by_id) IS DISTINCT FROM (NEW.submitted_at, NEW.by_id)
    THEN
        RAISE EXCEPTION 'assessments_invitation_is_sent' USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.sealed IS DISTINCT FROM NEW.sealed AND (
        EXISTS (
            SELECT FROM assessments_assessment
            WHERE id = NEW.assessment_id AND revealed_at IS NOT NULL
        )
        OR OLD.submitted_at IS NOT NULL
    ) AND NOT (
        -- What was sent becomes answers when all are opened, and is then kept as those.
        NEW.sealed = '{}'::jsonb AND EXISTS (
            SELECT FROM assessments_assessment
            WHERE id = NEW.assessment_id AND revealed_at IS NOT NULL
        )
    ) THEN
        RAISE EXCEPTION 'assessments_invitation_is_sealed' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER assessments_what_is_sent_is_sealed BEFORE UPDATE ON assessments_invitation
FOR EACH ROW EXECUTE FUNCTION assessments_what_is_sent_is_sealed();

CREATE FUNCTION assessments_no_answer_before_the_opening() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM assessments_invitation invitation
        JOIN assessments_assessment assessment ON assessment.id = invitation.assessment_id
        WHERE invitation.id = NEW.invitation_id AND assessment.revealed_at IS NOT NULL
        AND invitation.submitted_at IS NOT NULL
    ) THEN
        RAISE EXCEPTION 'assessments_no_answer_before_the_opening'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER assessments_no_answer_before_the_opening BEFORE INSERT ON assessments_answer
FOR EACH ROW EXECUTE FUNCTION assessments_no_answer_before_the_opening();
CREATE TRIGGER assessments_no_answer_before_the_opening BEFORE INSERT ON assessments_brought
FOR EACH ROW EXECUTE FUNCTION assessments_no_answer_before_the_opening();

CREATE FUNCTION assessments_nobody_signs_their_own() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    proposer record;
    signer record;
BEGIN
    SELECT member.user_id, team.agency_id, agreement.assessment_id INTO proposer
    FROM assessments_agreement agreement
    JOIN accounts_membership member ON member.id = agreement.by_id
    JOIN accounts_team team ON team.group_ptr_id = member.team_id
    WHERE agreement.id = NEW.agreement_id;
    SELECT member.user_id, team.agency_id, team.role INTO signer
    FROM accounts_membership member
    JOIN accounts_team team ON team.group_ptr_id = member.team_id
    WHERE member.id = NEW.by_id;
    IF signer.user_id = proposer.user_id OR EXISTS (
        SELECT FROM assessments_signature signature
        JOIN accounts_membership member ON member.id = signature.by_id
        WHERE signature.agreement_id = NEW.agreement_id AND member.user_id = signer.user_id
    ) THEN
        RAISE EXCEPTION 'assessments_signature_is_another_persons'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.capacity = 'chair' AND signer.role <> 'panel_chair' THEN
        RAISE EXCEPTION 'assessments_signature_is_the_chairs' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.capacity = 'agency' AND (
        signer.agency_id = proposer.agency_id OR NOT EXISTS (
            SELECT FROM assessments_invitation
            WHERE assessment_id = proposer.assessment_id AND agency_id = signer.agency_id
        )
    ) THEN
        RAISE EXCEPTION 'assessments_signature_is_another_agencys'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER assessments_nobody_signs_their_own BEFORE INSERT ON assessments_signature
FOR EACH ROW EXECUTE FUNCTION assessments_nobody_signs_their_own();

CREATE FUNCTION assessments_in_force_when_signed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    levels text[] := ARRAY['none_indicated', 'emerging', 'moderate', 'significant'];
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.in_force_at IS NOT NULL
        AND OLD.in_force_at IS DISTINCT FROM NEW.in_force_at
    THEN
        RAISE EXCEPTION 'assessments_agreement_stays_in_force'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.declined_at IS NOT NULL
        AND OLD.declined_at IS DISTINCT FROM NEW.declined_at
    THEN
        RAISE EXCEPTION 'assessments_agreement_stays_declined'
            USING ERRCODE = 'restrict_violation';
    END IF;
    -- What a level is compared with is what is in force, and not what the row says of it.
    IF TG_OP = 'INSERT' AND NEW.before IS DISTINCT FROM (
        SELECT child.level FROM assessments_assessment assessment
        JOIN referrals_case child ON child.id = assessment.case_id
        WHERE assessment.id = NEW.assessment_id
    ) THEN
        RAISE EXCEPTION 'assessments_agreement_names_the_level_before'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'INSERT' AND EXISTS (
        SELECT FROM assessments_assessment assessment
        JOIN assessments_assessment former
        ON former.case_id = assessment.case_id AND former.status = 'agreed'
        JOIN assessments_agreement held
        ON held.assessment_id = former.id AND held.in_force_at IS NOT NULL
        WHERE assessment.id = NEW.assessment_id AND former.id <> assessment.id
        AND array_position(levels, held.floor::text)
            > coalesce(array_position(levels, NEW.floor::text), 0)
    ) THEN
        RAISE EXCEPTION 'assessments_agreement_keeps_the_floor'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.in_force_at IS NULL THEN
        RETURN NEW;
    END IF;
    IF EXISTS (
        SELECT FROM (VALUES
            ('countersign', 'second'),
            ('chair_and_second_agency', 'chair'),
            ('chair_and_second_agency', 'agency')
        ) AS needed (takes, capacity)
        WHERE needed.takes = NEW.takes AND NOT EXISTS (
            SELECT FROM assessments_signature signature
            WHERE signature.agreement_id = NEW.id AND signature.signs
            AND signature.capacity = needed.capacity
        )
    ) THEN
        RAISE EXCEPTION 'assessments_agreement_is_signed_first'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER assessments_in_force_when_signed BEFORE INSERT OR UPDATE ON assessments_agreement
FOR EACH ROW EXECUTE FUNCTION assessments_in_force_when_signed();

CREATE FUNCTION assessments_goes_forward() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.revealed_at IS NOT NULL
        AND (OLD.revealed_at, OLD.revealed_by_id)
            IS DISTINCT FROM (NEW.revealed_at, NEW.revealed_by_id)
    THEN
        RAISE EXCEPTION 'assessments_assessment_is_opened_once'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.status <> NEW.status AND (OLD.status, NEW.status) NOT IN (
        ('asked', 'opened'),
        ('asked', 'called_off'),
        ('opened', 'called_off'),
        ('opened', 'waiting'),
        ('opened', 'agreed'),
        ('waiting', 'opened'),
        ('waiting', 'agreed'),
        ('agreed', 'superseded')
    ) THEN
        RAISE EXCEPTION 'assessments_assessment_goes_forward'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER assessments_goes_forward BEFORE UPDATE ON assessments_assessment
FOR EACH ROW EXECUTE FUNCTION assessments_goes_forward();

CREATE FUNCTION assessments_level_rests_on_an_agreement() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    child record;
    held record;
BEGIN
    SELECT id, level, level_by_id, level_at INTO child FROM referrals_case WHERE id = NEW.id;
    -- The one that came into force last, and no other.
    SELECT agreement.level, agreement.by_id, agreement.in_force_at INTO held
    FROM assessments_agreement agreement
    JOIN assessments_assessment assessment ON assessment.id = agreement.assessment_id
    WHERE assessment.case_id = child.id AND assessment.status = 'agreed'
    AND agreement.in_force_at IS NOT NULL
    ORDER BY agreement.in_force_at DESC LIMIT 1;
    IF NOT FOUND OR (child.level, child.level_by_id, child.level_at)
        IS DISTINCT FROM (held.level, held.by_id, held.in_force_at)
    THEN
        RAISE EXCEPTION 'assessments_level_rests_on_an_agreement'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER assessments_level_rests_on_an_agreement
AFTER UPDATE OF level, level_by_id, level_at ON referrals_case DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (
    (OLD.level, OLD.level_by_id, OLD.level_at)
    IS DISTINCT FROM (NEW.level, NEW.level_by_id, NEW.level_at)
)
EXECUTE FUNCTION assessments_level_rests_on_an_agreement();
CREATE CONSTRAINT TRIGGER assessments_no_case_begins_with_a_level
AFTER INSERT ON referrals_case DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (NEW.level <> '')
EXECUTE FUNCTION assessments_level_rests_on_an_agreement();
"""

TRIGGERS = "".join(
    f"""
        CREATE TRIGGER {table}_is_immutable BEFORE UPDATE ON {table}
        FOR EACH ROW EXECUTE FUNCTION
        referrals_only_these_change({", ".join(f"'{column}'" for column in columns)});
    """
    for table, columns in MAY_CHANGE.items()
) + "".join(
    f"""
        CREATE TRIGGER {table}_is_never_deleted BEFORE DELETE ON {table}
        FOR EACH ROW EXECUTE FUNCTION referrals_never_deleted();
        CREATE TRIGGER {table}_is_never_emptied BEFORE TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION referrals_never_deleted();
    """
    for table in KEPT
)

DROP = (
    "".join(f"DROP TRIGGER {table}_is_immutable ON {table};" for table in MAY_CHANGE)
    + "".join(
        f"DROP TRIGGER {table}_is_never_{what} ON {table};"
        for table in KEPT
        for what in ("deleted", "emptied")
    )
    + "".join(
        f"DROP FUNCTION {name}() CASCADE;"
        for name in (
            "assessments_what_is_sent_is_sealed",
            "assessments_no_answer_before_the_opening",
            "assessments_nobody_signs_their_own",
            "assessments_in_force_when_signed",
            "assessments_goes_forward",
            "assessments_level_rests_on_an_agreement",
        )
    )
)


class Migration(migrations.Migration):
    dependencies = [
        ("assessments", "0002_assessments"),
        ("referrals", "0002_sent_words_never_change"),
    ]

    operations = [migrations.RunSQL(FUNCTIONS + TRIGGERS, DROP + "")]
