"""Finding a case; looking for the same child, and deciding about two: the same child, or not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from portal.accounts.vocabulary import Principal
from portal.audit.services import asked_for, record
from portal.common.errors import DomainError
from portal.common.moments import london
from referrals import policies as casework
from referrals.matching import policies, reading
from referrals.matching.models import Join, Judgement
from referrals.matching.vocabulary import SoughtFor, Verdict
from referrals.models import Case, Particulars, tidy_reference
from referrals.reading import summaries
from referrals.services.particulars import keep_particulars
from referrals.vocabulary.likeness import Likeness, likeness
from referrals.vocabulary.names import fold

_ACTS: Final = {Verdict.SAME: "match.linked", Verdict.NOT_SAME: "match.rejected"}


@transaction.atomic
def look(*, actor: Principal, reference: str) -> reading.Matches:
    """Find what may be other cases of this case's child, on the record: which cases were shown.

    Raises NotVisible; Refused unless the actor coordinates or manages the case.
    """
    case = policies.case_to_match(actor, reference)
    found = reading.matches(actor, case)
    record(
        actor,
        "match.shown",
        case=case.pk,
        subjects=[case.child_id],
        purpose=casework.purpose_of(actor),
        ids=found.case_ids,
    )
    return found


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
            "name": " ".join(sorted(fold(self.words).split())),
            "reference": self.reference,
            "born": f"{child.born or ''}",
            "phone": " ".join(child.phones),
            "place": " ".join(filter(None, (child.postcode, child.door))),
        }
        codes = [f"{kind}:{asked_for(words)}" for kind, words in typed.items() if words]
        return ", ".join([*([self.why] if self.why else []), *codes])


@dataclass(frozen=True, repr=False)
class Searched:
    """What a search found. `straight`: the reference that was asked for, which may be opened.

    `is_cut`: too many fit what was typed for each to be held against it.
    """

    matches: tuple[reading.Match, ...] = ()
    straight: str = ""
    is_cut: bool = False


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
    found = reading.Finding()
    if not straight:
        found = reading.sought(actor, sought.child, own=sought.why is None)
    rows = [*straight, *(each.row for each in found.matches)]
    record(
        actor,
        "case.searched",
        obj=("words", asked_for(sought.hashed)),
        why=sought.hashed,
        purpose=casework.purpose_of(actor),
        ids=[row.case_id for row in rows],
        fields=sorted({code for row in rows for code in row.shown}),
    )
    return Searched(found.matches, straight[0].reference if straight else "", found.is_cut)


@transaction.atomic
def compare(*, actor: Principal, reference: str, other: str) -> reading.Comparison:
    """Open two cases side by side, on the record of both.

    Raises NotVisible; Refused unless the actor coordinates or manages both.
    """
    case = policies.case_to_match(actor, reference)
    beside = policies.other_case(actor, case, other)
    found = reading.comparison(actor, case, beside)
    record_both(actor, "match.compared", None, case, beside, fields=found.shown)
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
    case, beside = hold_both(actor, reference, other)
    if not reason.strip():
        raise DomainError("Write why. A sentence is enough.")
    return mark(actor, case, beside, verdict, reason.strip())


def hold_both(actor: Principal, reference: str, other: str) -> tuple[Case, Case]:
    """Lock both cases, always in the same order, then insist on policy; return them, fresh.

    Whatever is decided about two cases begins here, inside its transaction. Raises NotVisible;
    Refused unless the actor coordinates or manages both.
    """
    case = policies.case_to_match(actor, reference)
    beside = policies.other_case(actor, case, other)
    locked = Case.objects.select_for_update().filter(pk__in=(case.pk, beside.pk)).order_by("pk")
    by_id = {each.pk: each for each in locked}
    policies.other_case(actor, by_id[case.pk], other)
    return by_id[case.pk], by_id[beside.pk]


def mark(
    actor: Principal,
    case: Case,
    beside: Case,
    verdict: Verdict,
    reason: str,
    *,
    by: UUID | None = None,
) -> Judgement:
    """Record a judgement about two cases that the caller holds. Raises DomainError as `judge`.

    `by` is whose judgement and whose words it is, if the actor only says yes to it.
    """
    if verdict is Verdict.SAME:
        insist_may_be_one(case, beside)
    held, version = _held(case, beside), _version(case, beside)
    if held is not None:
        if held.verdict != Verdict.NOT_SAME or held.told_apart_by == version:
            raise _decided_before(held)
        end(actor, held, "Who one of them is has changed, and it was decided again.")
    first, second = sorted((case, beside), key=lambda each: each.pk)
    made = Judgement.objects.create(
        first=first,
        second=second,
        verdict=verdict,
        reason=reason,
        told_apart_by=version,
        by_id=by or actor.membership_id,
    )
    record_both(actor, _ACTS[verdict], ("judgement", made.pk), case, beside)
    return made


def _particulars(case: Case, beside: Case) -> dict[UUID, Particulars]:
    # Cases of before this was kept have none until the sweep has come to them.
    for one in (case, beside):
        if not Particulars.objects.filter(case=one).exists():
            keep_particulars(one)
    return {row.case_id: row for row in Particulars.objects.filter(case__in=(case, beside))}


def _held(case: Case, beside: Case) -> Judgement | None:
    current = Judgement.objects.current().about(case).about(beside)
    return current.select_related("by__user").first()


def _version(case: Case, beside: Case) -> str:
    known = _particulars(case, beside)
    return reading.told_apart_by(known[case.pk], known[beside.pk])


def _decided_before(held: Judgement) -> DomainError:
    return DomainError(
        f"{held.by.user.name} decided this at {london(held.judged_at)}:"
        f" {Verdict(held.verdict).label.lower()}. Your decision was not recorded."
    )


def insist_may_be_one(case: Case, beside: Case) -> None:
    """Raise DomainError where the children of two cases, which the caller holds, are two.

    So they are with two NHS numbers, and where somebody decided so of what is known now.
    """
    numbers = {row.nhs_number for row in _particulars(case, beside).values()} - {""}
    if len(numbers) > 1:
        raise DomainError(
            "These children have different NHS numbers, so they are not marked as the same. If a"
            " number is wrong, ask whoever sent it to correct it first. Nothing has been changed."
        )
    held = _held(case, beside)
    if held is None or held.verdict == Verdict.SAME:
        return
    if held.told_apart_by == _version(case, beside):
        raise _decided_before(held)


@transaction.atomic
def take_back(*, actor: Principal, reference: str, other: str, why: str) -> Judgement:
    """End what was decided about two cases. It is kept, with who decided it and who took it back.

    Raises NotVisible; Refused unless the actor coordinates or manages both; DomainError without a
    reason, when nothing is decided, and while one case is joined to the other.
    """
    case, beside = hold_both(actor, reference, other)
    if not why.strip():
        raise DomainError("Write why. A sentence is enough.")
    held = Judgement.objects.current().about(case).about(beside).first()
    if held is None:
        raise DomainError("Nothing is decided about these two cases now. Nothing has been changed.")
    if Join.objects.current().filter(judgement=held).exists():
        raise DomainError("One case is joined to the other. Undo the join first.")
    end(actor, held, why.strip())
    record_both(actor, "match.undone", ("judgement", held.pk), case, beside)
    return held


def end(actor: Principal, held: Judgement | Join, why: str) -> None:
    """End what holds of two cases, which the caller holds: with who ended it, and why."""
    held.ended_at, held.ended_by_id, held.ended_why = timezone.now(), actor.membership_id, why
    held.save(update_fields=["ended_at", "ended_by", "ended_why"])


def record_both(
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
