"""What a partnership settles, and whom to ring at an agency."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from portal.accounts import policies
from portal.accounts.models import (
    Agency,
    Contact,
    Partnership,
)
from portal.accounts.services.acts import tell
from portal.accounts.vocabulary import (
    SETTINGS,
    Principal,
    read_decided,
    read_questions,
    read_steps,
    steps_in_words,
)
from portal.common.errors import DomainError, Refused
from portal.common.language import read


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
    tell(actor, "admin.contact_kept", ("agency", agency.pk))
    return contact


def _insist_on_lists(changes: Mapping[str, object]) -> None:
    steps = changes.get("escalation")
    try:
        read(str(changes.get("language", "")))
        read_questions(str(changes.get("ready_questions", "")))
        read_decided(str(changes.get("decided_words", "")))
        if isinstance(steps, list):
            read_steps(steps_in_words(steps))
    except ValueError as error:
        raise DomainError(f"{error}. No setting was changed.") from None


def _with_their_roles(
    had: list[dict[str, object]], steps: list[dict[str, object]]
) -> list[dict[str, object]]:
    """The steps as they were typed, with the roles that stood behind the same words before.

    The page asks in words who hears of a step; which roles these are is settled by hand.
    """
    if steps != read_steps(steps_in_words(steps)):
        return steps
    roles = {str(step["who"]): step["roles"] for step in had}
    return [{**step, "roles": roles.get(str(step["who"]), step["roles"])} for step in steps]


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
    does not manage the front door of this partnership, and DomainError when the list of phrases,
    of questions or of steps cannot be read, the database refuses what was chosen, or somebody
    else has changed one of these settings meanwhile. A name that is no setting is a KeyError.
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
    if isinstance(steps := changes.get("escalation"), list):
        changes = {**changes, "escalation": _with_their_roles(current.escalation, steps)}
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
    tell(actor, "admin.settings_changed", ("partnership", current.pk), fields=different)
    return current
