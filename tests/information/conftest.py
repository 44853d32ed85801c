"""A police officer, a police lead, and a report that the teacher has sent."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from portal.accounts import services as accounts
from portal.accounts.models import Agency
from portal.accounts.vocabulary import Principal, Role
from referrals.information import services
from referrals.information.models import Report
from referrals.information.services import Information
from referrals.services.items import Item, ItemKind
from referrals.vocabulary import Certainty, KnownHow
from tests.cast import Cast

PLATE = "AB12 XYZ"
WHAT = "A man waits by the park gate in a silver car."


@dataclass(frozen=True)
class Police:
    """Those of the police whom reports are for, here and elsewhere."""

    officer: Principal
    lead: Principal
    elsewhere: Principal


@pytest.fixture
def police(cast: Cast) -> Police:
    """Enrol them."""

    def enrol(name: str, like: Principal, role: Role) -> Principal:
        agency = Agency.objects.get(pk=like.agency_id)
        email = f"{name.lower()}@police.example.org"
        return accounts.enrol(email=email, name=name, agency=agency, role=role).principal()

    return Police(
        enrol("Con", cast.panel_officer, Role.PRACTITIONER),
        enrol("Polly", cast.panel_officer, Role.AGENCY_LEAD),
        enrol("Else", cast.other_panel_officer, Role.PRACTITIONER),
    )


def car(plate: str = PLATE) -> Item:
    """A car, by its registration."""
    return Item(
        kind=ItemKind.ONLINE,
        fields={"means": "vehicle", "name": plate, "sure": "sure"},
        known_how=KnownHow.SAW,
    )


def person(**fields: str) -> Item:
    """Somebody who is named."""
    return Item(kind=ItemKind.PEOPLE, fields={"name": "Zed", "sure": "unsure", **fields})


def told(**changes: Any) -> Information:
    """What a report says; `changes` replace its parts."""
    given: dict[str, Any] = {
        "what": WHAT,
        "known_how": KnownHow.TOLD,
        "told_by": "A neighbour of the park",
        "sure": Certainty.FAIRLY,
        "from_day": date(2026, 3, 27),
        "name_withheld": False,
        "things": (car(),),
    }
    return Information(**{**given, **changes})


def report_of(author: Principal, **changes: Any) -> Report:
    """A report that somebody has sent."""
    draft = services.start(actor=author)
    reference = services.send(actor=author, draft=draft, told=told(**changes))
    return Report.objects.get(reference=reference)


@pytest.fixture
def report(cast: Cast, police: Police) -> Report:
    """The teacher's report."""
    return report_of(cast.teacher)
