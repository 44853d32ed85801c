"""Who may ask an agency what it holds, what asking may tell it, and who may answer."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b
from typing import Any, Final
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from portal.accounts import policies as people
from portal.accounts.models import Agency, Membership, Partnership, Team
from portal.accounts.vocabulary import AgencyKind, Principal, Role, read_questions
from portal.common.errors import DomainError, NotVisible, Refused
from referrals import policies as casework
from referrals.models import Case, Referral
from referrals.vocabulary import QUESTIONS, Extent
from sharing.disclosures.models import Disclosure, Request, RequestQuerySet
from sharing.disclosures.policies import refuse_emergency, told_of
from sharing.disclosures.vocabulary import ENDED
from sharing.rules import models as lines
from sharing.rules import policies as law
from sharing.rules.decision import ArticlePair, Decision, Facts, Inputs, articles, decide
from sharing.rules.vocabulary import CHILD_PROTECTION, Category, Obligation, Purpose
from sharing.rules.vocabulary import Outcome as Ruling

log = logging.getLogger(__name__)

MAY_BE_ASKED: Final = tuple(category for category in Category if f"answer_{category}" in QUESTIONS)
"""What one agency may ask another: what an answer can be kept as."""

_BY_ITS_WORDS: Final = {category.label.casefold(): category for category in MAY_BE_ASKED}


@dataclass(frozen=True, repr=False)
class Ready:
    """A question that the partnership keeps ready. `code` stands for it in a form.

    `category` is what answers it, or None where whoever asks selects that.
    """

    code: str
    words: str
    category: Category | None


def ready_questions(area: Partnership) -> tuple[Ready, ...]:
    """The questions that this partnership keeps ready, in its order."""
    try:
        found = read_questions(area.ready_questions)
    except ValueError:
        # Whoever asks still has their own words.
        log.error("The questions of partnership %s cannot be read", area.pk)  # noqa: TRY400
        return ()
    return tuple(
        Ready(_code(each.words), each.words, _BY_ITS_WORDS.get(each.kind.casefold()))
        for each in found
    )


def _code(words: str) -> str:
    """The same for the same words, so that a list that is changed meanwhile asks nothing else."""
    return blake2b(words.encode(), digest_size=6).hexdigest()


ASKED_FOR: Final = tuple(purpose for purpose in Purpose if purpose in CHILD_PROTECTION)
"""What an agency may be asked for here: other purposes have ways of their own."""

FRONT_DOOR: Final = frozenset({Role.COORDINATOR, Role.MANAGER})
"""The roles that check concerns: they decide who is named, and read all that is asked."""


@dataclass(frozen=True, repr=False)
class Ruled:
    """What the law answered about one category, with the question as it was put."""

    category: Category
    answer: Decision
    inputs: Mapping[str, Any]
    is_open: bool
    """The law lets this team see it, or leaves it to a person at the agency that holds it."""
    until: datetime | None = None
    """When the agreement between agencies ends on which the answer rests, if it does."""

    def as_json(self) -> dict[str, Any]:
        """What a disclosure keeps of it."""
        return {
            "outcome": str(self.answer.outcome),
            "rule": self.answer.rule,
            "version": self.answer.version,
            "gateway": self.answer.gateway,
            "reason": self.answer.reason,
            "obligations": [str(each) for each in self.answer.obligations],
            "inputs": dict(self.inputs),
        }


@dataclass(frozen=True, repr=False)
class Naming:
    """Whether asking may say who the child is, on what, and if not, why not."""

    holder: Agency
    ruled: Ruled
    gateway: str
    why_not: str


def rule_on(
    team: Team, holder: Agency, categories: Iterable[Category], purpose: Purpose, at: datetime
) -> dict[Category, Ruled]:
    """Ask the law, category by category, about what this holder has, for this team."""
    rule_set, rules = law.now_known()
    recipient = law.recipient(team)
    facts = Facts(
        rules=rules,
        holder_kind=AgencyKind(holder.kind),
        holder_agency=holder.pk,
        danger=purpose is Purpose.DANGER,
    )
    agreed = law.agreed(team.agency_id, purpose, at)
    found = {}
    for category in categories:
        asked = replace(facts, agreement=category in agreed)
        answer = decide(recipient, asked, category, purpose, at)
        inputs = Inputs.of(recipient, asked, category, purpose, at, rule_set=rule_set)
        # A yes that is only for those who signed is a person's decision for those who have not.
        is_open = answer.outcome in (Ruling.ALLOW, Ruling.ASK) and not answer.silent
        bound = Obligation.SIGNED_AGREEMENT in answer.obligations
        until = agreed.get(category) if bound else None
        found[category] = Ruled(category, answer, inputs.as_json(), is_open, until)
    return found


def is_by_rule(ruled: Ruled) -> bool:
    """Tell whether the law alone says yes, without a person's decision."""
    bound = Obligation.SIGNED_AGREEMENT in ruled.answer.obligations
    agreed = bool(ruled.inputs["facts"]["agreement"])
    return ruled.answer.outcome is Ruling.ALLOW and (agreed or not bound)


