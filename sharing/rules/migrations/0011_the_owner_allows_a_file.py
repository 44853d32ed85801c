"""Only a file that the owner of the database has allowed becomes law, and only whole."""

import uuid

from django.db import migrations, models

ALLOWED = """
REVOKE INSERT, UPDATE, DELETE ON rules_allowedfile FROM portal_app;

CREATE FUNCTION rules_file_is_allowed() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM rules_allowedfile WHERE sha256 = NEW.sha256) THEN
        RAISE EXCEPTION 'Only a file that the owner of the database has allowed becomes law'
            USING ERRCODE = '23001';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER rules_ruleset_file_is_allowed BEFORE INSERT ON rules_ruleset
    FOR EACH ROW WHEN (NEW.origin <> 'portal') EXECUTE FUNCTION rules_file_is_allowed();
ALTER TABLE rules_ruleset ENABLE ALWAYS TRIGGER rules_ruleset_file_is_allowed;

-- Otherwise a line could be slipped into a rule set that was allowed long ago. As with agreements
-- (0008): a row whose transaction is in progress and which this one sees is this transaction's own.
CREATE FUNCTION rules_line_comes_with_its_set() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    wrap constant bigint := 4294967296;
    here constant bigint := pg_current_xact_id()::text::bigint;
    giver uuid := CASE TG_OP WHEN 'INSERT' THEN NEW.rule_set_id ELSE NEW.ended_in_id END;
    wrote bigint;
BEGIN
    SELECT here / wrap * wrap + xmin::text::bigint INTO wrote FROM rules_ruleset WHERE id = giver;
    IF wrote > here + wrap / 2 THEN
        wrote := wrote - wrap;
    END IF;
    IF wrote IS NULL OR wrote < here OR pg_xact_status(wrote::text::xid8) <> 'in progress' THEN
        RAISE EXCEPTION 'A line of the law comes, and ends, with its own rule set'
            USING ERRCODE = '23001';
    END IF;
    RETURN NULL;
END $$;
"""
LINES = "".join(
    f"""
CREATE CONSTRAINT TRIGGER {table}_comes_with_its_set AFTER INSERT OR UPDATE ON {table}
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION rules_line_comes_with_its_set();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_comes_with_its_set;
"""
    for table in ("rules_gateway", "rules_rule", "rules_basis")
)
DROP = """
DROP FUNCTION rules_file_is_allowed() CASCADE;
DROP FUNCTION rules_line_comes_with_its_set() CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("rules", "0010_an_examination_of_a_day")]

    operations = [
        migrations.CreateModel(
            name="AllowedFile",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("sha256", models.CharField(max_length=64, unique=True)),
                ("name", models.CharField(max_length=120)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("sha256__regex", "^[0-9a-f]{64}$")),
                        name="allowedfile_sha256_is_one",
                    )
                ],
            },
        ),
        migrations.RunSQL(ALLOWED + LINES, DROP),
    ]
