"""The room: one item on the screen, one pen, each agency's words, the decision with its actions."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone
from lxml import html

from portal.common.errors import DomainError, Refused
from referrals import policies as casework
from referrals.actions.models import Action, Review
from referrals.meetings import policies, services
from referrals.meetings.models import Conclusion, Line, Pen
from referrals.meetings.reading.room import boxes, read_screen
from referrals.meetings.services import writing
from referrals.meetings.workflow import ItemStatus
from referrals.vocabulary import Conflict, Protect
from sharing.disclosures.services import walls
from tests.cast import (
    CHILD_SAID,
    FAMILY,
    GIVEN,
    SAW,
    Cast,
    at_once,
    events,
    membership,
    signed_in,
)
from tests.meetings.conftest import decided, invitation
from tests.meetings.session import (
    DECIDED,
    HEALTH_SAID,
    POLICE_DOES,
    POLICE_SAID,
    REASONS,
    Session,
    begun,
    conclude,
    say,
)


@pytest.fixture
def session(cast: Cast, panel) -> Session:
    """A meeting about one child, with everybody in the room for it, and nothing said yet."""
    return begun(cast, panel, decided(cast))


def invited(cast: Cast, session: Session) -> None:
    """The manager is invited too, and so can hold the pen."""
    services.invite(
        actor=cast.coordinator, meeting=session.meeting.pk, member=cast.manager.membership_id
    )


def door(session: Session, name: str = "discussion") -> str:
    """The address of a page about the first item."""
    return reverse(f"meetings:{name}", args=[session.meeting.pk, session.item.pk])


def typed(session: Session, **said: str) -> dict[str, str]:
    """What each agency says, as the page carries it: by the name of the agency's first word."""
    found = {}
    for box in boxes(session.item):
        found[f"words-{box.agency}"] = said.get(box.name.split()[-1].lower(), box.words)
        found[f"seen-{box.agency}"] = box.version
    return found


# --- The pen ----------------------------------------------------------------------------------


def test_one_person_writes_and_anothers_attempt_keeps_its_words(cast: Cast, session: Session):
    mine, other = signed_in(cast.coordinator), signed_in(cast.manager)
    mine.post(door(session, "take-pen"))
    said = typed(session, police=POLICE_SAID, health=HEALTH_SAID)
    assert mine.post(door(session), said).url == door(session)

    refused = other.post(door(session), typed(session, police="He was seen again."))

    assert refused.status_code == 409
    page = refused.content.decode()
    assert "Coral Dinator has held the pen" in page
    assert "He was seen again." in page
    assert set(Line.objects.values_list("words", flat=True)) == {POLICE_SAID, HEALTH_SAID}
    # Who runs the meeting and does not write reads on refresh.
    assert POLICE_SAID in other.get(door(session)).content.decode()


def test_the_pen_is_handed_over_and_the_chair_takes_it(cast: Cast, session: Session):
    client = signed_in(cast.coordinator)
    client.post(door(session, "take-pen"))
    invited(cast, session)
    with pytest.raises(DomainError, match="holds the pen"):
        writing.take_pen(actor=cast.manager, meeting=session.meeting)
    for who in (cast.panel_officer, cast.teacher):
        to = {"to": str(who.membership_id)}
        assert client.post(door(session, "hand-pen"), to).status_code == 409

    client.post(door(session, "hand-pen"), {"to": str(cast.panel_chair.membership_id)})
    assert policies.holds_the_pen(cast.panel_chair, session.meeting)
    with pytest.raises(DomainError):
        say(cast, session.item, cast.coordinator)

    writing.hand_pen(
        actor=cast.panel_chair, meeting=session.meeting, to=cast.coordinator.membership_id
    )
    writing.take_pen(actor=cast.panel_chair, meeting=session.meeting)
    assert policies.holds_the_pen(cast.panel_chair, session.meeting)
    assert Pen.objects.filter(until_at=None).count() == 1


