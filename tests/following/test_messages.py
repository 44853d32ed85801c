"""Messages: between named teams, only while the case is open to them, answered once."""

from uuid import uuid4

import pytest
from django.urls import reverse

from portal.common.errors import DomainError, NotVisible, Refused
from portal.notifications.models import Notice
from portal.notifications.vocabulary import Kind
from referrals.following import services
from referrals.following.models import Message
from referrals.following.services import Words
from referrals.following.vocabulary import About
from referrals.models import EmergencyAccess, Wall
from referrals.vocabulary import Conflict, Emergency
from tests.cast import Cast, events, membership, signed_in

TEXT = "Did she arrive at the club?"


def front(cast: Cast):
    return (cast.coordinator.team_id, cast.manager.team_id)


def write(actor, case, readers=(), key=None, **more):
    words = Words(**{"text": TEXT, "readers": tuple(readers), **more})
    return services.send_message(actor=actor, case=case, words=words, key=key or uuid4())


def lines(actor, case):
    return services.read_messages(actor=actor, reference=case.reference).lines


def test_the_sender_writes_to_all_of_the_front_door(cast: Cast, sent):
    write(cast.teacher, sent, front(cast))

    for who in (cast.teacher, cast.coordinator, cast.manager):
        (line,) = lines(who, sent)
        assert line.text == TEXT
        assert line.readers.startswith("MASE coordinator, Exampleshire Council")
    assert lines(cast.lead, sent) == ()
    told = set(Notice.objects.filter(kind=Kind.MESSAGE).values_list("recipient_id", flat=True))
    front_door = (cast.coordinator, cast.second_coordinator, cast.manager)
    assert told == {who.membership_id for who in front_door}


def test_a_coordinator_writes_to_the_person_who_sent_it_and_only_they_read_it(cast: Cast, sent):
    write(cast.coordinator, sent, [cast.teacher.team_id])

    assert lines(cast.teacher, sent)
    told = Notice.objects.filter(kind=Kind.MESSAGE).values_list("recipient_id", flat=True)
    assert list(told) == [cast.teacher.membership_id]
    with pytest.raises(NotVisible):
        lines(cast.colleague, sent)


def test_a_message_is_a_disclosure_to_each_team_without_its_words(cast: Cast, sent):
    write(cast.teacher, sent, front(cast))

    kept = events("message.sent")
    assert {body["rcpt"]["id"].split(":")[1] for body in kept} == {"coordinator", "manager"}
    assert "club" not in str(kept)


def test_reading_messages_is_an_event(cast: Cast, sent):
    made = write(cast.teacher, sent, front(cast))

    lines(cast.coordinator, sent)

    assert events("message.read")[-1]["ids"] == [str(made.pk)]


def test_an_answer_goes_to_the_team_that_asked_once(cast: Cast, sent):
    asked = write(cast.teacher, sent, front(cast), needs_answer=True)
    assert lines(cast.coordinator, sent)[0].due

    write(cast.coordinator, sent, text="Yes, at six.", answers=asked.pk)

    assert lines(cast.teacher, sent)[0].text == "Yes, at six."
    assert [line.due for line in lines(cast.coordinator, sent)] == [None, None]
    with pytest.raises(DomainError, match="answered this message already"):
        write(cast.manager, sent, text="No.", answers=asked.pk)


@pytest.mark.parametrize("name", ["teacher", "lead"])
def test_nobody_writes_past_the_front_door(cast: Cast, sent, name):
    with pytest.raises(DomainError, match="who will read it"):
        write(cast.everyone()[name], sent, [cast.panel_officer.team_id])

    assert not Message.objects.exists()


def test_a_team_without_a_share_is_not_written_to(cast: Cast, sent):
    with pytest.raises(DomainError, match="who will read it"):
        write(cast.coordinator, sent, [cast.panel_officer.team_id])


def test_who_has_a_conflict_of_interest_neither_reads_nor_hears(cast: Cast, sent):
    Wall.objects.create(
        case=sent,
        user_id=cast.second_coordinator.user_id,
        why=Conflict.NAMED,
        raised_by=membership(cast.manager),
    )

    write(cast.teacher, sent, front(cast))

    with pytest.raises(NotVisible):
        lines(cast.second_coordinator, sent)
    told = Notice.objects.filter(kind=Kind.MESSAGE).values_list("recipient_id", flat=True)
    assert cast.second_coordinator.membership_id not in told


