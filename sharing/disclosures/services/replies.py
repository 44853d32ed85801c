"""Answering an agency that asks: once, in words that say how they are known, or a recorded no."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from portal.accounts.models import Membership
from portal.accounts.vocabulary import Principal
from portal.audit.services import record
from portal.common.errors import DomainError
from portal.notifications.services import attended, owe
from portal.notifications.vocabulary import Kind
from referrals import policies as casework
from referrals.models import Statement
from referrals.services import record_grants
from referrals.vocabulary import QUESTIONS, Answer, KnownHow, Protect
from sharing.disclosures.models import Disclosure, Request
from sharing.disclosures.policies import requests as policies
from sharing.disclosures.services.given import give, keep
from sharing.disclosures.services.held import held_request
from sharing.disclosures.services.received import Opened, front_door, open_request
from sharing.disclosures.services.requests import Record, insist_on_record
from sharing.disclosures.vocabulary import Reply, Result, Told
from sharing.rules.vocabulary import Category, Purpose

SHARES = frozenset({Reply.SHARE, Reply.PART})
"""The replies that hand something over."""

_ASKS = (Kind.REQUESTED, Kind.REQUEST_CHASED, Kind.REQUEST_GIVEN)


@dataclass(frozen=True, repr=False)
class Part:
    """The answer about one kind of information: words, how they are known, how protected."""

    category: Category
    text: str
    known_how: KnownHow
    protect: Protect = Protect.NONE


@dataclass(frozen=True, repr=False)
class Sharable:
    """Of what was asked for: what the law lets the asking team see, and what it does not, why."""

    open: tuple[Category, ...]
    closed: tuple[tuple[Category, str], ...]


@dataclass(frozen=True, repr=False)
class Answering:
    """A request, opened to be answered in one way, and what the law says of such an answer.

    `consent`: the law wants to know why the agency does not rely on agreement.
    """

    found: Opened
    may: Sharable
    consent: bool


@transaction.atomic
def read_to_answer(*, actor: Principal, pk: UUID, reply: Reply) -> Answering:
    """Open a request in order to answer it, on the record.

    Raises NotVisible; Refused unless the actor's team is asked; DomainError when the answer needs
    a record and no lawful basis is written down for it.
    """
    request = policies.request_for(actor, pk)
    policies.require_is_asked(actor, request)
    recorded = reply in SHARES or reply is Reply.DECLINE
    return Answering(
        found=open_request(actor=actor, pk=pk),
        may=sharable(request),
        consent=recorded and _needs_consent_limb(request),
    )


def sharable(request: Request) -> Sharable:
    """Ask the law what an answer may hold. Where it says ask, the person who answers decides."""
    ruled = _ruled(request, timezone.now())
    return Sharable(
        open=tuple(category for category, each in ruled.items() if each.is_open),
        closed=tuple(
            (category, each.answer.reason) for category, each in ruled.items() if not each.is_open
        ),
    )


def _needs_consent_limb(request: Request) -> bool:
    categories = [Category(code) for code in request.categories]
    purpose = Purpose(request.purpose)
    holder = request.team.agency
    return policies.rests_on(holder, categories, purpose, timezone.now()).consent_limb


def _ruled(request: Request, at: datetime) -> dict[Category, policies.Ruled]:
    return policies.rule_on(
        request.asked_by.team,
        request.team.agency,
        [Category(code) for code in request.categories],
        Purpose(request.purpose),
        at,
    )


@transaction.atomic
def reply_to(
    *,
    actor: Principal,
    pk: UUID,
    reply: Reply,
    parts: Sequence[Part] = (),
    words: str = "",
    said: Record | None = None,
) -> Request:
    """Answer a request, once. The same answer from the same person again changes nothing.

    `parts` are the answers of a reply that shares; `words` is why, of one that does not. A reply
    that declines is recorded as a decision, as a share is: `words` is the harm that sharing would
    have done, and the team that asks reads it.

    Raises NotVisible; Refused unless the actor's team is asked; DomainError when it is answered
    already, when nothing is given to share, when the law lets the asking team see none of it, or
    when what the record needs is missing.
    """
    request = held_request(actor, pk)
    policies.require_is_asked(actor, request)
    if request.reply:
        return _answered_before(actor, request, reply, parts, words)
    now = timezone.now()
    words, said = words.strip(), said or Record()
    if reply in SHARES:
        _share(actor, request, reply, parts, said=said, at=now)
    elif reply is Reply.DECLINE:
        _decline(actor, request, words, said, now)
    elif reply is Reply.NOT_US and not words:
        raise DomainError("Write who to ask instead, or why it is not you.")
    request.reply, request.reply_words = reply, words
    request.answered_by_id, request.answered_at = actor.membership_id, now
    request.save(update_fields=["reply", "reply_words", "answered_by", "answered_at"])
    _tell(actor, request, reply)
    return request


def _answered_before(
    actor: Principal, held: Request, reply: Reply, parts: Sequence[Part], words: str
) -> Request:
    told = [part for part in parts if part.text.strip()]
    given = {(each.category, each.text.strip(), each.known_how, each.protect) for each in told}
    rows = held.statements.filter(answer=Answer.GIVEN)
    kept = set(rows.values_list("category", "text", "known_how", "protect"))
    same = held.reply == reply and held.answered_by_id == actor.membership_id
    if same and given == kept and held.reply_words == words.strip():
        return held
    raise DomainError(
        "Your team has answered this already. Nothing is lost: that answer stands as it was, and"
        " this one was not sent. Protect or correct the answer on the case page."
    )


def _share(
    actor: Principal,
    request: Request,
    reply: Reply,
    parts: Sequence[Part],
    *,
    said: Record,
    at: datetime,
) -> None:
    ruled = _ruled(request, at)
    opened = [category for category, each in ruled.items() if each.is_open]
    if not opened:
        raise DomainError(
            "The rules do not let the team that asks see any of this. Choose to decline, and say"
            " why."
        )
    given = {part.category: part for part in parts if part.text.strip()}
    if not given:
        raise DomainError("Write an answer, or choose that you hold nothing.")
    if all(part.protect is Protect.EXISTENCE for part in given.values()):
        raise DomainError(
            "You conceal all that you wrote, so nothing would be shared. Nothing is lost. Share"
            " something that is not concealed, or ring the team that asks."
        )
    if not set(given) <= set(opened):
        raise DomainError("The rules do not let the team that asks see one of these answers.")
    purpose, holder = Purpose(request.purpose), request.team.agency
    insist_on_record(holder, opened, purpose, said, at)
    author = Membership.objects.select_related("team__agency").get(pk=actor.membership_id)
    # For each kind one row that the grant names, so that a concealed answer is not counted.
    named: dict[Category, Statement] = {}
    for category in opened:
        rows = _statements(request, author, category, given.get(category), at)
        Statement.objects.bulk_create(rows)
        request.statements.add(*rows)
        named[category] = rows[-1]
    disclosure = _disclosure(actor, request, ruled, said, at)
    seen = [part for part in given.values() if part.protect is not Protect.EXISTENCE]
    whole = (
        reply is Reply.SHARE
        and len(opened) == len(ruled)
        and not any(part.protect for part in seen)
    )
    disclosure.result = Result.SHARED if whole else Result.PART
    disclosure.statements = [row.pk for row in named.values()]
    disclosure.accuracy = dict(Counter(str(part.known_how) for part in seen))
    disclosure.redactions = sorted({str(part.protect) for part in seen if part.protect})
    disclosure.save(force_insert=True)
    grants = give(disclosure, request, request.asked_by.team, ruled, named)
    disclosure.grants.add(*grants)
    for team in front_door(request):
        answers = policies.rule_on(team, holder, opened, purpose, at)
        allowed = {c: each for c, each in answers.items() if policies.is_by_rule(each)}
        grants += give(disclosure, request, team, allowed, named, service="answered")
    grants += keep(request, at)
    record(
        actor,
        "share.given",
        case=request.case_id,
        obj=("disclosure", disclosure.pk),
        subjects=[request.case.child_id],
        recipient=("team", request.asked_by.team.name),
        purpose=request.purpose,
        basis=request.gateway,
        fields=[str(category) for category in named],
    )
    record_grants(actor, request.case, grants)


def _statements(
    request: Request, author: Membership, category: Category, part: Part | None, at: datetime
) -> list[Statement]:
    """The answer as rows. A concealed one has a line in its place, as if nothing were held."""
    key = f"answer_{category}"

    def row(**changes: object) -> Statement:
        return Statement(
            case=request.case,
            question=key,
            category=category,
            agency=author.team.agency,
            author=author,
            stated_at=at,
            **changes,
        )

    absent = row(answer=Answer.NOT_PROVIDED, known_how=QUESTIONS[key].known_how)
    if part is None:
        return [absent]
    told = row(
        answer=Answer.GIVEN,
        text=part.text.strip(),
        known_how=part.known_how,
        protect=part.protect,
    )
    return [told, absent] if part.protect is Protect.EXISTENCE else [told]


def _disclosure(
    actor: Principal,
    request: Request,
    ruled: Mapping[Category, policies.Ruled],
    said: Record,
    at: datetime,
) -> Disclosure:
    """The record of the decision, not saved: a no has the same as a yes."""
    holder, purpose = request.team.agency, Purpose(request.purpose)
    pair = policies.rests_on(holder, ruled, purpose, at)
    first = next((each for each in ruled.values() if each.is_open), next(iter(ruled.values())))
    return Disclosure(
        case=request.case,
        decided_at=at,
        decider_id=actor.membership_id,
        holder=holder,
        recipient=request.asked_by.team,
        purpose=purpose,
        categories=[str(category) for category in ruled],
        rulings={str(category): each.as_json() for category, each in ruled.items()},
        rule=first.answer.rule,
        rule_version=first.answer.version,
        gateway=request.gateway,
        article_6=pair.article_6[0],
        article_9=pair.article_9[0],
        article_10=pair.article_10[0] if pair.article_10 else "",
        condition=pair.condition,
        consent_limb=(said.consent_limb or "") if pair.consent_limb else "",
        necessity=request.why,
        proportionality=said.proportionality.strip(),
        requested_at=request.asked_at,
        child_told=said.child_told,
        parents_told=said.parents_told,
        not_told_why=said.not_told_why.strip(),
        request=request,
    )


def _decline(actor: Principal, request: Request, words: str, said: Record, at: datetime) -> None:
    if not words:
        raise DomainError("Write why you will not share it now.")
    ruled = _ruled(request, at)
    said = Record(
        proportionality="Nothing is shared.",
        child_told=Told.NOT_YET,
        parents_told=Told.NOT_YET,
        not_told_why="Nothing is shared, so there is nothing to tell.",
        consent_limb=said.consent_limb,
    )
    insist_on_record(request.team.agency, ruled, Purpose(request.purpose), said, at)
    disclosure = _disclosure(actor, request, ruled, said, at)
    disclosure.result, disclosure.detriment = Result.REFUSED, words
    disclosure.save(force_insert=True)


def _tell(actor: Principal, request: Request, reply: Reply) -> None:
    case = request.case
    cause = record(
        actor,
        "request.declined" if reply is Reply.DECLINE else "request.answered",
        case=case.pk,
        obj=("request", request.pk),
        subjects=[case.child_id],
        purpose=request.purpose,
        # What was asked, never what was given: a concealed answer must not show by its absence.
        fields=[str(category) for category in request.categories],
    )
    agency = request.team.agency_id
    asked = Request.objects.filter(case=case, team__agency=agency, answered_at=None)
    if not asked.exclude(pk=request.pk).exists():
        attended(case=case.pk, kinds=_ASKS, agency=agency)
    waits = policies.who_waits(request)
    # Whoever checks the referral hears of it too: it may be what they waited for to decide.
    checks = [each for each in casework.on_duty(case) if each.pk == case.coordinator_id]
    for member in {each.pk: each for each in [*waits, *checks]}.values():
        owe(
            recipient=member,
            kind=Kind.ANSWERED,
            reference=case.reference,
            case=case.pk,
            cause=cause,
        )