def test_members_do_not_write_or_present(cast: Cast, session: Session):
    client = signed_in(cast.panel_officer)
    for name in ("take-pen", "present", "hand-pen"):
        assert client.post(door(session, name)).status_code in (403, 409)
    assert client.post(door(session), typed(session, police="x")).status_code == 403
    assert client.get(door(session, "decision")).status_code == 403
    with pytest.raises(Refused):
        writing.take_pen(actor=cast.panel_nurse, meeting=session.meeting)


def test_two_who_reach_for_the_pen_at_once(committed, cast: Cast, panel):
    session = begun(cast, panel, decided(cast))
    invited(cast, session)

    answers = at_once(
        lambda: writing.take_pen(actor=cast.coordinator, meeting=session.meeting),
        lambda: writing.take_pen(actor=cast.manager, meeting=session.meeting),
    )

    assert sorted(type(each).__name__ for each in answers) == ["DomainError", "Pen"]


def test_words_that_changed_meanwhile_are_not_written_over(cast: Cast, session: Session):
    client = signed_in(cast.coordinator)
    client.post(door(session, "take-pen"))
    stale = typed(session, police="He was seen again.")
    client.post(door(session), typed(session, police=POLICE_SAID))

    refused = client.post(door(session), stale)

    assert refused.status_code == 409
    assert "He was seen again." in refused.content.decode()
    assert Line.objects.standing().get().words == POLICE_SAID
    # The same words once more are no change.
    client.post(door(session), typed(session))
    assert Line.objects.count() == 1


def test_only_agencies_in_the_room_say_something(cast: Cast, session: Session):
    writing.take_pen(actor=cast.coordinator, meeting=session.meeting)
    said = {cast.school.pk: ("We were not there.", boxes(session.item)[0].version)}
    with pytest.raises(DomainError, match="not in the room"):
        writing.write_all(actor=cast.coordinator, item=session.item, said=said)


# --- The screen -------------------------------------------------------------------------------


def screen(cast: Cast, session: Session, who=None) -> str:
    """What the screen of the room shows to somebody."""
    client = signed_in(who or cast.coordinator)
    page = client.get(reverse("meetings:screen", args=[session.meeting.pk]))
    return str(html.fromstring(page.content.decode()).text_content())


def test_the_screen_shows_one_item_and_no_name(cast: Cast, panel):
    session = begun(cast, panel, decided(cast), decided(cast))
    first, second = session.items
    assert "Nothing is on the screen" in screen(cast, session)

    writing.present(actor=cast.coordinator, item=first)
    shown = screen(cast, session)

    assert first.nomination.case.reference in shown
    assert second.nomination.case.reference not in shown
    assert CHILD_SAID in shown
    for name in (GIVEN, FAMILY, "Coral", "Working as", "Notifications"):
        assert name not in shown

    writing.present(actor=cast.coordinator, item=second)
    assert first.nomination.case.reference not in screen(cast, session)
    page = reverse("meetings:clear-screen", args=[session.meeting.pk])
    left = signed_in(cast.coordinator).post(page)
    assert left.url == reverse("meetings:discussion", args=[session.meeting.pk, second.pk])
    assert "Nothing is on the screen" in screen(cast, session)
    assert not second.attendances.in_the_room().exists(), "to leave it closes it"


def test_who_is_in_the_room_decides_what_is_on_the_screen(cast: Cast, session: Session):
    writing.present(actor=cast.coordinator, item=session.item)
    case = session.item.nomination.case
    assert SAW in screen(cast, session)
    kept = case.statements.get(question="child_said")
    kept.protect = Protect.SOURCE
    kept.save(update_fields=["protect"])
    assert CHILD_SAID not in screen(cast, session), "what its author protects"

    # The school's own lead comes in, whom no agreement lets read what others hold.
    case.grants.filter(group=cast.panel_nurse.team_id).update(
        ended_at=timezone.now(), ended_why="For the test."
    )
    assert SAW not in screen(cast, session)
    services.leave(
        actor=cast.coordinator,
        meeting=session.meeting.pk,
        item=session.item.pk,
        invitation=invitation(session.meeting, cast.panel_nurse).pk,
    )
    assert SAW in screen(cast, session)


