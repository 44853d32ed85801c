"""A panel from nominations to approved minutes, through the web: ten children, six agencies.

Every word that somebody says bears a mark of its own: whose it is, about which child, and what
part of the minutes. So what each reader's minutes hold is compared mark by mark with what the law
of the minutes gives them, which is written out once more here.
"""

import re
from datetime import timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.accounts import services as accounts
from portal.accounts.models import Agency
from portal.accounts.vocabulary import AgencyKind, PartnerUnder, Principal, Role
from referrals.meetings import services
from referrals.meetings.models import AgendaItem, Invitation, Meeting, Nomination, Series
from referrals.meetings.reading.minutes import read_minutes
from referrals.meetings.reading.room import boxes
from referrals.meetings.services import printing
from referrals.models import Case
from tests.cast import Cast, agreed, signed_in
from tests.meetings.conftest import decided, setup
from tests.meetings.test_discussion import carried
from tests.pdf import text_of

CHILDREN = 10
PUT_OFF = 7
CONFLICT = 4
"""The child about whom health's member has a conflict of interest, and the one who is put off."""


class Panel:
    """Those who are signed in, by a short name, with their browsers."""

    def __init__(self, cast: Cast) -> None:
        agencies = [
            self._agency("Exampleshire Youth Justice", AgencyKind.YOUTH_JUSTICE, cast),
            self._agency("Exampleshire Housing", AgencyKind.HOUSING, cast),
        ]
        agreed(*agencies, *Agency.objects.filter(partnerships=cast.partnership))
        school = self._member("Sam Chool", cast.school)
        youth, housing = (
            self._member(name, agency)
            for name, agency in zip(("Yaz Outh", "Hal Ousing"), agencies, strict=True)
        )
        self.runs, self.chair = cast.coordinator, cast.panel_chair
        self.members: dict[str, Principal] = {
            "police": cast.panel_officer,
            "health": cast.panel_nurse,
            "school": school,
            "youth": youth,
            "housing": housing,
        }
        everyone = {"runs": self.runs, "chair": self.chair, **self.members}
        self.browsers = {name: signed_in(who) for name, who in everyone.items()}

    @staticmethod
    def _agency(name: str, kind: AgencyKind, cast: Cast) -> Agency:
        return accounts.join_agency(
            name=name,
            kind=kind,
            partner_under=[PartnerUnder.S11],
            partnerships=[cast.partnership],
        )

    @staticmethod
    def _member(name: str, agency: Agency) -> Principal:
        email = f"{name.lower().replace(' ', '.')}@example.org"
        member = accounts.enrol(email=email, name=name, agency=agency, role=Role.PANEL_MEMBER)
        return member.principal()

    def post(self, who: str, name: str, *args: Any, **typed: Any) -> Any:
        """Press a button, which must take somebody to another page."""
        answer = self.browsers[who].post(reverse(name, args=args), typed)
        assert answer.status_code == 302, unescape(answer.content.decode())
        return answer

    def get(self, who: str, name: str, *args: Any) -> str:
        """Open a page, which must be there."""
        answer = self.browsers[who].get(reverse(name, args=args))
        assert answer.status_code == 200
        return unescape(answer.content.decode())


def mark(child: int, part: str, whose: str = "") -> str:
    """The mark of one passage."""
    return f"zz{child:02}{part}{whose}zz"


def marks(page: str) -> set[str]:
    """The marks on a page."""
    return set(re.findall(r"zz\d\d[a-z]+zz", page))


def day(days: int, name: str) -> dict[str, str]:
    """A day some days from now, as it is typed."""
    on = timezone.localdate() + timedelta(days=days)
    parts = {"day": on.day, "month": on.month, "year": on.year}
    return {f"{name}-{part}": str(value) for part, value in parts.items()}


def nominate(panel: Panel, series: Series, cases: list[Case]) -> None:
    """The coordinator nominates; another person, the chair, answers."""
    for case in cases:
        panel.post(
            "runs",
            "meetings:nominate",
            case.reference,
            series=series.pk,
            why="Several agencies are worried.",
            minutes=10,
            key=uuid4(),
        )
    for nomination in Nomination.objects.all():
        panel.post("chair", "meetings:nomination", nomination.pk, step="accept")


def plan(panel: Panel, series: Series, cases: list[Case]) -> Meeting:
    """A meeting, its agenda in the order of the cases, and its papers."""
    key = uuid4()
    panel.post(
        "runs",
        "meetings:new",
        series.pk,
        **day(7, "day"),
        starts="10:00",
        minutes=180,
        place="Room 4",
        chair=panel.chair.membership_id,
        invited=[who.membership_id for who in panel.members.values()],
        confidentiality="Use it only to keep children safe.",
        key=key,
    )
    ready = {each.case_id: each.pk for each in Nomination.objects.all()}
    panel.post("runs", "meetings:agenda", key, nomination=[ready[c.pk] for c in cases], add="1")
    panel.post("runs", "meetings:publish", key)
    return Meeting.objects.get(pk=key)


def meet(panel: Panel, meeting: Meeting) -> None:
    """Who came is written down, and the meeting begins."""
    came = {f"came_{each.pk.hex}": "present" for each in Invitation.objects.all()}
    panel.post("runs", "meetings:attendance", meeting.pk, **came, accepted="on")
    panel.post("runs", "meetings:hold", meeting.pk)


