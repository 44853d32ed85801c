"""The record decides how much, too: all of a kind, these pieces of it, or to answer a question."""

from django.db import migrations

# As before, and in the extent that was decided. A kind of which the record names pieces is not
# opened whole; a part names pieces that the record names; and what is told to answer a question
# goes to the team that is asked.
RECORDED = """
CREATE OR REPLACE FUNCTION disclosures_grant_is_recorded() RETURNS trigger LANGUAGE plpgsql AS $$
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
          AND NEW.statements <@ decision.statements
          AND (NEW.extent <> 'whole' OR NOT EXISTS (
              SELECT FROM referrals_statement piece
              WHERE piece.id = ANY (decision.statements)
                AND piece.category = ANY (NEW.categories)
          ))
          AND (NEW.extent = 'answer') = EXISTS (
              SELECT FROM disclosures_request asked
              WHERE asked.id = decision.request_id AND asked.team_id = NEW.group_id
          )
    ) THEN
        RAISE EXCEPTION 'a share needs the record of the decision to share'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'grant_has_its_disclosure';
    END IF;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("disclosures", "0002_no_grant_without_its_record"),
        ("referrals", "0008_a_question_is_not_a_share"),
    ]

    operations = [migrations.RunSQL(RECORDED, migrations.RunSQL.noop)]
