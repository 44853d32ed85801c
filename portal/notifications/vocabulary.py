"""The words of notices, and the navigation that each role's pages begin with.

The floor may not import what stands on it, so pages above are named here as addresses are: by the
string that Django resolves.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from django.db.models import TextChoices

from portal.accounts.vocabulary import Role


class Status(TextChoices):
    """Where a notice's e-mail has got to. In the portal the notice is there from the start."""

    PENDING = "pending", "Waiting"
    DIGEST = "digest", "In the daily e-mail"
    LEASED = "leased", "Being sent"
    SENT = "sent", "Sent"
    DEAD = "dead", "Given up"
    SUPPRESSED = "suppressed", "Not sent: the person is not to be told any more"


class Class(TextChoices):
    """How much a notice asks of its reader."""

    ACT_NOW = "act_now", "Act now"
    TO_DO = "to_do", "To do"
    FOR_INFORMATION = "for_information", "For information"


class When(TextChoices):
    """How somebody hears by e-mail of one class of notices."""

    AT_ONCE = "at_once", "One email for each, at once"
    DIGEST = "digest", "In one email a day"


NEXT: Final = "Nobody who was told has acknowledged this in time, so it comes to you as the next."
"""Why a notice came to those who are told because nobody else acted."""


class Kind(TextChoices):
    """What happened, as the neutral sentence that the reader sees. It names nobody."""

    RECEIVED = "received", "We have received the referral that you sent"
    ACKNOWLEDGED = "acknowledged", "A referral that you sent is being checked"
    DECIDED = "decided", "There is a decision on a referral that you sent"
    MOVED = "moved", "There is news of a referral that you sent"
    WITHDRAWN = "withdrawn", "A referral that you were to check has been withdrawn"
    CHANGED = "changed", "Something has changed on a case that you look after"
    ADDED = "added", "Something has been added to a case that you look after"
    CHASED = "chased", "Somebody who sent a referral is waiting to hear"
    MESSAGE = "message", "There is a message for your team on a case"
    DISAGREED = "disagreed", "Somebody disagrees with a decision on a case"
    DISAGREE_ANSWERED = "disagree_answered", "Your disagreement has been answered"
    CLIMBED = "climbed", "A disagreement of your agency has gone to the next step"
    TO_TRIAGE = "to_triage", "There is a new referral to check"
    SHARED = "shared", "Information on a case has been shared with your team"
    REQUESTED = "requested", "An agency asks your team for information"
    ANSWERED = "answered", "A request for information that you sent has been answered"
    CORRECTED = "corrected", "Information that you could read has been corrected"
    STOPPED = "stopped", "A share with your team has been stopped"
    ADVICE_ASKED = "advice_asked", "Somebody asks for your advice before they share"
    ADVISED = "advised", "There is advice on a share that you are preparing"
    CONFLICT = "conflict", "A conflict of interest has been recorded on a case"
    EMERGENCY = "emergency", "Emergency access has been used"
    EMERGENCY_REVIEWED = "emergency_reviewed", "Your emergency access has been reviewed"
    AGREEMENT_DUE = "agreement_due", "An information-sharing agreement is due for review"
    CHANGE_WAITS = "change_waits", "A change of the sharing rules waits for approval"
    TRAIL_READY = "trail_ready", "The audit trail that you asked for is ready"
    DELEGATED = "delegated", "A colleague asks you to finish and send a referral for them"
    PUBLISHED = "published", "An audit report has been published for you to read"
    DRAFT_DANGER = "draft_danger", "A draft about immediate danger has not been sent"
    DRAFT_GOES = "draft_goes", "A draft of yours will soon be deleted"
    FILE_REFUSED = "file_refused", "A file that you sent could not be used"
    INFORMATION = "information", "There is a new information report to read"
    INFORMATION_READ = "information_read", "An information report that you sent has been read"
    CLOCK_NEAR = "clock_near", "A time that we promised on a case is nearly over"
    CLOCK_PASSED = "clock_passed", "A time that we promised on a case has run out"
    ASSIGNED = "assigned", "A referral has been given to you to check"
    SECOND_ASKED = "second_asked", "A decision waits for a second person"
    SECOND_ANSWERED = "second_answered", "A decision that you proposed has been answered"
    HANDED_OVER = "handed_over", "Your area or you are asked to take a child's case on"
    SIDE_ROUTE = "side_route", "A decision has left something for you to do"
    REQUEST_CHASED = "request_chased", "Somebody waits for an answer from your agency"
    REQUEST_LATE = "request_late", "An agency has not answered a question in time"
    REQUEST_GIVEN = "request_given", "A question to your agency is yours to answer"
    REQUEST_MOVED = "request_moved", "A question that you had is now with somebody else"
    CLOSED = "closed", "Work on a case that you could read is over"
    LOOK_BACK = "look_back", "It is time to look at a child whose case was closed"
    GIVEN = "given", "A colleague has handed a case over to you"
    PASSED_ON = "passed_on", "A case that you had is now with somebody else"
    LEFT = "left", "Somebody has left, and their work needs somebody else"


