"""Actions and reviews of the demo: one to take on, one to check, one that is done; and two days."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from django.utils import timezone

from portal.accounts.models import Membership
from portal.accounts.vocabulary import Principal, Role
from portal.governance.management.demo import Demo
from portal.governance.management.followed import Cast
from referrals.actions import services
from referrals.actions.services import Update
from referrals.models import Case
from referrals.workflow import Status

_MEETS: Final = ("Meet them at the gate every day.", "Nobody can wait for them with a car.")
_RINGS: Final = ("Ring the licensing team about the takeaway.", "Nobody is picked up there.")
_WALKS: Final = ("Ask the youth worker to walk home with them.", "They get home safely.")


def act(demo: Demo, cast: Cast) -> None:
    """Give three actions on the open case that waited longest, and plan a review of each case."""
    coordinator = _only(demo, cast, Role.COORDINATOR)
    lead, member = _only(demo, cast, Role.AGENCY_LEAD), _only(demo, cast, Role.PANEL_MEMBER)
    cases = list(Case.objects.filter(status=Status.OPEN).order_by("received_at")[:2])
    if not cases:
        return
    asked = _give(coordinator, cases[0], lead, _MEETS, 10)
    services.take_up(actor=lead, pk=asked)
    services.offer(
        actor=lead, pk=asked, to=member.membership_id, words="We are shut in the holidays."
    )
    said = _give(coordinator, cases[0], lead, _RINGS, 3)
    services.claim(actor=lead, pk=said, said=Update("The owner has new staff. Nobody waits there."))
    done = _give(coordinator, cases[0], member, _WALKS, 5)
    services.claim(actor=member, pk=done, said=Update("They got home safely each day."))
    services.verify(actor=coordinator, pk=done, is_done=True, words="")
    for number, case in enumerate(cases):
        services.plan_review(
            actor=coordinator,
            case=case,
            on=timezone.localdate() + timedelta(days=5 + 7 * number),
            why="To see what the actions have changed.",
        )


def _only(demo: Demo, cast: Cast, role: Role) -> Principal:
    """Who works in this role and in no other."""
    return next(cast[person.key] for person in demo.people if person.roles == (role,))


def _give(actor: Principal, case: Case, owner: Principal, says: tuple[str, str], days: int) -> UUID:
    what, effect = says
    made = services.give(
        actor=actor,
        case=case,
        owner=Membership.objects.get(pk=owner.membership_id),
        what=what,
        effect=effect,
        due=timezone.localdate() + timedelta(days=days),
    )
    return made.pk
