"""What tests of joint risk assessment do alike."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from portal.accounts.models import Agency
from portal.accounts.vocabulary import Principal
from referrals.assessments import services
from referrals.assessments.models import Agreement, Assessment, Judgement, ToolVersion
from referrals.assessments.services import Agreeing, Asking, Judging
from referrals.assessments.vocabulary import ABOUT, Level
from referrals.models import Case
from referrals.triage import services as triage
from referrals.vocabulary import KnownHow, Outcome
from referrals.workflow import Action
from tests.cast import Cast, send

CHILD = "She says that she wants to sleep at her aunt's."
WORDS = "A man in a silver car waits for her after school."
JUDGEMENT = "A man controls her by debt, and three agencies see it."


def tool_version() -> ToolVersion:
    """The tool of the portal, approved."""
    made = services.load_tool(services.DATA / "cse-concern-1.0.0.yaml")
    if made.is_draft:
        made = services.approve_tool(
            code=made.code,
            version=made.version,
            body="Exampleshire Partnership",
            minute="2026/7",
            on=timezone.localdate() - timedelta(days=1),
        )
    return made


def given(answer: str, words: str = WORDS, **more: str) -> dict[str, str]:
    """One answer, whole; of signs with when, how it is known, and words."""
    if answer not in ("confirmed", "suspected"):
        return {"answer": answer}
    said = {"when": "last_3_months", "how": str(KnownHow.SAW), "words": words}
    return {"answer": answer, **said, **more}


def answer_all(
    actor: Principal, assessment: Assessment, default: str = "no", **items: dict[str, str]
) -> None:
    """Save every page of the actor's agency, and do not send it yet."""
    tool = assessment.tool.tool
    place = {"reference": assessment.case.reference, "pk": assessment.pk}
    for domain in tool.domains:
        codes = [item.code for item in tool.items if item.domain == domain.code]
        typed = {code: items.get(code, given(default)) for code in codes}
        services.save_page(actor=actor, **place, page=domain.code, typed=typed, seen=None)
    about = {"child": CHILD, "child_why": "", "safe": "", "more": "", "strengths": ["ST1"]}
    services.save_page(actor=actor, **place, page=ABOUT, typed=about, seen=None)


def answer(actor: Principal, assessment: Assessment, default: str = "no", **items: Any) -> None:
    """Answer for the actor's agency, and send it."""
    answer_all(actor, assessment, default, **items)
    services.submit(actor=actor, reference=assessment.case.reference, pk=assessment.pk)


def start(
    actor: Principal, case: Case, *agencies: Agency, due_on: date | None = None, **changes: Any
) -> Assessment:
    """Begin an assessment."""
    asking = {
        "tool": ToolVersion.objects.get(code="cse-concern").pk,
        "agencies": [each.pk for each in agencies],
        "due_on": due_on or timezone.localdate() + timedelta(days=7),
        "look_at": "Look at who fetches her from school.",
    }
    return services.start(
        actor=actor, case=case, asking=Asking(**{**asking, **changes}), key=uuid4()
    )


def judge(actor: Principal, assessment: Assessment, **changes: Any) -> Judgement:
    """Write the judgement."""
    said = {"words": JUDGEMENT, "child": CHILD, **changes}
    return services.judge(actor=actor, assessment=assessment, judging=Judging(**said), key=uuid4())


def agree(
    actor: Principal,
    assessment: Assessment,
    level: Level,
    differs: str = "Because of what the aunt told us.",
    **changes: Any,
) -> Agreement:
    """Write the judgement, and agree a level on it."""
    facts = {key: changes.pop(key) for key in ("missing", "unsafe_home") if key in changes}
    written = judge(actor, assessment, **facts)
    review_on = changes.pop("review_on", timezone.localdate() + timedelta(days=30))
    return services.agree(
        actor=actor,
        assessment=assessment,
        judgement=written.pk,
        agreeing=Agreeing(level, review_on, differs),
    )


def agency(principal: Principal) -> Agency:
    """The agency for which somebody acts."""
    return Agency.objects.get(pk=principal.agency_id)


@pytest.fixture
def tool(db) -> ToolVersion:
    """The approved tool."""
    return tool_version()


@pytest.fixture
def case(cast: Cast, tool) -> Case:
    """An open case that went to the panel: police, health, school and council know of it."""
    found = send(cast.teacher)
    triage.decide(
        actor=cast.coordinator,
        case=found,
        outcome=Outcome.PANEL,
        reason="Why.",
        told_referrer="What.",
    )
    triage.move(actor=cast.coordinator, case=found, action=Action.OPEN, reason="A plan.")
    found.refresh_from_db()
    return found


@pytest.fixture
def asked(cast: Cast, case: Case) -> Assessment:
    """An assessment in which police, health and school are asked."""
    three = (cast.panel_officer, cast.panel_nurse, cast.teacher)
    return start(cast.coordinator, case, *(agency(each) for each in three))


@pytest.fixture
def opened(cast: Cast, asked: Assessment) -> Assessment:
    """The same when all have answered, and all is opened: the police confirm a sign of harm."""
    answer(cast.panel_officer, asked, H4=given("confirmed"), P1=given("suspected"))
    answer(cast.panel_nurse, asked, P1=given("not_known"))
    answer(cast.teacher, asked)
    return services.reveal(actor=cast.coordinator, assessment=asked)
