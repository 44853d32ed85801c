"""Reading requests on the record: one of them, and the list of what a team is asked and asks."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from portal.accounts import policies as people
from portal.accounts.models import Team
from portal.accounts.vocabulary import Principal
from portal.audit.services import record
from portal.common.clock import LONDON, end_of
from referrals import policies as casework
from referrals.models import Grant
from referrals.reading import Item, read
from referrals.vocabulary import Extent
from sharing.disclosures.models import Disclosure, Request, RequestQuerySet
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
    (row,) = reading.rows(actor, [request])
    return Opened(
        asked=row,
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
    shares = (
        Grant.objects.live()
        .of_teams()
        .filter(
            content_object=request.case,
            holder=holder,
            extent=Extent.WHOLE,
            categories__overlap=request.categories,
        )
    )
    told = {team.pk for team in found} | {request.team_id}
    others = Team.objects.filter(pk__in=shares.values("group_id")).exclude(pk__in=told)
    return [*found, *others.select_related("agency").order_by("agency__name", "role")]


def front_door(request: Request) -> list[Team]:
    """The teams at the front door, but for the team that asks and the one that is asked."""
    teams = people.teams_in(request.case.partnership_id, *sorted(policies.FRONT_DOOR))
    return [team for team in teams if team.pk not in (request.asked_by.team_id, request.team_id)]


@dataclass(frozen=True, repr=False)
class Narrowed:
    """One way to narrow a list: its code, its words, how many it has."""

    code: str
    words: str
    number: int


@dataclass(frozen=True, repr=False)
class Lists:
    """The page of requests: what my team must answer and has answered, what we wait for and got.

    `people` counts what my team must answer by who of it has it; `waits` counts what we wait for
    by the time that is left. `on_all_cases`: on all the cases that I may see, whoever asked.
    """

    to_answer: tuple[reading.Asked, ...]
    answered: tuple[reading.Asked, ...]
    waited_for: tuple[reading.Asked, ...]
    came: tuple[reading.Asked, ...]
    people: tuple[Narrowed, ...]
    waits: tuple[Narrowed, ...]
    on_all_cases: bool


MOST: Final = 50
"""How many requests each part of the page shows: the most urgent, or the latest. All four parts
together are one event of the ledger."""

NOBODY: Final = "nobody"
LATE: Final = "late"
TODAY: Final = "today"


@transaction.atomic
def list_requests(*, actor: Principal, when: str = "", who: str = "") -> Lists:
    """List requests, least time left first, and record which were on the page.

    `when` narrows what is waited for to what is late or due today; `who` what is to be answered to
    what one member of the team has, or nobody in particular. A code that is none narrows nothing.
    Whoever works at the front door waits for all that was asked on the cases that they may see.
    Raises Refused.
    """
    policies.require_requests(actor)
    now = timezone.now()
    found = policies.visible(actor).exclude(reply="")
    to_answer = policies.to_answer(actor)
    people = _by_person(to_answer)
    if who and who in {each.code for each in people}:
        to_answer = to_answer.filter(given_to=None if who == NOBODY else UUID(who))
    on_all = actor.role in policies.FRONT_DOOR
    came = found.exclude(team_id=actor.team_id)
    came = came if on_all else came.filter(asked_by__team_id=actor.team_id)
    ways = {
        LATE: Q(due_at__lt=now),
        TODAY: Q(due_at__gte=now, due_at__lt=end_of(now.astimezone(LONDON).date())),
    }
    waited_for = policies.waited_for(actor)
    totals = waited_for.aggregate(
        every=Count("pk"), **{code: Count("pk", filter=way) for code, way in ways.items()}
    )
    lists = Lists(
        to_answer=_rows(actor, to_answer.order_by("due_at", "pk")),
        answered=_rows(actor, found.filter(team_id=actor.team_id).order_by("-answered_at", "pk")),
        waited_for=_rows(actor, waited_for.filter(ways.get(when, Q())).order_by("due_at", "pk")),
        came=_rows(actor, came.order_by("-answered_at", "pk")),
        people=people,
        waits=(
            Narrowed("", "All", totals["every"]),
            Narrowed(LATE, "Late", totals[LATE]),
            Narrowed(TODAY, "Due today", totals[TODAY]),
        ),
        on_all_cases=on_all,
    )
    every = (*lists.to_answer, *lists.answered, *lists.waited_for, *lists.came)
    record(actor, "request.listed", ids=[row.pk for row in every])
    return lists


def _rows(actor: Principal, found: RequestQuerySet) -> tuple[reading.Asked, ...]:
    return tuple(reading.rows(actor, reading.for_rows(found)[:MOST]))


def _by_person(waiting: RequestQuerySet) -> tuple[Narrowed, ...]:
    """What waits for an answer by who has it, where somebody has any of it."""
    found = waiting.values_list("given_to", "given_to__user__name").annotate(number=Count("pk"))
    each = [
        Narrowed(str(pk or NOBODY), name or "Nobody in particular", number)
        for pk, name, number in found.order_by("given_to__user__name", "given_to")
    ]
    if all(one.code == NOBODY for one in each):
        return ()
    return (Narrowed("", "All", sum(one.number for one in each)), *each)
