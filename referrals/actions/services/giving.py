"""Giving an action to one named person, reminding owners, and what keeps a case from ending."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from portal.accounts.models import Membership
from portal.accounts.vocabulary import Principal
from portal.common.clock import start_of_clock
from portal.common.errors import DomainError
from portal.common.moments import day
from portal.notifications.vocabulary import Kind
from referrals.actions import policies
from referrals.actions.models import Action, Entry
from referrals.actions.services.lines import (
    end_of_office,
    insist_on_words,
    on_record,
    tell,
    tell_owner,
    write,
)
from referrals.actions.vocabulary import Said
from referrals.actions.workflow import Verb, is_open_to
from referrals.matching.models import Join
from referrals.models import Case

MOST_AT_ONCE: Final = 50
_NAMED: Final = 5


@transaction.atomic
def give(
    *,
    actor: Principal,
    case: Case,
    owner: Membership,
    what: str,
    effect: str,
    due: date,
    cause: UUID | None = None,
    key: UUID | None = None,
) -> Action:
    """Give an action on a case to one named person: what, why, and by which day.

    `cause` is what it follows from, such as a panel's decision; `key` names the form, so that a
    double press gives it once. The owner is told, with the reference of the case and no more of it.

    Raises NotVisible; Refused unless the actor coordinates or manages the case or chairs its panel;
    DomainError without words, for a day that is over, for a case on which there is no work or which
    is joined to another, and for an owner who cannot have it.
    """
    case = (
        Case.objects.select_for_update(of=("self",)).select_related("partnership").get(pk=case.pk)
    )
    policies.require_gives(actor, case)
    before = Action.objects.filter(pk=key).first() if key else None
    if before is not None:
        if (before.case_id, before.given_by_id) != (case.pk, actor.membership_id):
            raise DomainError(
                "This form was used before. Open it again, and give the action there."
            )
        return before
    insist_in_work(case)
    now = timezone.now()
    due_at = end_of_office(due, case.partnership)
    if due_at <= now:
        raise DomainError("Enter a day that is still to come. Nothing has changed.")
    chosen = policies.may_own(case).select_related("team").filter(pk=owner.pk).first()
    if chosen is None:
        raise DomainError("This person cannot have this action. Select somebody else.")
    made = Action(
        case=case,
        agency_id=chosen.team.agency_id,
        owner=chosen,
        what=insist_on_words(what, "Write what is to be done."),
        effect=insist_on_words(effect, "Write what it is to change for the child."),
        due_at=due_at,
        given_by_id=actor.membership_id,
        given_at=now,
        cause=cause,
    )
    if key is not None:
        made.pk = key
    made.save(force_insert=True)
    event = on_record(actor, "action.given", made, ids=[chosen.pk])
    tell_owner(actor, made, Kind.ACTION_GIVEN, event)
    return made


def insist_in_work(case: Case) -> None:
    """Raises DomainError for a case on which there is no work now, or not in this case."""
    if case.status not in policies.IN_WORK:
        raise DomainError(
            "There is no decision to work on here yet, or the work is over. Nothing has changed."
        )
    if Join.objects.current().filter(joined=case).exists():
        raise DomainError(
            "This case is joined to another one, and the work goes on there. Nothing has changed."
        )


def insist_none_open(case: Case, *, names: bool = True) -> None:
    """Insist that every action of a case is checked, or said to be not possible.

    Whoever closes a case, steps it down or hands it on asks this under lock; a trigger holds it
    too. The sentence names agencies and days, and nothing of what is to be done; without `names`,
    for somebody who does not oversee the case, not even these.
    Raises DomainError.
    """
    found = policies.open_of(case).select_related("agency").order_by("due_at")
    count = found.count()
    if not count:
        return
    if not names:
        raise DomainError(
            "Work that was agreed here is not finished yet. Ask whoever sent you this to finish it"
            " first. Your answer was not recorded."
        )
    named = [f"{each.agency.name} (due {day(each.due_at)})" for each in found[:_NAMED]]
    more = f", and {count - _NAMED} more" if count > _NAMED else ""
    are = "1 action is" if count == 1 else f"{count} actions are"
    raise DomainError(
        f"{are} not finished: {', '.join(named)}{more}. Each is checked, or said to be not"
        " possible, before the work on a child becomes less. Nothing has changed."
    )


@dataclass(frozen=True, repr=False)
class Reminded:
    """How many owners were reminded, and how many actions needed none."""

    count: int
    left: int

    @property
    def words(self) -> str:
        """The same in a sentence."""
        said = "1 reminder" if self.count == 1 else f"{self.count} reminders"
        if not self.left:
            return f"Sent {said}."
        return f"Sent {said}. {self.left} had one today, or need none any more."


@transaction.atomic
def remind(*, actor: Principal, pks: Iterable[UUID]) -> Reminded:
    """Remind the owners of these actions, each at most once on a working day.

    What has ended meanwhile is left alone. Raises NotVisible for an action that the actor may not
    know of, and Refused for one of a case that they do not oversee; DomainError for too many.
    """
    wanted = sorted(set(pks))
    if len(wanted) > MOST_AT_ONCE:
        raise DomainError(f"Select at most {MOST_AT_ONCE} actions.")
    done = 0
    for pk in wanted:
        action = policies.action_for(actor, pk)
        policies.require(actor, Verb.REMIND, action)
        done += _remind(actor, action)
    return Reminded(done, len(wanted) - done)


def _remind(actor: Principal, known: Action) -> bool:
    action = (
        Action.objects.select_for_update(of=("self",))
        .select_related("owner__user", "case__partnership")
        .get(pk=known.pk)
    )
    area = action.case.partnership
    today = start_of_clock(timezone.now(), area.office_opens, area.office_closes).date()
    had = Entry.objects.filter(action=action, kind=Said.REMINDED, working_day=today).exists()
    if had or not is_open_to(Verb.REMIND, action.status):
        return False
    _, cause = write(actor, action, Said.REMINDED, "action.reminded", working_day=today)
    tell([action.owner], Kind.ACTION_REMINDED, action.case, cause)
    return True
