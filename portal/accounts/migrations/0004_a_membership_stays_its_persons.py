"""A membership is one person's for ever: what was done in it is not given to somebody else."""

from django.db import migrations

THEIRS = """
CREATE FUNCTION accounts_membership_stays_its_persons() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.user_id <> OLD.user_id OR NEW.id <> OLD.id THEN
        RAISE EXCEPTION 'A membership is not given to another person' USING ERRCODE = '23001';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER accounts_membership_stays_its_persons BEFORE UPDATE ON accounts_membership
    FOR EACH ROW EXECUTE FUNCTION accounts_membership_stays_its_persons();
ALTER TABLE accounts_membership ENABLE ALWAYS TRIGGER accounts_membership_stays_its_persons;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_time_to_answer")]

    operations = [
        migrations.RunSQL(THEIRS, "DROP FUNCTION accounts_membership_stays_its_persons() CASCADE;")
    ]
