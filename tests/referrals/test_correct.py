"""Putting an answer right: what everybody reads, and that whoever had the wrong one is told."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from portal.accounts import services as accounts
from portal.common.errors import DomainError, NotVisible, Refused
from portal.notifications.models import Notice
from portal.notifications.vocabulary import MEANINGS, Kind
from referrals.models import Case, Grant, Statement, Wall
from referrals.reading import read
from referrals.services import correct, end_grants, protect
from referrals.vocabulary import Answer, Conflict, Emergency, Extent, KnownHow, Protect, State
from sharing.disclosures.models import Disclosure
from sharing.disclosures.services import emergency
from sharing.disclosures.services.replies import Part, reply_to
from sharing.disclosures.vocabulary import Reply
from sharing.rules.vocabulary import Category, Purpose
from tests.cast import TOLD, Cast, at_once, events, membership, signed_in
from tests.disclosures.conftest import SAID, ask, lead_of

RIGHT = "Two friends say that she was away on one night."


@pytest.fixture
def told(sent: Case) -> Statement:
    return Statement.objects.get(case=sent, question="told")


def put_right(actor, statement, **changes: object) -> Statement:
    given = {"text": RIGHT, "known_how": KnownHow.TOLD, "why": "one night, not often", **changes}
    return correct(actor=actor, statement=statement, **given)  # type: ignore[arg-type]


def items(reader, case, key="told"):
    return [each for each in read(reader, case, Purpose.SCREEN).items if each.key == key]


def told_of_it() -> set[object]:
    found = Notice.objects.filter(kind=Kind.CORRECTED).values_list("recipient__user_id", "cause")
    assert len(found) == len(set(found))
    return {user for user, _ in found}


@pytest.mark.parametrize("who", ["teacher", "lead"])
def test_the_right_words_stand_beside_a_line_that_says_what_became_of_the_wrong_ones(
    cast: Cast, sent, told, who
):
    new = put_right(getattr(cast, who), told)

    assert (new.corrects, new.question, new.referral_id) == (told, "told", told.referral_id)
    for reader in (cast.teacher, cast.lead, cast.coordinator):
        old, right = items(reader, sent)
        assert old.state is State.REMOVED
        assert old.text.endswith(": corrected record: one night, not often")
        assert (right.state, right.text, right.source) == (
            State.SHOWN,
            RIGHT,
            KnownHow.TOLD.label,
        )
        assert TOLD not in f"{old.text} {old.value} {right.text} {right.value}"
    (event,) = events("statement.corrected")
    assert event["obj"] == {"kind": "statement", "id": str(new.pk)}
    assert event["ids"] == [str(told.pk)]
    assert event["fields"] == ["IC4"]


def test_exactly_those_who_had_it_are_told(cast: Cast, sent, told):
    put_right(cast.teacher, told)

    had = (cast.lead, cast.coordinator, cast.second_coordinator, cast.manager)
    assert told_of_it() == {who.user_id for who in had}


def test_who_opened_the_case_in_an_emergency_is_told_without_its_name(cast: Cast, sent, told):
    emergency.open_in_emergency(
        actor=cast.charity_worker,
        reference=sent.reference,
        why=Emergency.LIFE,
        next_step="I will go to the house with an officer.",
    )
    emergency.end_emergency(actor=cast.charity_worker, reference=sent.reference)

    put_right(cast.teacher, told)

    notices = Notice.objects.filter(kind=Kind.CORRECTED)
    assert notices.get(recipient=cast.charity_worker.membership_id).reference == ""
    assert notices.get(recipient=cast.lead.membership_id).reference == sent.reference
    # Neither ever had a share: one used emergency access, the other leads the agency that holds it.
    says = f"{Kind.CORRECTED.label}. {MEANINGS[Kind.CORRECTED].why}"
    assert "share" not in says
    assert "you could read" in says


def test_its_author_is_told_when_their_lead_corrects_it(cast: Cast, told):
    put_right(cast.lead, told)

    assert cast.teacher.user_id in told_of_it()
    assert cast.lead.user_id not in told_of_it()


def test_those_whose_share_has_ended_since_are_told_too(cast: Cast, sent, told):
    for grant in Grant.objects.filter(group_id=cast.manager.team_id, content_object=sent):
        end_grants(cast.coordinator, grant.content_object, [grant], "Not needed.")

    put_right(cast.teacher, told)

    assert cast.manager.user_id in told_of_it()


def test_a_share_that_ended_before_it_was_said_never_had_it(cast: Cast, sent, told):
    for grant in Grant.objects.filter(group_id=cast.manager.team_id, content_object=sent):
        end_grants(cast.coordinator, grant.content_object, [grant], "Not needed.")
    later = Statement.objects.create(
        case=sent,
        referral=told.referral,
        question="told",
        category="IC4",
        answer=Answer.GIVEN,
        text="Said later.",
        known_how=KnownHow.TOLD,
        agency=told.agency,
        author=told.author,
        stated_at=timezone.now() + timedelta(seconds=1),
    )

    put_right(cast.teacher, later)

    assert cast.manager.user_id not in told_of_it()
    assert cast.coordinator.user_id in told_of_it()


def test_neither_who_has_a_conflict_nor_who_has_left_is_told(cast: Cast, sent, told):
    Wall.objects.create(
        case=sent,
        user_id=cast.manager.user_id,
        why=Conflict.RELATIVE,
        raised_by=membership(cast.coordinator),
    )
    accounts.end_membership(membership=membership(cast.second_coordinator))

    put_right(cast.teacher, told)

    assert told_of_it() == {cast.lead.user_id, cast.coordinator.user_id}


def test_a_team_with_a_share_of_something_else_is_not_told(cast: Cast, sent, told):
    nurse_lead = lead_of(cast.panel_nurse.agency_id, "Hattie Ealth")
    ask(cast.coordinator, sent, nurse_lead)  # opens who the child is

    put_right(cast.teacher, told)

    assert nurse_lead.user_id not in told_of_it()


def test_a_share_that_named_the_old_answer_opens_what_corrects_it(cast: Cast, sent):
    nurse_lead = lead_of(cast.panel_nurse.agency_id, "Hattie Ealth")
    asked = ask(cast.coordinator, sent, nurse_lead)
    part = Part(Category.IC2, "Since May.", KnownHow.RECORD)
    reply_to(actor=nurse_lead, pk=asked.pk, reply=Reply.PART, parts=[part], said=SAID)
    first = Statement.objects.get(case=sent, text="Since May.")
    assert not Grant.objects.filter(
        group_id=cast.coordinator.team_id, holder_id=nurse_lead.agency_id, extent=Extent.WHOLE
    ).exists()

    second = put_right(nurse_lead, first, text="Since June.")
    third = put_right(nurse_lead, second, text="Since July.")

    seen = items(cast.coordinator, sent, "answer_IC2")
    assert [each.state for each in seen] == [State.REMOVED, State.REMOVED, State.SHOWN]
    assert seen[-1].text == third.text
    assert told_of_it() >= {cast.coordinator.user_id, cast.manager.user_id}
    assert cast.teacher.user_id not in told_of_it()
    assert Disclosure.objects.filter(request=asked).count() == 2


def test_a_share_that_named_an_answer_reads_one_concealed_since_as_not_given(cast: Cast, sent):
    nurse_lead = lead_of(cast.panel_nurse.agency_id, "Hattie Ealth")
    asked = ask(cast.coordinator, sent, nurse_lead)
    part = Part(Category.IC2, "Since May.", KnownHow.RECORD)
    reply_to(actor=nurse_lead, pk=asked.pk, reply=Reply.PART, parts=[part], said=SAID)
    row = Statement.objects.get(case=sent, text="Since May.")

    protect(actor=nurse_lead, statement=row, protect=Protect.EXISTENCE)

    (seen,) = items(cast.coordinator, sent, "answer_IC2")
    assert (seen.state, seen.text) == (State.NOT_PROVIDED, "Not provided")
    right = put_right(nurse_lead, row, text="Since June.")
    (seen,) = items(cast.coordinator, sent, "answer_IC2")
    assert seen.state is State.NOT_PROVIDED
    protect(actor=nurse_lead, statement=right, protect=Protect.NONE)
    assert "Since June." in [each.text for each in items(cast.coordinator, sent, "answer_IC2")]


def test_protection_goes_over_to_the_right_words_whole(cast: Cast, sent, told):
    protect(actor=cast.teacher, statement=told, protect=Protect.SOURCE, spans=[(2, 8)])

    new = put_right(cast.teacher, told)

    assert (new.protect, new.protect_spans) == (Protect.SOURCE, [])
    assert items(cast.coordinator, sent)[-1].state is State.WITHHELD


def test_nobody_hears_that_a_concealed_answer_was_corrected(cast: Cast, sent, told):
    protect(actor=cast.teacher, statement=told, protect=Protect.EXISTENCE)
    before = Notice.objects.count()

    put_right(cast.teacher, told)

    assert Notice.objects.count() == before
    assert not events("statement.corrected", stream=f"case:{sent.pk}")
    assert len(events("statement.corrected")) == 1
    assert [each.state for each in items(cast.coordinator, sent)] == [State.NOT_PROVIDED]
    assert items(cast.teacher, sent)[-1].text == RIGHT


@pytest.mark.parametrize("who", ["coordinator", "manager"])
def test_those_who_only_read_it_may_not(cast: Cast, told, who):
    with pytest.raises(Refused, match="can correct it"):
        put_right(getattr(cast, who), told)


@pytest.mark.parametrize("who", ["colleague", "outsider_lead", "other_coordinator"])
def test_those_who_cannot_see_the_case_cannot_know_of_it(cast: Cast, told, who):
    with pytest.raises(NotVisible):
        put_right(getattr(cast, who), told)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"text": " "}, "Write what is right"),
        ({"why": ""}, "Write why it is corrected"),
        ({"why": "x" * 60}, "characters or less"),
        ({"text": TOLD}, "words that stand there now"),
    ],
)
def test_a_correction_that_lacks_something_is_not_made(cast: Cast, told, changes, says):
    with pytest.raises(DomainError, match=says):
        put_right(cast.teacher, told, **changes)

    told.refresh_from_db()
    assert told.removed_at is None


def test_two_presses_at_once_correct_once(committed, cast: Cast, told):
    found = at_once(*[lambda: put_right(cast.teacher, told)] * 2)

    assert sorted(type(each).__name__ for each in found) == ["DomainError", "Statement"]
    assert Statement.objects.filter(corrects=told).count() == 1


def test_the_page_corrects_and_gives_the_words_back_with_what_is_missing(cast: Cast, sent, told):
    client = signed_in(cast.teacher)
    page = reverse("disclosures:correct", args=[sent.reference, told.pk])
    assert TOLD in client.get(page).content.decode()

    missing = client.post(page, {"text": RIGHT, "why": "one night"})
    assert missing.status_code == 422
    assert RIGHT in missing.content.decode()
    assert "Select how you know this" in missing.content.decode()
    done = client.post(page, {"text": RIGHT, "known_how": "told", "why": "one night"})
    assert done.url == reverse("referrals:case", args=[sent.reference])
    assert RIGHT in signed_in(cast.coordinator).get(done.url).content.decode()
    assert client.post(page, {"text": "x", "known_how": "told", "why": "y"}).status_code == 409
