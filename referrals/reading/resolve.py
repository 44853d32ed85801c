"""Turning rows into a reading: the only place where a case's content becomes words."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.utils import timezone

from portal.accounts.vocabulary import AgencyKind, Principal, Role
from portal.common.clock import LONDON
from portal.common.moments import day
from referrals import policies
from referrals.models import (
    Case,
    Child,
    EmergencyAccess,
    Grant,
    Referral,
)
from referrals.reading.progress import progress
from referrals.reading.shape import Item, Reading, Section, Summary, Trace
from referrals.reading.statements import Reach, stated
from referrals.reading.steps import (
    acknowledged,
    closed,
    decided,
    level,
    moves_of,
    priority_changes_of,
    steps,
)
from referrals.vocabulary import QUESTIONS, SECTIONS, Answer, Extent, Priority, State
from referrals.workflow import SAYS_TO_REFERRER, Status
from sharing.rules import policies as law
from sharing.rules.vocabulary import Category, Obligation, Purpose, Relation

_OWN: Final = {
    Relation.OWN_AGENCY: "You can see this because your own agency holds it, and your role answers"
    " for it.",
    Relation.AUTHOR: "You can see this because you wrote it.",
    Relation.REFERRER: "You can see this because your agency made the referral. Whoever refers"
    " hears what was decided.",
}


def read(
    principal: Principal,
    case: Case,
    purpose: Purpose,
    at: datetime | None = None,
    *,
    also: Iterable[Grant] = (),
) -> Reading:
    """Resolve the case for this principal, now. Writes nothing: the caller records the reading.

    `purpose` is what the principal reads it for. The live grants are obeyed for a purpose that
    protects a child; for any other purpose neither a grant nor authorship opens anything.
    `also` are grants that are not given yet: with them it is what the principal would read if
    they were. That is the whole of a preview.
    """
    at = at or timezone.now()
    live = list(
        policies.grants(principal)
        .filter(content_object=case)
        .select_related("granted_by__user", "granted_by__team__agency")
        .order_by("from_at", "rule", "holder__name")
    )
    live.extend(also)
    emergency = policies.emergencies(principal).filter(case=case).first()
    sent = list(case.referrals.select_related("agency", "author__team").order_by("sent_at", "pk"))
    mine = [referral for referral in sent if referral.author_id == principal.membership_id]
    leads = principal.role is Role.AGENCY_LEAD
    refers = bool(mine) or (leads and any(r.agency_id == principal.agency_id for r in sent))
    reach = Reach(
        principal,
        live,
        refers=refers,
        emergency=bool(emergency),
        purpose=purpose,
        rules=law.in_force(at),
        at=at,
    )
    oversees = policies.oversees_by(principal, live)
    decisions = list(
        case.decisions.select_related("decided_by__team__agency").order_by("decided_at", "pk")
    )
    moves = moves_of(case) if refers or oversees else []
    changes = priority_changes_of(case) if oversees else []
    items = [
        *_identity(case.child, sent, reach),
        *stated(case, reach),
        *level(case, reach),
        *decided(decisions, reach),
        *closed(case, reach),
        *(steps(moves, decisions, changes, reach) if oversees else ()),
    ]
    sections = tuple(
        Section(title, tuple(sorted(_of_section(items, title), key=_is_open))) for title in SECTIONS
    )
    status = Status(case.status)
    step, words = SAYS_TO_REFERRER[status]
    knows = next(item.state is not State.NOT_SHARED for item in items if item.key == "name")
    return Reading(
        case_id=case.pk,
        reference=case.reference,
        title=_full_name(case.child) if knows else "Child",
        initials=_initials(case.child) if knows else "",
        age=_age_words(case.child, at) if knows else "",
        status=status,
        status_words=words,
        step=step,
        priority=Priority(case.priority),
        received_at=case.received_at,
        due_at=case.decision_due_at,
        decided_at=case.decided_at,
        sections=tuple(section for section in sections if section.items),
        traces=(*_traces(live, mine, emergency), *_owned(items, at, sent_it=bool(mine))),
        purpose=purpose,
        is_mine=bool(mine),
        emergency_until=emergency.until_at if emergency else None,
        progress=progress(case) if refers else (),
        acknowledged=acknowledged(moves) if refers else "",
    )


def _of_section(items: Iterable[Item], title: str) -> Iterable[Item]:
    return (item for item in items if QUESTIONS[item.question].section == title)


def _is_open(item: Item) -> bool:
    """What nobody answered stands after what somebody did, whoever renders it."""
    return item.state is State.NOT_PROVIDED


def summaries(principal: Principal, rows: Sequence[Case]) -> list[Summary]:
    """Resolve cases to rows of a list. One query, whatever the number of rows.

    `rows` comes from `policies.visible(principal).for_rows()`.
    """
    live = policies.grants(principal).filter(
        content_object__in=[case.pk for case in rows], extent=Extent.WHOLE
    )
    opened: dict[tuple[UUID, UUID], set[str]] = {}
    for case_id, holder, codes in live.values_list("content_object_id", "holder_id", "categories"):
        opened.setdefault((case_id, holder), set()).update(codes)
    now = timezone.now()
    found = []
    for case in rows:
        sent = case.referrals.all()
        first = min(sent, key=lambda referral: (referral.sent_at, referral.pk))
        is_mine = first.author_id == principal.membership_id
        held = opened.get((case.pk, first.agency_id), set())
        shown = tuple(code for code in ("IC1", "IC15") if is_mine or code in held)
        found.append(_summary(case, shown, _kinds(sent) if "IC15" in shown else "", now))
    return found


def summaries_by_child(rows: Iterable[Case]) -> list[Summary]:
    """The same of cases of whose children the reader knows who they are: no query, and no sender.

    `rows` comes from `policies.whose_child_is_known(principal)`, with child and coordinator.
    """
    now = timezone.now()
    return [_summary(case, ("IC1",), "", now) for case in rows]


def _summary(case: Case, shown: tuple[str, ...], sender: str, now: datetime) -> Summary:
    knows, status = "IC1" in shown, Status(case.status)
    return Summary(
        case_id=case.pk,
        reference=case.reference,
        initials=_initials(case.child) if knows else "",
        age=_age_words(case.child, now) if knows else "",
        status=status,
        priority=Priority(case.priority),
        step=SAYS_TO_REFERRER[status][0],
        status_words=SAYS_TO_REFERRER[status][1],
        agency=sender,
        received_at=case.received_at,
        due_at=case.decision_due_at,
        assigned_to=_assigned_to(case),
        shown=shown,
        band=_band(case),
    )


def _assigned_to(case: Case) -> str:
    """Who looks after the case; nobody, where that is somebody who has left."""
    held = case.coordinator
    return "" if held is None or held.has_ended else held.user.name


def _band(case: Case) -> str:
    """What the partnership calls the priority of the case."""
    return str(getattr(case.partnership, f"{case.priority}_name"))


def _kinds(sent: Iterable[Referral]) -> str:
    return ", ".join(sorted({AgencyKind(referral.agency.kind).label for referral in sent}))


def _identity(child: Child, sent: list[Referral], reach: Reach) -> Iterable[Item]:
    """Who the child is. Held by whoever reported it, and read only through the case."""
    first = sent[0]
    given = reach.shares(Category.IC1, first.agency)
    own = None if given else reach.owned(Category.IC1, first.agency, first.author_id)
    values = {
        "name": _full_name(child) if child.given_name or child.family_name else "",
        "known_as": child.known_as,
        "birth": _birth_words(child, reach.at),
        "description": child.description,
    }
    for key, value in values.items():
        item = reach.withheld(key, first.agency)
        if not (given or own):
            yield item
        elif value:
            yield replace(
                item,
                state=State.SHOWN,
                text=value,
                value=value,
                source=QUESTIONS[key].known_how.label,
                by=Role(first.author.team.role).label,
                at=first.sent_at,
                own=own,
            )
        else:
            missing = Answer.NOT_PROVIDED.label
            yield replace(item, state=State.NOT_PROVIDED, text=missing, own=own)


def _traces(
    live: list[Grant], mine: list[Referral], emergency: EmergencyAccess | None
) -> Iterable[Trace]:
    if emergency is not None:
        yield Trace(
            says="You can see this because you used emergency access. Another person reviews it.",
            code="emergency",
            rule="Emergency access: one case, to read, for an hour",
            gateway="",
            decided_by="You",
            decided_at=emergency.from_at,
            until=emergency.until_at,
            categories=(),
        )
    for referral in mine:
        yield Trace(
            says="You can see this because you sent it. You see what you sent, and the outcome.",
            code="author",
            rule=f"{law.name('0b')}, and {law.name('24')} for the outcome",
            gateway="",
            decided_by="The law, when you sent it",
            decided_at=referral.sent_at,
            until=None,
            categories=(),
        )
    for grant in live:
        person = grant.granted_by
        by = (
            f"{person.user.name}, {Role(person.team.role).label}, {person.team.agency.name}"
            if person
            else f"The portal, by rule, when the referral was {grant.granted_by_service}"
        )
        yield Trace(
            says=grant.reason,
            code=f"rule:{grant.rule}/{grant.rule_version}",
            rule=f"{law.name(grant.rule)}, version {grant.rule_version}",
            gateway=law.gateway_words(grant.gateway),
            decided_by=by,
            decided_at=grant.from_at,
            until=grant.until_at,
            categories=tuple(Category(code).label for code in grant.categories),
            obligations=tuple(Obligation(code).label for code in grant.obligations),
            grant=grant.pk,
        )


def _owned(items: Iterable[Item], at: datetime, *, sent_it: bool) -> Iterable[Trace]:
    """Why the reader sees what no grant opens: it is their own, by a rule of the law."""
    found: dict[str, list[Item]] = {}
    for item in items:
        # What somebody sent has its own trace, for its answers and for the outcome.
        if item.own and not (sent_it and item.own.relation in (Relation.AUTHOR, Relation.REFERRER)):
            found.setdefault(item.own.number, []).append(item)
    for number, owned in found.items():
        rule = owned[0].own
        assert rule is not None  # noqa: S101
        yield Trace(
            says=_OWN[rule.relation],
            code=f"rule:{number}/{rule.version}",
            rule=f"{law.name(number)}, version {rule.version}",
            gateway=rule.gateway.provision,
            decided_by="The law, when it was written",
            decided_at=min((item.at for item in owned if item.at), default=at),
            until=None,
            categories=tuple(dict.fromkeys(item.category.label for item in owned)),
        )


def _full_name(child: Child) -> str:
    return f"{child.given_name} {child.family_name}".strip() or "Name not known"


def _initials(child: Child) -> str:
    letters = [name[0].upper() for name in (child.given_name, child.family_name) if name]
    return ".".join(letters) + "." if letters else "Not named"


def _age(child: Child, on: date) -> int | None:
    born = child.date_of_birth
    if born is None:
        return child.age_estimate
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def _age_words(child: Child, at: datetime) -> str:
    years = _age(child, at.astimezone(LONDON).date())
    if years is None:
        return "age not known"
    return str(years) if child.date_of_birth else f"about {years}"


def _birth_words(child: Child, at: datetime) -> str:
    if child.date_of_birth:
        return f"{day(child.date_of_birth)} (aged {_age_words(child, at)})"
    return f"About {child.age_estimate}" if child.age_estimate is not None else ""
