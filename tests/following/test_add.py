"""Adding to a referral: it reaches those who may read it, with a date of its own, once."""

from uuid import uuid4

import pytest
from django.urls import reverse

from portal.common.errors import DomainError, NotVisible, Refused
from portal.notifications.models import Notice
from portal.notifications.vocabulary import Kind
from referrals.models import Grant, Statement
from referrals.services import read_case
from referrals.triage import services as triage
from referrals.vocabulary import KnownHow, Protect
from referrals.workflow import Action
from sharing.rules.vocabulary import Category
from tests.cast import Cast, events, send, signed_in
from tests.following.conftest import add, new


def page(case):
    return reverse("following:add", args=[case.reference])


def typed(**changes):
    said = {
        "key": str(uuid4()),
        "what": "The car came back.",
        "when": "Tuesday",
        "known_how": "saw",
        "protect": "no",
    }
    return {**said, **changes}


def words_of(actor, case):
    found = read_case(actor=actor, reference=case.reference)
    return [item.text for item in found.items if item.key.startswith("added")]


def test_what_is_added_is_read_by_those_who_may_read_the_referral(cast: Cast, sent):
    grants = Grant.objects.count()

    add(cast.teacher, sent)

    for who in (cast.teacher, cast.lead, cast.coordinator, cast.manager):
        assert words_of(who, sent) == ["The car came back.\n\nWhen: Tuesday"]
    assert Grant.objects.count() == grants


def test_it_is_a_statement_of_the_senders_agency_with_its_own_date(cast: Cast, sent):
    made = add(cast.teacher, sent)

    first = Statement.objects.get(case=sent, question="saw")
    assert (made.agency_id, made.author_id) == (cast.school.pk, cast.teacher.membership_id)
    assert made.stated_at > first.stated_at
    assert made.category == Category.IC4


def test_what_the_child_said_is_the_childs_own_words(cast: Cast, sent):
    made = add(cast.teacher, sent, known_how=KnownHow.CHILD_SAID)

    assert (made.question, made.category) == ("added_child_said", Category.IC10)


def test_what_is_protected_is_withheld_from_others_with_the_reason(cast: Cast, sent):
    add(cast.teacher, sent, protect=Protect.SOURCE)

    assert words_of(cast.coordinator, sent) == ["Withheld: identifies a source"]
    assert words_of(cast.teacher, sent)[0].startswith("The car came back.")


def test_the_lead_of_the_agency_adds_too(cast: Cast, sent):
    made = add(cast.lead, sent)

    assert made.referral.case_id == sent.pk
    assert words_of(cast.teacher, sent)


def test_whoever_looks_after_the_case_is_told(cast: Cast, sent):
    triage.acknowledge(actor=cast.coordinator, case=sent)

    add(cast.teacher, sent)

    told = Notice.objects.filter(kind=Kind.ADDED).values_list("recipient_id", flat=True)
    assert list(told) == [cast.coordinator.membership_id]


def test_while_nobody_has_taken_it_on_all_of_the_front_door_is_told(cast: Cast, sent):
    add(cast.teacher, sent)

    assert Notice.objects.filter(kind=Kind.ADDED).count() == 3


def test_it_is_one_event_without_its_words(cast: Cast, sent):
    made = add(cast.teacher, sent)

    (kept,) = events("referral.added")
    assert kept["obj"] == {"kind": "statement", "id": str(made.pk)}
    assert kept["fields"] == ["IC4"]
    assert "car" not in str(kept)


def test_a_double_press_adds_it_once(cast: Cast, sent):
    key = uuid4()

    assert add(cast.teacher, sent, key).pk == add(cast.teacher, sent, key).pk

    assert len(events("referral.added")) == 1
    with pytest.raises(DomainError, match="other words"):
        add(cast.teacher, sent, key, what="Something else.")


@pytest.mark.parametrize("changes", [{"protect": "source"}, {"known_how": "told"}])
def test_a_repeat_that_says_otherwise_is_never_told_that_it_was_added(cast: Cast, sent, changes):
    client, said = signed_in(cast.teacher), typed(send="send")
    client.post(page(sent), said)

    again = client.post(page(sent), {**said, **changes})

    assert again.status_code == 409
    assert "Protect or correct it on the case page" in again.text
    assert "The car came back." in again.text
    assert Statement.objects.get(question="added").protect == Protect.NONE


@pytest.mark.parametrize("changes", [{"what": " "}, {"when": " "}, {"protect": Protect.EXISTENCE}])
def test_what_is_missing_is_asked_for(cast: Cast, sent, changes):
    with pytest.raises(DomainError):
        add(cast.teacher, sent, **changes)

    assert not events("referral.added")


def test_nothing_is_added_to_what_was_withdrawn(cast: Cast, sent):
    triage.move(actor=cast.teacher, case=sent, action=Action.WITHDRAW, reason="A mistake.")

    with pytest.raises(DomainError, match="withdrawn"):
        add(cast.teacher, sent)


@pytest.mark.parametrize(
    ("name", "error"),
    [("coordinator", Refused), ("colleague", NotVisible), ("other_coordinator", NotVisible)],
)
def test_nobody_else_adds(cast: Cast, sent, name, error):
    with pytest.raises(error):
        add(cast.everyone()[name], sent)


def test_it_is_written_checked_and_then_added(cast: Cast, sent):
    client, said = signed_in(cast.teacher), typed()

    empty = client.post(page(sent), typed(what=""))
    check = client.post(page(sent), said)

    assert empty.status_code == 422
    assert "Write what is new" in empty.text
    assert "Check what you add" in check.text
    assert "MASE coordinator, Exampleshire Council" in check.text
    assert not events("referral.added")

    again = client.post(page(sent), {**said, "change": "change"})
    assert "The car came back." in again.text

    done = client.post(page(sent), {**said, "send": "send"})
    assert done.url == reverse("referrals:case", args=[sent.reference])
    assert "The car came back." in client.get(done.url).text


def test_nothing_is_chosen_for_anybody(cast: Cast, sent):
    page_ = signed_in(cast.teacher).get(page(sent)).text

    assert "checked" not in page_


def test_the_words_are_in_no_repr():
    assert "car" not in repr(new())


def test_a_number_of_another_case_adds_nothing(cast: Cast, sent):
    other = send(cast.teacher)
    made = add(cast.teacher, other)

    with pytest.raises(DomainError):
        add(cast.teacher, sent, made.pk)
