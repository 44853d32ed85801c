"""The database refuses what must never be: a report that was sent changed, or taken away."""

from django.db import migrations

TABLES = (
    "information_report",
    "information_thing",
    "information_receipt",
    "information_link",
)

TRIGGERS = "".join(
    f"""
        CREATE TRIGGER {table}_is_immutable BEFORE UPDATE ON {table}
        FOR EACH ROW EXECUTE FUNCTION referrals_only_these_change();
        CREATE TRIGGER {table}_is_never_deleted BEFORE DELETE ON {table}
        FOR EACH ROW EXECUTE FUNCTION referrals_never_deleted();
        CREATE TRIGGER {table}_is_never_emptied BEFORE TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION referrals_never_deleted();
    """
    for table in TABLES
)

DROP = "".join(
    f"DROP TRIGGER {table}_{what} ON {table};"
    for table in TABLES
    for what in ("is_immutable", "is_never_deleted", "is_never_emptied")
)


class Migration(migrations.Migration):
    dependencies = [
        ("information", "0001_initial"),
        ("referrals", "0002_sent_words_never_change"),
    ]

    operations = [migrations.RunSQL(TRIGGERS, DROP)]
