"""An end of a row of the law is given by a rule set, which the row names from then on."""

from django.db import migrations

GUARD = """
CREATE OR REPLACE FUNCTION rules_is_not_rewritten() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    ends text := TG_ARGV[0];
    giver constant text := 'ended_in_id';
    was jsonb;
    becomes jsonb;
BEGIN
    IF TG_OP <> 'UPDATE' THEN
        RAISE EXCEPTION 'The law is never deleted: give the row an end' USING ERRCODE = '23001';
    END IF;
    was := to_jsonb(OLD);
    becomes := to_jsonb(NEW);
    IF ends IS NULL OR was ->> ends IS NOT NULL OR becomes ->> ends IS NULL
        OR was - ends - giver <> becomes - ends - giver
    THEN
        RAISE EXCEPTION 'The law is never rewritten: end the row and add its next version'
            USING ERRCODE = '23001';
    END IF;
    -- Without it, what an earlier rule set knew could not be told: a decision could not be replayed.
    IF becomes ->> giver IS NULL THEN
        RAISE EXCEPTION 'The law ends by a rule set: say which' USING ERRCODE = '23001';
    END IF;
    -- Decisions of past days stand.
    IF (becomes ->> ends)::date < current_date - 1 THEN
        RAISE EXCEPTION 'The law does not end before yesterday' USING ERRCODE = '23001';
    END IF;
    RETURN NEW;
END $$;
"""

BEFORE = """
CREATE OR REPLACE FUNCTION rules_is_not_rewritten() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    ends text := TG_ARGV[0];
    was jsonb;
    becomes jsonb;
BEGIN
    IF TG_OP <> 'UPDATE' THEN
        RAISE EXCEPTION 'The law is never deleted: give the row an end' USING ERRCODE = '23001';
    END IF;
    was := to_jsonb(OLD);
    becomes := to_jsonb(NEW);
    IF ends IS NULL OR was ->> ends IS NOT NULL OR becomes ->> ends IS NULL
        OR was - ends <> becomes - ends
    THEN
        RAISE EXCEPTION 'The law is never rewritten: end the row and add its next version'
            USING ERRCODE = '23001';
    END IF;
    -- Decisions of past days stand.
    IF (becomes ->> ends)::date < current_date - 1 THEN
        RAISE EXCEPTION 'The law does not end before yesterday' USING ERRCODE = '23001';
    END IF;
    RETURN NEW;
END $$;
"""

BASES = """
CREATE TRIGGER rules_basis_is_not_rewritten BEFORE UPDATE OR DELETE ON rules_basis
    FOR EACH ROW EXECUTE FUNCTION rules_is_not_rewritten('effective_to');
CREATE TRIGGER rules_basis_is_not_emptied BEFORE TRUNCATE ON rules_basis
    FOR EACH STATEMENT EXECUTE FUNCTION rules_is_not_rewritten();
ALTER TABLE rules_basis ENABLE ALWAYS TRIGGER rules_basis_is_not_rewritten;
ALTER TABLE rules_basis ENABLE ALWAYS TRIGGER rules_basis_is_not_emptied;
"""

NO_BASES = """
DROP TRIGGER rules_basis_is_not_rewritten ON rules_basis;
DROP TRIGGER rules_basis_is_not_emptied ON rules_basis;
"""


class Migration(migrations.Migration):
    dependencies = [("rules", "0003_the_law_whole")]

    operations = [
        migrations.RunSQL(GUARD, BEFORE),
        migrations.RunSQL(BASES, NO_BASES),
    ]
