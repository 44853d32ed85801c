"""People whom the cast does not have, and a question that a coordinator asks one of them."""

from dataclasses import dataclass

import pytest

from portal.accounts import services as accounts
from portal.accounts.models import Agency, Team
from portal.accounts.vocabulary import AgencyKind, Principal, Role
from referrals.models import Case
from sharing.disclosures.models import Request
from sharing.disclosures.services import requests
from sharing.disclosures.services.requests import Question, Record
from sharing.disclosures.vocabulary import Told
from sharing.rules.vocabulary import Category, ConsentLimb, Purpose
from tests.cast import Cast, _agency, _person

QUESTION = "Does she attend a clinic?"
WHY = "We check whether she is safe tonight."

SAID = Record(
    proportionality="Without a name they cannot look it up.",
    child_told=Told.YES,
    parents_told=Told.NOT_YET,
    not_told_why="We do not know yet whether that is safe.",
    consent_limb=ConsentLimb.NOT_REASONABLE,
)


def lead_of(agency_id: object, name: str) -> Principal:
    """Enrol a lead for an agency, and return them."""
    agency = Agency.objects.get(pk=agency_id)
    email = f"{name.lower().replace(' ', '.')}@{agency.kind}.example.org"
    return accounts.enrol(email=email, name=name, agency=agency, role=Role.AGENCY_LEAD).principal()


def team_of(principal: Principal) -> Team:
    return Team.objects.select_related("agency").get(pk=principal.team_id)


@pytest.fixture
def nurse_lead(cast: Cast) -> Principal:
    """The lead of the health agency: the team that is asked."""
    return lead_of(cast.panel_nurse.agency_id, "Hattie Ealth")


@pytest.fixture
def police_lead(cast: Cast) -> Principal:
    return lead_of(cast.panel_officer.agency_id, "Pol Ice")


def a_question(asked: Principal, **changes: object) -> Question:
    """A question to this lead's team; `changes` replace its parts."""
    given = {
        "team": team_of(asked),
        "purpose": Purpose.SCREEN,
        "categories": (Category.IC2, Category.IC5),
        "question": QUESTION,
        "why": WHY,
        "gateway": "CA04_S11/2",
        "record": SAID,
    }
    return Question(**{**given, **changes})  # type: ignore[arg-type]


def ask(actor: Principal, case: Case, asked: Principal, **changes: object) -> Request:
    """Ask this lead's team, by the real service."""
    return requests.ask(
        actor=actor, reference=case.reference, question=a_question(asked, **changes)
    )


@pytest.fixture
def asked(cast: Cast, sent: Case, nurse_lead: Principal) -> Request:
    """A request that the coordinator has sent to the health lead."""
    return ask(cast.coordinator, sent, nurse_lead)


@dataclass(frozen=True)
class Others:
    """People whom the cast does not have: they receive, advise, or lead another agency."""

    officer: Principal
    second_officer: Principal
    police_lead: Principal
    health_lead: Principal
    social_worker: Principal
    housing_worker: Principal
    ig_lead: Principal
    other_ig_lead: Principal

    @staticmethod
    def team(principal: Principal) -> Team:
        """The team that a share with this person names."""
        return Team.objects.select_related("agency").get(pk=principal.team_id)


@pytest.fixture
def others(cast: Cast) -> Others:
    police = Agency.objects.get(pk=cast.panel_officer.agency_id)
    health = Agency.objects.get(pk=cast.panel_nurse.agency_id)
    housing = _agency("Exampleshire Homes", AgencyKind.HOUSING, cast.partnership)
    elsewhere = Agency.objects.get(pk=cast.other_coordinator.agency_id)
    return Others(
        officer=_person("Otto Fficer", police, Role.PRACTITIONER),
        second_officer=_person("Una Fficer", police, Role.PRACTITIONER),
        police_lead=_person("Polly Ead", police, Role.AGENCY_LEAD),
        health_lead=_person("Hal Ead", health, Role.AGENCY_LEAD),
        social_worker=_person("Sol Worker", cast.council, Role.PRACTITIONER),
        housing_worker=_person("Hana Using", housing, Role.PRACTITIONER),
        ig_lead=_person("Iggy Lead", cast.council, Role.IG_LEAD),
        other_ig_lead=_person("Igor Lead", elsewhere, Role.IG_LEAD),
    )
