"""What must hold after every drill, asked of the database, the mail server and the ledger."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from email import message_from_bytes
from pathlib import Path
from typing import Any
from uuid import UUID

from tools import databases

_SENT = """
    SELECT r.key::text, c.reference, r.id::text
      FROM referrals_referral r JOIN referrals_case c ON c.id = r.case_id
     WHERE r.key = ANY(%s::uuid[])
"""
_RECORDED = """
    SELECT b ->> 'id', b -> 'obj' ->> 'id'
      FROM (SELECT convert_from(body, 'UTF8')::json AS b FROM audit.event) told
     WHERE b ->> 'act' = 'referral.submitted'
"""
_NOTICES = """
    SELECT cause::text, kind, count(*), count(DISTINCT recipient_id)
      FROM notifications_notice
     WHERE cause = ANY(%s::uuid[]) AND escalates_id IS NULL
     GROUP BY cause, kind
"""
_MAILS = """
    SELECT n.message_id, n.status, n.digest_id IS NULL AND n.status <> 'digest', u.email
      FROM notifications_notice n
      JOIN accounts_membership m ON m.id = n.recipient_id
      JOIN accounts_user u ON u.id = m.user_id
     WHERE n.cause = ANY(%s::uuid[])
"""
UNFINISHED = """
    SELECT count(*) FROM notifications_notice
     WHERE status IN ('pending', 'leased') AND cause = ANY(%s::uuid[])
"""
_ORPHANS = {
    "a notice of a case that is not there": """
        SELECT count(*) FROM notifications_notice n
         WHERE n.reference LIKE 'R-%' AND NOT EXISTS (
            SELECT 1 FROM referrals_case c WHERE c.id = n.case AND c.reference = n.reference)
    """,
    "a case without a referral": """
        SELECT count(*) FROM referrals_case c
         WHERE NOT EXISTS (SELECT 1 FROM referrals_referral r WHERE r.case_id = c.id)
    """,
    "a referral without a word": """
        SELECT count(*) FROM referrals_referral r
         WHERE NOT EXISTS (SELECT 1 FROM referrals_statement s WHERE s.referral_id = r.id)
    """,
    "a case that nobody may know of": """
        SELECT count(*) FROM referrals_case c
         WHERE NOT EXISTS (SELECT 1 FROM referrals_sight s WHERE s.case_id = c.id)
    """,
    "a daily email about nothing": """
        SELECT count(*) FROM notifications_digest d
         WHERE NOT EXISTS (SELECT 1 FROM notifications_notice n WHERE n.digest_id = d.id)
    """,
}


@dataclass(frozen=True)
class Mail:
    """One message that the mail server took: its Message-ID and for whom."""

    message_id: str
    to: str


@dataclass(frozen=True)
class Figures:
    """What a drill came to. `doubled` are messages that came once more, under the same id."""

    receipts: int
    referrals: int
    notices: int
    mails: int
    doubled: int
    ledger: str


def mails_in(files: Iterable[Path]) -> list[Mail]:
    """The messages that the mail catcher has written into these files."""
    found = [message_from_bytes(path.read_bytes()) for path in sorted(files)]
    return [Mail(str(each["Message-ID"]), str(each["To"])) for each in found]


def causes(database: str, keys: Sequence[UUID]) -> list[str]:
    """The ledger's events of the referrals that were sent with these keys."""
    sent = {str(row[2]) for row in databases.ask(database, _SENT, [str(key) for key in keys])}
    return [str(event) for event, pk in databases.ask(database, _RECORDED) if pk in sent]


def check(
    database: str,
    *,
    tried: Sequence[UUID],
    receipts: Mapping[UUID, str],
    mails: Sequence[Mail],
    verify: Callable[[], str],
) -> Figures:
    """Insist on everything, and return the figures. Raises AssertionError that says what broke.

    `tried` are the keys with which referrals were sent, `receipts` the references that came back,
    `mails` all that the mail server took; `verify` checks the ledger and returns its sentence.
    """
    wrong: list[str] = []

    def insist(holds: object, otherwise: str) -> None:
        if not holds:
            wrong.append(otherwise)

    sent = databases.ask(database, _SENT, [str(key) for key in tried])
    kept = {UUID(key): str(reference) for key, reference, _ in sent}
    insist(len(kept) == len(sent), "a key has made two referrals")
    insist(kept == dict(receipts), f"{len(kept)} are stored and {len(receipts)} receipts given")
    recorded = Counter(pk for _, pk in databases.ask(database, _RECORDED))
    insist(
        all(recorded[str(pk)] == 1 for *_, pk in sent), "a referral is not in the ledger just once"
    )
    events = causes(database, tried)
    told: dict[str, dict[str, tuple[int, int]]] = {event: {} for event in events}
    for cause, kind, count, people in databases.ask(database, _NOTICES, events):
        told[str(cause)][str(kind)] = (int(count), int(people))
    front = {kinds.get("to_triage", (0, 0)) for kinds in told.values()}
    insist(
        all(kinds.get("received") == (1, 1) for kinds in told.values()),
        "a sender has no receipt in the portal, or two",
    )
    insist(
        len(front) == (1 if told else 0) and all(n == people > 0 for n, people in front),
        f"the front door was not told the same of each, and once: {sorted(front)}",
    )
    came, doubled = _check_mails(databases.ask(database, _MAILS, events), mails, insist)
    insist(databases.ask(database, UNFINISHED, events) == [(0,)], "an email is still owed")
    for what, query in _ORPHANS.items():
        insist(databases.ask(database, query) == [(0,)], f"there is {what}")
    ledger = verify()
    insist("Complete and unaltered" in ledger, f"the ledger does not verify: {ledger}")
    assert not wrong, "; ".join(wrong)
    return Figures(
        receipts=len(receipts),
        referrals=len(sent),
        notices=sum(n for kinds in told.values() for n, _ in kinds.values()),
        mails=came,
        doubled=doubled,
        ledger=ledger,
    )


def _check_mails(
    rows: Sequence[tuple[Any, ...]],
    mails: Sequence[Mail],
    insist: Callable[[object, str], None],
) -> tuple[int, int]:
    """Each that was sent has come, to whom it was for; return how many, and how often once more."""
    came = Counter(mail.message_id for mail in mails)
    to = {mail.message_id: mail.to for mail in mails}
    addressed = {(mail.message_id, mail.to) for mail in mails}
    insist(len(addressed) == len(to), "one Message-ID went to two people")
    own = {str(message): str(email) for message, _, alone, email in rows if alone and message}
    insist(
        all(status == "sent" for _, status, alone, _ in rows if alone),
        "an email of its own was not sent",
    )
    missing = [message for message in own if not came[message]]
    insist(not missing, f"{len(missing)} emails were marked as sent and never came")
    insist(all(to[m] == own[m] for m in own if came[m]), "an email went to somebody else")
    strange = [m for m in came if not re.match(r"<(notice|digest)\.[0-9a-f]{32}@", m)]
    insist(not strange, "there is an email that is no notice")
    return len(own), sum(came[message] - 1 for message in own if came[message])