def discuss(panel: Panel, meeting: Meeting, item: AgendaItem, child: int) -> None:
    """One item: on the screen, what each agency says, the decision, off the screen."""
    here = meeting.pk, item.pk
    panel.post("runs", "meetings:present", *here)
    panel.post("runs", "meetings:take-pen", *here)
    shown = panel.get("chair", "meetings:screen", meeting.pk)
    assert item.nomination.case.reference in shown
    names = {str(who.agency_id): name for name, who in panel.members.items()}
    said = {}
    for box in boxes(item):
        name = names.get(str(box.agency), "")
        said[f"words-{box.agency}"] = mark(child, "said", name) if name else ""
        said[f"seen-{box.agency}"] = box.version
    panel.post("runs", "meetings:discussion", *here, **said)
    client = panel.browsers["runs"]
    hidden = carried(client, reverse("meetings:decision", args=here))
    panel.post("runs", "meetings:decision", *here, **decision(panel, child), **hidden)
    panel.post("runs", "meetings:clear-screen", meeting.pk)


def decision(panel: Panel, child: int) -> dict[str, Any]:
    """What is decided about a child: two actions, and housing disagrees; or it is put off."""
    found: dict[str, Any] = {
        "what": "deferred" if child == PUT_OFF else "keep",
        "words": mark(child, "decided"),
        "reasons": mark(child, "reasons"),
        **day(28, "next_on"),
    }
    if child == PUT_OFF:
        return found
    for place, name in enumerate(("police", "school"), start=1):
        found |= {
            f"what-{place}": mark(child, "does", name),
            f"owner-{place}": panel.members[name].membership_id,
            f"effect-{place}": "She says so.",
            **day(14, f"due-{place}"),
        }
    return found | {
        f"dissent-{panel.members['housing'].agency_id}": mark(child, "against", "housing")
    }


def may_read(who: str, child: int) -> set[str]:
    """The marks about one child that somebody's minutes hold: the law of the minutes, by hand."""
    if who == "health" and child == CONFLICT:
        return set()
    keeps = who in ("runs", "chair")
    out = {"health"} if child == CONFLICT else set()
    spoke = [name for name in ("police", "health", "school", "youth", "housing") if name not in out]
    parts = [("said", name) for name in spoke]
    if child != PUT_OFF:
        parts += [("does", "police"), ("does", "school"), ("against", "housing")]
    own = {mark(child, part, whose) for part, whose in parts if keeps or whose == who}
    return own | {mark(child, "decided")} | ({mark(child, "reasons")} if keeps else set())


def whole(who: str) -> set[str]:
    """All marks that somebody's minutes hold."""
    return {each for child in range(CHILDREN) for each in may_read(who, child)}


@pytest.fixture
def held(cast: Cast) -> tuple[Panel, Meeting, list[Case]]:
    """The panel, its meeting with approved minutes, and the ten children's cases."""
    panel = Panel(cast)
    series = services.keep_series(actor=cast.manager, setup=setup(cast))
    cases = [decided(cast, given_name=f"Child{n}", family_name=f"Zz{n}") for n in range(CHILDREN)]
    nominate(panel, series, cases)
    meeting = plan(panel, series, cases)
    panel.post("health", "disclosures:conflict", cases[CONFLICT].reference, why="relative")
    meet(panel, meeting)
    items = {item.nomination.case_id: item for item in meeting.items.all()}
    for child, case in enumerate(cases):
        discuss(panel, meeting, items[case.pk], child)
    panel.post("runs", "meetings:end", meeting.pk)
    panel.post("runs", "meetings:draft-minutes", meeting.pk)
    for name in panel.members:
        panel.post(name, "meetings:comment", meeting.pk, says="right", key=uuid4())
    panel.post("chair", "meetings:approve", meeting.pk)
    return panel, meeting, cases


def test_a_panel_from_nominations_to_approved_minutes(held):
    panel, meeting, cases = held

    for who in panel.browsers:
        page = panel.get(who, "meetings:minutes", meeting.pk)
        assert marks(page) == whole(who), who
        assert "Approved by Pat Chair" in page
        shown = [each for each in cases if each.reference in page]
        left_out = [cases[CONFLICT]] if who == "health" else []
        assert shown == [each for each in cases if each not in left_out], who
        for n in range(CHILDREN):
            assert f"Child{n}" not in page, "no child is named"

    for who in ("chair", "health"):
        reader = panel.members.get(who, panel.chair)
        paper = text_of(printing.as_pdf(read_minutes(reader, meeting)))
        assert marks(paper) == whole(who), who

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE meetings_line SET words = 'x'")
    _leaves_no_trace(panel.browsers["health"], meeting, cases[CONFLICT])


def _leaves_no_trace(client: Client, meeting: Meeting, case: Case) -> None:
    """On no page of somebody with a conflict is there anything of the child; nothing is counted."""
    item = AgendaItem.objects.get(nomination__case=case)
    for page in (
        reverse("home:home"),
        reverse("referrals:cases"),
        reverse("notifications:list"),
        reverse("actions:actions"),
        reverse("meetings:meetings"),
        reverse("meetings:pack", args=[meeting.pk]),
        reverse("meetings:minutes", args=[meeting.pk]),
        reverse("meetings:screen", args=[meeting.pk]),
    ):
        shown = client.get(page).content.decode()
        assert case.reference not in shown, page
        assert f"zz{CONFLICT:02}" not in shown, page
        assert "of 10" not in shown, page
    shown = client.get(reverse("meetings:minutes", args=[meeting.pk])).content.decode()
    assert re.findall(r">(\d+)\. R-", shown) == [str(n) for n in range(1, CHILDREN)]
    for page in ("meetings:discussion", "meetings:decision", "meetings:item"):
        hidden = client.get(reverse(page, args=[meeting.pk, item.pk]))
        missing = client.get(reverse(page, args=[meeting.pk, uuid4()]))
        assert (hidden.status_code, hidden.content) == (404, missing.content), page
