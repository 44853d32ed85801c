"""A process that sends a referral and its email ends at one exact point. Run by hand.

    python -m tests.drills.failpoints --referrals 200 [--write]

For each point in turn that many processes submit a referral, deliver one of its emails, and are
gone in the middle, as if killed. Then the sweep goes round, and everything must hold.
"""

import argparse
import os
import smtplib
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, Final, NoReturn
from uuid import UUID, uuid4

from tests.drills import invariants
from tests.drills.invariants import Mail
from tools import databases
from tools.stage import PYTHON, Stage

BEFORE_COMMIT: Final = "the notices are written, nothing is committed"
BEFORE_THE_BELL: Final = "committed, the bell has not rung"
CLAIMED: Final = "the notice is claimed"
CONNECTED: Final = "the mail server has answered"
NAMED: Final = "the mail server knows the sender"
TAKEN: Final = "the message is sent, the yes has not come"
YES: Final = "the yes has come, it is not written down"
WRITTEN: Final = "it is written down"
POINTS: Final = (BEFORE_COMMIT, BEFORE_THE_BELL, CLAIMED, CONNECTED, NAMED, TAKEN, YES, WRITTEN)
MAY_DOUBLE: Final = frozenset({TAKEN, YES})

LAPSE = """
    UPDATE notifications_notice SET lease_until = now() WHERE status = 'leased'
"""
STORED = """
    SELECT r.key::text, c.reference
      FROM referrals_referral r JOIN referrals_case c ON c.id = r.case_id
     WHERE r.key = ANY(%s::uuid[])
"""


def gone(*_: object, **__: object) -> NoReturn:
    """End here, with nothing tidied up."""
    os._exit(137)


def _taken(server: smtplib.SMTP, message: Any) -> NoReturn:
    """Send the whole message, and do not wait for the answer."""
    server.putcmd("data")
    server.getreply()
    lines = message.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    server.send(lines + b"\r\n.\r\n")
    time.sleep(0.2)
    gone()


def send_and_go(point: str, key: UUID) -> NoReturn:
    """Submit one referral, deliver the front door's email, and be gone at the point."""
    from celery.app.task import Task
    from django.db import transaction

    from portal.accounts.models import Membership
    from portal.accounts.vocabulary import Role
    from portal.notifications.models import Notice
    from portal.notifications.services import deliver, outbox
    from referrals.services import submit
    from tests.cast import concern

    ends: dict[str, tuple[Any, str, Callable[..., object]]] = {
        BEFORE_THE_BELL: (Task, "apply_async", gone),
        CLAIMED: (outbox, "_send", gone),
        CONNECTED: (smtplib.SMTP, "mail", gone),
        NAMED: (smtplib.SMTP, "rcpt", gone),
        TAKEN: (smtplib.SMTP, "data", _taken),
        YES: (outbox, "_settle", gone),
    }
    if point in ends:
        where, name, end = ends[point]
        setattr(where, name, end)
    teacher = Membership.objects.filter(
        team__role=Role.PRACTITIONER, team__agency__kind="school"
    ).order_by("pk")[0]
    with transaction.atomic():
        case = submit(actor=teacher.principal(), concern=concern(), key=key)
        if point == BEFORE_COMMIT:
            gone()
    notice = Notice.objects.filter(case=case.pk, kind="to_triage").order_by("pk")[0]
    deliver(pk=notice.pk)
    gone()


def run(here: Stage, point: str, keys: Sequence[UUID]) -> None:
    """Let a process be gone at this point for each of the keys, on this stage's database.

    Nobody hears the bell: what the processes leave undone, only the sweep may do.
    """
    env = here.environment | {"REDIS_URL": "redis://127.0.0.1:1/0", "LOG_LEVEL": "CRITICAL"}
    command = [PYTHON, "-m", "tests.drills.failpoints", "--gone-at", point, *map(str, keys)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


def hold(
    here: Stage, point: str, keys: Sequence[UUID], mails: Callable[[], Sequence[Mail]]
) -> tuple[int, int]:
    """Sweep, insist that everything holds, and return how many are stored and how many doubled."""
    database = here.addresses.app
    databases.ask(database, LAPSE)
    here.manage("sweep", doing="Sweeping")
    rows = databases.ask(database, STORED, [str(key) for key in keys])
    stored = {UUID(str(key)): str(reference) for key, reference in rows}
    assert set(stored) == (set() if point == BEFORE_COMMIT else set(keys)), point
    found = invariants.check(
        database,
        tried=keys,
        receipts=stored,
        mails=mails(),
        verify=lambda: "Complete and unaltered",  # once, after all of them
    )
    assert found.doubled <= (len(keys) if point in MAY_DOUBLE else 0), (point, found.doubled)
    return len(stored), found.doubled


def table(here: Stage, each: int, mails: Callable[[], Sequence[Mail]]) -> str:
    """Go through all the points with so many referrals each, and tell what came of it."""
    lines = [
        "| The process was gone when | Sent | Stored | Emails once more |",
        "|---|---|---|---|",
    ]
    for point in POINTS:
        keys = [uuid4() for _ in range(each)]
        run(here, point, keys)
        stored, doubled = hold(here, point, keys, mails)
        lines.append(f"| {point} | {each} | {stored} | {doubled} |")
        print(lines[-1], flush=True)
    return "\n".join(lines)


def _each_in_a_process_of_its_own(point: str, keys: Sequence[str]) -> None:
    import django

    django.setup()
    from django.db import connections

    # Loaded once, before the first process is made of this one.
    for module in ("portal.celery", "portal.notifications.services", "tests.cast"):
        import_module(module)
    for key in keys:
        connections.close_all()
        pid = os.fork()
        if pid == 0:
            try:
                send_and_go(point, UUID(key))
            except BaseException as error:  # noqa: BLE001 - told to whoever waits
                print(type(error).__name__, error, file=sys.stderr, flush=True)
                os._exit(1)
        _, status = os.waitpid(pid, 0)
        if os.waitstatus_to_exitcode(status) != 137:
            sys.exit(f"It was not gone at its point: {point}")


def main() -> None:
    """Go through all the points on servers of its own, or be the process that is gone."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--referrals", type=int, default=200, help="at each point")
    asked.add_argument("--write", action="store_true", help="put the figures into the document")
    asked.add_argument("--gone-at", choices=POINTS, help=argparse.SUPPRESS)
    asked.add_argument("keys", nargs="*", help=argparse.SUPPRESS)
    options = asked.parse_args()
    if options.gone_at:
        _each_in_a_process_of_its_own(options.gone_at, options.keys)
        return
    from tests.drills import chaos

    with chaos.alone() as (here, _, mail):
        with chaos.hostile_mail(mail) as hostile:
            said = table(here, options.referrals, lambda: hostile.taken)
        ledger = chaos.verified(here)
        assert "Complete and unaltered" in ledger, ledger
    said += f"\n\n{ledger.partition(', checked')[0]}."
    if options.write:
        chaos.write("points", said)


if __name__ == "__main__":
    main()
