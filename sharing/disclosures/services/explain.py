"""Explaining a share to the person who asks. An explanation is itself on the record."""

from collections.abc import Container, Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from portal.accounts.vocabulary import Principal
from portal.audit.services import record
from portal.common.errors import NotVisible
from referrals import policies
from referrals.models import Case
from referrals.reading import Item, Reading, Trace, read
from referrals.vocabulary import State
from sharing.disclosures.models import Disclosure
from sharing.disclosures.policies import reads_holders
from sharing.disclosures.policies.oversight import may_use_emergency
from sharing.disclosures.policies.requests import may_ask
from sharing.disclosures.reading import Holder, holders, opening
from sharing.rules.vocabulary import Relation


@dataclass(frozen=True, repr=False)
class Reason:
    """One answer to "Why can I see this?", with the record of the decision if a person made it."""

    trace: Trace
    number: str = ""
    record: UUID | None = None


@dataclass(frozen=True, repr=False)
class Explanation:
    """Why the principal can see a case or some items of it, why not the rest, and who else can.

    `may_ask` and `may_use_emergency` are the ways to more that are open to them.
    """

    reading: Reading
    reasons: tuple[Reason, ...]
    holders: tuple[Holder, ...]
    holder_count: int
    may_ask: bool
    may_use_emergency: bool
    items: tuple[Item, ...] = ()

    @property
    def is_removed(self) -> bool:
        """Whether there is nothing left to see, ask for or open: the words have been removed."""
        return bool(self.items) and all(item.state == State.REMOVED for item in self.items)


@transaction.atomic
def explain(*, actor: Principal, reference: str) -> Explanation:
    """Answer "Why can I see this?" from the grants' own columns, and write down that it was asked.

    Raises NotVisible or Refused.
    """
    case = policies.case_for(actor, reference)
    reading = read(actor, case, policies.purpose_of(actor))
    return _explained(actor, case, reading, reading.traces, holders(case))


@transaction.atomic
def explain_item(*, actor: Principal, reference: str, key: str) -> Explanation:
    """The same for the answers to one question, as they stand on the principal's own page.

    Raises NotVisible, also where their page has no such answer: concealed looks like missing.
    """
    case = policies.case_for(actor, reference)
    reading = read(actor, case, policies.purpose_of(actor))
    items = tuple(item for item in reading.items if item.key == key)
    if not items:
        raise NotVisible("item", key)
    opens = opening(case, items)
    traces = tuple(trace for trace in reading.traces if _speaks(trace, items, opens))
    return _explained(actor, case, reading, traces, holders(case, only=opens), items=items)


def _speaks(trace: Trace, items: Iterable[Item], opens: Container[UUID]) -> bool:
    """Whether a reason for reading the case is a reason for reading one of these answers."""
    if trace.grant is not None:
        return trace.grant in opens
    own = {item.own for item in items if item.own}
    if trace.code == "author":
        return any(rule.relation in (Relation.AUTHOR, Relation.REFERRER) for rule in own)
    return trace.code == "emergency" or trace.code in {
        f"rule:{rule.number}/{rule.version}" for rule in own
    }


def _explained(
    actor: Principal,
    case: Case,
    reading: Reading,
    traces: Iterable[Trace],
    teams: list[Holder],
    *,
    items: tuple[Item, ...] = (),
) -> Explanation:
    record(
        actor,
        "case.explained",
        case=case.pk,
        subjects=[case.child_id],
        fields=sorted({item.key for item in items}),
    )
    return Explanation(
        reading=reading,
        reasons=tuple(_reasons(traces)),
        holders=tuple(teams) if reads_holders(actor) else (),
        holder_count=len(teams),
        may_ask=may_ask(actor, case),
        may_use_emergency=may_use_emergency(actor)
        and not reading.emergency_until
        and any(item in reading.held_back for item in items or reading.items),
        items=items,
    )


def _reasons(traces: Iterable[Trace]) -> Iterable[Reason]:
    listed = list(traces)
    rests_on = {
        grant: (number, pk)
        for grant, number, pk in Disclosure.objects.filter(
            grants__in=[trace.grant for trace in listed if trace.grant]
        ).values_list("grants", "number", "pk")
    }
    for trace in listed:
        found = rests_on.get(trace.grant) if trace.grant else None
        yield Reason(trace, *found) if found else Reason(trace)
