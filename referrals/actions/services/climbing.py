"""A late action climbs to named people: its owner, their lead, the coordinator, those above."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from portal.accounts.models import Membership, Partnership
from portal.accounts.vocabulary import Role
from portal.common.clock import add_working_days
from portal.notifications.vocabulary import Kind
from referrals import policies as casework
from referrals.actions import policies
from referrals.actions.models import Action, Entry
from referrals.actions.services.lines import on_record, tell
from referrals.actions.vocabulary import Climb, Said
from referrals.models import Case


def climb() -> int:
    """Tell whoever is next of every action that is late, and return how many steps were taken.

    Each step once since its day was set, however many sweeps run at once; what nobody swept for
    days catches up. An action whose owner has left, or must not know of the case, goes to whoever
    coordinates it at once: nobody can do it. Clock: the partnership's working days.
    """
    now = timezone.now()
    top, middle = int(Climb.ABOVE), int(Climb.COORDINATOR)
    late = Q(due_at__lte=now, climbed__lt=top)
    wanted = Action.objects.running().filter(late | (policies.gone() & Q(climbed__lt=middle)))
    return sum(_climb(pk) for pk in wanted.order_by("due_at").values_list("pk", flat=True))


def times(due: datetime, area: Partnership) -> Mapping[Climb, datetime]:
    """When each of these people hears of an action that was due then."""
    office = (area.office_opens, area.office_closes)
    return {
        Climb.OWNER: due,
        Climb.LEAD: add_working_days(due, area.action_lead_days, *office),
        Climb.COORDINATOR: add_working_days(due, area.action_coordinator_days, *office),
        Climb.ABOVE: add_working_days(due, area.action_chair_days, *office),
    }


@transaction.atomic
def _climb(pk: UUID) -> int:
    """Take the steps that are due for one action, under lock; how many there were."""
    known = Action.objects.get(pk=pk)
    case = (
        Case.objects.select_for_update(of=("self",))
        .select_related("partnership")
        .get(pk=known.case_id)
    )
    action = Action.objects.running().select_for_update(of=("self",)).filter(pk=pk).first()
    if action is None:
        return 0
    action.case = case
    now = timezone.now()
    due = [step for step, at in times(action.due_at, case.partnership).items() if at <= now]
    gone = Action.objects.filter(policies.gone(), pk=pk).exists()
    reached = max((int(step) for step in due), default=0)
    if gone:
        reached = max(reached, int(Climb.COORDINATOR))
    steps = [step for step in Climb if action.climbed < int(step) <= reached]
    for step in steps:
        _tell(action, step, now, gone=gone)
    if steps:
        action.climbed = reached
        action.save(update_fields=["climbed"])
    return len(steps)


def _tell(action: Action, step: Climb, now: datetime, *, gone: bool) -> None:
    """Write the step down, with whom it was told to, and tell them."""
    who = [] if gone and step is Climb.OWNER else people_of(action, step)
    cause = on_record(
        None, "action.climbed", action, why=step.name.lower(), ids=[each.pk for each in who]
    )
    told = tell(who, Kind.ACTION_LATE, action.case, cause)
    Entry.objects.create(action=action, kind=Said.CLIMBED, step=step, told=told, at=now)


def people_of(action: Action, step: Climb) -> list[Membership]:
    """Who is told at this step, none of whom a conflict of interest keeps from the case."""
    case = action.case
    if step is Climb.OWNER:
        return [action.owner]
    if step is Climb.LEAD:
        leads = policies.may_own(case).filter(
            team__agency=action.agency_id, team__role=Role.AGENCY_LEAD
        )
        return list(leads.exclude(pk=action.owner_id).order_by("user__name"))
    if step is Climb.COORDINATOR:
        return casework.on_duty(case)
    above = (Role.MANAGER, Role.PANEL_CHAIR)
    teams = [team for team in casework.opened_teams(case) if Role(team.role) in above]
    return list(casework.people_of(case, teams))