def test_somebody_with_a_conflict_sees_an_empty_screen(cast: Cast, session: Session):
    writing.present(actor=cast.coordinator, item=session.item)
    walls.declare(
        actor=cast.panel_nurse,
        reference=session.item.nomination.case.reference,
        why=Conflict.RELATIVE,
    )
    assert "Nothing is on the screen" in screen(cast, session, cast.panel_nurse)
    assert read_screen(cast.panel_nurse, session.meeting).item is None


def test_words_of_agencies_are_noted_on_the_screen_and_not_shown(cast: Cast, session: Session):
    writing.take_pen(actor=cast.coordinator, meeting=session.meeting)
    say(cast, session.item, cast.coordinator)
    conclude(cast, session.item, cast.coordinator)
    writing.present(actor=cast.coordinator, item=session.item)

    shown = screen(cast, session)

    assert "Noted" in shown
    assert DECIDED in shown
    assert "1 action" in shown
    for kept in (POLICE_SAID, HEALTH_SAID, REASONS, POLICE_DOES):
        assert kept not in shown


# --- The decision -----------------------------------------------------------------------------


def decision(cast: Cast, **changes: str) -> dict[str, str]:
    """A decision with three actions, as it is typed, but for what the page carries."""
    on = timezone.localdate() + timedelta(days=28)
    day = {"day": str(on.day), "month": str(on.month), "year": str(on.year)}
    found = {"what": "keep", "words": DECIDED, "reasons": REASONS, "level": "moderate"}
    found |= {f"next_on-{part}": value for part, value in day.items()}
    owners = (cast.panel_officer, cast.panel_nurse, cast.coordinator)
    for place, owner in enumerate(owners, start=1):
        found |= {
            f"what-{place}": f"Action of {owner.agency_name}",
            f"owner-{place}": str(owner.membership_id),
            f"effect-{place}": "She says so.",
            **{f"due-{place}-{part}": value for part, value in day.items()},
        }
    return {**found, **changes}


def carried(client, address: str) -> dict[str, str]:
    """What the page of a decision carries unseen."""
    page = html.fromstring(client.get(address).content.decode())
    found = page.xpath("//main//form//input[@type='hidden']")
    return {each.get("name"): each.get("value") for each in found if each.get("name") in KEYS}


KEYS = ("key", "seen")


def test_a_decision_with_three_actions_is_three_pages(cast: Cast, session: Session):
    client = signed_in(cast.coordinator)
    client.post(door(session, "take-pen"))
    assert client.get(door(session)).status_code == 200
    hidden = carried(client, door(session, "decision"))
    said = decision(cast) | {f"dissent-{cast.panel_nurse.agency_id}": "We want it sooner."}

    answer = client.post(door(session, "decision"), said | hidden, follow=True)
    again = client.post(door(session, "decision"), said | hidden)

    assert "The decision is recorded." in answer.content.decode()
    assert again.status_code == 302, "a double press"
    assert Conclusion.objects.count() == 1
    assert Action.objects.count() == 3
    given = Action.objects.get(owner=membership(cast.panel_nurse))
    assert given.cause == Conclusion.objects.get().pk
    assert Review.objects.get().on == Conclusion.objects.get().next_on
    session.item.refresh_from_db()
    assert session.item.status == ItemStatus.DISCUSSED
    assert Line.objects.get(kind="dissent").words == "We want it sooner."
    [event] = events("meeting.decided")
    assert event["subj"] == [str(session.item.nomination.case.child_id)]


def test_every_action_needs_an_owner_and_a_date(cast: Cast, session: Session):
    client = signed_in(cast.coordinator)
    client.post(door(session, "take-pen"))
    hidden = carried(client, door(session, "decision"))
    lacks = {"owner-1": "", "due-2-day": "", "due-2-month": "", "due-2-year": "", "effect-3": ""}

    answer = client.post(door(session, "decision"), decision(cast, **lacks) | hidden)

    assert answer.status_code == 422
    page = answer.content.decode()
    for said in ("Every action needs an owner", "Every action needs a day", "it helped", DECIDED):
        assert said in page
    assert not Conclusion.objects.exists()
    assert not Action.objects.exists()


