"""A question about a share, as an information-governance lead reads it: nothing of the case."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from portal.accounts.models import Agency, Team
from sharing.disclosures.models import ShareDraft
from sharing.disclosures.reading.teams import team_words
from sharing.rules.vocabulary import Category, Purpose


@dataclass(frozen=True, repr=False)
class Question:
    """Who asks, whom they would share with, which kinds of information, what for, and what."""

    pk: UUID
    asked_by: str
    asked_at: datetime
    recipient: str
    categories: tuple[str, ...]
    purpose: str
    question: str

    @property
    def rows(self) -> tuple[tuple[str, str], ...]:
        """The question as rows of a summary."""
        return (
            ("Asked by", self.asked_by),
            ("With whom", self.recipient),
            ("What", "; ".join(self.categories)),
            ("What for", self.purpose),
            ("The question", self.question),
        )


def questions(drafts: list[ShareDraft]) -> list[Question]:
    """The drafts that wait, in words. Two queries, whatever their number."""
    teams = Team.objects.select_related("agency").in_bulk(
        {draft.answers["who"]["team"] for draft in drafts}
    )
    agencies = Agency.objects.in_bulk({holder for draft in drafts for holder, _ in _kinds(draft)})
    return [
        Question(
            pk=draft.pk,
            asked_by=team_words(draft.author.team),
            asked_at=draft.asked_at or draft.saved_at,
            recipient=team_words(teams[draft.answers["who"]["team"]]),
            categories=tuple(
                f"{Category(code).label} (held by {agencies[holder].name})"
                for holder, code in _kinds(draft)
            ),
            purpose=Purpose(draft.answers["who"]["purpose"]).label,
            question=draft.question,
        )
        for draft in drafts
    ]


def _kinds(draft: ShareDraft) -> list[tuple[UUID, str]]:
    """Which kinds are asked about. Pieces that are shared alone are named by their kind too."""
    what: dict[str, Any] = draft.answers.get("what", {})
    pairs = (code.split(":") for code in [*what.get("whole", ()), *what.get("part_of", ())])
    return [(UUID(holder), category) for holder, category in dict.fromkeys(map(tuple, pairs))]
