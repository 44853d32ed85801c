"""The database refuses to change what was said and decided; after approval, all of the meeting.

A line or a decision is written anew, never rewritten. Once minutes are approved nothing that they
are made of is added, changed or taken away, whoever asks. Writing takes a weak lock on the meeting
and approving a strong one, so that no line slips in while the chair signs.
"""

from django.db import migrations

# What each row may still have changed while its minutes are not approved.
MAY_CHANGE = {
    "line": ("superseded_at",),
    "conclusion": ("superseded_at",),
    "agreedaction": (),
    "comment": (),
    "pen": ("until_at",),
    "onscreen": ("until_at",),
    "minutes": ("approved_by_id", "approved_at"),
}
# How each row leads to its meeting, and what of it may change after approval all the same: whether
# somebody has opened the papers is no part of the minutes.
LOCKED = {
    "line": ("item_id",),
    "conclusion": ("item_id",),
    "agreedaction": ("conclusion_id",),
    "comment": ("minutes_id",),
    "pen": ("meeting_id",),
    "onscreen": ("meeting_id",),
    "minutes": ("meeting_id",),
    "meeting": ("id",),
    "invitation": ("meeting_id", "read_at", "told_at"),
    "agendaitem": ("meeting_id",),
    "attendance": ("item_id",),
    "notinvited": ("item_id",),
}

FUNCTIONS = """
CREATE FUNCTION meetings_minutes_are_locked() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    link text := TG_ARGV[0];
    found_row jsonb := to_jsonb(CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END);
    named uuid := (found_row ->> link)::uuid;
    of_meeting uuid;
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - TG_ARGV = to_jsonb(NEW) - TG_ARGV
        AND to_jsonb(OLD) -> link = to_jsonb(NEW) -> link THEN
        RETURN NEW;
    END IF;
    of_meeting := CASE link
        WHEN 'item_id' THEN (SELECT meeting_id FROM meetings_agendaitem WHERE id = named)
        WHEN 'conclusion_id' THEN (
            SELECT meeting_id FROM meetings_agendaitem
            JOIN meetings_conclusion ON meetings_conclusion.item_id = meetings_agendaitem.id
            WHERE meetings_conclusion.id = named
        )
        WHEN 'minutes_id' THEN (SELECT meeting_id FROM meetings_minutes WHERE id = named)
        ELSE named
    END;
    -- Whoever approves holds this row alone.
    PERFORM 1 FROM meetings_meeting WHERE id = of_meeting FOR KEY SHARE;
    IF EXISTS (
        SELECT FROM meetings_minutes WHERE meeting_id = of_meeting AND approved_at IS NOT NULL
    ) THEN
        RAISE EXCEPTION 'the minutes of this meeting are approved, and % stays as it is',
            TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE FUNCTION meetings_minutes_approved_alone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM meetings_meeting WHERE id = NEW.meeting_id FOR UPDATE;
    RETURN NEW;
END $$;
CREATE TRIGGER meetings_minutes_approved_alone BEFORE UPDATE ON meetings_minutes
FOR EACH ROW EXECUTE FUNCTION meetings_minutes_approved_alone();

CREATE FUNCTION meetings_minutes_begin_as_a_draft() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.approved_at IS NOT NULL THEN
        RAISE EXCEPTION 'minutes begin as a draft' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER meetings_minutes_begin_as_a_draft BEFORE INSERT ON meetings_minutes
FOR EACH ROW EXECUTE FUNCTION meetings_minutes_begin_as_a_draft();

CREATE TRIGGER meetings_pen_is_written_once BEFORE UPDATE ON meetings_pen
FOR EACH ROW EXECUTE FUNCTION meetings_written_once('until_at');
CREATE TRIGGER meetings_onscreen_is_written_once BEFORE UPDATE ON meetings_onscreen
FOR EACH ROW EXECUTE FUNCTION meetings_written_once('until_at');
"""


def _listed(columns: tuple[str, ...]) -> str:
    return ", ".join(f"'{column}'" for column in columns)


TRIGGERS = "".join(
    f"""
    CREATE TRIGGER meetings_{table}_is_immutable BEFORE UPDATE ON meetings_{table}
    FOR EACH ROW EXECUTE FUNCTION referrals_only_these_change({_listed(columns)});
    CREATE TRIGGER meetings_{table}_is_never_deleted BEFORE DELETE ON meetings_{table}
    FOR EACH ROW EXECUTE FUNCTION referrals_never_deleted();
    CREATE TRIGGER meetings_{table}_is_never_emptied BEFORE TRUNCATE ON meetings_{table}
    FOR EACH STATEMENT EXECUTE FUNCTION referrals_never_deleted();
    """
    for table, columns in MAY_CHANGE.items()
) + "".join(
    f"""
    CREATE TRIGGER meetings_{table}_locked_by_minutes
    BEFORE INSERT OR UPDATE OR DELETE ON meetings_{table}
    FOR EACH ROW EXECUTE FUNCTION meetings_minutes_are_locked({_listed(columns)});
    """
    for table, columns in LOCKED.items()
)

# The site may not even try: it has the right to end a line, and to change nothing else of it.
PRIVILEGES = "".join(
    f"REVOKE UPDATE, DELETE ON meetings_{table} FROM portal_app;\n"
    + (
        f"GRANT UPDATE ({', '.join(columns)}) ON meetings_{table} TO portal_app;\n"
        if columns
        else ""
    )
    for table, columns in MAY_CHANGE.items()
)


class Migration(migrations.Migration):
    dependencies = [
        ("meetings", "0010_said_and_decided"),
        ("referrals", "0002_sent_words_never_change"),
    ]

    operations = [migrations.RunSQL(FUNCTIONS + TRIGGERS + PRIVILEGES, migrations.RunSQL.noop)]
