"""Handing cases over to a colleague at the front door, with a note that stays on record."""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from portal.accounts.models import Membership
from portal.accounts.vocabulary import Principal, Role
from portal.audit.services import record
from portal.common.errors import DomainError
from portal.notifications.vocabulary import Kind
from referrals import policies
from referrals.models import Assignment, Case
from referrals.reading import Summary
from referrals.services import list_cases
from referrals.triage.services.board import MOST_AT_ONCE, Given, candidates
from referrals.triage.services.telling import tell, tell_who_had_it
from referrals.workflow import LOOKED_AFTER
from sharing.rules.vocabulary import Purpose

NOTE_LENGTH: Final = 2000


@transaction.atomic
def hand_over(*, actor: Principal, seen: Mapping[str, str], to: UUID, note: str) -> Given:
    """Hand cases over to a colleague, who is told of each; the note stays with every one of them.

    `seen` maps each reference to who had it when the actor chose ("" for nobody): a case that
    somebody else has taken since stays with them, and the answer says so. Only who has a case
    hands it over, or a manager; one that nobody has, or somebody who has left, any may. At most 25.
    Raises Refused to whoever does not work at the front door; DomainError when none is chosen, or
    too many, without a note, or when whoever is to have them does not work there.
    """
    policies.require_triage(actor)
    if not seen:
        raise DomainError("Select at least one case.")
    if len(seen) > MOST_AT_ONCE:
        raise DomainError(f"Select at most {MOST_AT_ONCE} cases. Nothing has been changed.")
    if not note.strip():
        raise DomainError("Write what your colleague needs to know. A sentence is enough.")
    mine = policies.visible(actor).filter(reference__in=seen).values("pk")
    # One after the other in the same order everywhere, so that nobody waits in a ring.
    cases = list(
        Case.objects.select_for_update(of=("self",))
        .filter(pk__in=mine)
        .order_by("pk")
        # Not joined to it: that row would be as it was before the wait.
        .prefetch_related("coordinator__user")
    )
    member = next((each for each in candidates(actor, cases) if each.pk == to), None)
    if member is None:
        raise DomainError("Select who is to have them. Nothing has been changed.")
    theirs = policies.visible(member.principal()).filter(pk__in=[case.pk for case in cases])
    open_to = set(theirs.values_list("pk", flat=True))
    done, not_done = [], []
    for case in cases:
        why_not = _why_not(actor, case, seen[case.reference], member, open_to)
        if why_not:
            not_done.append(f"{case.reference} {why_not}.")
        else:
            _hand(actor, case, member, note.strip())
            done.append(case.reference)
    not_found = len(seen) - len(cases)
    if not_found:
        not_done.append(f"{not_found} could not be found.")
    return Given(tuple(done), tuple(not_done), "handed over")


def _why_not(
    actor: Principal, case: Case, had: str, member: Membership, open_to: Container[UUID]
) -> str:
    """Why this one is not handed over now; "" when it can be."""
    held = case.coordinator
    if not policies.oversees(actor, case):
        return "is not yours to hand over"
    if case.status not in LOOKED_AFTER:
        return "is not worked on any more"
    if str(case.coordinator_id or "") != had:
        return f"was taken by {held.user.name if held else 'nobody'} while you were choosing"
    if held is not None and held.pk == member.pk:
        return f"is with {held.user.name} already"
    is_theirs = held is not None and held.pk != actor.membership_id and not held.has_ended
    if is_theirs and actor.role is not Role.MANAGER:
        return "is with somebody else: only they or a manager hand it over"
    return "" if case.pk in open_to else "cannot be given to this person"


def _hand(actor: Principal, case: Case, member: Membership, note: str) -> None:
    held = case.coordinator
    Assignment.objects.create(
        case=case,
        held_by=held,
        to=member,
        note=note,
        given_by_id=actor.membership_id,
        given_at=timezone.now(),
    )
    case.coordinator = member
    case.save(update_fields=["coordinator"])
    cause = record(
        actor,
        "case.handed_over",
        case=case.pk,
        obj=("case", case.pk),
        subjects=[case.child_id],
        purpose=Purpose.SCREEN,
        ids=[each.pk for each in (held, member) if each],
    )
    if member.pk != actor.membership_id:
        tell([member], Kind.GIVEN, case, cause)
    tell_who_had_it(actor, case, held, cause)


@transaction.atomic
def looked_after(*, actor: Principal) -> list[Summary]:
    """The cases that the actor looks after, the latest first, on the record; at most 200."""
    policies.require_triage(actor)
    cases = (
        policies.visible(actor)
        .filter(coordinator_id=actor.membership_id, status__in=LOOKED_AFTER)
        .for_rows()
        .order_by("-received_at", "reference")[:200]
    )
    return list_cases(actor=actor, cases=list(cases))


@dataclass(frozen=True, repr=False)
class Handed:
    """Who handed a case over to whom last, when, and with what note."""

    by: str
    to: str
    at: datetime
    note: str


def handed(*, case: Case) -> Handed | None:
    """The last time that somebody handed the case over. The caller has asked who may read it."""
    found = (
        case.assignments.filter(to__isnull=False)
        .select_related("given_by__user", "to__user")
        .order_by("-given_at")
        .first()
    )
    if found is None or found.given_by is None or found.to is None:
        return None
    return Handed(found.given_by.user.name, found.to.user.name, found.given_at, found.note)
