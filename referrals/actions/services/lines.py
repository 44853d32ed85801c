"""What every verb of an action shares: hold it, write one line, put it on the record, tell."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from portal.accounts.models import Membership, Partnership
from portal.accounts.vocabulary import Principal
from portal.audit.services import record
from portal.common.clock import LONDON
from portal.common.errors import DomainError, NotVisible
from portal.common.workflow import next_status
from portal.notifications.services import owe
from portal.notifications.vocabulary import Kind
from referrals import policies as casework
from referrals.actions import policies
from referrals.actions.models import Action, Entry
from referrals.actions.vocabulary import Said
from referrals.actions.workflow import TRANSITIONS, Verb, is_open_to
from referrals.models import Case


def hold(actor: Principal, pk: UUID, verb: Verb) -> Action:
    """Lock the case, then the action; insist that the actor may use this verb on it at all.

    Every service begins here, inside its transaction: who closes the case waits for this, and this
    for them. Raises NotVisible, Refused.
    """
    known = Action.objects.filter(pk=pk).first()
    if known is None:
        raise NotVisible("action", str(pk))
    Case.objects.select_for_update().get(pk=known.case_id)
    Action.objects.select_for_update().get(pk=pk)
    action = policies.action_for(actor, pk)
    policies.require(actor, verb, action)
    return action


def written_before(actor: Principal, pk: UUID, key: UUID | None, kind: Said) -> Entry | None:
    """The line that this very form wrote before: it was pressed twice.

    Raises DomainError for a key that somebody else used, or for something else.
    """
    if key is None:
        return None
    before = Entry.objects.filter(pk=key).select_related("action").first()
    if before is None:
        return None
    if (before.action_id, before.by_id, before.kind) != (pk, actor.membership_id, kind):
        raise DomainError("This form was used before. Open the action again, and write it there.")
    return before


def insist_on_state(action: Action, verb: Verb) -> None:
    """Raises DomainError where the action is not in a state in which this can be done."""
    if verb in TRANSITIONS:
        next_status(TRANSITIONS, verb, action.status)
    elif not is_open_to(verb, action.status):
        raise DomainError(
            f"This cannot be done now: the action is “{action.get_status_display()}”."
            " Nothing has changed."
        )


def move(action: Action, verb: Verb, *columns: str) -> None:
    """Take the step of the table, and save these columns with it."""
    action.status = next_status(TRANSITIONS, verb, action.status)
    action.save(update_fields=["status", *columns])


def write(
    actor: Principal, action: Action, kind: Said, act: str, *, key: UUID | None = None, **more: Any
) -> tuple[Entry, UUID]:
    """Write one line and put it on the record; return it, and the event's id."""
    if "words" in more:
        more["words"] = more["words"].strip()
    if key is not None:
        more["pk"] = key
    line = Entry.objects.create(
        action=action, kind=kind, by_id=actor.membership_id, at=timezone.now(), **more
    )
    ids = [line.to_id] if line.to_id else []
    return line, on_record(actor, act, action, why=str(line.effect), ids=ids)


def on_record(
    actor: Principal | None, act: str, action: Action, *, why: str = "", ids: Iterable[UUID] = ()
) -> UUID:
    """One event about this action."""
    return record(
        actor,
        act,
        case=action.case_id,
        obj=("action", action.pk),
        subjects=[action.case.child_id],
        purpose=casework.purpose_of(actor) if actor else "",
        why=why,
        ids=list(ids),
    )


def tell(members: Iterable[Membership], kind: Kind, case: Case, cause: UUID) -> list[UUID]:
    """Owe each of them a notice with the reference of the case; return who they are."""
    told = {member.pk: member for member in members}
    for member in told.values():
        owe(recipient=member, kind=kind, reference=case.reference, case=case.pk, cause=cause)
    return list(told)


def tell_above(actor: Principal, action: Action, kind: Kind, cause: UUID) -> None:
    """Tell whoever looks after the case, but for the actor."""
    duty = casework.on_duty(action.case)
    tell([each for each in duty if each.pk != actor.membership_id], kind, action.case, cause)


def tell_owner(actor: Principal, action: Action, kind: Kind, cause: UUID) -> None:
    """Tell the owner, but for the actor."""
    if action.owner_id != actor.membership_id:
        tell([action.owner], kind, action.case, cause)


def end_of_office(day: date, area: Partnership) -> datetime:
    """The moment at which something that is due on a day is late: when the office closes."""
    return datetime.combine(day, area.office_closes, LONDON)


def today() -> date:
    """The day in London."""
    return timezone.now().astimezone(LONDON).date()


def insist_on_words(words: str, says: str) -> str:
    """The words without what surrounds them. Raises DomainError where there are none."""
    if not words.strip():
        raise DomainError(says)
    return words.strip()