def test_a_decision_without_the_pen_is_refused_and_its_words_come_back(
    cast: Cast, session: Session
):
    invited(cast, session)
    writing.take_pen(actor=cast.manager, meeting=session.meeting)
    client = signed_in(cast.coordinator)
    hidden = carried(client, door(session, "decision"))

    answer = client.post(door(session, "decision"), decision(cast) | hidden)

    assert answer.status_code == 409
    assert REASONS in answer.content.decode()
    assert not Action.objects.exists()


def test_a_decision_that_changed_meanwhile_is_not_written_over(cast: Cast, session: Session):
    client = signed_in(cast.coordinator)
    client.post(door(session, "take-pen"))
    hidden = carried(client, door(session, "decision"))
    conclude(cast, session.item, cast.coordinator)

    answer = client.post(door(session, "decision"), decision(cast, words="Otherwise.") | hidden)

    assert answer.status_code == 409
    assert Conclusion.objects.get().words == DECIDED


def test_a_decision_made_anew_keeps_the_old_one_and_its_actions(cast: Cast, session: Session):
    client = signed_in(cast.coordinator)
    client.post(door(session, "take-pen"))
    conclude(cast, session.item, cast.coordinator)
    hidden = carried(client, door(session, "decision"))
    none = {key: "" for key in decision(cast) if key[-2:-1] == "-" or key.startswith("due")}

    client.post(door(session, "decision"), decision(cast, words="Otherwise.", **none) | hidden)

    assert Conclusion.objects.count() == 2
    assert Conclusion.objects.get(superseded_at=None).words == "Otherwise."
    page = client.get(door(session)).content.decode()
    assert "Otherwise." in page
    assert DECIDED not in page
    assert POLICE_DOES in page


def test_what_is_put_off_has_no_actions_and_is_counted(cast: Cast, session: Session):
    client = signed_in(cast.coordinator)
    client.post(door(session, "take-pen"))
    hidden = carried(client, door(session, "decision"))
    put_off = decision(cast, what="deferred", level="")

    assert client.post(door(session, "decision"), put_off | hidden).status_code == 409
    bare = {k: v for k, v in put_off.items() if not k[-1].isdigit() and "due-" not in k}
    assert client.post(door(session, "decision"), bare | hidden).status_code == 302
    session.item.refresh_from_db()
    assert (session.item.status, session.item.deferrals) == (ItemStatus.DEFERRED, 1)
    assert not Review.objects.exists()


def test_hostile_words_stay_words(cast: Cast, session: Session):
    client = signed_in(cast.coordinator)
    client.post(door(session, "take-pen"))
    hostile = "<script>alert(1)</script> {{ 7|add:7 }} \x00'; DROP TABLE meetings_line; --"
    client.post(door(session), typed(session, police=hostile))
    conclude(cast, session.item, cast.coordinator, words=hostile.replace("\x00", ""))

    for address in (door(session), reverse("meetings:minutes", args=[session.meeting.pk])):
        page = client.get(address).content.decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)" in page
        assert "{{ 7|add:7 }}" in page


def test_reading_an_item_is_one_event_with_whose_it_is(cast: Cast, session: Session):
    client = signed_in(cast.panel_officer)
    client.get(door(session))
    before = len(events())
    client.get(door(session))

    [event] = events()[before:]
    assert event["act"] == "meeting.item"
    assert event["subj"] == [str(session.item.nomination.case.child_id)]
    assert casework.visible(cast.panel_officer).exists()


def test_no_door_opens_an_item_of_another_meeting(cast: Cast, session: Session):
    client = signed_in(cast.coordinator)
    address = reverse("meetings:discussion", args=[uuid4(), session.item.pk])
    assert client.get(address).status_code == 404
