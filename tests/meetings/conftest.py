"""A panel, its meetings and what stands on their agendas, made by the real services."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from portal.accounts import services as accounts
from portal.accounts.models import Agency
from portal.accounts.vocabulary import AgencyKind, Principal
from referrals.meetings import services
from referrals.meetings.models import AgendaItem, Invitation, Meeting, Nomination, Series
from referrals.meetings.services import Plan, Put, Setup
from referrals.meetings.vocabulary import Came, ItemKind
from referrals.meetings.workflow import Sifting
from referrals.models import Case
from referrals.triage import services as triage
from referrals.vocabulary import Outcome
from tests.cast import Cast, send

WHY = "Two agencies saw her with the same adult this month."
PLACE_WORDS = "A shelter where adults wait for children after school."


def setup(cast: Cast, **changes: Any) -> Setup:
    """How the panel is run; `changes` replace its parts."""
    given = {
        "name": "MASE panel",
        "remit": "Children who are being exploited, and who exploits them.",
        "order": tuple(ItemKind),
        "quorum_agencies": 2,
        "quorum_kinds": (AgencyKind.POLICE,),
        "papers_out_days": 5,
        "confidentiality": "Use it only to keep children safe.",
        "chair": cast.panel_chair.membership_id,
        "members": members(cast),
    }
    return Setup(**{**given, **changes})


def members(cast: Cast) -> tuple[Any, ...]:
    """Who is invited as a rule: the coordinator, the chair, police and health."""
    usual = (cast.coordinator, cast.panel_chair, cast.panel_officer, cast.panel_nurse)
    return tuple(each.membership_id for each in usual)


@pytest.fixture
def panel(cast: Cast) -> Series:
    """The panel of the partnership."""
    return services.keep_series(actor=cast.manager, setup=setup(cast))


def decided(cast: Cast, outcome: Outcome = Outcome.PANEL, **changes: Any) -> Case:
    """A case that was decided, for the panel if nothing else is said."""
    case = send(cast.teacher, **changes)
    triage.decide(
        actor=cast.coordinator,
        case=case,
        outcome=outcome,
        reason="Two agencies know of it.",
        told_referrer="It goes on.",
    )
    case.refresh_from_db()
    return case


def nominated(cast: Cast, panel: Series, case: Case, by: Principal | None = None) -> Nomination:
    """A case that somebody put to the panel."""
    return services.nominate(
        actor=by or cast.coordinator,
        reference=case.reference,
        put=Put(series=panel.pk, why=WHY),
        key=uuid4(),
    )


def accepted(cast: Cast, panel: Series, case: Case) -> Nomination:
    """A case that was accepted for the panel, by another person than put it there."""
    made = nominated(cast, panel, case)
    return services.sift(actor=cast.second_coordinator, pk=made.pk, step=Sifting.ACCEPT)


def place(cast: Cast, panel: Series, by: Principal | None = None, **changes: Any) -> Nomination:
    """A place that was accepted for the panel."""
    given = {"series": panel.pk, "kind": ItemKind.PLACE, "title": "The bus shelter"}
    put = Put(**{**given, "words": PLACE_WORDS, "why": "Asked about twice.", **changes})
    made = services.nominate_other(actor=by or cast.coordinator, put=put, key=uuid4())
    return services.sift(actor=cast.second_coordinator, pk=made.pk, step=Sifting.ACCEPT)


def next_week(hour: int = 10) -> datetime:
    """A moment next week, whole to the hour."""
    soon = timezone.now() + timedelta(days=7)
    return soon.replace(hour=hour, minute=0, second=0, microsecond=0)


def planned(
    cast: Cast, panel: Series, invited: Iterable[Principal] = (), **changes: Any
) -> Meeting:
    """A meeting of the panel, to which its members and these are invited."""
    starts = next_week()
    given = {
        "starts_at": starts,
        "ends_at": starts + timedelta(hours=2),
        "chair": cast.panel_chair.membership_id,
        "invited": (*members(cast), *(each.membership_id for each in invited)),
        "confidentiality": "",
        "place": "Room 4, Example House",
    }
    plan = Plan(**{**given, **changes})
    return services.plan(actor=cast.coordinator, series=panel.pk, plan=plan, key=uuid4())


def listed(cast: Cast, meeting: Meeting, *nominations: Nomination) -> list[AgendaItem]:
    """These on the agenda of the meeting."""
    services.add(
        actor=cast.second_coordinator,
        meeting=meeting.pk,
        nominations=[each.pk for each in nominations],
    )
    return [meeting.items.get(nomination=each) for each in nominations]


def invitation(meeting: Meeting, who: Principal) -> Invitation:
    """Somebody's invitation to the meeting."""
    return meeting.invitations.get(membership=who.membership_id)


def held(cast: Cast, meeting: Meeting, *here: Principal) -> Meeting:
    """The meeting with its papers out and begun, with these people here."""
    services.publish(actor=cast.coordinator, pk=meeting.pk)
    there = here or (cast.coordinator, cast.panel_chair, cast.panel_officer, cast.panel_nurse)
    came = {invitation(meeting, who).pk: Came.PRESENT for who in there}
    services.note_who_came(actor=cast.coordinator, pk=meeting.pk, came=came, accepted=True)
    return services.hold(actor=cast.coordinator, pk=meeting.pk)


@pytest.fixture
def colleague_of() -> Any:
    """Enrols somebody in the same team as this person."""

    def enrol(who: Principal) -> Principal:
        agency = Agency.objects.get(pk=who.agency_id)
        email = f"another.{who.role.replace('_', '.')}@example.org"
        name = "Anne Other"
        return accounts.enrol(email=email, name=name, agency=agency, role=who.role).principal()

    return enrol
