"""Messages between teams on a case: each says who reads it, and may need an answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from portal.accounts.models import Team
from portal.accounts.vocabulary import Principal
from portal.audit.services import record
from portal.common.clock import add_working_days
from portal.common.errors import DomainError
from portal.notifications.services import owe
from portal.notifications.vocabulary import Kind
from referrals import policies as casework
from referrals.following import policies, reading
from referrals.following.models import Message
from referrals.following.vocabulary import About
from referrals.models import Case
from sharing.rules.vocabulary import Purpose


@dataclass(frozen=True, repr=False)
class Words:
    """A message as somebody writes it: to which teams, in which words, whether it needs an answer.

    `answers` is the message that it answers; that one says who reads it, and `readers` is empty.
    """

    text: str
    readers: tuple[int, ...] = ()
    needs_answer: bool = False
    about: About = About.QUESTION
    answers: UUID | None = None


@transaction.atomic
def read_messages(*, actor: Principal, reference: str) -> reading.Messages:
    """Read the messages of a case that were written by or to the actor's team, on the record.

    Raises NotVisible or Refused.
    """
    case = casework.case_for(actor, reference)
    found = reading.messages(actor, case)
    record(
        actor,
        "message.read",
        case=case.pk,
        subjects=[case.child_id],
        purpose=casework.purpose_of(actor),
        ids=[line.pk for line in found.lines],
    )
    return found


@transaction.atomic
def send_message(*, actor: Principal, case: Case, words: Words, key: UUID) -> Message:
    """Write to other teams about a case, and tell those of them who may know of it.

    `key` names the form, so that a double press sends once. Raises NotVisible; Refused for
    emergency access, which is to read; DomainError without words, for teams that the actor does
    not write to about this case, and for an answer to what was answered before.
    Clock: an answer is due in the partnership's working days for a request.
    """
    case = (
        Case.objects.select_for_update(of=("self",)).select_related("partnership").get(pk=case.pk)
    )
    casework.case_for(actor, case.reference)
    casework.require_more_than_emergency(actor, case)
    before = Message.objects.filter(pk=key).first()
    if before is not None:
        return _sent_before(actor, case, before, words)
    if not words.text.strip():
        raise DomainError("Write your message.")
    asked = _answered(actor, case, words.answers) if words.answers else None
    teams = [asked.team] if asked else _readers(actor, case, words.readers)
    now, area = timezone.now(), case.partnership
    due = None
    if words.needs_answer or words.about is About.CORRECTION:
        due = add_working_days(
            now, area.request_working_days, area.office_opens, area.office_closes
        )
    made = Message.objects.create(
        pk=key,
        case=case,
        about=words.about,
        team_id=actor.team_id,
        author_id=actor.membership_id,
        readers=[team.pk for team in teams],
        text=words.text.strip(),
        sent_at=now,
        answer_due_at=due,
        answers=asked,
    )
    cause = _record(actor, case, made, teams)
    for member in casework.people_of(case, teams):
        owe(
            recipient=member,
            kind=Kind.MESSAGE,
            reference=case.reference,
            case=case.pk,
            cause=cause,
        )
    return made


def ask_for_correction(*, actor: Principal, case: Case, text: str, key: UUID) -> Message:
    """Ask the front door to put something right on a referral that is being checked already.

    What was sent stays as it was until it is corrected, and a line says so then. Raises as
    `send_message` does, and Refused unless the actor follows the referral; DomainError when nobody
    at the front door may know of the case.
    Legal source: rectification, UK GDPR article 16.
    """
    policies.require_follows(actor, case)
    front = tuple(team.pk for team in casework.front_teams(case))
    if not front:
        raise DomainError(
            "Nobody at the front door would read this now. Nothing is lost. Ring them on"
            f" {case.partnership.front_door_phone}."
        )
    words = Words(text=text, readers=front, about=About.CORRECTION)
    return send_message(actor=actor, case=case, words=words, key=key)


def _sent_before(actor: Principal, case: Case, before: Message, words: Words) -> Message:
    mine = before.author_id == actor.membership_id and before.case_id == case.pk
    same = before.text == words.text.strip() and before.answers_id == words.answers
    if mine and same and (words.answers or set(before.readers) == set(words.readers)):
        return before
    raise DomainError(
        "This was sent before, with other words or to others. Nothing is lost: that stands as it"
        " was, and this was not sent. Open the page again to write more."
    )


def _answered(actor: Principal, case: Case, pk: UUID) -> Message:
    asked = (
        Message.objects.filter(case=case, pk=pk, readers__contains=[actor.team_id])
        .select_related("team__agency")
        .first()
    )
    if asked is None:
        raise DomainError("The message that you answer is not here. Write a new one.")
    if Message.objects.filter(answers=asked).exists():
        raise DomainError(
            "Somebody has answered this message already. What you wrote was not sent: read the"
            " answer, and write a new message if there is more to say."
        )
    return asked


def _readers(actor: Principal, case: Case, wanted: Sequence[int]) -> list[Team]:
    offered = policies.may_write_to(actor, case)
    same = (teams for teams in offered if {team.pk for team in teams} == set(wanted))
    found = next(same, None)
    if not found:
        raise DomainError("Select who will read it. Nothing has been sent.")
    return found


def _record(actor: Principal, case: Case, made: Message, teams: Sequence[Team]) -> UUID:
    """Write a disclosure to the ledger for each team that reads it; return the last event."""
    causes = [
        record(
            actor,
            "message.sent",
            case=case.pk,
            obj=("message", made.pk),
            subjects=[case.child_id],
            recipient=("team", team.name),
            purpose=Purpose.SCREEN,
            why=str(made.about),
        )
        for team in teams
    ]
    return causes[-1]
