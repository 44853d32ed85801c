"""The lists and sentences that a partnership settles for itself, and how each is typed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from portal.accounts.vocabulary.people import Role

MOST_STEPS: Final = 10
MOST_DAYS: Final = 20
MOST_HOURS: Final = 72
LONGEST_WHO: Final = 150
"""What the steps of disagreeing with a decision may be: how many, how long each, in how many words.
"""

_TOLD_OF_A_STEP: Final = (str(Role.MANAGER), str(Role.AGENCY_LEAD))


def default_escalation() -> list[dict[str, object]]:
    """The steps of disagreeing with a decision, until a partnership settles its own.

    Five stages, as local procedures in England have them. `roles` are told in the portal; `who`
    says everybody who hears it. A stage without `immediate_hours` is skipped when a child could
    come to harm.
    """
    steps = (
        ("The front door manager and your agency lead", 1, None),
        ("Service managers of both agencies", 1, None),
        ("Heads of service and named safeguarding leads", 1, 4),
        ("Directors of both agencies", 2, 4),
        ("The safeguarding partners and their independent scrutineer", 5, 24),
    )
    return [
        {"who": who, "roles": list(_TOLD_OF_A_STEP), "working_days": days, "immediate_hours": hours}
        for who, days, hours in steps
    ]


def steps_in_words(steps: Iterable[Mapping[str, object]]) -> str:
    """The steps of disagreeing as somebody types them, one a line: who | working days | hours."""
    return "\n".join(
        f"{step['who']} | {step['working_days']} | {step.get('immediate_hours') or ''}".rstrip()
        for step in steps
    )


def read_steps(text: str) -> list[dict[str, object]]:
    """Read steps as `steps_in_words` writes them.

    Raises ValueError with a sentence that says which line to mend.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    if not 1 <= len(lines) <= MOST_STEPS:
        raise ValueError(f"There must be from 1 to {MOST_STEPS} steps, one on each line")
    return [_step(number, line) for number, line in enumerate(lines, start=1)]


def _step(number: int, line: str) -> dict[str, object]:
    who, *clocks = (" ".join(part.split()) for part in line.split("|"))
    days, hours = (*clocks, "", "")[:2]
    if not who or len(who) > LONGEST_WHO or len(clocks) > 2:
        raise ValueError(
            f"Line {number} must say who hears it, in {LONGEST_WHO} characters or less,"
            " then the times, with a | before each"
        )
    if not _is_from(days, 1, MOST_DAYS):
        raise ValueError(f"Line {number} must have from 1 to {MOST_DAYS} working days")
    if hours and not _is_from(hours, 1, MOST_HOURS):
        raise ValueError(f"Line {number} must have from 1 to {MOST_HOURS} hours, or none")
    return {
        "who": who,
        "roles": list(_TOLD_OF_A_STEP),
        "working_days": int(days),
        "immediate_hours": int(hours) if hours else None,
    }


def _is_from(number: str, least: int, most: int) -> bool:
    return number.isdecimal() and least <= int(number) <= most


def default_language() -> str:
    """The list of phrases that a partnership begins with: phrase | why not | another way."""
    return (Path(__file__).parents[1] / "language.txt").read_text(encoding="utf-8")


@dataclass(frozen=True)
class ReadyQuestion:
    """A question that is often asked of agencies, and the kind of information that answers it.

    `kind` is in the words of the page that asks, or "" where whoever asks selects it.
    """

    words: str
    kind: str = ""


LONGEST_QUESTION: Final = 200
MOST_QUESTIONS: Final = 30


def default_questions() -> str:
    """The questions that a partnership begins with: question | kind of information."""
    return (
        "Which services of yours work with the child now?"
        " | Which services are working with the child\n"
        "Who at your agency knows the child best? | Which services are working with the child\n"
        "Has anybody at your agency been worried about the child before?"
        " | The concern and its signs\n"
        "Has the child been at school, and what has changed? | Education\n"
        "When was the child last seen, and what was found? | Clinical detail\n"
        "Has the child had a plan or a social worker before? | Social care history and plan\n"
        "Is anybody near the child known for offences? | Suspected or proven offending\n"
        "What has the child told you? | The child's own words\n"
        "Which adults does the child live with? | Other adults in the family\n"
    )


def read_questions(text: str) -> list[ReadyQuestion]:
    """Read questions, one a line: question | kind of information. There may be none.

    Raises ValueError with a sentence that says which line to mend.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) > MOST_QUESTIONS:
        raise ValueError(f"There must be at most {MOST_QUESTIONS} questions, one on each line")
    found = [_question(number, line) for number, line in enumerate(lines, start=1)]
    if len({each.words for each in found}) < len(found):
        raise ValueError("A question stands there twice")
    return found


def _question(number: int, line: str) -> ReadyQuestion:
    words, *kind = (" ".join(part.split()) for part in line.split("|"))
    if not words or len(words) > LONGEST_QUESTION or len(kind) > 1:
        raise ValueError(
            f"Line {number} must have a question in {LONGEST_QUESTION} characters or less, then"
            " one | and the kind of information"
        )
    return ReadyQuestion(words, *kind)


MOST_DECIDED: Final = 20
LONGEST_DECIDED: Final = 600


def default_decided() -> str:
    """What whoever referred reads of a decision, as a partnership begins: decision | words."""
    return (
        "Strategy discussion now | We agree that this is serious. The police and children's social"
        " care are talking about it now. We may ring you today.\n"
        "MASE panel agenda | We have acted on what you sent. Agencies will plan together how to"
        " keep the child safe.\n"
        "Children's social care assessment | A social worker will meet the child, and will ring you"
        " to plan how.\n"
        "Early help | Somebody will offer the family support. They may ring you to plan how.\n"
    )


def read_decided(text: str) -> dict[str, str]:
    """Read the words for each decision, one a line: decision | words. There may be none.

    Returns the words by the decision in small letters. Raises ValueError with a sentence that says
    which line to mend.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) > MOST_DECIDED:
        raise ValueError(f"There must be at most {MOST_DECIDED} decisions, one on each line")
    found: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        decision, _, words = (" ".join(part.split()) for part in line.partition("|"))
        if not decision or not words or len(words) > LONGEST_DECIDED:
            raise ValueError(
                f"Line {number} must have a decision, then one | and the words for whoever"
                f" referred, in {LONGEST_DECIDED} characters or less"
            )
        if decision.casefold() in found:
            raise ValueError("A decision stands there twice")
        found[decision.casefold()] = words
    return found


FIRST_WORDS: Final = (
    "Thank you. I am reading your referral now. You will hear what we decide [when]. If things get"
    " worse, ring the front door."
)
"""What whoever acknowledges a referral begins with; [when] becomes the time of the decision."""
SUPPORT_WORDS: Final = (
    "Reading and writing about harm is hard. Talk with your safeguarding lead or your supervisor"
    " today."
)