def test_emergency_access_writes_to_nobody(cast: Cast, sent):
    from datetime import timedelta

    from django.utils import timezone

    now = timezone.now()
    EmergencyAccess.objects.create(
        case=sent,
        membership=membership(cast.charity_worker),
        why=Emergency.LIFE,
        next_step="I go there now and stay with the child.",
        from_at=now,
        until_at=now + timedelta(hours=1),
        review_due_at=now + timedelta(days=2),
    )

    with pytest.raises(Refused):
        write(cast.charity_worker, sent, front(cast))
    assert lines(cast.charity_worker, sent) == ()


def test_a_double_press_sends_once(cast: Cast, sent):
    key = uuid4()

    write(cast.teacher, sent, front(cast), key)
    write(cast.teacher, sent, front(cast), key)

    assert Message.objects.count() == 1


def test_a_correction_is_asked_for_and_needs_an_answer(cast: Cast, sent):
    made = services.ask_for_correction(
        actor=cast.teacher, case=sent, text="It was Monday.", key=uuid4()
    )

    assert (made.about, bool(made.answer_due_at)) == (About.CORRECTION, True)
    with pytest.raises(Refused):
        services.ask_for_correction(
            actor=cast.coordinator, case=sent, text="It was Monday.", key=uuid4()
        )


# --- The page -------------------------------------------------------------------------------------


def test_the_page_sends_and_answers(cast: Cast, sent):
    page = reverse("following:messages", args=[sent.reference])
    teacher, coordinator = signed_in(cast.teacher), signed_in(cast.coordinator)
    assert "There are no messages yet." in teacher.get(page).text

    empty = teacher.post(page, {"key": str(uuid4())})
    assert (empty.status_code, "Write your message" in empty.text) == (422, True)
    teacher.post(page, {"key": str(uuid4()), "text": TEXT, "needs_answer": "yes"})

    read = coordinator.get(page).text
    assert TEXT in read
    assert "checked" not in read
    assert "Practitioner, Example High School: the person who sent the referral" in read
    asked = Message.objects.get()
    answer = {"key": str(uuid4()), "text": "Yes, at six.", "needs_answer": "no"}
    coordinator.post(f"{page}?answers={asked.pk}", answer)
    assert "Yes, at six." in teacher.get(page).text
    assert Message.objects.get(answers=asked).readers == [cast.teacher.team_id]


def test_an_answer_that_somebody_else_gave_first_never_goes_to_anybody_else(cast: Cast, sent):
    asked = write(cast.teacher, sent, front(cast), needs_answer=True)
    page = reverse("following:messages", args=[sent.reference]) + f"?answers={asked.pk}"
    coordinator = signed_in(cast.coordinator)
    assert "You answer" in coordinator.get(page).text
    write(cast.manager, sent, text="No.", answers=asked.pk)
    said = {"key": str(uuid4()), "text": "Yes, at six.", "needs_answer": "no"}

    for _ in range(2):
        late = coordinator.post(page, said)

        assert late.status_code == 409
        assert "answered this message already" in late.text
        assert "Yes, at six." in late.text
    assert Message.objects.count() == 2
    # To say more is to write a new message, by a page that says who reads it.
    assert "Write a message" in coordinator.get(page).text


def test_an_answer_pressed_twice_is_sent_once(cast: Cast, sent):
    asked = write(cast.teacher, sent, front(cast))
    page = reverse("following:messages", args=[sent.reference]) + f"?answers={asked.pk}"
    said = {"key": str(uuid4()), "text": "Yes, at six.", "needs_answer": "no"}

    assert [signed_in(cast.coordinator).post(page, said).status_code for _ in "12"] == [302, 302]
    assert Message.objects.filter(answers=asked).count() == 1


def test_a_number_that_is_none_is_not_found(cast: Cast, sent):
    page = reverse("following:messages", args=[sent.reference]) + "?answers=x"

    assert signed_in(cast.coordinator).get(page).status_code == 404


def test_the_same_words_to_others_are_no_repeat(cast: Cast, sent):
    key = uuid4()
    write(cast.coordinator, sent, [cast.teacher.team_id], key)

    with pytest.raises(DomainError, match="to others"):
        write(cast.coordinator, sent, [cast.panel_officer.team_id], key)
