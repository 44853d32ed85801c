"""A case that is open to the front door, and somebody who receives a share of it."""

from dataclasses import dataclass

import pytest

from portal.accounts.models import Team
from portal.accounts.vocabulary import AgencyKind, Principal, Role
from tests.cast import Cast, _agency, _person


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
    from portal.accounts.models import Agency

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