@dataclass(frozen=True)
class Meaning:
    """What a kind of notice asks, why it came, and the page that it is about.

    `page` is a URL name; `by_reference` tells whether the address takes the case's reference.
    """

    asks: Class
    why: str
    page: str
    by_reference: bool = True


MEANINGS: Final[Mapping[Kind, Meaning]] = MappingProxyType(
    {
        Kind.RECEIVED: Meaning(Class.FOR_INFORMATION, "You sent this referral.", "referrals:case"),
        Kind.ACKNOWLEDGED: Meaning(
            Class.FOR_INFORMATION,
            "You sent this referral, and a coordinator has begun to check it.",
            "referrals:case",
        ),
        Kind.DECIDED: Meaning(
            Class.TO_DO,
            "You sent this referral. Whoever reports a concern always hears back.",
            "referrals:case",
        ),
        Kind.MOVED: Meaning(
            Class.TO_DO,
            "You sent this referral. Whoever reports a concern always hears back.",
            "referrals:case",
        ),
        Kind.WITHDRAWN: Meaning(
            Class.TO_DO,
            "Your team checks the referrals of this partnership. Read why it was withdrawn.",
            "referrals:case",
        ),
        Kind.CHANGED: Meaning(
            Class.TO_DO,
            "You coordinate this case or manage the front door, and a decision may rest on it.",
            "referrals:case",
        ),
        Kind.ADDED: Meaning(
            Class.TO_DO,
            "You look after this case, and those who sent the referral have told us more.",
            "referrals:case",
        ),
        Kind.CHASED: Meaning(
            Class.ACT_NOW,
            "You look after this case. A time that we promised has passed.",
            "triage:workspace",
        ),
        Kind.MESSAGE: Meaning(
            Class.TO_DO, "It was written to your team, about this case.", "following:messages"
        ),
        Kind.DISAGREED: Meaning(
            Class.ACT_NOW,
            "You manage the front door, or lead the agency that sent it. The clock is running.",
            "following:disagree",
        ),
        Kind.DISAGREE_ANSWERED: Meaning(
            Class.TO_DO,
            "Your agency disagreed with a decision on this case.",
            "following:disagree",
        ),
        Kind.CLIMBED: Meaning(
            Class.TO_DO,
            "Your agency disagreed with a decision on this case, and nobody answered in time.",
            "following:disagree",
        ),
        Kind.TO_TRIAGE: Meaning(
            Class.ACT_NOW,
            "Your team checks the referrals of this partnership, and the clock is running.",
            "triage:workspace",
        ),
        Kind.SHARED: Meaning(
            Class.TO_DO,
            "A decision shared part of this case with your team. The case page says which rule"
            " allowed it.",
            "referrals:case",
        ),
        Kind.REQUESTED: Meaning(
            Class.ACT_NOW,
            "Your team answers what is asked of your agency, and the clock is running.",
            "disclosures:requests",
            by_reference=False,
        ),
        Kind.ANSWERED: Meaning(
            Class.TO_DO,
            "You asked an agency for information on this case, or you look after it.",
            "disclosures:sharing",
        ),
        Kind.CORRECTED: Meaning(
            Class.ACT_NOW,
            "You or your team could read a part of this case that was wrong.",
            "referrals:case",
        ),
        Kind.STOPPED: Meaning(
            Class.FOR_INFORMATION,
            "Your team could open this share until now.",
            "home:home",
            by_reference=False,
        ),
        Kind.ADVICE_ASKED: Meaning(
            Class.TO_DO,
            "You advise this partnership on sharing information.",
            "disclosures:advice",
            by_reference=False,
        ),
        Kind.ADVISED: Meaning(
            Class.TO_DO,
            "You asked an information-governance lead before sharing.",
            "disclosures:sharing",
        ),
        Kind.CONFLICT: Meaning(
            Class.TO_DO,
            "You manage this partnership's cases, or its information.",
            "disclosures:walls",
            by_reference=False,
        ),
        Kind.EMERGENCY: Meaning(
            Class.ACT_NOW,
            "Your agency holds what was opened, or you look after this partnership's information.",
            "disclosures:emergencies",
            by_reference=False,
        ),
        Kind.EMERGENCY_REVIEWED: Meaning(
            Class.TO_DO,
            "You used emergency access, and somebody else has looked at it.",
            "disclosures:emergencies",
            by_reference=False,
        ),
        Kind.AGREEMENT_DUE: Meaning(
            Class.TO_DO,
            "You look after this partnership's information-sharing agreements.",
            "rules:agreements",
            by_reference=False,
        ),
        Kind.CHANGE_WAITS: Meaning(
            Class.TO_DO,
            "You look after this partnership's sharing rules.",
            "rules:changes",
            by_reference=False,
        ),
        Kind.TRAIL_READY: Meaning(
            Class.FOR_INFORMATION, "You asked for this document.", "referrals:case"
        ),
        Kind.DELEGATED: Meaning(
            Class.TO_DO,
            "They began it and named you to send it. It is on your home page.",
            "home:home",
            by_reference=False,
        ),
        Kind.PUBLISHED: Meaning(
            Class.TO_DO,
            "You receive audit reports for the safeguarding board.",
            "governance:reports",
            by_reference=False,
        ),
        Kind.DRAFT_DANGER: Meaning(
            Class.ACT_NOW,
            "You began this draft or were asked to send it, or you lead its agency.",
            "home:home",
            by_reference=False,
        ),
        Kind.DRAFT_GOES: Meaning(
            Class.TO_DO,
            "You began this draft and have not sent it.",
            "home:home",
            by_reference=False,
        ),
        Kind.FILE_REFUSED: Meaning(
            Class.TO_DO,
            "You sent this file. Nobody else has it, so say in words what it shows.",
            "referrals:documents",
        ),
        Kind.INFORMATION: Meaning(
            Class.TO_DO,
            "You lead for the police here, or coordinate this partnership's cases.",
            "information:reports",
            by_reference=False,
        ),
        Kind.INFORMATION_READ: Meaning(
            Class.FOR_INFORMATION,
            "You sent this report.",
            "information:mine",
            by_reference=False,
        ),
        Kind.CLOCK_NEAR: Meaning(
            Class.ACT_NOW,
            "You check this referral, or your team does while nobody has taken it.",
            "triage:workspace",
        ),
        Kind.CLOCK_PASSED: Meaning(
            Class.ACT_NOW,
            "You check this referral or manage the front door. It is late now.",
            "triage:workspace",
        ),
        Kind.ASSIGNED: Meaning(
            Class.TO_DO, "Somebody at the front door chose you to check it.", "triage:workspace"
        ),
        Kind.SECOND_ASKED: Meaning(
            Class.ACT_NOW,
            "You work at the front door. One person alone does not end this work.",
            "triage:workspace",
        ),
        Kind.SECOND_ANSWERED: Meaning(
            Class.TO_DO, "You proposed this decision.", "triage:workspace"
        ),
        Kind.HANDED_OVER: Meaning(
            Class.ACT_NOW,
            "You are named as the person, or the front door, that would take it on.",
            "triage:handovers",
            by_reference=False,
        ),
        Kind.SIDE_ROUTE: Meaning(
            Class.TO_DO,
            "You are named as the person who sees to it.",
            "triage:tasks",
            by_reference=False,
        ),
        Kind.REQUEST_CHASED: Meaning(
            Class.ACT_NOW,
            "You answer for your agency. The time to answer is nearly over, or it is late.",
            "disclosures:requests",
            by_reference=False,
        ),
        Kind.REQUEST_LATE: Meaning(
            Class.TO_DO,
            "You asked it, or you look after the case. You can chase it, or ring the agency.",
            "disclosures:requests",
            by_reference=False,
        ),
        Kind.REQUEST_GIVEN: Meaning(
            Class.ACT_NOW,
            "A colleague passed it on to you, or whoever had it can no longer answer.",
            "disclosures:requests",
            by_reference=False,
        ),
        Kind.REQUEST_MOVED: Meaning(
            Class.FOR_INFORMATION,
            "You had it until now. There is nothing that you must do.",
            "disclosures:requests",
            by_reference=False,
        ),
        Kind.CLOSED: Meaning(
            Class.FOR_INFORMATION,
            "Your team could read this case when it was closed.",
            "home:home",
            by_reference=False,
        ),
        Kind.LOOK_BACK: Meaning(
            Class.TO_DO,
            "You look after this case or manage the front door. Children were let go too early.",
            "triage:look-back",
        ),
        Kind.GIVEN: Meaning(
            Class.TO_DO,
            "They chose you to go on with it. Their note is on its page.",
            "triage:workspace",
        ),
        Kind.PASSED_ON: Meaning(
            Class.FOR_INFORMATION,
            "You had it until now. There is nothing that you must do.",
            "triage:workspace",
        ),
        Kind.LEFT: Meaning(
            Class.TO_DO,
            "You manage the front door, or lead the agency that they worked for.",
            "triage:left",
            by_reference=False,
        ),
    }
)

