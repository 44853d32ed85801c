"""Who has brought nothing yet is reminded once; an item that the chair does not see is approved by
another person, and stays as it was then.
"""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

FUNCTIONS = """
CREATE TRIGGER meetings_meeting_is_reminded_once BEFORE UPDATE ON meetings_meeting
FOR EACH ROW EXECUTE FUNCTION meetings_written_once('reminded_at');

CREATE FUNCTION meetings_item_approved_by_another() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    about record;
    approver record;
    -- When the chair approves the minutes, or now where that is to come.
    seen_at timestamptz;
BEGIN
    SELECT minutes.meeting_id, minutes.approved_at, drafter.user_id AS drafter_id, chair.user_id AS chair_id,
        team.agency_id AS chairs_agency_id, nomination.case_id
    INTO about
    FROM meetings_minutes minutes
    JOIN meetings_meeting meeting ON meeting.id = minutes.meeting_id
    JOIN meetings_agendaitem item ON item.meeting_id = meeting.id AND item.id = NEW.item_id
    JOIN meetings_nomination nomination ON nomination.id = item.nomination_id
    JOIN accounts_membership drafter ON drafter.id = minutes.drafted_by_id
    JOIN accounts_membership chair ON chair.id = meeting.chair_id
    JOIN accounts_team team ON team.group_ptr_id = chair.team_id
    WHERE minutes.id = NEW.minutes_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'meetings_item_approved_in_its_own_minutes'
            USING ERRCODE = 'restrict_violation';
    END IF;
    -- Whoever writes a line holds this row too.
    PERFORM 1 FROM meetings_meeting WHERE id = about.meeting_id FOR UPDATE;
    SELECT member.user_id, team.agency_id, team.role IN ('coordinator', 'manager', 'panel_chair')
        AND person.is_active AND member.from_at <= clock_timestamp()
        AND (member.until_at IS NULL OR member.until_at > clock_timestamp()) AS may_chair
    INTO approver
    FROM accounts_membership member
    JOIN accounts_team team ON team.group_ptr_id = member.team_id
    JOIN accounts_user person ON person.id = member.user_id
    WHERE member.id = NEW.by_id;
    IF NOT approver.may_chair THEN
        RAISE EXCEPTION 'meetings_item_approved_by_who_may_chair'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF approver.user_id IN (about.drafter_id, about.chair_id) THEN
        RAISE EXCEPTION 'meetings_item_approved_by_another' USING ERRCODE = 'restrict_violation';
    END IF;
    IF EXISTS (
        SELECT FROM accounts_membership writer
        WHERE writer.user_id = approver.user_id AND writer.id IN (
            SELECT written_by_id FROM meetings_line
            WHERE item_id = NEW.item_id AND superseded_at IS NULL
            UNION ALL
            SELECT written_by_id FROM meetings_conclusion
            WHERE item_id = NEW.item_id AND superseded_at IS NULL
        )
    ) THEN
        RAISE EXCEPTION 'meetings_item_approved_by_no_author'
            USING ERRCODE = 'restrict_violation';
    END IF;
    -- A conflict that has ended since keeps what the chair did not see from being the chair's.
    seen_at := coalesce(about.approved_at, clock_timestamp());
    IF NOT EXISTS (
        SELECT FROM referrals_wall WHERE case_id = about.case_id
        AND raised_at <= seen_at AND (lifted_at IS NULL OR lifted_at > seen_at)
        AND (user_id = about.chair_id OR agency_id = about.chairs_agency_id)
    ) THEN
        RAISE EXCEPTION 'meetings_item_is_the_chairs_to_approve'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF EXISTS (
        SELECT FROM referrals_wall WHERE case_id = about.case_id AND lifted_at IS NULL
        AND (user_id = approver.user_id OR agency_id = approver.agency_id)
    ) THEN
        RAISE EXCEPTION 'meetings_item_approved_without_a_conflict'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER meetings_item_approved_by_another BEFORE INSERT ON meetings_itemapproval
FOR EACH ROW EXECUTE FUNCTION meetings_item_approved_by_another();

CREATE FUNCTION meetings_item_stays_as_approved() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    found_row jsonb := to_jsonb(CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END);
    of_item uuid := CASE TG_ARGV[0]
        WHEN 'item_id' THEN (found_row ->> 'item_id')::uuid
        ELSE (
            SELECT item_id FROM meetings_conclusion
            WHERE id = (found_row ->> 'conclusion_id')::uuid
        )
    END;
BEGIN
    IF EXISTS (SELECT FROM meetings_itemapproval WHERE item_id = of_item) THEN
        RAISE EXCEPTION 'meetings_item_stays_as_approved' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE TRIGGER meetings_itemapproval_is_immutable BEFORE UPDATE ON meetings_itemapproval
FOR EACH ROW EXECUTE FUNCTION referrals_only_these_change();
CREATE TRIGGER meetings_itemapproval_is_never_deleted BEFORE DELETE ON meetings_itemapproval
FOR EACH ROW EXECUTE FUNCTION referrals_never_deleted();
CREATE TRIGGER meetings_itemapproval_is_never_emptied BEFORE TRUNCATE ON meetings_itemapproval
FOR EACH STATEMENT EXECUTE FUNCTION referrals_never_deleted();
REVOKE UPDATE, DELETE ON meetings_itemapproval FROM portal_app;
""" + "".join(
    # By its name it comes after the trigger that takes the weak lock on the meeting.
    f"""
CREATE TRIGGER meetings_{table}_stays_as_approved BEFORE INSERT OR UPDATE OR DELETE
ON meetings_{table} FOR EACH ROW EXECUTE FUNCTION meetings_item_stays_as_approved('{link}');
"""
    for table, link in (
        ("line", "item_id"),
        ("conclusion", "item_id"),
        ("agreedaction", "conclusion_id"),
    )
)


class Migration(migrations.Migration):
    dependencies = [
        ("meetings", "0011_approved_minutes_are_locked"),
        ("accounts", "0021_words_of_a_decision"),
        ("referrals", "0046_a_promise_is_never_put_off"),
    ]

    operations = [
        migrations.AddField(
            model_name="meeting",
            name="reminded_at",
            field=models.DateTimeField(
                blank=True,
                help_text="When those who had brought nothing yet were reminded.",
                null=True,
            ),
        ),
        migrations.CreateModel(
            name="ItemApproval",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("approved_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "item",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="approval",
                        to="meetings.agendaitem",
                    ),
                ),
                (
                    "minutes",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="item_approvals",
                        to="meetings.minutes",
                    ),
                ),
            ],
            options={"abstract": False},
        ),
        migrations.RunSQL(FUNCTIONS, migrations.RunSQL.noop),
    ]
