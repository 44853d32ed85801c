"""The database refuses a person's share without its record, and a record that is rewritten."""

from django.db import migrations

MAY_CHANGE = {
    "disclosures_disclosure": (),
    "disclosures_disclosure_grants": (),
    "disclosures_acknowledgement": (),
    "disclosures_request": ("reply", "reply_words", "answered_by_id", "answered_at"),
    "disclosures_request_statements": (),
}

# A grant that a rule gave by itself names the moment; any other rests on a person's decision,
# which must be recorded before the transaction ends.
RECORDED = """
CREATE FUNCTION disclosures_grant_is_recorded() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.granted_by_service = '' AND NOT EXISTS (
        SELECT FROM disclosures_disclosure_grants link
        JOIN disclosures_disclosure decision ON decision.id = link.disclosure_id
        WHERE link.grant_id = NEW.id
          AND decision.case_id = NEW.content_object_id
          AND decision.holder_id = NEW.holder_id
          AND decision.recipient_id = NEW.group_id
          AND decision.purpose = NEW.purpose
          AND decision.result IN ('shared', 'part')
          AND NEW.categories <@ decision.categories
    ) THEN
        RAISE EXCEPTION 'a share needs the record of the decision to share'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'grant_has_its_disclosure';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER grant_has_its_disclosure AFTER INSERT ON referrals_grant
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION disclosures_grant_is_recorded();
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
    dependencies = [("disclosures", "0001_initial"), ("referrals", "0004_walls_stand")]

    operations = [
        migrations.RunSQL(
            RECORDED + "".join(_guard(table, columns) for table, columns in MAY_CHANGE.items()),
            migrations.RunSQL.noop,
        )
    ]