_HOME: Final = ("Home", "home:home")
_HELP: Final = ("Help", "home:help")
_REFERRER: Final = (_HOME, ("My referrals", "following:mine"), _HELP)
_REQUESTS: Final = ("Requests", "disclosures:requests")
_FRONT_DOOR: Final = (
    _HOME,
    ("Triage", "triage:board"),
    ("Cases", "referrals:cases"),
    _REQUESTS,
    _HELP,
)
_GOVERNS: Final = (
    ("Conflicts", "disclosures:walls"),
    ("Emergency access", "disclosures:emergencies"),
)
_PANEL: Final = (_HOME, ("Cases", "referrals:cases"), _HELP)

NAVIGATION: Final[Mapping[Role, tuple[tuple[str, str], ...]]] = MappingProxyType(
    {
        **dict.fromkeys(Role, (_HOME, _HELP)),
        Role.PRACTITIONER: _REFERRER,
        Role.AGENCY_LEAD: (*_REFERRER[:-1], ("Cases", "referrals:cases"), _REQUESTS, _HELP),
        Role.COORDINATOR: _FRONT_DOOR,
        Role.MANAGER: (
            *_FRONT_DOOR[:-1],
            *_GOVERNS,
            ("Settings", "accounts:partnership"),
            _HELP,
        ),
        Role.PANEL_MEMBER: _PANEL,
        Role.PANEL_CHAIR: _PANEL,
        Role.AGENCY_ADMIN: (_HOME, ("Contacts", "accounts:contacts"), _HELP),
        Role.PLATFORM_ADMIN: (_HOME, ("Outgoing mail", "notifications:mail"), _HELP),
        Role.LADO: (_HOME, ("Steps", "triage:tasks"), _HELP),
        Role.BOARD_CHAIR: (_HOME, ("Audit reports", "governance:reports"), _HELP),
        Role.IG_LEAD: (
            _HOME,
            ("Rules", "rules:rules"),
            ("Register", "disclosures:register"),
            ("Advice", "disclosures:advice"),
            *_GOVERNS,
            _HELP,
        ),
    }
)
"""What stands at the head of each page: (label, URL name), in the same order everywhere."""
