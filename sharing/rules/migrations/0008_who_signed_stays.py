"""Nobody is added to an agreement once it is signed."""

from django.db import migrations

# A row whose transaction is in progress and which this one sees is this transaction's own, a
# savepoint's too. That an agreement is not touched without being ended keeps an empty update from
# making an old row look new.
SIGNED = """
CREATE FUNCTION rules_agreement_is_signed_once() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    wrap constant bigint := 4294967296;
    here constant bigint := pg_current_xact_id()::text::bigint;
    wrote bigint;
BEGIN
    SELECT here / wrap * wrap + xmin::text::bigint INTO wrote
        FROM rules_agreement WHERE id = NEW.agreement_id AND ended_at IS NULL;
    -- A savepoint's own number is higher than its transaction's; a wrapped one is far higher.
    IF wrote > here + wrap / 2 THEN
        wrote := wrote - wrap;
    END IF;
    IF wrote IS NULL OR wrote < here OR pg_xact_status(wrote::text::xid8) <> 'in progress' THEN
        RAISE EXCEPTION 'Who signed an agreement is said when it is signed'
            USING ERRCODE = '23001';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER rules_agreement_parties_are_said_once BEFORE INSERT ON rules_agreement_parties
    FOR EACH ROW EXECUTE FUNCTION rules_agreement_is_signed_once();
ALTER TABLE rules_agreement_parties ENABLE ALWAYS TRIGGER rules_agreement_parties_are_said_once;

CREATE FUNCTION rules_agreement_is_not_touched() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NEW.ended_at IS NULL THEN
        RAISE EXCEPTION 'An agreement is only ever given its end' USING ERRCODE = '23001';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER rules_agreement_is_not_touched BEFORE UPDATE ON rules_agreement
    FOR EACH ROW EXECUTE FUNCTION rules_agreement_is_not_touched();
ALTER TABLE rules_agreement ENABLE ALWAYS TRIGGER rules_agreement_is_not_touched;
"""

DROP = """
DROP FUNCTION rules_agreement_is_signed_once() CASCADE;
DROP FUNCTION rules_agreement_is_not_touched() CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("rules", "0007_what_agencies_had_signed")]

    operations = [migrations.RunSQL(SIGNED, DROP)]
