"""Reading requests on the record: one of them, and the list of what a team is asked and asks."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from portal.accounts import policies as people
from portal.accounts.models import Team
from portal.accounts.vocabulary import Principal
from portal.audit.services import record
from referrals import policies as casework
from referrals.models import Grant
from referrals.reading import Item, read
from referrals.vocabulary import Extent
from sharing.disclosures.models import Disclosure, Request
from sharing.disclosures.policies import requests as policies
from sharing.disclosures.reading import requests as reading
from sharing.disclosures.reading.teams import person_words, team_words
from sharing.rules import policies as law
from sharing.rules.vocabulary import Category, Purpose


@dataclass(frozen=True, repr=False)
class Opened:
    """A request, opened: what is asked, what was told of the child, and what was answered."""

    asked: reading.Asked
    question: str
    why: str
    purpose: str
    law: str
    readers: tuple[str, ...]
    items: tuple[Item, ...]
    names_child: bool
    may_answer: bool
    answered_by: str
    can_open_case: bool


@transaction.atomic
def open_request(*, actor: Principal, pk: UUID) -> Opened:
    """Read one request on the record, with what may be read of the child now.

    Raises NotVisible: for anybody else's request as for one that is not there.
    """
    request = policies.request_for(actor, pk)
    case = request.case
    opens = casework.visible(actor).filter(pk=case.pk).exists()
    asked = policies.is_asked(actor, request)
    # What was told of the child to answer with is read here, and opens no page of the case.
    knows = opens or casework.grants(actor).filter(content_object=case).exists()
    told = Disclosure.objects.filter(request=request, recipient=request.team).first()
    items: tuple[Item, ...] = ()
    if told is not None and asked and knows:
        found = read(actor, case, Purpose(request.purpose))
        items = reading.shown(found, told.holder_id)
    record(
        actor,
        "request.read",
        case=case.pk,
        obj=("request", request.pk),
        subjects=[case.child_id],
        purpose=request.purpose,
        fields=sorted({str(item.category) for item in items if not item.concealed}),
    )
    answered = request.answered_by
    return Opened(
        asked=reading.asked(request),
        question=request.question,
        why=request.why,
        purpose=Purpose(request.purpose).label,
        law=law.gateway_words(request.gateway),
        readers=tuple(team_words(team) for team in readers(request)),
        items=items,
        names_child=told is not None,
        may_answer=asked and not request.reply,
        answered_by=person_words(answered) if answered else "",
        can_open_case=opens,
    )


def readers(request: Request) -> list[Team]:
    """Who will read an answer: the team that asks, those at the front door that the law lets read
    at least one of the kinds asked for, and those to whom all of a kind that this agency holds is
    open already.
    """
    holder, purpose, at = request.team.agency, Purpose(request.purpose), timezone.now()
    found = [request.asked_by.team]
    for team in front_door(request):
        ruled = policies.rule_on(team, holder, map(Category, request.categories), purpose, at)
        if any(policies.is_by_rule(each) for each in ruled.values()):
            found.append(team)
    shares = Grant.objects.live().filter(
        content_object=request.case,
        holder=holder,
        extent=Extent.WHOLE,
        categories__overlap=request.categories,
    )
    told = {team.pk for team in found} | {request.team_id}
    others = Team.objects.filter(pk__in=shares.values("group_id")).exclude(pk__in=told)
    return [*found, *others.select_related("agency").order_by("agency__name", "role")]


def front_door(request: Request) -> list[Team]:
    """The teams at the front door, but for the team that asks and the one that is asked."""
    teams = people.teams_in(request.case.partnership_id, *sorted(policies.FRONT_DOOR))
    return [team for team in teams if team.pk not in (request.asked_by.team_id, request.team_id)]


@dataclass(frozen=True, repr=False)
class Lists:
    """The page of requests: what my team must answer, what it answered, what we asked."""

    to_answer: tuple[reading.Asked, ...]
    answered: tuple[reading.Asked, ...]
    we_asked: tuple[reading.Asked, ...]


MOST: Final = 60
"""How many requests each part of the page shows: the most urgent, or the latest."""


@transaction.atomic
def list_requests(*, actor: Principal) -> Lists:
    """List requests, least time left first, and record which were on the page. Raises Refused."""
    policies.require_requests(actor)
    found = policies.visible(actor).select_related("case", "asked_by__team__agency", "team__agency")
    mine = found.filter(team_id=actor.team_id)
    lists = Lists(
        to_answer=tuple(reading.rows(mine.filter(reply="").order_by("due_at", "pk")[:MOST])),
        answered=tuple(reading.rows(mine.exclude(reply="").order_by("-answered_at", "pk")[:MOST])),
        we_asked=tuple(
            reading.rows(
                found.filter(asked_by__team_id=actor.team_id).order_by("reply", "due_at")[:MOST]
            )
        ),
    )
    every = (*lists.to_answer, *lists.answered, *lists.we_asked)
    record(actor, "request.listed", ids=[row.pk for row in every])
    return lists
