"""A wall and an emergency access are never rewritten or deleted: they end, and are reviewed, once."""

from django.db import migrations

MAY_CHANGE = {
    "referrals_wall": ("lifted_at", "lifted_by_id", "lifted_why"),
    "referrals_emergencyaccess": (
        "ended_at",
        "reviewed_at",
        "reviewed_by_id",
        "found",
        "found_words",
    ),
}

# As in 0002, with more of what is written once.
ONCE = """
CREATE OR REPLACE FUNCTION referrals_only_these_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before jsonb := to_jsonb(OLD);
    after jsonb := to_jsonb(NEW);
BEGIN
    IF TG_NARGS > 0 THEN
        before := before - TG_ARGV;
        after := after - TG_ARGV;
    END IF;
    IF before IS DISTINCT FROM after THEN
        RAISE EXCEPTION '% is immutable once written', TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    SELECT jsonb_object_agg(key, value) INTO before FROM jsonb_each(to_jsonb(OLD))
        WHERE key IN (
            'removed_at', 'removed_why', 'superseded_at', 'ended_at', 'ended_why',
            'lifted_at', 'lifted_by_id', 'lifted_why',
            'reviewed_at', 'reviewed_by_id', 'found', 'found_words',
            'answered_at', 'answered_by_id', 'reply', 'reply_words'
        )
        AND value NOT IN ('null'::jsonb, '""'::jsonb);
    IF before IS NOT NULL AND NOT to_jsonb(NEW) @> before THEN
        RAISE EXCEPTION '% has ended, and stays so', TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
"""


def _guard(table: str, columns: tuple[str, ...]) -> str:
    listed = ", ".join(f"'{column}'" for column in columns)
    return f"""
        CREATE TRIGGER {table}_is_immutable BEFORE UPDATE ON {table}
        FOR EACH ROW EXECUTE FUNCTION referrals_only_these_change({listed});
        CREATE TRIGGER {table}_is_never_deleted BEFORE DELETE ON {table}
        FOR EACH ROW EXECUTE FUNCTION referrals_never_deleted();
        CREATE TRIGGER {table}_is_never_emptied BEFORE TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION referrals_never_deleted();
    """


class Migration(migrations.Migration):
    dependencies = [("referrals", "0003_walls_and_emergencies")]

    operations = [
        migrations.RunSQL(
            ONCE + "".join(_guard(table, columns) for table, columns in MAY_CHANGE.items()),
            migrations.RunSQL.noop,
        )
    ]
