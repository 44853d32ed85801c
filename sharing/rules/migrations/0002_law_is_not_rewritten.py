"""The law is not rewritten: rows of it are added and may be ended, and nothing else."""

from django.db import migrations

GUARD = """
CREATE FUNCTION rules_is_not_rewritten() RETURNS trigger
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

TABLES = {
    "rules_ruleset": "",
    "rules_gateway": "'in_force_to'",
    "rules_rule": "'effective_to'",
}


def guard(table: str, ends: str) -> str:
    return f"""
CREATE TRIGGER {table}_is_not_rewritten BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION rules_is_not_rewritten({ends});
CREATE TRIGGER {table}_is_not_emptied BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION rules_is_not_rewritten();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_is_not_rewritten;
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_is_not_emptied;
"""


def unguard(table: str) -> str:
    return f"""
DROP TRIGGER {table}_is_not_rewritten ON {table};
DROP TRIGGER {table}_is_not_emptied ON {table};
"""


class Migration(migrations.Migration):
    dependencies = [("rules", "0001_initial")]

    operations = [
        migrations.RunSQL(GUARD, "DROP FUNCTION rules_is_not_rewritten();"),
        *(migrations.RunSQL(guard(table, ends), unguard(table)) for table, ends in TABLES.items()),
    ]
