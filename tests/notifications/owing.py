"""How the tests owe somebody a notice."""

from uuid import UUID, uuid4

from django.db import transaction

from portal.accounts.models import Membership
from portal.notifications import services
from portal.notifications.models import Notice
from portal.notifications.vocabulary import Kind

REFERENCE = "R-4KD7-92Q"


def owe(
    recipient: Membership,
    *,
    kind: Kind = Kind.TO_TRIAGE,
    case: UUID | None = None,
    cause: UUID | None = None,
) -> Notice:
    """Owe a notice in a transaction of its own: of a new case and a new cause, unless given."""
    with transaction.atomic():
        return services.owe(
            recipient=recipient,
            kind=kind,
            reference=REFERENCE,
            case=case or uuid4(),
            cause=cause or uuid4(),
        )
