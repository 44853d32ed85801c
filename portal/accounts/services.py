"""Everything that changes who people are: found, join, enrol, end, choose a role.

There is no sign-up. Nobody is ever deleted: a membership ends, and the ledger still knows whose
it was.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import date, time
from types import MappingProxyType
from typing import Final
from uuid import UUID, uuid4

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.dispatch import Signal
from django.utils import timezone
from django.utils.crypto import salted_hmac

from portal.accounts import policies
from portal.accounts.models import (
    KEPT_FOR,
    Agency,
    Contact,
    Kept,
    Membership,
    Partnership,
    Team,
    User,
)
from portal.accounts.vocabulary import (
    SETTINGS,
    AgencyKind,
    PartnerUnder,
    Principal,
    Role,
    read_steps,
    steps_in_words,
)
from portal.common.cipher import decrypt, encrypt
from portal.common.errors import DomainError, NotVisible, Refused
from portal.common.language import read

# The ledger stands a floor above, so this app cannot call it: it tells, and portal.audit listens.
# Sent inside the transaction as the last thing done; a listener that raises undoes the act.
# With it go `actor` (a Principal, or None for the system), `act`, `obj` (kind and id), and
# `fields`, the names of what was changed.
acted = Signal()

MOST_KEPT: Final = 20
"""How many pages are kept for one person at once: more than anybody has open."""
_PURPOSE: Final = "portal.accounts.kept"
_LONGEST_ADDRESS: Final = 500


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
    _tell(None, "admin.partnership_founded", ("partnership", partnership.pk))
    return partnership


@transaction.atomic
def join_agency(
    *,
    name: str,
    kind: AgencyKind,
    partner_under: Iterable[PartnerUnder],
    partnerships: Iterable[Partnership],
) -> Agency:
    """Let a new agency join these partnerships, and return it.

    `partner_under` says which of Children Act 2004 s.10, s.11 and s.16E makes it a partner, or
    that it is invited. What it has signed is in the register of agreements: without one in force
    the panel shares nothing with it.
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
    )
    agency.partnerships.add(*joined)
    _tell(None, "admin.agency_joined", ("agency", agency.pk))
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
        _tell(actor, "admin.enrolled", ("membership", membership.pk))
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
    _tell(actor, "admin.membership_ended", ("membership", current.pk))
    return current


@transaction.atomic
def choose_role(*, user: User, membership_pk: UUID) -> Principal:
    """Return the principal that this person becomes by working in this membership.

    Raises NotVisible when the membership is not theirs, has ended or has not begun.
    """
    principal = policies.principal_for(user, membership_pk)
    if principal is None:
        raise NotVisible("membership", str(membership_pk))
    _tell(principal, "auth.role_chosen", ("membership", principal.membership_id))
    return principal


class Changed(DomainError):
    """Somebody else has changed it since this person opened the page."""


def setting_mark(value: object) -> str:
    """What a page carries to tell later whether this value is still the one that it showed."""
    said = steps_in_words(value) if isinstance(value, list) else str(value)
    text = "\n".join(said.splitlines()).strip()
    return salted_hmac("portal.accounts.settings", text, algorithm="sha256").hexdigest()[:16]


def contact_mark(contact: Contact | None) -> str:
    """The same for the contacts of an agency; "" where there are none."""
    return contact.kept_at.isoformat() if contact else ""


@transaction.atomic
def keep_contact(
    *,
    actor: Principal,
    name: str,
    phone: str,
    hours: str,
    deputy_name: str = "",
    deputy_phone: str = "",
    cover_from: date | None = None,
    cover_until: date | None = None,
    seen: str = "",
) -> Contact:
    """Say whom to ring at the actor's own agency, and who covers from one day until another.

    Work contact details only. What stood there before is replaced: `seen` is the mark of what the
    actor had before them. The ledger learns that it was changed, and no name or number. Raises
    Refused for anybody but the agency's lead and its administrator; DomainError when somebody
    cannot be reached by what is said, when the cover has no deputy, no end, or ends before it
    begins, or when somebody else has changed it meanwhile.
    """
    policies.require_keeps_contacts(actor)
    said = [each.strip() for each in (name, phone, hours)]
    deputy = [each.strip() for each in (deputy_name, deputy_phone)]
    if not all(said):
        raise DomainError("Say who the contact is, their work phone, and when they answer it.")
    if any(deputy) and not all(deputy):
        raise DomainError("A deputy needs a name and a work phone.")
    if cover_from or cover_until:
        if not (cover_from and cover_until):
            raise DomainError("Say from which day until which day the deputy covers.")
        if cover_until < cover_from:
            raise DomainError("The cover cannot end before it begins.")
        if not all(deputy):
            raise DomainError("Say who covers on those days.")
    # The agency's own row is the lock: there may be no contact yet.
    agency = Agency.objects.select_for_update().get(pk=actor.agency_id)
    if contact_mark(Contact.objects.filter(agency=agency).first()) != seen:
        raise Changed(
            "Somebody else has changed these contacts while this page was open. What you typed is"
            " not lost, and not saved yet. Compare it with what the contacts page says now. Press"
            " again if yours is right."
        )
    contact, _ = Contact.objects.update_or_create(
        agency=agency,
        defaults={
            "name": said[0],
            "phone": said[1],
            "hours": said[2],
            "deputy_name": deputy[0],
            "deputy_phone": deputy[1],
            "cover_from": cover_from,
            "cover_until": cover_until,
            "kept_at": timezone.now(),
        },
    )
    _tell(actor, "admin.contact_kept", ("agency", agency.pk))
    return contact


