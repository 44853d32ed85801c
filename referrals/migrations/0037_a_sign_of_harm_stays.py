"""A sign of harm counts in the case where the work goes on, and is not taken back unseen."""

from django.db import migrations, models

# Only what was told openly counts, in the words in which an answer is kept.
TELLS = """
CREATE FUNCTION referrals_tells_of_harm(about uuid) RETURNS boolean
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM referrals_statement s
        WHERE s.case_id = about AND s.question = 'signs' AND s.answer = 'given'
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
    )
$$;
"""

STAYS = """
CREATE FUNCTION referrals_harm_sign_stays() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    -- It ends where the case that told of it is no longer joined to this one, and where somebody
    -- has concealed what was told: a rule that it set going would tell that it is there. It never
    -- ends while it is carried still, or told openly here.
    IF NEW.sign_carried OR referrals_tells_of_harm(NEW.id)
        OR NOT (OLD.sign_carried OR EXISTS (
            SELECT FROM referrals_statement s
            WHERE s.case_id = NEW.id AND s.question = 'signs' AND s.protect = 'existence'
        ))
    THEN
        RAISE EXCEPTION 'case_harm_sign_stays' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER referrals_harm_sign_stays BEFORE UPDATE OF harm_sign ON referrals_case
FOR EACH ROW WHEN (OLD.harm_sign AND NOT NEW.harm_sign)
EXECUTE FUNCTION referrals_harm_sign_stays();
"""
BACK = """
DROP FUNCTION referrals_harm_sign_stays() CASCADE;
DROP FUNCTION referrals_tells_of_harm(uuid);
"""


class Migration(migrations.Migration):
    dependencies = [("referrals", "0036_kept_views")]

    operations = [
        migrations.AddField(
            model_name="case",
            name="sign_carried",
            field=models.BooleanField(
                default=False, help_text="It was told in a case that is joined to this one."
            ),
        ),
        migrations.RunSQL(TELLS + STAYS, BACK),
    ]
