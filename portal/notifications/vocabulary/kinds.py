"""What happened, how much it asks of its reader, and how it reaches them."""

from dataclasses import dataclass
from typing import Final

from django.db.models import TextChoices


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
    STEP_LATE = "step_late", "A step that you see to is late"
    STEP_WAITS = "step_waits", "A step on a case that you look after is late"
    LOOK_DUE = "look_due", "It is time to look at a case again"
    REQUEST_CHASED = "request_chased", "Somebody waits for an answer from your agency"
    REQUEST_LATE = "request_late", "An agency has not answered a question in time"
    REQUEST_GIVEN = "request_given", "A question to your agency is yours to answer"
    REQUEST_MOVED = "request_moved", "A question that you had is now with somebody else"
    CLOSED = "closed", "Work on a case that you could read is over"
    LOOK_BACK = "look_back", "It is time to look at a child whose case was closed"
    GIVEN = "given", "A colleague has handed a case over to you"
    PASSED_ON = "passed_on", "A case that you had is now with somebody else"
    LEFT = "left", "Somebody has left, and their work needs somebody else"
    RISK_ASKED = "risk_asked", "Your agency is asked what it knows in a joint risk assessment"
    RISK_LATE = "risk_late", "A joint risk assessment waits for answers"
    RISK_OPENED = "risk_opened", "The answers of a joint risk assessment are open to compare"
    RISK_AGREED = "risk_agreed", "There is a level of concern for your agency to answer"
    RISK_SIGN = "risk_sign", "A level of concern waits for a signature"
    RISK_SIGNED = "risk_signed", "A level of concern that you put up has been answered"
    RISK_WITHDRAWN = "risk_withdrawn", "A level of concern that waited for a signature is withdrawn"
    RISK_DUE = "risk_due", "It is time to assess the risk to a child together again"
    ACTION_GIVEN = "action_given", "An action has been given to you"
    ACTION_OFFERED = "action_offered", "You are asked to take an action on"
    ACTION_ASKS = "action_asks", "An action waits for you to look at it"
    ACTION_ANSWERED = "action_answered", "There is news of an action"
    ACTION_LATE = "action_late", "An action is late"
    ACTION_REMINDED = "action_reminded", "You are reminded of an action"
    EFFECT_ASKED = "effect_asked", "You are asked what an action has changed"
    REVIEW_NEAR = "review_near", "A review is close"
    REVIEW_LATE = "review_late", "A review is late"
    NOMINATED = "nominated", "Something has been nominated for a panel"
    SIFTED = "sifted", "There is an answer to something that you nominated for a panel"
    PAPERS = "papers", "The papers of a meeting are out"
    PAPERS_NEAR = "papers_near", "The time to add to the papers of a meeting is nearly over"
    PAPERS_ADDED = "papers_added", "Somebody has added to the papers of a meeting"
    MINUTES_DRAFT = "minutes_draft", "Draft minutes wait for your comment"
    MINUTES_COMMENT = "minutes_comment", "Somebody wants a change in draft minutes"
    MINUTES_ITEM = "minutes_item", "Draft minutes wait for you to approve an item of them"
    MINUTES_APPROVED = "minutes_approved", "The minutes of a meeting are approved"


@dataclass(frozen=True)
class Meaning:
    """What a kind of notice asks, why it came, and the page that it is about.

    `page` is a URL name; `by_reference` tells whether the address takes the case's reference.
    """

    asks: Class
    why: str
    page: str
    by_reference: bool = True
