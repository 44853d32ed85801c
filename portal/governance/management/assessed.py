"""Joint risk assessments of the demo: one agreed with a dissent, one opened, one being answered."""

from datetime import timedelta
from typing import Final
from uuid import uuid4

from django.utils import timezone

from portal.accounts.vocabulary import Principal, Role
from portal.governance.management.followed import Cast
from referrals.assessments import services
from referrals.assessments.models import Assessment, ToolVersion
from referrals.assessments.services import Agreeing, Asking, Judging
from referrals.assessments.vocabulary import ABOUT, Level, View
from referrals.models import Case
from referrals.vocabulary import KnownHow

AGREED, OPENED, ASKED = "Ruby", "Georgia", "Connor"
_POLICE, _HEALTH = "anneke.marblewood", "farah.larksong"
_TOOL: Final = "cse-concern-1.0.0.yaml"
_KNOWS: Final = {
    _POLICE: {
        "P1": ("confirmed", "A man of whom we know messages from a new number each week."),
        "H6": ("suspected", "Two witnesses say that a debt was made up to keep hold of the child."),
        "L1": ("confirmed", "Officers met the child at the flat twice this month."),
    },
    _HEALTH: {
        "P1": ("suspected", "The child turned the telephone over each time that it rang."),
        "W1": ("confirmed", "The child has not slept well for six weeks."),
    },
}


def assess(cases: dict[str, Case], cast: Cast) -> None:
    """Approve the tool, and let police and health look at three children together."""
    tool = services.load_tool(services.DATA / _TOOL)
    if tool.is_draft:
        tool = services.approve_tool(
            code=tool.code,
            version=tool.version,
            body="Brackenshire Safeguarding Children Partnership",
            minute="2026/11, item 4",
            on=timezone.localdate(),
        )
    lead = next(each for each in cast.values() if each.role is Role.COORDINATOR)
    both = (cast[_POLICE], cast[_HEALTH])
    begun = {name: _start(lead, tool, _of(cases, name), both) for name in (AGREED, OPENED, ASKED)}
    _answer(cast[_HEALTH], begun[ASKED], _KNOWS[_HEALTH])
    _write(cast[_POLICE], begun[ASKED], "people", _KNOWS[_POLICE])
    for name in (AGREED, OPENED):
        for who in (_POLICE, _HEALTH):
            _answer(cast[who], begun[name], _KNOWS[who])
        services.reveal(actor=lead, assessment=begun[name])
    _agree(lead, both, begun[AGREED])


def _of(cases: dict[str, Case], name: str) -> Case:
    return next(case for child, case in cases.items() if child.startswith(f"{name} "))


def _start(
    lead: Principal, tool: ToolVersion, case: Case, asked: tuple[Principal, ...]
) -> Assessment:
    asking = Asking(
        tool=tool.pk,
        agencies=[each.agency_id for each in asked],
        due_on=timezone.localdate() + timedelta(days=7),
        look_at="Look at who is in touch with the child, and how safe the evenings are.",
    )
    return services.start(actor=lead, case=case, asking=asking, key=uuid4())


def _answer(actor: Principal, assessment: Assessment, knows: dict[str, tuple[str, str]]) -> None:
    """Answer every item: what the agency knows, and "not known" to the rest; then send it."""
    for domain in assessment.tool.tool.domains:
        _write(actor, assessment, domain.code, knows)
    about = {
        "strengths": ["ST1", "ST6"],
        "safe": "A grandmother who opens the door at any hour.",
        "child": "I want to go to school and not be looked at.",
        "child_why": "",
        "more": "",
    }
    reference, pk = assessment.case.reference, assessment.pk
    services.save_page(actor=actor, reference=reference, pk=pk, page=ABOUT, typed=about, seen=None)
    services.submit(actor=actor, reference=reference, pk=pk)


def _write(
    actor: Principal, assessment: Assessment, page: str, knows: dict[str, tuple[str, str]]
) -> None:
    """Save one page of the tool."""
    missing = "no" if page == "harm" else "not_known"
    typed = {
        item.code: _given(*knows[item.code]) if item.code in knows else {"answer": missing}
        for item in assessment.tool.tool.items
        if item.domain == page
    }
    services.save_page(
        actor=actor,
        reference=assessment.case.reference,
        pk=assessment.pk,
        page=page,
        typed=typed,
        seen=None,
    )


def _given(answer: str, words: str) -> dict[str, str]:
    return {
        "answer": answer,
        "when": "last_3_months",
        "how": str(KnownHow.RECORD),
        "words": words,
    }


def _agree(lead: Principal, both: tuple[Principal, ...], assessment: Assessment) -> None:
    written = services.judge(
        actor=lead,
        assessment=assessment,
        judging=Judging(
            words="A man keeps hold of the child by a debt that he made up. Both agencies see him"
            " come closer. They differ on how far it has gone.",
            child="I did not know that somebody could stop it.",
            missing=2,
            unsafe_home=False,
        ),
        key=uuid4(),
    )
    made = services.agree(
        actor=lead,
        assessment=assessment,
        judgement=written.pk,
        agreeing=Agreeing(
            Level.SIGNIFICANT,
            timezone.localdate() + timedelta(days=42),
            "Two agencies see the same man within one month.",
        ),
    )
    police, health = both
    services.confirm(actor=police, agreement=made, view=View.AGREES)
    services.confirm(
        actor=health,
        agreement=made,
        view=View.DISSENTS,
        words="We would wait for the clinic before we say so.",
    )
