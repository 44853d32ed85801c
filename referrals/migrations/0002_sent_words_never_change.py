"""The database refuses what must never be: a sent word changed, a record of a child deleted."""

from django.db import migrations

NEVER_CHANGES = ("referrals_referral", "referrals_statement", "referrals_move")
NEVER_DELETED = (
    *NEVER_CHANGES,
    "referrals_child",
    "referrals_case",
    "referrals_decision",
    "referrals_grant",
)

# What each immutable table may still have changed: where it belongs, and that it was removed.
MAY_CHANGE = {
    "referrals_referral": ("case_id",),
    "referrals_statement": ("case_id", "removed_at", "removed_why", "protect", "protect_spans"),
    "referrals_move": (),
    "referrals_decision": ("superseded_at",),
    "referrals_grant": ("ended_at", "ended_why"),
}


def _trigger(table: str, columns: tuple[str, ...]) -> str:
    listed = ", ".join(f"'{column}'" for column in columns)
    return f"""
        CREATE TRIGGER {table}_is_immutable BEFORE UPDATE ON {table}
        FOR EACH ROW EXECUTE FUNCTION referrals_only_these_change({listed});
    """


FUNCTIONS = """
CREATE FUNCTION referrals_only_these_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before jsonb := to_jsonb(OLD);
    after jsonb := to_jsonb(NEW);
BEGIN
    IF TG_NARGS > 0 THEN
        before := before - TG_ARGV;
        after := after - TG_ARGV;
    END IF;
    IF before IS NOT DISTINCT FROM after THEN
        -- What may change is an end, and an end is written once.
        SELECT jsonb_object_agg(key, value) INTO before FROM jsonb_each(to_jsonb(OLD))
            WHERE key IN ('removed_at', 'removed_why', 'superseded_at', 'ended_at', 'ended_why')
            AND value NOT IN ('null'::jsonb, '""'::jsonb);
        IF before IS NOT NULL AND NOT to_jsonb(NEW) @> before THEN
            RAISE EXCEPTION '% has ended, and stays so', TG_TABLE_NAME
                USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF before IS DISTINCT FROM after THEN
        RAISE EXCEPTION '% is immutable once written', TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION referrals_never_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is never deleted', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
"""

TRIGGERS = "".join(_trigger(table, columns) for table, columns in MAY_CHANGE.items()) + "".join(
    f"""
        CREATE TRIGGER {table}_is_never_deleted BEFORE DELETE ON {table}
        FOR EACH ROW EXECUTE FUNCTION referrals_never_deleted();
        CREATE TRIGGER {table}_is_never_emptied BEFORE TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION referrals_never_deleted();
    """
    for table in NEVER_DELETED
)

DROP = "DROP FUNCTION referrals_only_these_change() CASCADE; DROP FUNCTION referrals_never_deleted() CASCADE;"


class Migration(migrations.Migration):
    dependencies = [("referrals", "0001_initial")]

    operations = [migrations.RunSQL(FUNCTIONS + TRIGGERS, DROP)]
