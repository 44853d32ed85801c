"""The board's own acts: give referrals to somebody, take the next one; and who looked of late."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q, prefetch_related_objects

from portal.accounts.models import Membership, User
from portal.accounts.vocabulary import Principal, Role
from portal.audit.reports import last_read, read_since
from portal.audit.services import record
from portal.common.errors import DomainError
from portal.notifications import policies as notices
from portal.notifications.vocabulary import Kind
from referrals import policies
from referrals.models import Case
from referrals.triage.policies import overseen
from referrals.triage.services.telling import tell
from referrals.workflow import ON_BOARD
from sharing.rules.vocabulary import Purpose

MOST_AT_ONCE: Final = 25
"""How many referrals are given to somebody at once: a page of the board."""


@dataclass(frozen=True, repr=False)
class Given:
    """What became of giving referrals to somebody: those given, and why the others were not."""

    done: tuple[str, ...]
    not_done: tuple[str, ...]
    how: str = "assigned"

    @property
    def words(self) -> str:
        """All of it in words."""
        return " ".join((f"{len(self.done)} {self.how}.", *self.not_done))


def candidates(actor: Principal, cases: Iterable[Case]) -> list[Membership]:
    """Who may be given these referrals: the front door that may know of any, the actor first."""
    found = policies.at_any_front_door(case.pk for case in cases)
    return sorted(found, key=lambda each: (each.pk != actor.membership_id, each.user.name))


@transaction.atomic
def assign(*, actor: Principal, seen: Mapping[str, str], to: UUID) -> Given:
    """Give referrals of the board to a coordinator or manager, each on the record.

    `seen` maps each reference to who had it when the actor chose ("" for nobody): one that
    somebody else has taken since is left with them, and the answer says so. At most 25.
    One that the actor does not coordinate or manage could not be found, as one that is not there.
    Raises Refused to whoever does not work at the front door; DomainError when none is chosen, or
    too many, or whoever is to have them does not work there.
    """
    policies.require_triage(actor)
    if not seen:
        raise DomainError("Select at least one referral.")
    if len(seen) > MOST_AT_ONCE:
        raise DomainError(f"Select at most {MOST_AT_ONCE} referrals. Nothing has been changed.")
    cases = held(actor, seen)
    # Not joined to it: that row would be as it was before the wait.
    prefetch_related_objects(cases, "coordinator__user")
    member = next((each for each in candidates(actor, cases) if each.pk == to), None)
    if member is None:
        raise DomainError("Select who is to have them. Nothing has been changed.")
    theirs = policies.visible(member.principal()).filter(pk__in=[case.pk for case in cases])
    open_to = set(theirs.values_list("pk", flat=True))
    done, not_done = [], []
    for case in cases:
        why_not = _why_not(case, seen[case.reference], open_to)
        if why_not:
            not_done.append(f"{case.reference} {why_not}.")
        else:
            _give(actor, case, member)
            done.append(case.reference)
    not_found = len(seen) - len(cases)
    if not_found:
        not_done.append(f"{not_found} could not be found.")
    return Given(tuple(done), tuple(not_done))


def held(actor: Principal, references: Iterable[str]) -> list[Case]:
    """Lock those of these cases that the actor coordinates or manages, and return them.

    It is asked again once they are held: somebody may have kept the actor from one of them while
    this waited.
    """
    mine = overseen(actor).filter(reference__in=list(references)).values("pk")
    # One after the other in the same order everywhere, so that nobody waits in a ring.
    cases = list(Case.objects.select_for_update(of=("self",)).filter(pk__in=mine).order_by("pk"))
    fresh = overseen(actor).filter(pk__in=[each.pk for each in cases])
    still = set(fresh.values_list("pk", flat=True))
    return [each for each in cases if each.pk in still]


def _why_not(case: Case, had: str, open_to: Container[UUID]) -> str:
    """Why this one is not given to somebody now; "" when it can be."""
    if case.status not in ON_BOARD:
        return "was decided while you were choosing"
    if str(case.coordinator_id or "") != had:
        name = case.coordinator.user.name if case.coordinator else "nobody"
        return f"was taken by {name} while you were choosing"
    return "" if case.pk in open_to else "cannot be given to this person"


@transaction.atomic
def take_next(*, actor: Principal) -> Case:
    """Take the most urgent referral that nobody has, and return it.

    Two who press at once get two different ones. Raises Refused; DomainError when there is none.
    """
    policies.require_triage(actor)
    waiting = policies.sights(actor).waiting().unassigned().values_list("case_id", flat=True)
    for pk in list(waiting[:MOST_AT_ONCE]):
        nobody = Q(coordinator__isnull=True) | Q(coordinator__in=Membership.objects.ended())
        free = Case.objects.filter(nobody, pk=pk, status__in=ON_BOARD)
        # Somebody else holds it: they are taking it, or deciding it.
        case = free.select_for_update(of=("self",), skip_locked=True).first()
        if case is not None and policies.visible(actor).filter(pk=pk).exists():
            _give(actor, case, Membership.objects.get(pk=actor.membership_id))
            return case
    raise DomainError("No referral waits to be taken. Somebody has all of them.")


def _give(actor: Principal, case: Case, member: Membership) -> None:
    case.coordinator = member
    case.save(update_fields=["coordinator"])
    cause = record(
        actor,
        "referral.assigned",
        case=case.pk,
        obj=("case", case.pk),
        subjects=[case.child_id],
        purpose=Purpose.SCREEN,
        ids=[member.pk],
    )
    if member.pk != actor.membership_id:
        tell([member], Kind.ASSIGNED, case, cause)


LATELY: Final = timedelta(minutes=30)
"""For how long the board and the workspace say that somebody else has opened a referral."""


@dataclass(frozen=True, repr=False)
class Opened:
    """Somebody else had a case open lately. For information: it locks nothing."""

    by: str
    at: datetime


def opened_by(actor: Principal, cases: Iterable[UUID], since: datetime) -> dict[UUID, Opened]:
    """Who else of the front door opened each of these cases since then. Two queries for all."""
    found = last_read(cases, (Role.COORDINATOR, Role.MANAGER), since)
    latest = {
        case: next((read for read in reads if _else(actor, read[0])), None)
        for case, reads in found.items()
    }
    names = User.objects.in_bulk([UUID(each[0]) for each in latest.values() if each])
    return {
        case: Opened(names[UUID(each[0])].name, each[1])
        for case, each in latest.items()
        if each and UUID(each[0]) in names
    }


MOST_REPLIES: Final = 200
"""How many of the latest answers the board knows of, for one reader."""


def replied(actor: Principal) -> set[UUID]:
    """The cases on which an agency has answered a question since the actor last opened them.

    Whoever asked and whoever checks the case are owed a notice of each answer: it counts until
    they mark it as read, or open the case. Two queries, one when no answer came.
    """
    came = notices.visible(actor).unread().filter(kind=Kind.ANSWERED)
    latest: dict[UUID, datetime] = {}
    for case, at in came.order_by("-created_at").values_list("case", "created_at")[:MOST_REPLIES]:
        if case is not None:
            latest.setdefault(case, at)
    return set(latest) - read_since(actor.user_id, latest) if latest else set()


def _else(actor: Principal, who: str) -> bool:
    return who != str(actor.user_id)
