"""Telling the ledger what was done, from a floor below it."""

from collections.abc import Iterable
from uuid import UUID

from django.dispatch import Signal

from portal.accounts.vocabulary import Principal

# The ledger stands a floor above, so this app cannot call it: it tells, and portal.audit listens.
# Sent inside the transaction as the last thing done; a listener that raises undoes the act.
# With it go `actor` (a Principal, or None for the system), `act`, `obj` (kind and id), and
# `fields`, the names of what was changed.
acted = Signal()


def tell(
    actor: Principal | None, act: str, obj: tuple[str, UUID], *, fields: Iterable[str] = ()
) -> None:
    """Say that something was done, inside the transaction that does it."""
    acted.send(sender=None, actor=actor, act=act, obj=obj, fields=tuple(fields))
