"""The database refuses what must never be of a panel, whoever asks."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from referrals.meetings import services
from referrals.meetings.models import (
    AgendaItem,
    Attendance,
    Contribution,
    Invitation,
    Meeting,
    Nomination,
    NotInvited,
    Series,
    Sift,
)
from referrals.models import Grant, Sight
from referrals.vocabulary import Outcome
from sharing.rules.vocabulary import Category
from tests.meetings.conftest import accepted, decided, held, invitation, listed, place, planned

MODELS = (
    *(Series, Nomination, Sift, Meeting, Invitation),
    *(AgendaItem, NotInvited, Contribution, Attendance),
)


@pytest.fixture
def full(cast, panel):
    """A row in every table of the panel, and somebody in the room."""
    meeting = planned(cast, panel)
    case = decided(cast, Outcome.ASSESSMENT)
    item, spot = listed(cast, meeting, accepted(cast, panel, case), place(cast, panel))
    services.publish(actor=cast.coordinator, pk=meeting.pk)
    services.contribute(
        actor=cast.panel_nurse,
        pk=meeting.pk,
        item=item.pk,
        words="She came alone.",
        about=Category.IC4,
        key=uuid4(),
    )
    services.leave_out(
        actor=cast.coordinator,
        meeting=meeting.pk,
        item=spot.pk,
        invitations=[invitation(meeting, cast.panel_nurse).pk],
    )
    held(cast, meeting)
    services.open_item(actor=cast.coordinator, meeting=meeting.pk, item=item.pk)
    return Meeting.objects.get(pk=meeting.pk)


def refused(statement: str) -> str:
    with pytest.raises(DatabaseError) as found, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    return str(found.value)


KEPT = [
    ("nomination", "why = 'Another reason.'", "immutable"),
    ("nomination", "by_id = gen_random_uuid()", "immutable"),
    ("sift", "reason = 'Another reason.'", "immutable"),
    ("meeting", "series_id = gen_random_uuid()", "immutable"),
    ("meeting", "held_at = held_at + interval '1 day'", "stays so"),
    ("meeting", "quorum_met = NOT quorum_met", "stays so"),
    ("meeting", "status = 'planned'", "never goes back"),
    ("invitation", "membership_id = gen_random_uuid()", "immutable"),
    ("invitation", "accepted_at = accepted_at + interval '1 day'", "stays so"),
    ("agendaitem", "nomination_id = gen_random_uuid()", "immutable"),
    ("contribution", "words = 'Others.'", "immutable"),
    ("notinvited", "by_id = gen_random_uuid()", "immutable"),
    ("attendance", "from_at = from_at - interval '1 hour'", "immutable"),
]


def test_what_was_written_of_a_panel_stays_as_it_was(full):
    for table, change, says in KEPT:
        assert says in refused(f"UPDATE meetings_{table} SET {change}"), (table, change)  # noqa: S608


def test_no_row_of_a_panel_is_ever_deleted(full):
    for model in MODELS:
        said = refused(f"DELETE FROM {model._meta.db_table}")  # noqa: S608
        assert "never deleted" in said, model
    assert "never deleted" in refused("DELETE FROM meetings_attendance_grants")


def test_who_left_has_left_once(cast, full):
    services.end(actor=cast.coordinator, pk=full.pk)

    said = refused("UPDATE meetings_attendance SET to_at = to_at + interval '1 hour'")
    assert "stays so" in said
    assert "stays so" in refused("UPDATE meetings_meeting SET ended_at = now()")


BAD = {
    "series_named_once": (Series, {}),
    "series_has_a_name_and_a_confidentiality_statement": (Series, {"name": " "}),
    "series_orders_every_kind_once": (Series, {"name": "x", "order": ["child", "place"]}),
    "series_quorum_within_reason": (Series, {"name": "x", "quorum_agencies": 1}),
    "series_papers_go_out_in_time": (Series, {"name": "x", "papers_out_days": 0}),
    "nomination_kind_known": (Nomination, {"kind": "gossip"}),
    "nomination_is_a_case_or_its_own_words": (Nomination, {"kind": "child"}),
    "nomination_says_why": (Nomination, {"why": " "}),
    "nomination_needs_minutes": (Nomination, {"minutes": 0}),
    "nomination_origin_known": (Nomination, {"origin": "rumour"}),
    "nomination_status_known": (Nomination, {"status": "lost"}),
    "sift_step_known": (Sift, {"step": "forget", "reason": "Why."}),
    "sift_says_why": (Sift, {"step": "ask"}),
    "sift_declined_says_what_instead": (Sift, {"step": "decline", "reason": "Why."}),
    "meeting_status_known": (Meeting, {"status": "lost"}),
    "meeting_ends_after_it_starts": (Meeting, {"ends_at": "before"}),
    "meeting_is_somewhere": (Meeting, {"place": " ", "link": ""}),
    "meeting_hears_agencies_before_it_starts": (Meeting, {"contributions_by": "later"}),
    "meeting_moments_follow_its_status": (Meeting, {"status": "planned"}),
    "meeting_quorum_is_known_once_it_is_held": (Meeting, {"quorum_met": None}),
    "invitation_once_for_a_membership": (Invitation, {}),
    "invitation_came_known": (Invitation, {"came": "perhaps"}),
    "invitation_present_has_accepted": (Invitation, {"came": "present", "accepted_at": None}),
    "agenda_item_once_in_a_meeting": (AgendaItem, {"position": 9}),
    "agenda_item_status_known": (AgendaItem, {"status": "lost"}),
    "agenda_item_has_a_place_unless_taken_off": (AgendaItem, {"position": None}),
    "agenda_item_needs_minutes": (AgendaItem, {"minutes": 0}),
    "agenda_item_deferred_is_counted": (AgendaItem, {"status": "deferred", "deferrals": 0}),
    "not_invited_once_at_a_time": (NotInvited, {}),
    "contribution_is_a_statement_or_words": (Contribution, {"words": "And words."}),
    "attendance_once_at_a_time": (Attendance, {}),
    "attendance_ends_after_it_starts": (Attendance, {"to_at": "before"}),
}


# What no status is has no moments either, and that is looked at first.
NAMED_FIRST = {"meeting_status_known": "meeting_moments_follow_its_status"}
SPECIAL = {
    "nomination_of_a_case_once_at_a_time",
    "invitation_nobody_stands_in_for_themselves",
    "agenda_item_has_a_place_of_its_own",
}


def like(row, **changes):
    """A row like this one, with another number; not saved."""
    fields = [f.attname for f in row._meta.concrete_fields if f.name != "id"]
    return type(row)(**{**{field: getattr(row, field) for field in fields}, **changes})


def write(row) -> None:
    """Write it, and have every constraint looked at."""
    with transaction.atomic(), connection.cursor() as cursor:
        type(row).objects.bulk_create([row])
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_a_row_that_must_not_be_is_refused_by_name(full):
    now = timezone.now()
    times = {"before": now - timedelta(days=400), "later": now + timedelta(days=400)}
    for name, (model, changes) in BAD.items():
        row = model.objects.order_by("created_at").last()
        said = {
            field: times.get(value, value) if isinstance(value, str) else value
            for field, value in changes.items()
        }
        with pytest.raises(DatabaseError, match=NAMED_FIRST.get(name, name)):
            write(like(row, **said))


def test_a_case_is_nominated_once_at_a_time(full):
    child = Nomination.objects.get(kind="child")
    with pytest.raises(DatabaseError, match="nomination_of_a_case_once_at_a_time"):
        write(like(child))


def test_nobody_stands_in_for_themselves(cast, full):
    pk = uuid4()
    [guest] = Invitation.objects.filter(membership=cast.panel_nurse.membership_id)
    stands = {"membership_id": cast.manager.membership_id, "instead_of_id": pk, "id": pk}
    with pytest.raises(DatabaseError, match="invitation_nobody_stands_in_for_themselves"):
        write(like(guest, **stands))


def test_two_items_never_have_one_place(full):
    first, second = AgendaItem.objects.order_by("position")
    other = another(full)
    write(like(first, meeting_id=other.pk))
    with pytest.raises(DatabaseError, match="agenda_item_has_a_place_of_its_own"):
        write(like(second, meeting_id=other.pk, position=first.position))


def another(meeting: Meeting) -> Meeting:
    """A second meeting of the same panel."""
    fields = ("series_id", "starts_at", "ends_at", "place", "chair_id", "confidentiality")
    same = {field: getattr(meeting, field) for field in (*fields, "contributions_by")}
    return Meeting.objects.create(**same, planned_by_id=meeting.planned_by_id)


def test_every_constraint_of_the_panel_is_in_the_list():
    named = {
        constraint.name
        for model in apps.get_app_config("meetings").get_models()
        if model in MODELS
        for constraint in model._meta.constraints
    }
    assert named == {*BAD, *SPECIAL}


def test_a_grant_to_one_person_names_a_person_of_its_team(cast, full):
    one = Grant.objects.filter(only=cast.panel_officer.membership_id).latest("created_at")
    assert Sight.objects.filter(case=one.content_object_id, only=one.only_id).exists()
    fields = {f.attname: getattr(one, f.attname) for f in Grant._meta.concrete_fields}
    changes = {"id": uuid4(), "only_id": cast.panel_nurse.membership_id}

    with pytest.raises(DatabaseError, match="person of its team"), transaction.atomic():
        Grant.objects.bulk_create([Grant(**{**fields, **changes})])
