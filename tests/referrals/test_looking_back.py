"""Whoever looks at a closed case and finds no safe child is heard, and somebody looks again."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from portal.common.errors import DomainError, Refused
from portal.notifications.models import Notice
from portal.notifications.vocabulary import Kind
from referrals.models import Case, Clock, Closure, EmergencyAccess, Grant, LookBack
from referrals.services import clocks, end_grants
from referrals.triage import policies as triage
from referrals.triage import services
from referrals.vocabulary import ClockKind, Closing, Emergency, Found
from tests.cast import Cast, events, membership, send, signed_in
from tests.closing import again, closed, ending, to_close, typed

SAID = {"asked": "The nurse", "words": "She has a new telephone."}
UNSAFE = {"safe": "no", "reopens": "yes", **SAID}
WELL = {"safe": "yes", "reopens": "no", **SAID}


def due(cast: Cast) -> Case:
    """A closed case at which somebody is to look today."""
    case = closed(cast)
    now = timezone.now()
    Clock.objects.filter(case=case, kind=ClockKind.LOOK_BACK).update(near_at=now, due_at=now)
    return case


def page(case: Case) -> str:
    return reverse("triage:look-back", args=[case.reference])


def waits(cast: Cast) -> list[str]:
    return [row.reference for row, _ in services.look_backs(actor=cast.manager)]


def look(who, case: Case, safe: Found, *, reopens: bool = False, seen: int = 0) -> LookBack:
    return services.look_back(actor=who, case=case, safe=safe, reopens=reopens, seen=seen, **SAID)


@pytest.mark.parametrize(
    ("safe", "reopens"), [(Found.NO, True), (Found.NOT_KNOWN, False), (Found.YES, True)]
)
def test_a_look_that_finds_no_safe_child_is_heard_and_asks_for_another(cast: Cast, safe, reopens):
    case = due(cast)
    Notice.objects.all().delete()

    look(cast.coordinator, case, safe, reopens=reopens)

    [notice] = Notice.objects.filter(kind=Kind.LOOK_BACK)
    assert (notice.recipient_id, notice.case) == (cast.manager.membership_id, case.pk)
    assert waits(cast) == [case.reference]
    client = signed_in(cast.manager)
    assert "1 closed case to look at again" in client.get(reverse("home:home")).text
    shown = client.get(page(case)).text
    assert f"Is the child safe? <strong>{safe.label}</strong>" in shown
    said = "Yes" if reopens else "No"
    assert f"Should the case be reopened? <strong>{said}</strong>" in shown
    assert "Nothing more is asked" not in shown

    assert client.post(page(case), {**WELL, "seen": "1"}).status_code == 302

    assert waits(cast) == []
    assert "Nothing more is asked" in client.get(page(case)).text
    assert LookBack.objects.count() == 2


def test_to_reopen_the_case_ends_it_too(cast: Cast):
    case = due(cast)
    look(cast.coordinator, case, Found.NO)

    services.reopen(actor=cast.manager, case=case, again=again(case))

    assert waits(cast) == []
    assert not triage.worries().exists()


def test_who_finds_a_child_safe_does_not_overlook_what_another_found_meanwhile(cast: Cast):
    case = due(cast)
    look(cast.manager, case, Found.NO)

    answer = signed_in(cast.coordinator).post(page(case), {**WELL, "seen": "0"})

    assert answer.status_code == 409
    assert "Somebody else has looked meanwhile" in answer.text.replace("&#x27;", "'")
    assert answer.text.count(SAID["words"]) == 2
    assert 'name="seen" value="1"' in answer.text
    assert waits(cast) == [case.reference]


def test_the_second_of_two_who_look_keeps_what_they_typed(cast: Cast):
    case = due(cast)
    look(cast.manager, case, Found.YES)

    answer = signed_in(cast.coordinator).post(page(case), {**WELL, "words": "He rang me."})

    assert answer.status_code == 409
    assert "Somebody has looked already" in answer.text
    assert "He rang me.</textarea>" in answer.text


@pytest.mark.parametrize(("typed", "status"), [({}, 409), ({"safe": ""}, 422)])
def test_who_looks_at_a_case_that_was_reopened_meanwhile_keeps_what_they_typed(
    cast: Cast, typed, status
):
    case = due(cast)
    services.reopen(actor=cast.manager, case=case, again=again(case))

    answer = signed_in(cast.coordinator).post(
        page(case), {**WELL, "words": "He rang me.", "seen": "0", **typed}
    )

    assert answer.status_code == status
    assert "He rang me.</textarea>" in answer.text
    assert ("has been reopened meanwhile" in answer.text) == (status == 409)
    assert reverse("referrals:note", args=[case.reference]) in answer.text
    assert reverse("triage:reopen", args=[case.reference]) not in answer.text
    assert not LookBack.objects.exists()


def test_only_what_may_be_opened_is_listed(cast: Cast):
    """Who reads a closed case in an emergency alone sees it, and not how it was closed."""
    case = due(cast)
    given = Grant.objects.filter(content_object=case, group_id=cast.manager.team_id)
    end_grants(cast.coordinator, case, given, "No longer needed.")
    now = timezone.now()
    EmergencyAccess.objects.create(
        case=case,
        membership=membership(cast.manager),
        why=Emergency.LIFE,
        next_step="I go there now and stay with the child.",
        from_at=now,
        until_at=now + timedelta(hours=1),
        review_due_at=now + timedelta(days=2),
    )

    client = signed_in(cast.manager)
    assert client.get(reverse("referrals:case", args=[case.reference])).status_code == 200
    assert client.get(page(case)).status_code == 403
    assert waits(cast) == []
    assert "1 closed case to look at again" not in client.get(reverse("home:home")).text


def test_to_read_how_a_case_was_closed_is_on_the_record(cast: Cast):
    case = closed(cast)
    before = len(events("case.read"))

    assert signed_in(cast.manager).get(page(case)).status_code == 200

    [event] = events("case.read")[before:]
    assert event["obj"] == {"kind": "closure", "id": str(Closure.objects.get().pk)}
    with pytest.raises(Refused):
        services.read_closure(actor=cast.teacher, reference=case.reference)
    with pytest.raises(DomainError, match="not closed"):
        services.read_closure(actor=cast.manager, reference=send(cast.teacher).reference)


def test_nobody_is_asked_to_look_at_a_child_who_has_died(cast: Cast):
    case = to_close(cast)

    answer = signed_in(cast.coordinator).post(
        reverse("triage:close", args=[case.reference]), typed(ending(reason=Closing.DIED))
    )

    assert answer.status_code == 302
    assert not Clock.objects.filter(kind=ClockKind.LOOK_BACK).exists()
    assert Closure.objects.get().look_back_on is None
    shown = signed_in(cast.coordinator).get(page(case)).text
    assert "Nobody: the child has died" in shown
    assert "do not wait for that day" not in shown


def test_the_list_holds_closed_cases_only_the_longest_due_first(cast: Cast, time_machine):
    clocks.start(send(cast.teacher), ClockKind.LOOK_BACK, timezone.now())
    now = timezone.now()
    second, first = closed(cast), None
    time_machine.move_to(now - timedelta(days=2))
    first = closed(cast)
    time_machine.move_to(now)
    Clock.objects.filter(kind=ClockKind.LOOK_BACK).update(near_at=now, due_at=now)

    assert waits(cast) == [first.reference, second.reference]
