"""Finding a case; looking for the same child, and deciding about two: not the same, the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from portal.accounts.vocabulary import Principal, Role
from portal.audit.services import asked_for, record
from portal.common.errors import DomainError
from portal.common.moments import london
from portal.notifications.services import owe
from portal.notifications.vocabulary import Kind
from referrals import policies as casework
from referrals.matching import policies, reading
from referrals.matching.models import MAY_BE_UNDONE_FOR, Join, Judgement
from referrals.matching.vocabulary import SoughtFor, Verdict
from referrals.matching.workflow import APART
from referrals.models import Case, Decision, Particulars, tidy_reference
from referrals.reading import summaries
from referrals.services import clocks
from referrals.services.particulars import keep_particulars
from referrals.triage import services as triage
from referrals.vocabulary import ClockKind, Outcome
from referrals.vocabulary.likeness import Likeness, likeness
from referrals.workflow import OVER, WAITING, Status

DECIDED: Final = "It is taken further together with what is known already."
_ACTS: Final = {Verdict.SAME: "match.linked", Verdict.NOT_SAME: "match.rejected"}


@transaction.atomic
def look(*, actor: Principal, reference: str) -> reading.Matches:
    """Find what may be other cases of this case's child, on the record: which cases were shown.

    Raises NotVisible; Refused unless the actor coordinates or manages the case.
    """
    case = policies.case_to_match(actor, reference)
    found = reading.matches(actor, case)
    _record_shown(actor, case, found)
    return found


def look_beside(*, actor: Principal, case_id: UUID) -> reading.Matches | None:
    """The same beside the case itself, which the actor has opened; None unless they oversee it.

    When there is nothing to show, nothing is written: opening the case is on the record.
    """
    if actor.role not in (Role.COORDINATOR, Role.MANAGER):
        return None
    mine = Particulars.objects.select_related("case").filter(case=case_id).first()
    if mine is None:
        return None
    found = reading.matches(actor, mine.case, mine)
    if found.case_ids:
        if not casework.oversees(actor, mine.case):
            return None
        with transaction.atomic():
            _record_shown(actor, mine.case, found)
    return found


def _record_shown(actor: Principal, case: Case, found: reading.Matches) -> None:
    record(
        actor,
        "match.shown",
        case=case.pk,
        subjects=[case.child_id],
        purpose=casework.purpose_of(actor),
        ids=found.case_ids,
    )


@dataclass(frozen=True, repr=False)
class Sought:
    """What somebody typed to find a case, and what they need it for beyond their own work."""

    words: str = ""
    born: date | None = None
    phone: str = ""
    place: str = ""
    why: SoughtFor | None = None

    @property
    def reference(self) -> str:
        """The reference that the words may be, or ""."""
        return tidy_reference(self.words)

    @property
    def child(self) -> Likeness:
        """The child as far as it is described. The words may be any of their names."""
        return likeness(
            given_name="",
            family_name="",
            known_as=self.words,
            born=self.born,
            born_about=None,
            answers={"address": [self.place], "safe_contact": [self.phone]},
        )

    @property
    def hashed(self) -> str:
        """What it was needed for, and each thing that was typed as the ledger keeps it."""
        child = self.child
        typed = {
            "name": " ".join(sorted(child.also)),
            "reference": self.reference,
            "born": f"{child.born or ''}",
            "phone": " ".join(child.phones),
            "place": " ".join(filter(None, (child.postcode, child.door))),
        }
        codes = [f"{kind}:{asked_for(words)}" for kind, words in typed.items() if words]
        return ", ".join([*([self.why] if self.why else []), *codes])


@dataclass(frozen=True, repr=False)
class Searched:
    """What a search found. `straight`: the reference that was asked for, which may be opened."""

    matches: tuple[reading.Match, ...] = ()
    straight: str = ""


@transaction.atomic
def search(*, actor: Principal, sought: Sought) -> Searched:
    """Find cases that the actor may see: by reference, else by what is known of the child.

    A reference leads straight to its case. A child is found by names that are spelt or sound alike,
    by birth date with day and month either way round, by phone and by address: at most 25, and
    only where the actor's own list says who the child is. What is withheld is not matched, because
    "nothing found" would then tell that something is there. Without a purpose it looks only among
    the actor's own work. What is hidden and what is missing take the same way, and come back as the
    same nothing.

    The ledger keeps which cases were found, what for, and the keyed hash of each thing that was
    typed, never the words. Raises Refused for a board chair.
    """
    casework.require_case_list(actor)
    called = casework.visible(actor).filter(reference=sought.reference).for_rows()
    straight = summaries(actor, list(called)) if sought.reference else []
    found = reading.sought(actor, sought.child, own=sought.why is None) if not straight else []
    rows = [*straight, *(each.row for each in found)]
    record(
        actor,
        "case.searched",
        obj=("words", asked_for(sought.hashed)),
        why=sought.hashed,
        purpose=casework.purpose_of(actor),
        ids=[row.case_id for row in rows],
        fields=sorted({code for row in rows for code in row.shown}),
    )
    return Searched(tuple(found), straight[0].reference if straight else "")


@transaction.atomic
def compare(*, actor: Principal, reference: str, other: str) -> reading.Comparison:
    """Open two cases side by side, on the record of both.

    Raises NotVisible; Refused unless the actor coordinates or manages both.
    """
    case = policies.case_to_match(actor, reference)
    beside = policies.other_case(actor, case, other)
    found = reading.comparison(actor, case, beside)
    _record(actor, "match.compared", None, case, beside, fields=found.shown)
    return found


@transaction.atomic
def judge(
    *, actor: Principal, reference: str, other: str, verdict: Verdict, reason: str
) -> Judgement:
    """Decide that two cases are about the same child, or are not. Nothing merges, nobody sees more.

    What is not the same is not offered again until who one of the two is has changed.

    Raises NotVisible; Refused unless the actor coordinates or manages both; DomainError without a
    reason, when somebody has decided already (it says who and when), and when two different NHS
    numbers would be the same child.
    """
    case, beside = _both(actor, reference, other)
    if not reason.strip():
        raise DomainError("Write why. A sentence is enough.")
    return _judge(actor, case, beside, verdict, reason.strip())


@transaction.atomic
def look_before_joining(*, actor: Principal, reference: str, other: str) -> reading.Joining:
    """What joining this referral to the other case would do, on the record of both.

    Raises NotVisible; Refused unless the actor coordinates or manages both.
    """
    case = policies.case_to_match(actor, reference)
    beside = policies.other_case(actor, case, other)
    found = compare(actor=actor, reference=reference, other=other)
    return reading.joining(found, case, beside)


def _both(actor: Principal, reference: str, other: str) -> tuple[Case, Case]:
    """Lock both cases, always in the same order, then insist on policy; return them, fresh."""
    case = policies.case_to_match(actor, reference)
    beside = policies.other_case(actor, case, other)
    locked = Case.objects.select_for_update().filter(pk__in=(case.pk, beside.pk)).order_by("pk")
    by_id = {each.pk: each for each in locked}
    policies.other_case(actor, by_id[case.pk], other)
    return by_id[case.pk], by_id[beside.pk]


def _judge(actor: Principal, case: Case, beside: Case, verdict: Verdict, reason: str) -> Judgement:
    held = Judgement.objects.current().about(case).about(beside).select_related("by__user").first()
    # Cases of before this was kept have none until the sweep has come to them.
    for one in (case, beside):
        if not Particulars.objects.filter(case=one).exists():
            keep_particulars(one)
    known = {row.case_id: row for row in Particulars.objects.filter(case__in=(case, beside))}
    numbers = {row.nhs_number for row in known.values()} - {""}
    if verdict is Verdict.SAME and len(numbers) > 1:
        raise DomainError(
            "These children have different NHS numbers, so they are not marked as the same. If a"
            " number is wrong, ask whoever sent it to correct it first. Nothing has been changed."
        )
    version = reading.told_apart_by(known[case.pk], known[beside.pk])
    if held is not None:
        if held.verdict != Verdict.NOT_SAME or held.told_apart_by == version:
            raise DomainError(
                f"{held.by.user.name} decided this at {london(held.judged_at)}:"
                f" {Verdict(held.verdict).label.lower()}. Your decision was not recorded."
            )
        _end(actor, held, "Who one of them is has changed, and it was decided again.")
    first, second = sorted((case, beside), key=lambda each: each.pk)
    made = Judgement.objects.create(
        first=first,
        second=second,
        verdict=verdict,
        reason=reason,
        told_apart_by=version,
        by_id=actor.membership_id,
    )
    _record(actor, _ACTS[verdict], ("judgement", made.pk), case, beside)
    return made


@transaction.atomic
def take_back(*, actor: Principal, reference: str, other: str, why: str) -> Judgement:
    """End what was decided about two cases. It is kept, with who decided it and who took it back.

    Raises NotVisible; Refused unless the actor coordinates or manages both; DomainError without a
    reason, when nothing is decided, and while one case is joined to the other.
    """
    case, beside = _both(actor, reference, other)
    if not why.strip():
        raise DomainError("Write why. A sentence is enough.")
    held = Judgement.objects.current().about(case).about(beside).first()
    if held is None:
        raise DomainError("Nothing is decided about these two cases now. Nothing has been changed.")
    if Join.objects.current().filter(judgement=held).exists():
        raise DomainError("One case is joined to the other. Undo the join first.")
    _end(actor, held, why.strip())
    _record(actor, "match.undone", ("judgement", held.pk), case, beside)
    return held


@transaction.atomic
def join(
    *,
    actor: Principal,
    reference: str,
    other: str,
    reason: str,
    told_referrer: str,
    late_reason: str = "",
    shown_first: Mapping[str, str] | None = None,
) -> Join:
    """Join a referral that waits for its decision to the other case, where the work goes on.

    Same child and same case: that is the decision on this referral, recorded as any decision is,
    and whoever sent it hears. It links the two and moves nothing. Grants stay bound to the case
    that they were given for, so nobody sees anything more; what somebody needs of the joined
    referral is shared with them as ever. `shown_first` says by question which case's value people
    should use: "mine" (this one's) or "theirs"; both are kept.

    Raises NotVisible; Refused unless the actor coordinates or manages both; DomainError when this
    case does not wait for a decision, when either is joined already or leads others, when the
    children have different NHS numbers, or when words are missing.
    """
    case, leading = _both(actor, reference, other)
    if not reason.strip():
        raise DomainError("Write why it is the same child and the same case.")
    if case.status not in WAITING:
        raise DomainError(
            "Only a referral that waits for its decision is joined to another case. Mark the two"
            " as the same child instead. Nothing has been changed."
        )
    _insist_no_chain(case, leading)
    judged = Judgement.objects.current().about(case).about(leading).first()
    if judged is None or judged.verdict != Verdict.SAME:
        judged = _judge(actor, case, leading, Verdict.SAME, reason.strip())
    made = Join.objects.create(
        joined=case,
        leading=leading,
        judgement=judged,
        reason=reason.strip(),
        shown_first=dict(shown_first or {}),
        by_id=actor.membership_id,
    )
    cause = _record(actor, "match.joined", ("join", made.pk), case, leading)
    triage.decide(
        actor=actor,
        case=case,
        outcome=Outcome.JOINED,
        # Whoever reads the decision need not know of the other case: why stands with the join.
        reason=DECIDED,
        told_referrer=told_referrer,
        late_reason=late_reason,
    )
    _tell(leading, Kind.ADDED, cause)
    return made


def _insist_no_chain(case: Case, leading: Case) -> None:
    if leading.status in OVER:
        raise DomainError(
            "The work on the other case is over, so nobody would go on with this one. Decide this"
            " referral, and mark the two as the same child. Nothing has been changed."
        )
    current = Join.objects.current()
    if current.filter(joined=case).exists():
        raise DomainError("This case is joined to another one already.")
    if current.filter(leading=case).exists():
        raise DomainError("Other cases are joined to this one. Undo those joins first.")
    if current.filter(joined=leading).exists():
        raise DomainError("The other case is itself joined to another one. Join this one to that.")


@transaction.atomic
def undo(*, actor: Principal, reference: str, other: str, why: str) -> Join:
    """Undo a join within 30 days: the link ends, and a decision on the referral is owed again.

    The join, its decision and its events stay on record. That it is the same child still holds,
    until that is taken back. A case that has gone on since it was joined stays where it is.

    Raises NotVisible; Refused unless the actor coordinates or manages both; DomainError without a
    reason, when the two are not joined, and after 30 days.
    """
    case, beside = _both(actor, reference, other)
    if not why.strip():
        raise DomainError("Write why. A sentence is enough.")
    pair = (case, beside)
    held = Join.objects.current().filter(joined__in=pair, leading__in=pair).first()
    if held is None:
        raise DomainError("These two cases are not joined now. Nothing has been changed.")
    now = timezone.now()
    if now > held.joined_at + MAY_BE_UNDONE_FOR:
        raise DomainError(
            f"This was joined more than {MAY_BE_UNDONE_FOR.days} days ago, so it stays joined."
            " Send a new referral if the child needs one."
        )
    _end(actor, held, why.strip())
    joined = case if held.joined_id == case.pk else beside
    cause = _record(actor, "match.undone", ("join", held.pk), case, beside)
    if _owe_a_decision(joined):
        _tell(joined, Kind.TO_TRIAGE, cause)
    return held


def _owe_a_decision(case: Case) -> bool:
    """Put the referral back on the board if its decision was to join it; tell whether it was.

    Its clock runs again, to the time that was promised at first.
    """
    decision = Decision.objects.filter(
        case=case, superseded_at__isnull=True, outcome=Outcome.JOINED
    ).first()
    if decision is None or case.status not in APART.sources:
        return False
    now = timezone.now()
    decision.superseded_at = now
    decision.save(update_fields=["superseded_at"])
    case.status, case.decided_at = Status(APART.target), None
    case.save(update_fields=["status", "decided_at"])
    clocks.start(case, ClockKind.DECISION, now)
    return True


def _end(actor: Principal, held: Judgement | Join, why: str) -> None:
    held.ended_at, held.ended_by_id, held.ended_why = timezone.now(), actor.membership_id, why
    held.save(update_fields=["ended_at", "ended_by", "ended_why"])


def _record(
    actor: Principal,
    act: str,
    what: tuple[str, UUID] | None,
    case: Case,
    beside: Case,
    *,
    fields: Sequence[str] = (),
) -> UUID:
    """Write it into the trail of both cases: each says of which other one. Returns an event's id.

    Always in the same order: two people who come from either side wait for each other, and never
    for ever.
    """
    first, second = sorted((case, beside), key=lambda each: each.pk)
    for one, with_ in ((first, second), (second, first)):
        cause = record(
            actor,
            act,
            case=one.pk,
            obj=what,
            subjects=[one.child_id],
            purpose=casework.purpose_of(actor),
            fields=fields,
            ids=[with_.pk],
        )
    return cause


def _tell(case: Case, kind: Kind, cause: UUID) -> None:
    for member in casework.on_duty(case):
        owe(recipient=member, kind=kind, reference=case.reference, case=case.pk, cause=cause)
