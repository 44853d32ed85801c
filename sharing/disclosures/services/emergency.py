"""Emergency access: one person, one case, to read, for an hour; told at once, reviewed after.

It opens what no share opens to the person yet, and nothing more: what an author protects or
conceals, and what a hard stop of the law holds back, stays as it is (`referrals.reading`). It ends
inside the query, to the second, whoever is or is not running.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

from django.db import transaction
from django.utils import timezone

from portal.accounts import policies as people
from portal.accounts.models import Membership
from portal.accounts.vocabulary import Principal, Role
from portal.audit import reports as ledger
from portal.audit.services import MOST_IDS, record
from portal.common.clock import add_working_days
from portal.common.errors import DomainError, NotVisible, Refused
from portal.common.moments import minutes_left, time_of_day
from portal.notifications.models import Notice
from portal.notifications.services import owe
from portal.notifications.vocabulary import Kind
from referrals import policies as casework
from referrals.models import Case, EmergencyAccess, tidy_reference
from referrals.vocabulary import Emergency, Reviewed
from sharing.disclosures.policies import oversight as policies
from sharing.rules.vocabulary import Category

OPEN_FOR: Final = timedelta(hours=1)
REVIEW_WORKING_DAYS: Final = 2
WATCHED: Final = timedelta(hours=24)
MOST_IN_A_DAY: Final = 3
"""More than these by one person in a day still open, and raise an alarm."""
LEAST_WORDS: Final = 20
"""How many characters it takes, at least, to say what one will do with the information."""
SUSPENDED: Final = (
    "You cannot use emergency access now. An earlier one of yours has not been reviewed in time."
    " Call 999, the police, or the front door: the numbers are at the foot of the page"
)
_ALARM: Final = "alarm"


@dataclass(frozen=True)
class Standing:
    """What a person may be told before they open anything: it never says whether a case is there
    that they do not know of.

    `open_until` is when their own emergency access to it ends; `is_open_to_them` tells that they
    can read the case already, in this way or in another.
    """

    reference: str
    is_open_to_them: bool
    open_until: datetime | None
    suspended: str


@dataclass(frozen=True)
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


@dataclass(frozen=True)
class Opened:
    """What was done during an emergency access: the act, how often, which kinds were shown."""

    act: str
    times: int
    categories: str


def stand(*, actor: Principal, reference: str) -> Standing:
    """Say how the actor stands to emergency access for this reference. Writes nothing.

    Raises Refused for a role that does not use it, whatever the reference; NotVisible for what
    cannot be a reference at all.
    """
    policies.require_may_use_emergency(actor, reference)
    tidy = tidy_reference(reference)
    if not tidy:
        raise NotVisible("case", reference)
    case = casework.visible(actor).filter(reference=tidy).first()
    access = policies.open_by_person(actor, case) if case else None
    return Standing(
        reference=tidy,
        is_open_to_them=case is not None,
        open_until=access.until_at if access else None,
        suspended=SUSPENDED if policies.review_is_overdue(actor) else "",
    )


@transaction.atomic
def open_in_emergency(
    *,
    actor: Principal,
    reference: str,
    why: Emergency,
    next_step: str,
    authorised_by: str = "",
) -> EmergencyAccess:
    """Open one case to the actor, to read, for an hour. The door has asked for their password.

    `next_step` is what they will do with the information in the next hour. Those whose
    information it is, and who look after the partnership's information, are told at once; a
    second person reviews it within two working days.

    Raises Refused for a role that does not use it, and while a review is overdue, before anything
    is looked up; NotVisible for a case that is missing, in another partnership, or kept from the
    actor by a conflict of interest; DomainError when too little is said, or it is open already.
    Legal source: vital interests and substantial public interest, UK GDPR articles 6(1)(d) and
    9(2)(c) and (g); the common law's public interest in protecting a child.
    """
    policies.require_may_use_emergency(actor, reference)
    if policies.review_is_overdue(actor):
        raise Refused(SUSPENDED, kind="emergency", action="open")
    next_step = next_step.strip()
    if len(next_step) < LEAST_WORDS:
        raise DomainError("Tell us what you will do with the information. A sentence is enough.")
    case = _locked(actor, reference)
    earlier = policies.open_by_person(actor, case)
    if earlier is not None:
        raise DomainError(_open_already(earlier))
    now = timezone.now()
    area = case.partnership
    access = EmergencyAccess.objects.create(
        case=case,
        membership_id=actor.membership_id,
        why=why,
        next_step=next_step,
        authorised_by=authorised_by.strip(),
        from_at=now,
        until_at=now + OPEN_FOR,
        review_due_at=add_working_days(
            now, REVIEW_WORKING_DAYS, area.office_opens, area.office_closes
        ),
    )
    alarming = policies.in_a_day([access], WATCHED)[access.pk] > MOST_IN_A_DAY
    cause = record(
        actor,
        "emergency.started",
        case=case.pk,
        obj=("emergency", access.pk),
        subjects=[case.child_id],
        why=f"{Emergency(why)}, {_ALARM}" if alarming else str(why),
    )
    _tell(actor, case, [*_owners(case), *_governors(case)], cause)
    if alarming:
        _tell(actor, case, _governors(case, Role.IG_LEAD), access.pk)
    return access


def _locked(actor: Principal, reference: str) -> Case:
    found = (
        Case.objects.select_for_update(of=("self",))
        .select_related("partnership")
        .filter(partnership_id__in=actor.partnership_ids, reference=tidy_reference(reference))
        .first()
    )
    # Asked under the lock: whoever raises a wall holds it too.
    if found is None or casework.walls(actor).filter(case=found).exists():
        raise NotVisible("case", reference)
    return found


def _open_already(access: EmergencyAccess) -> str:
    team = access.membership.team
    return (
        f"You have opened this case already, as {Role(team.role).label}, {team.agency.name}. It is"
        f" open until {time_of_day(access.until_at)}: {minutes_left(access.until_at)}."
    )


def _owners(case: Case) -> Iterable[Membership]:
    """The leads of the agencies that hold something on the case; of a concealed word, nobody."""
    held = policies.told_statements().filter(case=case).values_list("agency", flat=True)
    leads = people.teams_in(case.partnership_id, Role.AGENCY_LEAD).filter(agency__in=set(held))
    return people.live_memberships(leads)


def _governors(case: Case, *roles: Role) -> Iterable[Membership]:
    wanted = roles or (Role.MANAGER, Role.IG_LEAD)
    return people.live_memberships(people.teams_in(case.partnership_id, *wanted))


def _tell(actor: Principal | None, case: Case, members: Iterable[Membership], cause: UUID) -> None:
    for member in members:
        if actor is None or member.user_id != actor.user_id:
            owe(
                recipient=member,
                kind=Kind.EMERGENCY,
                reference=policies.reference_for(member.principal(), case),
                case=case.pk,
                cause=cause,
            )


@transaction.atomic
def end_emergency(*, actor: Principal, reference: str) -> EmergencyAccess:
    """End the actor's emergency access to the case before its hour is over.

    Raises NotVisible when they have none now.
    """
    case = casework.case_for(actor, reference)
    # The case before what hangs on it, as whoever raises a wall does.
    Case.objects.select_for_update().get(pk=case.pk)
    access = casework.emergencies(actor).select_for_update(of=("self",)).filter(case=case).first()
    if access is None:
        raise NotVisible("case", reference)
    access.ended_at = timezone.now()
    access.save(update_fields=["ended_at"])
    record(
        actor,
        "emergency.ended",
        case=case.pk,
        obj=("emergency", access.pk),
        subjects=[case.child_id],
    )
    return access


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
    access = _to_review(actor, pk)
    case = Case.objects.select_for_update().get(pk=access.case_id)
    access = EmergencyAccess.objects.select_for_update().get(pk=pk)
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
    members = [
        member for member in _governors(access.case) if member.user_id != access.membership.user_id
    ]
    _tell(None, access.case, members, cause)


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
        works_as=f"{Role(member.team.role).label}, {member.team.agency.name}",
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
