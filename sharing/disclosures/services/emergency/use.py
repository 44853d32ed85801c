"""Using emergency access: how a person stands to it, opening a case with it, ending it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from portal.accounts import policies as people
from portal.accounts.models import Membership
from portal.accounts.vocabulary import Principal, Role
from portal.audit.services import record
from portal.common.clock import add_working_days
from portal.common.errors import DomainError, NotVisible, Refused
from portal.common.moments import minutes_left, time_of_day
from portal.notifications.services import owe
from portal.notifications.vocabulary import Kind
from referrals import policies as casework
from referrals.models import Case, EmergencyAccess, tidy_reference
from referrals.vocabulary import Emergency
from sharing.disclosures.policies import oversight as policies
from sharing.disclosures.reading.teams import team_words

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


@dataclass(frozen=True, repr=False)
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
    tell(actor.user_id, case, [*_owners(case), *governors(case)], cause)
    if alarming:
        tell(actor.user_id, case, governors(case, Role.IG_LEAD), access.pk)
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
        f"You have opened this case already, as {team_words(team)}. It is"
        f" open until {time_of_day(access.until_at)}: {minutes_left(access.until_at)}."
    )


def _owners(case: Case) -> Iterable[Membership]:
    """The leads of the agencies that hold something on the case; of a concealed word, nobody."""
    held = policies.told_statements().filter(case=case).values_list("agency", flat=True)
    leads = people.teams_in(case.partnership_id, Role.AGENCY_LEAD).filter(agency__in=set(held))
    return people.live_memberships(leads)


def governors(case: Case, *roles: Role) -> Iterable[Membership]:
    """Who looks after the partnership's information: managers and IG leads, or these roles."""
    wanted = roles or (Role.MANAGER, Role.IG_LEAD)
    return people.live_memberships(people.teams_in(case.partnership_id, *wanted))


def tell(user: UUID, case: Case, members: Iterable[Membership], cause: UUID) -> None:
    """Owe them a notice of what this user did, but for the user; the case is named only to whom it
    is open.
    """
    for member in members:
        if member.user_id != user:
            owe(
                recipient=member,
                kind=Kind.EMERGENCY,
                reference=policies.reference_for(member.principal(), case),
                case=case.pk,
                cause=cause,
                act_of=user,
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
