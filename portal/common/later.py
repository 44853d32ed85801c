"""The only way to queue work: after the commit, by name, with identifiers."""

import logging
from uuid import UUID

from celery import current_app
from django.db import transaction

log = logging.getLogger(__name__)


def later(task: str, *ids: UUID) -> None:
    """Ring the doorbell for `task` when the transaction commits.

    The row that the caller wrote is the promise; a sweep keeps it if the bell does not ring, so
    a dead broker is logged and the caller's work stands. A misspelt name raises at once.
    """
    found = current_app.tasks[task]
    arguments = [str(pk) for pk in ids]

    def ring() -> None:
        try:
            found.apply_async(args=arguments)
        except found.app.connection_for_write().recoverable_connection_errors as error:
            # The message may repeat the broker's address with its password: log the class only.
            log.warning(
                "The broker did not answer (%s); the sweep will do it", type(error).__name__
            )

    transaction.on_commit(ring, robust=True)
