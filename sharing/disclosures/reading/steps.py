"""What the pages of a share that is being prepared say, in words: no row of the database."""

from dataclasses import dataclass
from datetime import datetime

from portal.common.moments import day
from sharing.disclosures.models import ShareDraft
from sharing.disclosures.reading.plan import Plan
from sharing.disclosures.reading.teams import people_words
from sharing.disclosures.vocabulary import Told
from sharing.rules import policies as law


@dataclass(frozen=True, repr=False)
class Step:
    """A share so far: with whom, what the law says of it, and the advice that was asked for."""

    to: str
    shares: bool
    is_danger: bool
    needs_advice: bool
    has_offers: bool
    obligations: tuple[str, ...]
    advice: str
    advice_from: str
    asked_at: datetime | None


def step_of(plan: Plan, draft: ShareDraft) -> Step:
    """What every page of this draft says."""
    return Step(
        to=plan.to_words if plan.to else "",
        shares=plan.shares,
        is_danger=plan.danger,
        needs_advice=plan.needs_advice,
        has_offers=bool(plan.offers),
        obligations=tuple(str(each.label) for each in plan.obligations),
        advice=draft.advice,
        advice_from=draft.advised_by.user.name if draft.advised_by else "",
        asked_at=draft.asked_at,
    )


def summary(plan: Plan, draft: ShareDraft) -> list[tuple[str, str]]:
    """The decision in words, before it is made. Every page ahead of it is answered."""
    said = plan.answers["why"]
    ends = f"Until the end of {day(plan.last_day)}" if plan.last_day else "Until somebody stops it"
    rows = [
        ("With whom", f"{plan.to_words}. {people_words(plan.people)}."),
        ("What for", plan.purpose.label if plan.purpose else ""),
        *(("What", choice.words) for choice in plan.choices),
        ("The reason in law", law.gateway_words(plan.gateway)),
        ("What they will do with it", said["necessity"]),
        ("Why less would not do", said["proportionality"]),
        ("What harm sharing would do", said.get("detriment", "")),
        ("Has the child been told?", Told(said["child_told"]).label),
        ("Have the parents or carers been told?", Told(said["parents_told"]).label),
        ("Why somebody is not told", said["not_told_why"]),
        ("How long", ends if plan.shares else ""),
        ("Advice", draft.advice),
    ]
    return [row for row in rows if row[1]]
