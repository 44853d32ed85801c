"""Notices: owe one with the work that causes it, deliver it, read it, tell the next in time.

The row is the promise. Celery only hurries it; `sweep` keeps it with nothing but PostgreSQL and a
mail server. The e-mail names nobody, and is made at the moment of sending for a person who still
has the role. If the process dies between the mail server's yes and the commit, the same message
(the same Message-ID) may be sent twice; it is never sent zero times.
"""

from portal.notifications.services.escalation import escalate
from portal.notifications.services.operating import beat, resume_mail, stop_mail, try_again
from portal.notifications.services.outbox import deliver, sweep
from portal.notifications.services.owing import attended, owe
from portal.notifications.services.reading import (
    mark_all_read,
    mark_read,
    prefer,
)

__all__ = [
    "attended",
    "beat",
    "deliver",
    "escalate",
    "mark_all_read",
    "mark_read",
    "owe",
    "prefer",
    "resume_mail",
    "stop_mail",
    "sweep",
    "try_again",
]
