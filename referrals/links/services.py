"""Recording what a case names, holding it against other cases, and what people decide of two."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from portal.accounts.vocabulary import Principal
from portal.audit.services import MOST_IDS, record
from portal.common.errors import DomainError, NotVisible
from portal.common.moments import london
from referrals import policies as casework
from referrals.links import policies, reading
from referrals.links.models import LINE, STORY, Link, Mention, Settling
from referrals.links.reading import Comparison, Lost, Named, Page, Words
from referrals.links.vocabulary import OF_CHILDREN, Kind, Verdict, keys, lacks
from referrals.models import Case, Statement
from referrals.reading import Item
from referrals.services import read_opened

_ACTS = {Verdict.SAME: "link.made", Verdict.NOT_SAME: "link.rejected"}


@transaction.atomic
def look(*, actor: Principal, reference: str) -> Page:
    """Open the people and places of a case, on the record, with the other cases that are shown.

    Raises NotVisible; Refused unless the actor coordinates or manages the case.
    """
    case = policies.case_to_link(actor, reference)
    found = reading.people_and_places(actor, case)
    _record_look(actor, case, fields=found.shown, others=found.case_ids)
    return found


def _record_look(
    actor: Principal, case: Case, *, fields: Sequence[str], others: Sequence[UUID] = ()
) -> None:
    # One event; another one only where a page names more cases than an event can.
    for start in range(0, max(1, len(others)), MOST_IDS):
        record(
            actor,
            "mention.read",
            case=case.pk,
            subjects=[case.child_id],
            purpose=casework.purpose_of(actor),
            fields=fields,
            ids=others[start : start + MOST_IDS],
        )


@transaction.atomic
def answers(*, actor: Principal, reference: str) -> tuple[str, tuple[Item, ...]]:
    """The answers of a case from which something can be recorded: those shown whole, in words.

    It opens the case, on the record. Returns the reference and the answers. Raises NotVisible;
    Refused unless the actor coordinates or manages the case.
    """
    case = policies.case_to_link(actor, reference)
    items = read_opened(actor=actor, case=case).items
    return case.reference, tuple(filter(reading.may_name, items))


@dataclass(frozen=True, repr=False)
class Basis:
    """An answer of a case to record from, and what it says in fields already."""

    reference: str
    item: Item
    words: Words


@transaction.atomic
def look_at_answer(*, actor: Principal, reference: str, statement: UUID) -> Basis:
    """Open one answer, to record from it, on the record.

    Raises NotVisible, also where the answer is not shown whole to the actor; Refused unless they
    coordinate or manage the case.
    """
    case = policies.case_to_link(actor, reference)
    item = reading.piece(actor, case, statement)
    row = Statement.objects.only("question", "details").get(pk=statement)
    _record_look(actor, case, fields=[str(item.category)])
    return Basis(case.reference, item, reading.words_of(row.question, row.details))


@transaction.atomic
def mention(
    *,
    actor: Principal,
    reference: str,
    statement: UUID,
    words: Words,
    key: UUID,
    instead: UUID | None = None,
) -> Mention:
    """Record what an answer names, so that it can be held against other cases. It shows nobody
    anything: whoever is shown the answer may be shown this.

    `key` names the form, so that a double press records once. `instead` is one that went with an
    answer which this one puts right: that one is settled by it. Raises NotVisible, also where the
    answer is not shown whole to the actor, or `instead` went with another one; Refused unless they
    coordinate or manage the case; DomainError where it says too little or too much, or another
    child would become a person of concern by it.
    """
    case = _held(actor, reference)
    item = reading.piece(actor, case, statement)
    before = Mention.objects.filter(pk=key).first()
    if before is not None:
        return _recorded_before(actor, before, statement, words)
    kind = _insist(words, item)
    was = _lost_to(actor, case, statement, instead) if instead else None
    made = Mention.objects.create(
        pk=key,
        statement_id=statement,
        kind=kind,
        called=words.called,
        also=words.also,
        where=words.where,
        description=words.description,
        keys=keys(kind, words.called, words.also, words.where),
        by_id=actor.membership_id,
    )
    if was and not Settling.objects.filter(mention=was.pk).exists():
        Settling.objects.create(mention_id=was.pk, again=made, by_id=actor.membership_id)
    record(
        actor,
        "mention.recorded",
        case=case.pk,
        obj=("mention", made.pk),
        subjects=[case.child_id],
        purpose=casework.purpose_of(actor),
        fields=[str(item.category)],
        ids=[was.pk] if was else [],
    )
    return made


def _lost_to(actor: Principal, case: Case, statement: UUID, instead: UUID) -> Lost:
    found = reading.lost_one(actor, case, instead)
    if found is None or found.right is None or found.right.statement != statement:
        raise NotVisible("mention", str(instead))
    return found


def _held(actor: Principal, reference: str) -> Case:
    """Lock the case and insist on policy again; return it fresh."""
    case = policies.case_to_link(actor, reference)
    locked = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
    casework.require_oversees(actor, locked)
    return locked


def _insist(words: Words, item: Item) -> Kind:
    if words.kind is None:
        raise DomainError("Select what it is.")
    fault = lacks(words.kind, words.called, words.description)
    if fault:
        raise DomainError(f"{fault}.")
    if max(len(words.called), len(words.also), len(words.where)) > LINE:
        raise DomainError(f"A line must be {LINE} characters or less.")
    if len(words.description) > STORY:
        raise DomainError(f"The description must be {STORY:,} characters or less.")
    if (words.also and words.kind is not Kind.PERSON) or (
        words.where and words.kind is not Kind.PLACE
    ):
        raise DomainError("Other names are for a person, and where it is for a place.")
    if words.kind is Kind.PERSON and item.question in OF_CHILDREN:
        raise DomainError(
            "This answer is about other children, who may be at risk. A child is not recorded as a"
            " person who may pose a risk. Start a referral for them if there is none."
        )
    return words.kind


def _recorded_before(actor: Principal, before: Mention, statement: UUID, words: Words) -> Mention:
    said = Words(Kind(before.kind), before.called, before.also, before.where, before.description)
    mine = before.by_id == actor.membership_id and before.statement_id == statement
    if mine and said == words:
        return before
    raise DomainError(
        "This was recorded before, with other words. Nothing is lost: that stands as it was, and"
        " this was not recorded. Open the page again to record another one."
    )


@transaction.atomic
def look_at(*, actor: Principal, reference: str, mention: UUID) -> Named:
    """Open one that a case names, on the record. Raises NotVisible or Refused."""
    case = policies.case_to_link(actor, reference)
    found = reading.one(actor, case, mention)
    _record_look(actor, case, fields=[str(found.item.category)])
    return found


@transaction.atomic
def take_off(*, actor: Principal, reference: str, mention: UUID, why: str) -> Mention:
    """End what was recorded by mistake. It is kept, with who recorded it and who ended it; what was
    decided of it and others is no longer shown.

    Raises NotVisible; Refused unless the actor coordinates or manages the case; DomainError
    without a reason.
    """
    case = _held(actor, reference)
    found = reading.one(actor, case, mention)
    row = Mention.objects.get(pk=mention)
    _end(actor, row, why)
    record(
        actor,
        "mention.taken_off",
        case=case.pk,
        obj=("mention", row.pk),
        subjects=[case.child_id],
        purpose=casework.purpose_of(actor),
        fields=[str(found.item.category)],
    )
    return row


def _end(actor: Principal, row: Mention | Link, why: str) -> None:
    if not why.strip():
        raise DomainError("Write why. A sentence is enough.")
    row.ended_at, row.ended_by_id, row.ended_why = timezone.now(), actor.membership_id, why.strip()
    row.save(update_fields=["ended_at", "ended_by", "ended_why"])


@transaction.atomic
def settle(*, actor: Principal, reference: str, mention: UUID, right: UUID | None) -> Settling:
    """Say that nothing more is to be recorded of one whose answer was corrected or removed: the
    right answer does not name it, or there is none. It is not asked again.

    `right` is the right answer that the actor looked at, if there was one. What somebody has
    settled already stays as it is. Raises NotVisible, also where the answer was never shown whole
    to the actor; Refused unless they coordinate or manage the case; DomainError while the answer
    stands, and when it was corrected or removed again since the actor looked.
    """
    case = _held(actor, reference)
    found = reading.lost_one(actor, case, mention)
    if found is None:
        reading.one(actor, case, mention)
        raise DomainError(
            "The answer that this was recorded from stands. Take it off if it was recorded by"
            " mistake. Nothing has been changed."
        )
    before = Settling.objects.filter(mention=mention).first()
    if before is not None:
        return before
    if right != (found.right.statement if found.right else None):
        raise DomainError(
            "The answer was corrected or removed again since you opened the page. Nothing has been"
            " changed. Go back to people and places and look at it again."
        )
    made = Settling.objects.create(mention_id=mention, by_id=actor.membership_id)
    record(
        actor,
        "mention.settled",
        case=case.pk,
        obj=("mention", mention),
        subjects=[case.child_id],
        purpose=casework.purpose_of(actor),
        fields=[found.category],
    )
    return made


@transaction.atomic
def compare(*, actor: Principal, reference: str, mine: UUID, other: UUID) -> Comparison:
    """Open two side by side, on the record of both cases; neither event names a link.

    Raises NotVisible where one of the two is not shown to the actor; Refused unless they
    coordinate or manage the case.
    """
    case = policies.case_to_link(actor, reference)
    found = reading.comparison(actor, case, mine, other)
    beside = Case.objects.get(pk=found.theirs.case_id)
    # Always in the same order: two people who come from either side never wait for each other.
    for one, item in sorted(
        ((case, found.mine.item), (beside, found.theirs.item)), key=lambda each: each[0].pk
    ):
        others = [beside.pk] if one.pk == case.pk else []
        _record_look(actor, one, fields=[str(item.category)], others=others)
    return found


@transaction.atomic
def judge(
    *,
    actor: Principal,
    reference: str,
    mine: UUID,
    other: UUID,
    verdict: Verdict,
    reason: str,
) -> Link:
    """Decide that what two cases name is the same one, or is not. It opens nothing to anybody.

    What is not the same is not proposed again. Raises NotVisible where one of the two is not shown
    to the actor; Refused unless they coordinate or manage the case; DomainError without a reason,
    and when somebody has decided already (it says who and when).
    """
    found = _held_both(actor, reference, mine, other)
    if not reason.strip():
        raise DomainError("Write why. A sentence is enough.")
    if found.decided is not None:
        raise DomainError(
            f"{found.decided.by} decided this at {london(found.decided.at)}:"
            f" {found.decided.label.lower()}. Your decision was not recorded."
        )
    first, second = sorted((mine, other))
    made = Link.objects.create(
        first_id=first,
        second_id=second,
        verdict=verdict,
        reason=reason.strip(),
        by_id=actor.membership_id,
    )
    _record_link(actor, _ACTS[verdict], made, found)
    return made


def _held_both(actor: Principal, reference: str, mine: UUID, other: UUID) -> Comparison:
    """Lock both cases, always in the same order, then look at the two as they are now."""
    case = policies.case_to_link(actor, reference)
    found = reading.comparison(actor, case, mine, other)
    both = Case.objects.filter(pk__in=(case.pk, found.theirs.case_id)).order_by("pk")
    list(both.select_for_update(of=("self",)))
    return reading.comparison(actor, policies.case_to_link(actor, reference), mine, other)


def _record_link(actor: Principal, act: str, link: Link, found: Comparison) -> None:
    # In no case's own trail: its readers may not know of the other case, or of what it names.
    ends = (found.mine, found.theirs)
    record(
        actor,
        act,
        obj=("link", link.pk),
        subjects=sorted({each.child_id for each in ends}),
        purpose=casework.purpose_of(actor),
        fields=sorted({str(each.item.category) for each in ends}),
        ids=sorted(each.case_id for each in ends),
    )


@transaction.atomic
def take_back(*, actor: Principal, reference: str, mine: UUID, other: UUID, why: str) -> Link:
    """End what was decided of two. It is kept, with who decided it and who took it back.

    Raises NotVisible and Refused as `judge` does; DomainError without a reason, and when nothing
    is decided.
    """
    found = _held_both(actor, reference, mine, other)
    held = Link.objects.current().between(mine, other).first()
    if held is None:
        raise DomainError("Nothing is decided of these two now. Nothing has been changed.")
    _end(actor, held, why)
    _record_link(actor, "link.undone", held, found)
    return held
