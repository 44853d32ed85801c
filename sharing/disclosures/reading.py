"""Seeing through the sharing: which teams hold what of a case, since when, and why."""

from dataclasses import dataclass
from datetime import datetime

from portal.accounts.vocabulary import AgencyKind, Role
from portal.common.templatetags.govuk import london
from referrals.models import Case, Grant
from sharing.rules import policies as law
from sharing.rules.vocabulary import Category


@dataclass(frozen=True)
class Holder:
    """One team that can open the case: its agency, its role, what it sees, and until when."""

    agency: str
    role: str
    categories: tuple[str, ...]
    gateway: str
    since: datetime
    until: datetime | None

    @property
    def title(self) -> str:
        """The heading of its card."""
        return f"{self.agency}: {self.role}"

    @property
    def rows(self) -> tuple[tuple[str, str], ...]:
        """What it sees, why and until when, as rows of a summary."""
        return (
            ("What it opens", "; ".join(self.categories)),
            ("The reason in law", self.gateway),
            ("Since", london(self.since)),
            ("Until", london(self.until) if self.until else "No end date: until somebody stops it"),
        )


def holders(case: Case) -> list[Holder]:
    """Return the teams with a live grant on the case, by agency and role. One query."""
    live = (
        Grant.objects.live()
        .filter(content_object=case)
        .select_related("group__team__agency")
        .order_by("group__team__agency__kind", "group__team__role", "from_at")
    )
    return [
        Holder(
            agency=AgencyKind(grant.group.team.agency.kind).label,
            role=Role(grant.group.team.role).label,
            categories=tuple(Category(code).label for code in grant.categories),
            gateway=law.gateway_words(grant.gateway),
            since=grant.from_at,
            until=grant.until_at,
        )
        for grant in live
    ]
