"""Advice on a share is another person's, whatever the role."""

from django.db import migrations

ANOTHER = """
CREATE FUNCTION disclosures_another_advises() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.advised_by_id IS NOT NULL AND EXISTS (
        SELECT FROM accounts_membership adviser
        JOIN accounts_membership author USING (user_id)
        WHERE adviser.id = NEW.advised_by_id AND author.id = NEW.author_id
    ) THEN
        RAISE EXCEPTION 'sharedraft_is_advised_by_another_person'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER disclosures_sharedraft_is_advised_by_another
BEFORE INSERT OR UPDATE ON disclosures_sharedraft
FOR EACH ROW EXECUTE FUNCTION disclosures_another_advises();
"""


class Migration(migrations.Migration):
    dependencies = [("disclosures", "0003_a_grant_opens_what_was_decided")]

    operations = [migrations.RunSQL(ANOTHER, migrations.RunSQL.noop)]
