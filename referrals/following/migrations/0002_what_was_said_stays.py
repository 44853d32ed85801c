"""The database refuses to change or delete what was asked, written, disagreed with or answered."""

from django.db import migrations

TABLES = ("chase", "message", "challenge", "escalation", "answer")
# A case that is joined to another takes these with it.
MAY_MOVE = ("chase", "message", "challenge")

TRIGGERS = "".join(
    f"""
        CREATE TRIGGER following_{table}_is_immutable BEFORE UPDATE ON following_{table}
        FOR EACH ROW EXECUTE FUNCTION
            referrals_only_these_change({"'case_id'" if table in MAY_MOVE else ""});
        CREATE TRIGGER following_{table}_is_never_deleted BEFORE DELETE ON following_{table}
        FOR EACH ROW EXECUTE FUNCTION referrals_never_deleted();
        CREATE TRIGGER following_{table}_is_never_emptied BEFORE TRUNCATE ON following_{table}
        FOR EACH STATEMENT EXECUTE FUNCTION referrals_never_deleted();
    """
    for table in TABLES
)
DROP = "".join(
    f"DROP TRIGGER following_{table}_is_{what} ON following_{table};"
    for table in TABLES
    for what in ("immutable", "never_deleted", "never_emptied")
)


class Migration(migrations.Migration):
    dependencies = [
        ("following", "0001_initial"),
        ("referrals", "0002_sent_words_never_change"),
    ]

    operations = [migrations.RunSQL(TRIGGERS, DROP)]