def _insist_on_lists(changes: Mapping[str, object]) -> None:
    steps = changes.get("escalation")
    try:
        read(str(changes.get("language", "")))
        if isinstance(steps, list):
            read_steps(steps_in_words(steps))
    except ValueError as error:
        raise DomainError(f"{error}. No setting was changed.") from None


@transaction.atomic
def settle(
    *,
    actor: Principal,
    partnership: Partnership,
    changes: Mapping[str, object],
    seen: Mapping[str, str] = MappingProxyType({}),
) -> Partnership:
    """Change settings of a partnership, by the names of their columns, and return it.

    They hold from the next request on; clocks that run already keep their time. The ledger learns
    which settings, never to what. Nothing is written when nothing is different.
    `seen` has the marks of the settings that the actor had before them. Raises Refused for whoever
    does not manage the front door of this partnership, and DomainError when the list of phrases or
    of steps cannot be read, the database refuses what was chosen, or somebody else has changed one
    of these settings meanwhile. A name that is no setting is a KeyError.
    """
    if not policies.settles(actor).filter(pk=partnership.pk).exists():
        raise Refused(
            "Only the manager of a partnership's front door can change its settings",
            kind="partnership",
            pk=str(partnership.pk),
            action="settle",
        )
    unknown = set(changes) - set(SETTINGS)
    if unknown:
        raise KeyError(*sorted(unknown))
    _insist_on_lists(changes)
    current = Partnership.objects.select_for_update().get(pk=partnership.pk)
    different = [name for name, value in changes.items() if getattr(current, name) != value]
    if not different:
        return current
    theirs = [
        SETTINGS[name].label
        for name in different
        if name in seen and seen[name] != setting_mark(getattr(current, name))
    ]
    if theirs:
        raise Changed(
            "Somebody else has changed this while your page was open:"
            f" {', '.join(theirs)}. Nothing of yours is saved yet, and nothing is lost. Press again"
            " if yours is right."
        )
    for name in different:
        setattr(current, name, changes[name])
    try:
        with transaction.atomic():
            current.save(update_fields=different)
    except IntegrityError:
        raise DomainError(
            "These settings do not fit together, so none was changed. Look at the times and numbers"
            " again."
        ) from None
    _tell(actor, "admin.settings_changed", ("partnership", current.pk), fields=different)
    return current


@transaction.atomic
def keep(
    *,
    user_id: UUID,
    membership_id: UUID | None,
    page: str,
    action: str,
    words: Iterable[tuple[str, str]],
) -> Kept | None:
    """Keep what somebody wrote after their session had ended, for half an hour, encrypted.

    Nobody is signed in, so there is no actor: the caller has read from the form itself who wrote
    it. None for a person whose account is closed. The ledger learns that it happened, no more.
    """
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None or max(len(page), len(action)) > _LONGEST_ADDRESS:
        return None
    older = Kept.objects.filter(user=user).order_by("-kept_at")[MOST_KEPT - 1 :]
    Kept.objects.filter(pk__in=[kept.pk for kept in older]).delete()
    now = timezone.now()
    kept = Kept(
        pk=uuid4(),
        user=user,
        membership_id=membership_id,
        page=page,
        action=action,
        kept_at=now,
        until_at=now + KEPT_FOR,
    )
    kept.words = encrypt(json.dumps(list(words)).encode(), purpose=_PURPOSE, about=_place_of(kept))
    kept.save(force_insert=True)
    _tell(None, "auth.kept", ("user", user.pk))
    return kept


def words_of(kept: Kept) -> list[tuple[str, str]] | None:
    """What was kept, in order, as names of boxes and what stood in them; None if unreadable."""
    found = decrypt(bytes(kept.words), purpose=_PURPOSE, about=_place_of(kept))
    return None if found is None else [(name, value) for name, value in json.loads(found)]


@transaction.atomic
def forget(*, kept: Kept) -> None:
    """Forget what was kept, when its author has pressed the button again."""
    Kept.objects.filter(pk=kept.pk).delete()
    _tell(None, "auth.given_back", ("user", kept.user_id))


@transaction.atomic
def note_locked(*, user: User) -> None:
    """Record that this person's screen was hidden, and their session locked."""
    _tell(None, "auth.locked", ("user", user.pk))


@transaction.atomic
def note_unlocked(*, user: User) -> None:
    """Record that this person has unlocked their session."""
    _tell(None, "auth.unlocked", ("user", user.pk))


@transaction.atomic
def note_told_of_hiding(*, user: User) -> None:
    """Record that this person has been told how to hide a page, so that nobody tells them again."""
    User.objects.filter(pk=user.pk, hiding_told_at=None).update(hiding_told_at=timezone.now())


def sweep() -> int:
    """Forget what was kept for longer than half an hour. Returns how many."""
    count, _ = Kept.objects.over().delete()
    return count


def _place_of(kept: Kept) -> str:
    return f"{kept.user_id}|{kept.page}|{kept.action}|{kept.pk}"


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


def _tell(
    actor: Principal | None, act: str, obj: tuple[str, UUID], *, fields: Iterable[str] = ()
) -> None:
    acted.send(sender=None, actor=actor, act=act, obj=obj, fields=tuple(fields))