def gateways(holder: Agency, team: Team, at: datetime) -> list[lines.Gateway]:
    """The provisions on which this agency may rely to tell this team something."""
    return law.selectable(AgencyKind(holder.kind), law.recipient(team), at)


def rests_on(
    holder: Agency, categories: Iterable[Category], purpose: Purpose, at: datetime
) -> ArticlePair:
    """What this holder may rely on in data protection law for all of these categories at once.

    Raises DomainError when the law has nothing for this kind of agency and purpose.
    """
    bases = law.bases(law.rule_set())
    try:
        pairs = [
            articles(
                bases,
                AgencyKind(holder.kind),
                category,
                purpose,
                at,
                danger=purpose is Purpose.DANGER,
            )
            for category in categories
        ]
    except LookupError as error:
        raise DomainError(
            "No lawful basis is written down for this yet, so it cannot be recorded here. Nothing"
            " is lost. Ask an information-governance lead."
        ) from error
    # Only information about an offence needs article 10, and then all of the share does.
    return max(pairs, key=lambda pair: len(pair.article_10))


def may_ask(principal: Principal, case: Case) -> bool:
    """Tell whether the principal may ask agencies about this case, which is visible to them.

    While an emergency opens it to them, they do not: what they read then is not theirs to tell.
    """
    stands = casework.standing(principal, case)
    return stands.may_ask and not stands.emergency


def require_may_ask(principal: Principal, case: Case) -> None:
    """Insist on it. Raises Refused."""
    stands = casework.standing(principal, case)
    if stands.emergency:
        refuse_emergency(case)
    if not stands.may_ask:
        raise Refused(
            "Only the coordinators and managers of a case, and the lead of the agency that"
            " referred the child, can ask an agency",
            kind="case",
            pk=str(case.pk),
            action="ask",
        )


def may_be_asked(principal: Principal, case: Case) -> list[Team]:
    """The teams that may be asked: each agency's leads, its single point of contact."""
    leads = people.teams_in(case.partnership_id, Role.AGENCY_LEAD)
    return [team for team in leads if team.pk != principal.team_id]


def naming(
    principal: Principal, case: Case, team: Team, purpose: Purpose, *, chosen: str, at: datetime
) -> Naming:
    """Decide whether a request may say who the child is: the law first, then who may decide it.

    `chosen` is the provision that the person chose for the answer; it is preferred for the asking
    too, where it leads that way.
    """
    holder = case.referrals.select_related("agency").order_by("sent_at", "pk")[0].agency
    ruled = rule_on(team, holder, [Category.IC1], purpose, at)[Category.IC1]
    leads = [row.value().cited_as for row in gateways(holder, team, at)]
    gateway = ruled.answer.gateway or (chosen if chosen in leads else next(iter(leads), ""))
    decides = principal.role in FRONT_DOOR or principal.agency_id == holder.pk
    why_not = ""
    if not ruled.is_open:
        why_not = ruled.answer.reason
    elif not gateway:
        why_not = "No provision of law leads from the agency that told us to the one you ask."
    elif not decides:
        why_not = "A coordinator must decide to name a child whom another agency referred."
    return Naming(holder, ruled, gateway, why_not)


def works_with_requests(principal: Principal) -> bool:
    """Whether this role asks or is asked."""
    return principal.role in FRONT_DOOR | {Role.AGENCY_LEAD}


def require_requests(principal: Principal) -> None:
    """Insist on it. Raises Refused."""
    if not works_with_requests(principal):
        raise Refused(
            "Requests are for agency leads, coordinators and managers",
            kind="request",
            action="list",
        )


def visible(principal: Principal) -> RequestQuerySet:
    """The requests that the principal may know of: what their team is asked, and what it asked.

    A request that names a child is there for the asked team as long as it may know who it is; one
    that names nobody is there always. A conflict of interest forbids both. Coordinators and
    managers read all that was asked on the cases that are open to them.
    """
    if not works_with_requests(principal):
        return Request.objects.none()
    return Request.objects.filter(_asked(principal) | _asks(principal))


def _opened(principal: Principal) -> Exists:
    return Exists(casework.sights(principal).filter(case=OuterRef("case")))


