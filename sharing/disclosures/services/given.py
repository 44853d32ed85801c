"""The grants that an answer to a question gives: to who asked, and to who answered."""

from collections.abc import Mapping
from datetime import datetime

from portal.accounts.models import Team
from referrals.models import Grant, Statement
from referrals.services import share_by_rule, view_case
from referrals.vocabulary import Extent
from sharing.disclosures.models import Disclosure, Request
from sharing.disclosures.policies import requests as policies
from sharing.rules.vocabulary import Category, Purpose


def give(
    disclosure: Disclosure,
    request: Request,
    team: Team,
    ruled: Mapping[Category, policies.Ruled],
    named: Mapping[Category, Statement],
    *,
    service: str = "",
) -> list[Grant]:
    """Open these answers, and nothing else that the agency holds, to one team: a grant a rule."""
    by_rule: dict[tuple[str, int, str], list[Category]] = {}
    for category, each in ruled.items():
        if category in named and each.is_open:
            gateway = each.answer.gateway or request.gateway
            by_rule.setdefault((each.answer.rule, each.answer.version, gateway), []).append(
                category
            )
    return [
        Grant.objects.create(
            content_object=request.case,
            group=team,
            permission=view_case(),
            holder=request.team.agency,
            categories=categories,
            extent=Extent.PART,
            statements=[named[category].pk for category in categories],
            purpose=request.purpose,
            gateway=gateway,
            rule=rule,
            rule_version=version,
            reason="An agency was asked about this child, and shared its answer.",
            necessity=request.why,
            proportionality=disclosure.proportionality,
            obligations=sorted(
                {
                    str(each)
                    for category in categories
                    for each in ruled[category].answer.obligations
                }
            ),
            granted_by_id=disclosure.decider_id,
            granted_by_service=service,
            from_at=disclosure.decided_at,
            until_at=min(
                (end for category in categories if (end := ruled[category].until)), default=None
            ),
        )
        for (rule, version, gateway), categories in by_rule.items()
    ]


def keep(request: Request, at: datetime) -> list[Grant]:
    """Let the team that answered go on reading what its own agency said, to put it right."""
    holder = request.team.agency
    has = (
        Grant.objects.live()
        .of_teams()
        .filter(content_object=request.case, group=request.team, holder=holder, extent=Extent.WHOLE)
    )
    if has.exists():
        return []
    return share_by_rule(
        case=request.case,
        team=request.team,
        holder=holder,
        purpose=Purpose(request.purpose),
        service="answered",
        at=at,
    )
