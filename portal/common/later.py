"""The only way to queue work: after the commit, by name, with identifiers."""

import logging
import time
from typing import Final
from uuid import UUID

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)

REST: Final = 5.0
"""Seconds for which a bell that did not ring is left alone: one Send may owe a dozen notices."""
_rests = {"until": 0.0}


def later(task: str, *ids: UUID) -> None:
    """Ring the doorbell for `task` when the transaction commits.

    The row that the caller wrote is the promise; a sweep keeps it if the bell does not ring, so
    a dead broker is logged once and the caller's work stands. A misspelt name raises at once.
    """
    found = current_app.tasks[task]
    arguments = tuple(str(pk) for pk in ids)

    def ring() -> None:
        if time.monotonic() < _rests["until"]:
            return
        try:
            found.apply_async(args=arguments)
        except OperationalError as error:
            _rests["until"] = time.monotonic() + REST
            # The message may repeat the broker's address with its password: log the class only.
            log.warning("The broker is silent (%s): the sweep will do it", type(error).__name__)

    transaction.on_commit(ring, robust=True)
