"""The demo's panel: a meeting next week, with children and a place on its agenda."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

from django.utils import timezone

from portal.accounts.vocabulary import AgencyKind, Principal, Role
from portal.common.clock import LONDON, is_working_day
from referrals import policies as casework
from referrals.meetings import policies, services
from referrals.meetings.vocabulary import CONFIDENTIALITY, ItemKind
from referrals.meetings.workflow import Sifting
from referrals.workflow import CONSIDERED

MOST: Final = 5
_WHY: Final = (
    "Two agencies are worried, and neither knows all of it.",
    "She has been missing twice since the last plan was made.",
    "The plan waits for what another agency can do.",
    "What has changed since May needs everybody around one table.",
    "A second child may be at risk from the same adult.",
)


def meet(cast: Mapping[str, Principal]) -> None:
    """Plan a meeting, put children and a place on its agenda, and send its papers out.

    One more child waits for the sift. Everybody acts through the services of the portal.
    """
    people = list(cast.values())
    runs = next(each for each in people if each.role is Role.COORDINATOR)
    sifts = next(each for each in people if each.role is Role.MANAGER)
    chair = next(each for each in people if each.role is Role.PANEL_CHAIR)
    usual = [each for each in people if each.role in (Role.PANEL_MEMBER, Role.PANEL_CHAIR)]
    members = tuple(each.membership_id for each in (runs, *usual))
    panel = services.keep_series(
        actor=runs,
        setup=services.Setup(
            name="MASE panel",
            remit="Children who are being exploited, the people and places that harm them.",
            order=tuple(ItemKind),
            quorum_agencies=3,
            quorum_kinds=(AgencyKind.COUNCIL, AgencyKind.POLICE, AgencyKind.HEALTH),
            papers_out_days=5,
            confidentiality=CONFIDENTIALITY,
            chair=chair.membership_id,
            members=members,
        ),
    )
    starts = _next_week()
    meeting = services.plan(
        actor=runs,
        series=panel.pk,
        plan=services.Plan(
            starts_at=starts,
            ends_at=starts + timedelta(hours=2),
            chair=chair.membership_id,
            invited=members,
            confidentiality="",
            place="Meeting room 2, Orchard House",
        ),
        key=uuid4(),
    )
    found = casework.visible(runs).filter(status__in=CONSIDERED).order_by("received_at", "pk")
    cases = [case for case in found[: 2 * MOST] if policies.may_nominate(runs, case)][: MOST + 1]
    made = [
        services.nominate(
            actor=runs,
            reference=case.reference,
            put=services.Put(series=panel.pk, why=_WHY[place % len(_WHY)]),
            key=uuid4(),
        )
        for place, case in enumerate(cases)
    ]
    made.append(
        services.nominate_other(
            actor=chair,
            put=services.Put(
                series=panel.pk,
                kind=ItemKind.PLACE,
                title="The shelter behind the bus station",
                words="Adults wait there for children after school, mostly on Thursdays.",
                why="Three agencies have named it in one month.",
            ),
            key=uuid4(),
        )
    )
    listed = [*made[:MOST], made[-1]]
    for nomination in listed:
        services.sift(actor=sifts, pk=nomination.pk, step=Sifting.ACCEPT)
    services.add(actor=runs, meeting=meeting.pk, nominations=[each.pk for each in listed])
    services.publish(actor=runs, pk=meeting.pk)


def _next_week() -> datetime:
    day = timezone.now().astimezone(LONDON).date() + timedelta(days=7)
    while not is_working_day(day):
        day += timedelta(days=1)
    return datetime(day.year, day.month, day.day, 10, tzinfo=LONDON)
