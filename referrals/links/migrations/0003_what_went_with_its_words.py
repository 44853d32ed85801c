"""What was recorded and went with its words is looked at by somebody, once, and that is kept."""

import django.db.models.deletion
import django.utils.timezone
import uuid
from django.db import migrations, models

REFUSE = """
CREATE FUNCTION links_settling_is_possible() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    of_case uuid;
BEGIN
    SELECT s.case_id INTO of_case
        FROM links_mention m JOIN referrals_statement s ON s.id = m.statement_id
        WHERE m.id = NEW.mention_id AND m.ended_at IS NULL AND s.removed_at IS NOT NULL;
    IF of_case IS NULL THEN
        RAISE EXCEPTION 'What is settled went with words that were corrected or removed'
            USING ERRCODE = '23514';
    END IF;
    IF NEW.again_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM links_mention m JOIN referrals_statement s ON s.id = m.statement_id
        WHERE m.id = NEW.again_id AND m.ended_at IS NULL
          AND s.case_id = of_case AND s.removed_at IS NULL
    ) THEN
        RAISE EXCEPTION 'What was recorded again rests on words of the case that stand'
            USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER links_settling_is_possible BEFORE INSERT ON links_settling
FOR EACH ROW EXECUTE FUNCTION links_settling_is_possible();
CREATE TRIGGER links_settling_is_immutable BEFORE UPDATE ON links_settling
FOR EACH ROW EXECUTE FUNCTION referrals_only_these_change();
CREATE TRIGGER links_settling_is_never_deleted BEFORE DELETE ON links_settling
FOR EACH ROW EXECUTE FUNCTION referrals_never_deleted();
CREATE TRIGGER links_settling_is_never_emptied BEFORE TRUNCATE ON links_settling
FOR EACH STATEMENT EXECUTE FUNCTION referrals_never_deleted();
"""

BACK = "DROP FUNCTION links_settling_is_possible() CASCADE;"


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0021_words_of_a_decision"),
        ("links", "0002_recorded_stays_recorded"),
    ]

    operations = [
        migrations.CreateModel(
            name="Settling",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("settled_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "again",
                    models.ForeignKey(
                        blank=True,
                        help_text="What was recorded in its place from the right words.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="links.mention",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "mention",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="settling",
                        to="links.mention",
                    ),
                ),
            ],
        ),
        migrations.RunSQL(REFUSE, BACK),
    ]
