"""What becomes of an emergency access after: listed, reviewed by a second person, chased."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from django.db import transaction
from django.utils import timezone

from portal.accounts.vocabulary import Principal
from portal.audit import reports as ledger
from portal.audit.services import MOST_IDS, record
from portal.common.errors import DomainError, NotVisible, Refused
from portal.notifications.models import Notice
from portal.notifications.services import attended, owe
from portal.notifications.vocabulary import Kind
from referrals import policies as casework
from referrals.models import EmergencyAccess
from referrals.vocabulary import Emergency, Reviewed
from sharing.disclosures.policies import oversight as policies
from sharing.disclosures.reading.teams import team_words
from sharing.disclosures.services.emergency.use import MOST_IN_A_DAY, WATCHED, governors, tell
from sharing.disclosures.services.held import lock
from sharing.rules.vocabulary import Category


@dataclass(frozen=True, repr=False)
class AccessRow:
    """One emergency access in words. What it was for is for its user and for who reviews it."""

    pk: UUID
    reference: str
    person: str
    works_as: str
    why: str
    next_step: str
    authorised_by: str
    from_at: datetime
    over_at: datetime
    is_over: bool
    in_a_day: int
    review_due_at: datetime
    reviewed_at: datetime | None
    reviewed_by: str
    found: str
    found_words: str
    is_mine: bool
    may_review: bool

    @property
    def is_alarming(self) -> bool:
        """Whether the person had opened more in a day than anybody should need."""
        return self.in_a_day > MOST_IN_A_DAY


@dataclass(frozen=True, repr=False)
class Opened:
    """What was done during an emergency access: the act, how often, which kinds were shown."""

    act: str
    times: int
    categories: str


@transaction.atomic
def list_emergencies(*, actor: Principal) -> list[AccessRow]:
    """The emergency accesses that the actor is told of, those that wait for review first.

    On the record; the newest 200.
    """
    found = policies.told_of(actor).order_by("-from_at")[:MOST_IDS]
    rows = _rows(actor, found)
    record(actor, "emergency.listed", ids=[row.pk for row in rows])
    return sorted(rows, key=lambda row: (not row.may_review, row.reviewed_at is not None))


@transaction.atomic
def read_emergency(*, actor: Principal, pk: UUID) -> tuple[AccessRow, list[Opened]]:
    """One emergency access and what was opened during it, for who reviews it, on the record.

    What was opened is acts, kinds of information and counts: never their content. Raises
    NotVisible; Refused for one's own, in whichever role.
    """
    access = _to_review(actor, pk)
    (row,) = _rows(actor, EmergencyAccess.objects.filter(pk=pk))
    record(actor, "emergency.listed", ids=[pk])
    return row, _opened(access)


def _to_review(actor: Principal, pk: UUID) -> EmergencyAccess:
    if not policies.reviews_emergencies(actor):
        raise Refused(
            "Emergency access is reviewed by front door managers and information-governance leads",
            kind="emergency",
            action="review",
        )
    found = (
        EmergencyAccess.objects.filter(case__in=policies.known_cases(actor))
        .select_related("case__partnership", "membership")
        .filter(pk=pk)
        .first()
    )
    if found is None:
        raise NotVisible("emergency", str(pk))
    if found.membership.user_id == actor.user_id:
        raise Refused(
            "Somebody else reviews what you opened",
            kind="emergency",
            pk=str(pk),
            action="review",
        )
    return found


def _opened(access: EmergencyAccess) -> list[Opened]:
    times: Counter[str] = Counter()
    shown: dict[str, set[str]] = {}
    for entry in ledger.acts_of(
        access.case_id, access.membership_id, access.from_at, access.ended_at or access.until_at
    ):
        if not entry.act.startswith("emergency."):
            times[entry.sentence] += 1
            shown.setdefault(entry.sentence, set()).update(entry.fields)
    return [
        Opened(
            act=sentence,
            times=count,
            categories="; ".join(
                Category(code).label for code in Category.values if code in shown[sentence]
            ),
        )
        for sentence, count in times.items()
    ]


@transaction.atomic
def review(*, actor: Principal, pk: UUID, found: Reviewed, words: str) -> EmergencyAccess:
    """Say whether an emergency access was right, in words. The person who used it is told.

    Raises NotVisible; Refused for another role or for one's own, in whichever role; DomainError
    without words, while it is still open, or when it has been reviewed already.
    """
    case = lock(_to_review(actor, pk).case_id)
    EmergencyAccess.objects.select_for_update().get(pk=pk)
    access = _to_review(actor, pk)
    if not words.strip():
        raise DomainError("Write what you found. A sentence is enough.")
    if access.reviewed_at is not None:
        raise DomainError("This has been reviewed already. Your words were not recorded.")
    if access.ended_at is None and access.until_at > timezone.now():
        raise DomainError("This access is still open. Review it when it is over.")
    access.reviewed_at = timezone.now()
    access.reviewed_by_id = actor.membership_id
    access.found = found
    access.found_words = words.strip()
    access.save(update_fields=["reviewed_at", "reviewed_by", "found", "found_words"])
    cause = record(
        actor,
        "emergency.reviewed",
        case=case.pk,
        obj=("emergency", access.pk),
        subjects=[case.child_id],
        why=str(found),
    )
    if not EmergencyAccess.objects.filter(case=case, reviewed_at=None).exists():
        attended(case=case.pk, kinds=[Kind.EMERGENCY])
    owe(
        recipient=access.membership,
        kind=Kind.EMERGENCY_REVIEWED,
        reference="",
        case=case.pk,
        cause=cause,
    )
    return access


def remind() -> int:
    """Tell those who review, once, of each emergency access whose review is overdue.

    Returns how many accesses they were told of. Safe to call at any time, and twice at once.
    """
    late = EmergencyAccess.objects.filter(
        reviewed_at__isnull=True, review_due_at__lt=timezone.now()
    ).select_related("case", "membership")
    told = 0
    for access in late.order_by("review_due_at"):
        cause = uuid5(access.pk, "review overdue")
        if not Notice.objects.filter(cause=cause).exists():
            _remind(access, cause)
            told += 1
    return told


@transaction.atomic
def _remind(access: EmergencyAccess, cause: UUID) -> None:
    tell(access.membership.user_id, access.case, governors(access.case), cause)


def _rows(actor: Principal, found: policies.Emergencies) -> list[AccessRow]:
    accesses = list(
        found.select_related(
            "case", "membership__user", "membership__team__agency", "reviewed_by__user"
        )
    )
    open_to = set(
        casework.visible(actor)
        .filter(pk__in=[access.case_id for access in accesses])
        .values_list("pk", flat=True)
    )
    counts = policies.in_a_day(accesses, WATCHED)
    return [
        _row(actor, access, counts[access.pk], is_open=access.case_id in open_to)
        for access in accesses
    ]


def _row(actor: Principal, access: EmergencyAccess, in_a_day: int, *, is_open: bool) -> AccessRow:
    member = access.membership
    is_mine = member.user_id == actor.user_id
    reviews = policies.reviews_emergencies(actor) and not is_mine
    reads = reviews or is_mine
    over_at = access.ended_at or access.until_at
    is_over = over_at <= timezone.now()
    return AccessRow(
        pk=access.pk,
        reference=access.case.reference if is_open else "",
        person=member.user.name,
        works_as=team_words(member.team),
        why=Emergency(access.why).label,
        next_step=access.next_step if reads else "",
        authorised_by=access.authorised_by if reads else "",
        from_at=access.from_at,
        over_at=over_at,
        is_over=is_over,
        in_a_day=in_a_day if reviews else 0,
        review_due_at=access.review_due_at,
        reviewed_at=access.reviewed_at,
        reviewed_by=access.reviewed_by.user.name if access.reviewed_by else "",
        found=Reviewed(access.found).label if access.found else "",
        found_words=access.found_words if reads else "",
        is_mine=is_mine,
        may_review=reviews and is_over and access.reviewed_at is None,
    )
