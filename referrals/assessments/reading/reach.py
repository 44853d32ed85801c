"""How far a reader's eyes reach in a case: asked of the one place that knows."""

from uuid import UUID

from django.utils import timezone

from portal.accounts.models import Agency, Membership
from portal.accounts.vocabulary import Principal
from referrals import policies as casework
from referrals.assessments import policies
from referrals.assessments.models import Agreement
from referrals.assessments.vocabulary import Level
from referrals.models import Case
from referrals.reading import Item
from referrals.reading.statements import Reach
from sharing.rules import policies as law
from sharing.rules.vocabulary import Category

CONCERN = Category.IC4
"""What an answer, a judgement and a level are: the concern and its signs."""


class Said:
    """The words of a case's risk assessments as one reader may see them, and what else they see.

    `words` maps each statement, as it was first written, to the item that it is now: shown, partly
    withheld, withheld, not shared, or removed.
    """

    def __init__(self, principal: Principal, case: Case) -> None:
        self.principal = principal
        stands = casework.standing(principal, case)
        at = timezone.now()
        live = casework.grants(principal).filter(content_object=case)
        self.reach = Reach(
            principal,
            list(live),
            refers=False,
            emergency=stands.emergency,
            purpose=casework.purpose_of(principal),
            rules=law.in_force(at),
            at=at,
        )
        self.stands = stands
        self.words: dict[UUID, Item] = {}
        rows = list(
            case.statements.filter(question__startswith="note_risk")
            .select_related("agency", "author__team")
            .order_by("stated_at", "pk")
        )
        self.reach.follow(rows)
        first: dict[UUID, UUID] = {}
        for row in rows:
            first[row.pk] = first.get(row.corrects_id, row.pk) if row.corrects_id else row.pk
            item = self.reach.resolve(row)
            if item is not None:
                self.words[first[row.pk]] = item

    def sees(self, agency: Agency, author: UUID) -> bool:
        """Whether the reader may see what this agency says of the concern and its signs."""
        return self.reach.shares(CONCERN, agency) or bool(self.reach.owned(CONCERN, agency, author))

    def sees_level(self, agreement: Agreement) -> bool:
        """Whether the reader may see this level."""
        by: Membership = agreement.by
        return self.sees(by.team.agency, by.pk)

    @property
    def not_shared(self) -> str:
        """What stands in place of what the reader may not see."""
        return f"Not shared with {self.principal.agency_kind.label}"

    def item(self, statement: UUID | None) -> Item | None:
        """The words of this statement, as the reader may see them."""
        return self.words.get(statement) if statement else None


def said(principal: Principal, case: Case) -> Said:
    """Look at the risk assessments of this case with the principal's eyes. Writes nothing."""
    return Said(principal, case)


def level_seen(principal: Principal, case: Case) -> Level | None:
    """The level in force for the child, where the principal may see it. Writes nothing."""
    latest = policies.latest_in_force(case)
    if latest is None or not Said(principal, case).sees_level(latest):
        return None
    return Level(latest.level)
