"""A case as it is closed: brought there by the real services, with every answer as it should be."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from referrals.models import Case
from referrals.triage import services
from referrals.triage.services import Again, Answered, Ending
from referrals.vocabulary import TESTS, Closing, ClosingQuestion, Found, Outcome
from referrals.workflow import Action
from tests.cast import Cast, send

SAYS = {
    ClosingQuestion.CHILD_VIEW: "She says that it is better now.",
    ClosingQuestion.PLAN: "The school nurse goes on with it.",
}


def answers(**changes: tuple[Found, str]) -> dict[ClosingQuestion, Answered]:
    """Every answer of the closure test; `changes` replace some, by their code."""
    found = {
        asked: Answered(test.fine or Found.YES, SAYS.get(asked, ""))
        for asked, test in TESTS.items()
    }
    return found | {ClosingQuestion(code): Answered(*said) for code, said in changes.items()}


def ending(**changes: Any) -> Ending:
    """How a case is closed; `changes` replace its parts."""
    given = {
        "reason": Closing.SAFE,
        "words": "She is safe at her aunt's.",
        "goes_on_with": "The school nurse",
        "agreed_by": "Front door, school and police",
        "told_referrer": "The work has ended, and she has support.",
        "answers": answers(),
    }
    return Ending(**{**given, **changes})


def typed(found: Ending | None = None, **changes: str) -> dict[str, str]:
    """The same as it is typed on the page."""
    found = found or ending()
    said = {str(asked): str(each.answer) for asked, each in found.answers.items()}
    words = {f"{asked}_words": each.words for asked, each in found.answers.items()}
    rest = {
        "reason": str(found.reason),
        "words": found.words,
        "goes_on_with": found.goes_on_with,
        "agreed_by": found.agreed_by,
        "told_referrer": found.told_referrer,
    }
    return {**said, **words, **rest, **changes}


def again(case: Case, **changes: Any) -> Again:
    """How a case is reopened, by whoever had it; `changes` replace its parts."""
    given = {
        "reason": "She was seen in the car once more.",
        "told_referrer": "We work on it again.",
        "owner": case.coordinator_id,
        "next_on": timezone.localdate() + timedelta(days=2),
    }
    return Again(**{**given, **changes})


def typed_again(found: Again) -> dict[str, str]:
    """The same as it is typed on the page."""
    return {
        "reason": found.reason,
        "told_referrer": found.told_referrer,
        "owner": str(found.owner),
        "next_on-day": str(found.next_on.day),
        "next_on-month": str(found.next_on.month),
        "next_on-year": str(found.next_on.year),
    }


def open_case(cast: Cast, outcome: Outcome = Outcome.EARLY_HELP, **changes: Any) -> Case:
    """A case with a plan, of the coordinator's."""
    case = send(cast.teacher, **changes)
    services.decide(
        actor=cast.coordinator, case=case, outcome=outcome, reason="Why.", told_referrer="What."
    )
    services.move(actor=cast.coordinator, case=case, action=Action.OPEN, reason="A plan.")
    case.refresh_from_db()
    return case


def to_close(cast: Cast, outcome: Outcome = Outcome.EARLY_HELP) -> Case:
    """A case that is stepping down, of the coordinator's."""
    case = open_case(cast, outcome)
    services.move(actor=cast.coordinator, case=case, action=Action.STEP_DOWN, reason="Better.")
    case.refresh_from_db()
    return case


def closed(cast: Cast, outcome: Outcome = Outcome.EARLY_HELP) -> Case:
    """A case that the coordinator has closed."""
    case = to_close(cast, outcome)
    services.close(actor=cast.coordinator, case=case, ending=ending())
    case.refresh_from_db()
    return case
