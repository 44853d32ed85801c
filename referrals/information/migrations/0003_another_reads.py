"""Whoever sent a report is not who says that it was read, in whatever role."""

from django.db import migrations

ANOTHER = """
CREATE FUNCTION information_another_reads() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM accounts_membership reader
        JOIN accounts_membership author USING (user_id)
        JOIN information_report report ON report.author_id = author.id
        WHERE reader.id = NEW.reader_id AND report.id = NEW.report_id
    ) THEN
        RAISE EXCEPTION 'information_receipt_is_another_persons'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER information_receipt_is_another_persons
BEFORE INSERT ON information_receipt
FOR EACH ROW EXECUTE FUNCTION information_another_reads();
"""
DROP = "DROP FUNCTION information_another_reads() CASCADE;"


class Migration(migrations.Migration):
    dependencies = [("information", "0002_sent_is_sent")]

    operations = [migrations.RunSQL(ANOTHER, DROP)]
