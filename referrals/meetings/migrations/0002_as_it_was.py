"""The database refuses to change what a panel was told, decided to look at, and who was there."""

from django.db import migrations

# What never changes in a row that lives on.
NEVER = {
    "series": ("partnership_id", "created_at"),
    "meeting": ("series_id", "planned_by_id", "created_at"),
    "invitation": ("meeting_id", "membership_id", "by_id", "instead_of_id", "created_at"),
    "agendaitem": ("meeting_id", "nomination_id", "listed_by_id", "listed_at", "created_at"),
}
# What is written once in such a row.
ONCE = {
    "meeting": ("published_at", "held_at", "ended_at", "quorum_met", "quorum_words"),
    "invitation": ("read_at", "accepted_at", "told_at"),
    "attendance": ("to_at",),
}
# Rows of which nothing else may change, as in referrals 0002.
ONLY = {
    "nomination": ("status",),
    "sift": (),
    "contribution": (),
    "notinvited": ("ended_at",),
    "attendance": ("to_at",),
}
TABLES = tuple(dict.fromkeys((*NEVER, *ONLY)))

FUNCTIONS = """
CREATE FUNCTION meetings_these_never_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY TG_ARGV LOOP
        IF to_jsonb(NEW) -> name IS DISTINCT FROM to_jsonb(OLD) -> name THEN
            RAISE EXCEPTION '% of % is immutable once written', name, TG_TABLE_NAME
                USING ERRCODE = 'restrict_violation';
        END IF;
    END LOOP;
    RETURN NEW;
END $$;

CREATE FUNCTION meetings_written_once() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY TG_ARGV LOOP
        IF to_jsonb(OLD) -> name NOT IN ('null'::jsonb, '""'::jsonb)
            AND to_jsonb(NEW) -> name IS DISTINCT FROM to_jsonb(OLD) -> name THEN
            RAISE EXCEPTION '% of % is written, and stays so', name, TG_TABLE_NAME
                USING ERRCODE = 'restrict_violation';
        END IF;
    END LOOP;
    RETURN NEW;
END $$;

CREATE FUNCTION meetings_never_goes_back() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    lives text[] := ARRAY['planned', 'published', 'held', 'ended'];
BEGIN
    IF array_position(lives, NEW.status) < array_position(lives, OLD.status) THEN
        RAISE EXCEPTION 'a meeting never goes back' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER meetings_meeting_never_goes_back BEFORE UPDATE OF status ON meetings_meeting
FOR EACH ROW EXECUTE FUNCTION meetings_never_goes_back();
"""


def _listed(columns: tuple[str, ...]) -> str:
    return ", ".join(f"'{column}'" for column in columns)


TRIGGERS = (
    "".join(
        f"""
        CREATE TRIGGER meetings_{table}_is_immutable BEFORE UPDATE ON meetings_{table}
        FOR EACH ROW EXECUTE FUNCTION meetings_these_never_change({_listed(columns)});
        """
        for table, columns in NEVER.items()
    )
    + "".join(
        f"""
        CREATE TRIGGER meetings_{table}_is_written_once BEFORE UPDATE ON meetings_{table}
        FOR EACH ROW EXECUTE FUNCTION meetings_written_once({_listed(columns)});
        """
        for table, columns in ONCE.items()
    )
    + "".join(
        f"""
        CREATE TRIGGER meetings_{table}_is_immutable BEFORE UPDATE ON meetings_{table}
        FOR EACH ROW EXECUTE FUNCTION referrals_only_these_change({_listed(columns)});
        """
        for table, columns in ONLY.items()
    )
    + "".join(
        f"""
        CREATE TRIGGER meetings_{table}_is_never_deleted BEFORE DELETE ON meetings_{table}
        FOR EACH ROW EXECUTE FUNCTION referrals_never_deleted();
        CREATE TRIGGER meetings_{table}_is_never_emptied BEFORE TRUNCATE ON meetings_{table}
        FOR EACH STATEMENT EXECUTE FUNCTION referrals_never_deleted();
        """
        for table in TABLES
    )
    + """
        CREATE TRIGGER meetings_attendance_grants_is_never_deleted
        BEFORE DELETE OR UPDATE ON meetings_attendance_grants
        FOR EACH ROW EXECUTE FUNCTION referrals_never_deleted();
        CREATE TRIGGER meetings_attendance_grants_is_never_emptied
        BEFORE TRUNCATE ON meetings_attendance_grants
        FOR EACH STATEMENT EXECUTE FUNCTION referrals_never_deleted();
    """
)


class Migration(migrations.Migration):
    dependencies = [
        ("meetings", "0001_initial"),
        ("referrals", "0002_sent_words_never_change"),
    ]

    operations = [migrations.RunSQL(FUNCTIONS + TRIGGERS, migrations.RunSQL.noop)]
