"""A rule set that says it comes from the portal is what one approved change did."""

from django.db import migrations

CAUSE = """
CREATE FUNCTION rules_ruleset_has_its_change() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF (SELECT count(*) <> 1 FROM rules_change
        WHERE live_in_id = NEW.id OR rolled_back_in_id = NEW.id)
    THEN
        RAISE EXCEPTION 'A rule set from the portal is made by one change that was approved'
            USING ERRCODE = '23001';
    END IF;
    RETURN NULL;
END $$;

-- At the end of the transaction: the change names the rule set, so it comes after it.
CREATE CONSTRAINT TRIGGER rules_ruleset_has_its_change AFTER INSERT ON rules_ruleset
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.origin = 'portal')
    EXECUTE FUNCTION rules_ruleset_has_its_change();
ALTER TABLE rules_ruleset ENABLE ALWAYS TRIGGER rules_ruleset_has_its_change;
"""


class Migration(migrations.Migration):
    dependencies = [("rules", "0008_who_signed_stays")]

    operations = [migrations.RunSQL(CAUSE, "DROP FUNCTION rules_ruleset_has_its_change() CASCADE;")]
