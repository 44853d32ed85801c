"""One action as its reader sees it: what happened with it, and what the reader may do now."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q

from portal.accounts.models import Membership
from portal.accounts.vocabulary import Principal
from referrals.actions import policies
from referrals.actions.models import Action, Entry
from referrals.actions.reading.lists import WAITS, Row, asked_for, rows
from referrals.actions.vocabulary import FROM_ABOVE, Climb, Effect, Said
from referrals.actions.workflow import Relation, State, Verb, by_whom, is_open_to


@dataclass(frozen=True, repr=False)
class Line:
    """One line of what happened with an action, in words."""

    title: str
    by: str
    at: datetime
    text: str


@dataclass(frozen=True, repr=False)
class Shown:
    """An action as this reader sees it. `lines` is what happened, the newest first.

    `verbs` are what the reader may do now; `until` the day that is asked for; `note` is what
    somebody wrote who asks the reader, `claimed` what its owner says that it changed.
    """

    row: Row
    effect: str
    given_by: str
    given_at: datetime
    lines: tuple[Line, ...]
    verbs: frozenset[Verb]
    until: date | None = None
    note: str = ""
    claimed: str = ""
    is_part: bool = False

    def may(self, verb: Verb) -> bool:
        """Whether the reader may do this now."""
        return verb in self.verbs


def shown(principal: Principal, action: Action) -> Shown:
    """Resolve one action.

    Whoever oversees the case reads every line. Everybody else reads those of their own agency and
    what was answered from above: what one agency wrote is not handed on with the action. Whoever is
    asked to take it on, or to judge it, reads what it is and the note to them.
    """
    stands = policies.standing(principal, action)
    lines = list(
        action.entries.select_related("by__user", "by__team__agency", "to__user", "answers")
        .filter(_readable(principal, stands))
        .order_by("-at", "-created_at")
    )
    waiting = Entry.objects.waiting(*WAITS, Said.CLAIMED).filter(action=action)
    asks = {Said(line.kind): line for line in waiting.select_related("by")}
    told = _names(lines)
    mine = [asks[kind] for kind in (Said.OFFERED, Said.ASKED_EFFECT) if kind in asks]
    note = next((line.words for line in mine if line.to_id == principal.membership_id), "")
    more = asks.get(Said.ASKED_TIME)
    claim = asks.get(Said.CLAIMED)
    sees_claim = bool(stands & {Relation.OVERSEER, Relation.OWNER, Relation.LEAD})
    return Shown(
        row=rows(principal, [action])[0],
        effect=action.effect,
        given_by=action.given_by.user.name,
        given_at=action.given_at,
        lines=tuple(_line(line, told) for line in lines),
        verbs=_verbs(principal, action, stands, asks),
        until=more.until if more and Relation.OVERSEER in stands else None,
        note=note,
        claimed=claim.words if claim and sees_claim else "",
        is_part=not stands & {Relation.OVERSEER, Relation.CHAIR},
    )


def _readable(principal: Principal, stands: frozenset[Relation]) -> Q:
    if stands & {Relation.OVERSEER, Relation.CHAIR}:
        return Q()
    if stands & {Relation.OWNER, Relation.LEAD, Relation.GIVER}:
        return Q(by__team__agency=principal.agency_id) | Q(kind__in=FROM_ABOVE)
    return Q(by_id=principal.membership_id) | Q(to_id=principal.membership_id)


def _verbs(
    principal: Principal,
    action: Action,
    stands: frozenset[Relation],
    asks: dict[Said, Entry],
) -> frozenset[Verb]:
    found = {v for v in Verb if by_whom(v) & stands and is_open_to(v, action.status)}
    if action.owner.user_id == principal.user_id:
        found -= {Verb.VERIFY, Verb.SEND_BACK}
    more = asks.get(Said.ASKED_TIME)
    if more is None or asked_for(principal, action, more):
        found -= {Verb.ANSWER_TIME}
    if policies.is_own(principal, action) or not _waits_to_be_judged(action):
        found -= {Verb.JUDGE}
    return frozenset(found)


def _waits_to_be_judged(action: Action) -> bool:
    if action.status != State.VERIFIED:
        return False
    return policies.to_judge(action.case_id).filter(pk=action.pk).exists()


def _names(lines: Iterable[Entry]) -> dict[UUID, str]:
    wanted = {pk for line in lines for pk in line.told}
    if not wanted:
        return {}
    found = Membership.objects.filter(pk__in=wanted).select_related("user")
    return {member.pk: member.user.name for member in found}


def _line(line: Entry, told: dict[UUID, str]) -> Line:
    by = f"{line.by.user.name}, {line.by.team.agency.name}" if line.by else "The portal"
    said = [line.words]
    if line.to:
        said.append(f"To {line.to.user.name}.")
    if line.until:
        said.append(f"Until {line.until.day} {line.until:%B %Y}.")
    if line.instead:
        said.append(f"Instead: {line.instead}")
    title = Said(line.kind).label
    if line.effect:
        title = f"{title}: {Effect(line.effect).label[:1].lower()}{Effect(line.effect).label[1:]}"
    if line.step:
        names = [told[pk] for pk in line.told if pk in told]
        said = [f"{Climb(line.step).label}: {', '.join(names) or 'nobody to tell'}."]
    return Line(title=title, by=by, at=line.at, text="\n".join(filter(None, said)))