def _asked(principal: Principal) -> Q:
    """What the principal's team is asked."""
    # The grant that asking gives opens the question, and not the case.
    told = Exists(casework.grants(principal).filter(content_object=OuterRef("case")))
    # Asking told who the child is if and only if there is a record that it did.
    names = Exists(Disclosure.objects.filter(request=OuterRef("pk"), recipient=OuterRef("team")))
    walled = Exists(casework.walls(principal).filter(case=OuterRef("case")))
    area = Q(case__partnership__in=principal.partnership_ids)
    return Q(team_id=principal.team_id) & area & (_opened(principal) | ((told | ~names) & ~walled))


def _asks(principal: Principal) -> Q:
    """What the principal's team asked; at the front door, what was asked on the cases it sees."""
    opened = Q(_opened(principal))
    return opened if principal.role in FRONT_DOOR else opened & Q(asked_by__team=principal.team_id)


def to_answer(principal: Principal) -> RequestQuerySet:
    """What the principal's team is asked and has not answered, on cases on which work goes on."""
    if not works_with_requests(principal):
        return Request.objects.none()
    # What it asked itself is among it, where it asked itself.
    return Request.objects.filter(_asked(principal)).waited_for()


def waited_for(principal: Principal) -> RequestQuerySet:
    """What the principal waits for an answer to: of what their team asked; at the front door, of
    all that was asked on the cases that they may see.
    """
    if not works_with_requests(principal):
        return Request.objects.none()
    return Request.objects.filter(_asks(principal)).waited_for().exclude(team_id=principal.team_id)


def request_for(principal: Principal, pk: UUID) -> Request:
    """Return the visible request with this key. Raises NotVisible: hidden is as missing."""
    found = (
        visible(principal)
        .select_related(
            "case__child",
            "case__partnership",
            "case__coordinator__user",
            "team__agency",
            "asked_by__user",
            "asked_by__team__agency",
            "answered_by__user",
            "answered_by__team",
            "given_to__user",
        )
        .filter(pk=pk)
        .first()
    )
    if found is None:
        raise NotVisible("request", str(pk))
    return found


def is_asked(principal: Principal, request: Request) -> bool:
    """Whether it is the principal's team that is asked."""
    return bool(principal.team_id == request.team_id)


def require_is_asked(principal: Principal, request: Request) -> None:
    """Insist on it. Raises Refused."""
    if not is_asked(principal, request):
        raise Refused(
            "Only the team that is asked can answer",
            kind="request",
            pk=str(request.pk),
            action="answer",
        )


def answerers(request: Request) -> list[Membership]:
    """The people of the asked team who may read the request now, and so answer it."""
    return [
        member
        for member in told_of(request.case, [request.team])
        if visible(member.principal()).filter(pk=request.pk).exists()
    ]


def who_answers(request: Request) -> list[Membership]:
    """Who is to answer it: the person whom it was given to, or all who may while it is nobody's."""
    members = answerers(request)
    return [member for member in members if member.pk == request.given_to_id] or members


def who_waits(request: Request) -> list[Membership]:
    """Who hears of the answer, and that it is late: who asked, or while they may not know of the
    case, who looks after it.
    """
    asker = Membership.objects.live().filter(pk=request.asked_by_id).select_related("user")
    case = request.case
    return list(casework.who_may_know(case.pk, asker)) or casework.on_duty(case)


def chases(principal: Principal) -> RequestQuerySet:
    """Of the visible requests, those that the principal may chase: as they may ask about the case.

    Not their own team's to answer, not while an emergency opens the case to them, and not when the
    work on the case is over.
    """
    return _chases(principal).exclude(case__status__in=ENDED)


def _chases(principal: Principal) -> RequestQuerySet:
    this = {"case": OuterRef("case")}
    emergency = Exists(casework.emergencies(principal).filter(**this))
    if principal.role in FRONT_DOOR:
        given = casework.grants(principal).filter(content_object=OuterRef("case"))
        asks = Exists(given.exclude(extent=Extent.ANSWER))
    else:
        asks = Exists(Referral.objects.filter(**this, agency=principal.agency_id))
    return visible(principal).filter(asks, ~emergency).exclude(team_id=principal.team_id)


def require_may_chase(principal: Principal, request: Request) -> None:
    """Insist on it, whether or not work goes on. Raises Refused; they can see it."""
    if not _chases(principal).filter(pk=request.pk).exists():
        raise Refused(
            "Whoever asked, or looks after the case, can chase the agency that is asked",
            kind="request",
            pk=str(request.pk),
            action="chase",
        )
