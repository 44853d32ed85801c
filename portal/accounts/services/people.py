"""Who people are: found, join, enrol, end, choose a role.

There is no sign-up. Nobody is ever deleted: a membership ends, and the ledger still knows whose
it was.
"""

from collections.abc import Iterable
from datetime import time
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from portal.accounts import policies
from portal.accounts.models import (
    Agency,
    Membership,
    Partnership,
    Team,
    User,
)
from portal.accounts.services.acts import tell
from portal.accounts.vocabulary import (
    FIRST_RESPONDERS,
    AgencyKind,
    PartnerUnder,
    Principal,
    Role,
)
from portal.common.errors import DomainError, NotVisible, Refused


@transaction.atomic
def found_partnership(
    *,
    name: str,
    slug: str,
    front_door_phone: str,
    out_of_hours_phone: str,
    office_opens: time = time(9),
    office_closes: time = time(17),
    decision_working_days: int = 1,
) -> Partnership:
    """Found a local safeguarding area and return it.

    The office hours are local times in England. The one working day for a decision is that of
    Working Together to Safeguard Children. Raises IntegrityError when the slug is taken, the
    office closes before it opens, or a decision may take no days.
    """
    partnership = Partnership.objects.create(
        name=name,
        slug=slug,
        front_door_phone=front_door_phone,
        out_of_hours_phone=out_of_hours_phone,
        office_opens=office_opens,
        office_closes=office_closes,
        decision_working_days=decision_working_days,
    )
    tell(None, "admin.partnership_founded", ("partnership", partnership.pk))
    return partnership


@transaction.atomic
def join_agency(
    *,
    name: str,
    kind: AgencyKind,
    partner_under: Iterable[PartnerUnder],
    partnerships: Iterable[Partnership],
    refers_to_nrm: bool | None = None,
) -> Agency:
    """Let a new agency join these partnerships, and return it.

    `partner_under` says which of Children Act 2004 s.10, s.11 and s.16E makes it a partner, or
    that it is invited. What it has signed is in the register of agreements: without one in force
    the panel shares nothing with it. `refers_to_nrm`: it is a first responder of the National
    Referral Mechanism; without a word, it is one where the law makes its kind one.
    Raises IntegrityError when the name is taken or no section is given, and DomainError when it
    joins no partnership.
    """
    joined = list(partnerships)
    if not joined:
        raise DomainError("Say which partnership the agency joins.")
    agency = Agency.objects.create(
        name=name,
        kind=kind,
        partner_under=sorted(set(partner_under)),
        refers_to_nrm=kind in FIRST_RESPONDERS if refers_to_nrm is None else refers_to_nrm,
    )
    agency.partnerships.add(*joined)
    tell(None, "admin.agency_joined", ("agency", agency.pk))
    return agency


@transaction.atomic
def enrol(
    *,
    email: str,
    name: str,
    agency: Agency,
    role: Role,
    password: str | None = None,
    sends_only: bool = False,
    actor: Principal | None = None,
) -> Membership:
    """Let a person act for an agency in a role from now on, and return the membership.

    A person is one work e-mail address, in lower case. Somebody we do not know yet is made known;
    with no `password` they set their own through "Forgot your password". Somebody we know keeps
    the name and password that they have. Already enrolled so: the same membership comes back.
    With `sends_only` a practitioner sends referrals and follows their own, and is never given a
    share, by rule or by a person.
    `actor` None is the system, when an installation is set up. Raises DomainError for an address
    or a password that cannot be used, an account that is closed, or a role that agencies of this
    kind do not have; Refused when the actor may not give this role at this agency.
    """
    _require_administrator(actor, agency, role)
    if not policies.belongs(role, AgencyKind(agency.kind)):
        raise DomainError(f"An agency of this kind has no such role: {role.label}.")
    if sends_only and role is not Role.PRACTITIONER:
        raise DomainError("Only a practitioner can be somebody who only sends.")
    user = _person(_work_address(email), name.strip(), password)
    team, _ = Team.objects.get_or_create(
        agency=agency,
        role=role,
        sends_only=sends_only,
        defaults={"name": f"{agency.pk}:{role}{':sends' if sends_only else ''}"},
    )
    membership, new = Membership.objects.get_or_create(user=user, team=team, until_at=None)
    if new:
        tell(actor, "admin.enrolled", ("membership", membership.pk))
    return membership


@transaction.atomic
def end_membership(*, membership: Membership, actor: Principal | None = None) -> Membership:
    """End a membership now and return it. The person's next request is already refused.

    Raises DomainError when it has ended before, and Refused when the actor does not administer
    the agency.
    """
    current = (
        Membership.objects.select_for_update(of=("self",))
        .select_related("team__agency")
        .get(pk=membership.pk)
    )
    _require_administrator(actor, current.team.agency, Role(current.team.role))
    now = timezone.now()
    if current.until_at is not None and current.until_at <= now:
        raise DomainError("This role has already ended.")
    # One that has not begun yet ends before it begins.
    current.until_at = max(now, current.from_at)
    current.save(update_fields=["until_at"])
    tell(actor, "admin.membership_ended", ("membership", current.pk))
    return current


@transaction.atomic
def choose_role(*, user: User, membership_pk: UUID) -> Principal:
    """Return the principal that this person becomes by working in this membership.

    Raises NotVisible when the membership is not theirs, has ended or has not begun.
    """
    principal = policies.principal_for(user, membership_pk)
    if principal is None:
        raise NotVisible("membership", str(membership_pk))
    tell(principal, "auth.role_chosen", ("membership", principal.membership_id))
    return principal


def _person(address: str, name: str, password: str | None) -> User:
    user, new = User.objects.get_or_create(email=address, defaults={"name": name})
    if not user.is_active:
        raise DomainError("This person's account is closed. Open it again first.")
    if not new:
        return user
    if password is not None:
        try:
            validate_password(password, user)
        except ValidationError as error:
            raise DomainError(" ".join(error.messages)) from None
    user.set_password(password)
    user.save(update_fields=["password"])
    return user


def _work_address(email: str) -> str:
    address = email.strip().lower()
    try:
        validate_email(address)
    except ValidationError:
        address = ""
    if not address.isascii() or not address:
        raise DomainError("Enter an email address in the right format, like name@example.org")
    return address


def _require_administrator(actor: Principal | None, agency: Agency, role: Role) -> None:
    if actor is not None and not policies.administers(actor, agency, role):
        raise Refused(
            "Only an administrator of the agency can say who works for it",
            kind="agency",
            pk=str(agency.pk),
            action="enrol",
        )
