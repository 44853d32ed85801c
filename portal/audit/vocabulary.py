"""The words of the ledger: categories of act, outcomes, and the closed list of acts.

The first six categories are those that Data Protection Act 2018 s.62 makes a competent authority
log: collection, alteration, consultation, disclosure, combination and erasure. The portal records
every agency to that standard, because one trail serves them all.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from django.db.models import TextChoices


class Category(TextChoices):
    """What kind of act it was: the six of s.62(1), then the three that touch no child's record."""

    COLLECTION = "collection", "Collection"
    ALTERATION = "alteration", "Alteration"
    CONSULTATION = "consultation", "Consultation"
    DISCLOSURE = "disclosure", "Disclosure"
    COMBINATION = "combination", "Combination"
    ERASURE = "erasure", "Erasure"
    SECURITY = "security", "Security"
    ADMIN = "admin", "Administration"
    SYSTEM = "system", "System"


PROCESSING: Final = frozenset(
    {
        Category.COLLECTION,
        Category.ALTERATION,
        Category.CONSULTATION,
        Category.DISCLOSURE,
        Category.COMBINATION,
        Category.ERASURE,
    }
)
"""The categories of s.62(1): processing of personal data, so on a case they name whose."""


class Outcome(TextChoices):
    """How the act ended."""

    ALLOWED = "allowed", "Allowed"
    DENIED = "denied", "Denied"
    FAILED = "failed", "Failed"


@dataclass(frozen=True)
class Act:
    """One kind of event: its category, and the sentence that the trail page shows for it."""

    category: Category
    sentence: str


ACTS: Final[Mapping[str, Act]] = MappingProxyType(
    {
        # Collection
        "referral.submitted": Act(Category.COLLECTION, "Referral sent"),
        "draft.created": Act(Category.COLLECTION, "Draft started"),
        "request.answered": Act(Category.COLLECTION, "Request for information answered"),
        "share.drafted": Act(Category.COLLECTION, "Share begun"),
        "referral.added": Act(Category.COLLECTION, "Information added by its sender"),
        "note.written": Act(Category.COLLECTION, "Working note written"),
        "mention.recorded": Act(Category.COLLECTION, "Person, place or number recorded"),
        "information.sent": Act(Category.COLLECTION, "Information report sent"),
        "action.given": Act(Category.COLLECTION, "Action given to its owner"),
        "action.told": Act(Category.COLLECTION, "Said what happened with an action"),
        "file.added": Act(Category.COLLECTION, "File added, to be checked"),
        "meeting.line_written": Act(Category.COLLECTION, "Words of an agency written in a meeting"),
        "minutes.commented": Act(Category.COLLECTION, "Draft minutes commented on"),
        "file.joined": Act(Category.COLLECTION, "File became part of a case"),
        "risk.answered": Act(Category.COLLECTION, "Answers of an agency to a risk assessment sent"),
        "nomination.made": Act(Category.COLLECTION, "Nominated for the panel"),
        "meeting.contributed": Act(Category.COLLECTION, "Brought something to the panel"),
        # Alteration
        "risk.opened": Act(Category.ALTERATION, "Joint risk assessment begun"),
        "risk.revealed": Act(Category.ALTERATION, "Answers of all agencies opened at once"),
        "risk.judged": Act(Category.ALTERATION, "Judgement of the risk written in words"),
        "risk.proposed": Act(Category.ALTERATION, "Level of concern put up for signature"),
        "risk.signed": Act(Category.ALTERATION, "Level of concern signed by another person"),
        "risk.declined": Act(Category.ALTERATION, "Level of concern not signed"),
        "risk.withdrawn": Act(
            Category.ALTERATION, "Level of concern that waited for a signature withdrawn"
        ),
        "risk.agreed": Act(Category.ALTERATION, "Level of concern agreed"),
        "risk.confirmed": Act(Category.ALTERATION, "Agency said whether it agrees with the level"),
        "risk.called_off": Act(Category.ALTERATION, "Joint risk assessment called off"),
        "risk.chased": Act(Category.ALTERATION, "Agency told that its answers are nearly due"),
        "risk.late": Act(Category.ALTERATION, "Told that answers to a risk assessment are late"),
        "risk.due": Act(Category.ALTERATION, "Told that the risk is to be assessed again"),
        "referral.resumed": Act(Category.ALTERATION, "Checking carried on"),
        "referral.acknowledged": Act(Category.ALTERATION, "Referral acknowledged"),
        "referral.decided": Act(Category.ALTERATION, "Decision made"),
        "referral.withdrawn": Act(Category.ALTERATION, "Referral withdrawn"),
        "referral.returned": Act(Category.ALTERATION, "Referral returned to its sender"),
        "referral.routed": Act(Category.ALTERATION, "Referral passed to the allocated worker"),
        # What a transfer sends to the other area is recorded by the grant that opens it.
        "referral.transferred": Act(Category.ALTERATION, "Referral transferred to another area"),
        "referral.chased": Act(Category.ALTERATION, "Referral chased by its sender"),
        "clock.near": Act(Category.ALTERATION, "Told that a time is close"),
        "clock.passed": Act(Category.ALTERATION, "Told that a time has run out"),
        "clock.paused": Act(Category.ALTERATION, "Clock stood still, with a reason"),
        "clock.resumed": Act(Category.ALTERATION, "Clock ran on"),
        "referral.assigned": Act(Category.ALTERATION, "Referral given to somebody to check"),
        "referral.prioritised": Act(Category.ALTERATION, "Referral given another priority"),
        "decision.proposed": Act(Category.ALTERATION, "Decision put to a second person"),
        "decision.confirmed": Act(Category.ALTERATION, "Decision confirmed by a second person"),
        "decision.declined": Act(Category.ALTERATION, "Decision not confirmed"),
        "decision.changed": Act(Category.ALTERATION, "Decision changed; the earlier one kept"),
        "decision.due": Act(Category.ALTERATION, "Told that a decision is to be looked at again"),
        "side_route.opened": Act(Category.ALTERATION, "Step beside the decision begun"),
        "side_route.passed": Act(Category.ALTERATION, "Told that a step is late"),
        "side_route.done": Act(Category.ALTERATION, "Step beside the decision done"),
        "decision.challenged": Act(Category.ALTERATION, "Decision disagreed with"),
        "decision.escalated": Act(Category.ALTERATION, "Disagreement taken to the next step"),
        "decision.answered": Act(Category.ALTERATION, "Disagreement answered"),
        "case.opened": Act(Category.ALTERATION, "Plan opened"),
        "case.stepped_down": Act(Category.ALTERATION, "Case stepped down"),
        "case.closed": Act(Category.ALTERATION, "Case closed"),
        "case.looked_back": Act(Category.ALTERATION, "Looked at again after closing"),
        "case.reopened": Act(Category.ALTERATION, "Case reopened"),
        "case.handed_over": Act(Category.ALTERATION, "Case handed over, with a note"),
        "case.let_go": Act(Category.ALTERATION, "Case taken off somebody who has left"),
        "side_route.passed_on": Act(Category.ALTERATION, "Step of somebody who has left passed on"),
        "action.taken_up": Act(Category.ALTERATION, "Action started"),
        "action.claimed": Act(Category.ALTERATION, "Action said to be done"),
        "action.verified": Act(Category.ALTERATION, "Action checked: it is done"),
        "action.sent_back": Act(Category.ALTERATION, "Action checked: it is not done yet"),
        "action.not_possible": Act(Category.ALTERATION, "Action said to be not possible"),
        "action.time_asked": Act(Category.ALTERATION, "More time for an action asked for"),
        "action.time_answered": Act(Category.ALTERATION, "More time for an action answered"),
        "action.offered": Act(Category.ALTERATION, "Somebody asked to take an action on"),
        "action.accepted": Act(Category.ALTERATION, "Action taken on by its new owner"),
        "action.declined": Act(Category.ALTERATION, "Action not taken on"),
        "action.reminded": Act(Category.ALTERATION, "Owner reminded of an action"),
        "action.climbed": Act(Category.ALTERATION, "Told that an action is late"),
        "action.effect_asked": Act(Category.ALTERATION, "Another agency asked of an effect"),
        "action.judged": Act(Category.ALTERATION, "Effect of an action judged"),
        "review.planned": Act(Category.ALTERATION, "Review planned"),
        "review.moved": Act(Category.ALTERATION, "Day of a review changed"),
        "review.held": Act(Category.ALTERATION, "Review held"),
        "review.told": Act(Category.ALTERATION, "Told that a review is close or late"),
        "grant.ended": Act(Category.ALTERATION, "Access ended"),
        "draft.saved": Act(Category.ALTERATION, "Draft saved"),
        "draft.delegated": Act(Category.ALTERATION, "Draft given to a colleague to send"),
        "draft.taken_back": Act(Category.ALTERATION, "Draft taken back from a colleague"),
        "draft.danger_acknowledged": Act(Category.ALTERATION, "Said that 999 had been called"),
        "share.saved": Act(Category.ALTERATION, "Share being prepared saved"),
        "share.refused": Act(Category.ALTERATION, "Decision not to share recorded"),
        "share.stopped": Act(Category.ALTERATION, "Sharing stopped"),
        "share.acknowledged": Act(Category.ALTERATION, "Share acknowledged by its recipient"),
        "statement.protected": Act(Category.ALTERATION, "Protection of an answer changed"),
        "statement.corrected": Act(Category.ALTERATION, "Answer corrected"),
        "request.declined": Act(Category.ALTERATION, "Request for information declined"),
        "request.chased": Act(Category.ALTERATION, "Request for information chased"),
        "request.reassigned": Act(Category.ALTERATION, "Request for information passed on"),
        "information.acknowledged": Act(Category.ALTERATION, "Information report marked as read"),
        "information.not_linked": Act(
            Category.ALTERATION, "Link of an information report with a case rejected"
        ),
        "meeting.decided": Act(Category.ALTERATION, "Decision of a panel recorded"),
        "meeting.pen": Act(Category.ALTERATION, "Pen of a meeting taken or handed over"),
        "minutes.drafted": Act(Category.ALTERATION, "Minutes sent to members as a draft"),
        "minutes.item_approved": Act(
            Category.ALTERATION, "Item of minutes approved by another than the chair"
        ),
        "minutes.approved": Act(Category.ALTERATION, "Minutes approved and locked"),
        "match.linked": Act(Category.ALTERATION, "Two cases marked as the same child"),
        "match.rejected": Act(Category.ALTERATION, "Two cases marked as not the same child"),
        "match.joined": Act(Category.ALTERATION, "Case joined to another one"),
        "match.undone": Act(Category.ALTERATION, "Decision about two cases taken back"),
        "nomination.sifted": Act(Category.ALTERATION, "Nomination for the panel answered"),
        "meeting.agenda": Act(Category.ALTERATION, "Agenda of a meeting changed"),
        "meeting.attendance": Act(Category.ALTERATION, "Attendance at a meeting recorded"),
        "mention.taken_off": Act(Category.ALTERATION, "Person, place or number taken off"),
        "mention.settled": Act(
            Category.ALTERATION, "Nothing more to record from an answer that was put right"
        ),
        "link.rejected": Act(Category.ALTERATION, "What two cases name marked as not the same"),
        "link.undone": Act(Category.ALTERATION, "Decision about what two cases name taken back"),
        # Consultation
        "case.read": Act(Category.CONSULTATION, "Case read"),
        "case.listed": Act(Category.CONSULTATION, "List of cases read"),
        "draft.read": Act(Category.CONSULTATION, "Draft read by the colleague who sends it"),
        "case.explained": Act(Category.CONSULTATION, "Reasons for access read"),
        "trail.read": Act(Category.CONSULTATION, "Audit trail read"),
        "case.searched": Act(Category.CONSULTATION, "Cases searched"),
        "match.shown": Act(Category.CONSULTATION, "Possible matches of a child looked for"),
        "match.compared": Act(Category.CONSULTATION, "Two cases compared"),
        "mention.read": Act(Category.CONSULTATION, "People and places of a case read"),
        "case.viewed_as": Act(Category.CONSULTATION, "Case viewed as another team sees it"),
        "share.previewed": Act(Category.CONSULTATION, "Share previewed"),
        "share.read": Act(Category.CONSULTATION, "Record of a share read"),
        "share.listed": Act(Category.CONSULTATION, "Who holds what read"),
        "request.read": Act(Category.CONSULTATION, "Request for information read"),
        "left.listed": Act(Category.CONSULTATION, "Work of people who have left read"),
        "action.read": Act(Category.CONSULTATION, "Action read"),
        "action.listed": Act(Category.CONSULTATION, "List of actions read"),
        "review.read": Act(Category.CONSULTATION, "Review read"),
        "review.listed": Act(Category.CONSULTATION, "List of reviews read"),
        "departures.listed": Act(Category.CONSULTATION, "Who left the list read"),
        "request.listed": Act(Category.CONSULTATION, "List of requests read"),
        "message.read": Act(Category.CONSULTATION, "Messages read"),
        "decision.challenge_read": Act(Category.CONSULTATION, "Disagreement read"),
        "register.read": Act(Category.CONSULTATION, "Register of disclosures read"),
        "information.read": Act(Category.CONSULTATION, "Information report read"),
        "information.listed": Act(Category.CONSULTATION, "List of information reports read"),
        "information.followed": Act(
            Category.CONSULTATION, "Progress of an information report read by its author"
        ),
        "meeting.item": Act(Category.CONSULTATION, "Item of a meeting read"),
        "meeting.presented": Act(Category.CONSULTATION, "Item shown to the room"),
        "meeting.screen": Act(Category.CONSULTATION, "Screen of a meeting read"),
        "minutes.read": Act(Category.CONSULTATION, "Minutes read"),
        "file.listed": Act(Category.CONSULTATION, "List of a case's documents read"),
        "clock.read": Act(Category.CONSULTATION, "Clocks of a case read"),
        "risk.read": Act(Category.CONSULTATION, "Levels of concern of a case read"),
        "risk.compared": Act(Category.CONSULTATION, "Answers to a risk assessment compared"),
        "meeting.pack_opened": Act(Category.CONSULTATION, "Papers of a meeting opened"),
        "meeting.pack_read": Act(Category.CONSULTATION, "Papers of a meeting ticked as read"),
        # Disclosure: the recipient is named, always and only here.
        "grant.given": Act(Category.DISCLOSURE, "Access given"),
        "share.given": Act(Category.DISCLOSURE, "Information shared"),
        "request.sent": Act(Category.DISCLOSURE, "Information asked for"),
        "case.exported": Act(Category.DISCLOSURE, "Case taken out as a file"),
        "message.sent": Act(Category.DISCLOSURE, "Message sent to a team"),
        "minutes.exported": Act(Category.DISCLOSURE, "Minutes taken out as a file"),
        "file.opened": Act(Category.DISCLOSURE, "Document of a case opened"),
        "departures.exported": Act(Category.DISCLOSURE, "Who left the list taken out"),
        "meeting.pack_taken": Act(Category.DISCLOSURE, "Papers of a meeting taken out as a file"),
        "register.exported": Act(Category.DISCLOSURE, "Register of disclosures taken out"),
        # A file that is downloaded leaves the portal, to whoever has it.
        "trail.downloaded": Act(Category.DISCLOSURE, "Audit trail downloaded"),
        "trail.published": Act(Category.DISCLOSURE, "Audit trail published to the board"),
        # Combination
        "information.linked": Act(
            Category.COMBINATION, "Link of an information report with a case confirmed"
        ),
        "link.made": Act(Category.COMBINATION, "What two cases name marked as the same"),
        # Erasure
        "statement.removed": Act(Category.ERASURE, "Answer removed from sight"),
        "draft.deleted": Act(Category.ERASURE, "Draft deleted"),
        "file.removed": Act(Category.ERASURE, "File removed from a draft"),
        # Security
        "auth.signed_in": Act(Category.SECURITY, "Signed in"),
        "auth.failed": Act(Category.SECURITY, "Sign-in failed"),
        "auth.signed_out": Act(Category.SECURITY, "Signed out"),
        "auth.role_chosen": Act(Category.SECURITY, "Role chosen"),
        "auth.kept": Act(Category.SECURITY, "Words kept after the session had ended"),
        "auth.given_back": Act(Category.SECURITY, "Kept words sent by their author"),
        "auth.locked": Act(Category.SECURITY, "Screen hidden and locked"),
        "auth.unlocked": Act(Category.SECURITY, "Screen unlocked"),
        "case.refused": Act(Category.SECURITY, "Case refused"),
        "access.refused": Act(Category.SECURITY, "Access refused"),
        "wall.raised": Act(Category.SECURITY, "Conflict of interest recorded"),
        "wall.lifted": Act(Category.SECURITY, "Conflict of interest ended"),
        "wall.listed": Act(Category.SECURITY, "Conflicts of interest read"),
        "emergency.started": Act(Category.SECURITY, "Emergency access begun"),
        "emergency.ended": Act(Category.SECURITY, "Emergency access ended"),
        "emergency.listed": Act(Category.SECURITY, "Emergency accesses listed"),
        "file.refused": Act(Category.SECURITY, "File not accepted"),
        "file.checked": Act(Category.SECURITY, "File checked for viruses"),
        "emergency.reviewed": Act(Category.SECURITY, "Emergency access reviewed"),
        # Administration
        "admin.partnership_founded": Act(Category.ADMIN, "Partnership founded"),
        "admin.agency_joined": Act(Category.ADMIN, "Agency joined"),
        "admin.enrolled": Act(Category.ADMIN, "Person given a role"),
        "admin.membership_ended": Act(Category.ADMIN, "Role ended"),
        "admin.contact_kept": Act(Category.ADMIN, "Contacts of an agency changed"),
        "admin.settings_changed": Act(Category.ADMIN, "Settings of the partnership changed"),
        "trail.requested": Act(Category.ADMIN, "Audit trail asked for"),
        "trail.made": Act(Category.ADMIN, "Audit trail made"),
        "trail.failed": Act(Category.ADMIN, "Audit trail could not be made"),
        "trail.listed": Act(Category.ADMIN, "List of audit trails read"),
        "trail.reviewed": Act(Category.ADMIN, "Audit trail reviewed by the board"),
        "meeting.series_kept": Act(Category.ADMIN, "Settings of a panel changed"),
        "meeting.planned": Act(Category.ADMIN, "Meeting planned"),
        "meeting.invited": Act(Category.ADMIN, "Who is invited to a meeting changed"),
        "meeting.published": Act(Category.ADMIN, "Papers of a meeting sent out"),
        "meeting.reminded": Act(Category.ADMIN, "Reminded of what to bring to a meeting"),
        "meeting.held": Act(Category.ADMIN, "Meeting begun"),
        "meeting.ended": Act(Category.ADMIN, "Meeting ended"),
        "meeting.pack_made": Act(Category.ADMIN, "Papers of a meeting made as a file"),
        "meeting.pack_failed": Act(Category.ADMIN, "Papers of a meeting could not be made"),
        "copy.asked": Act(Category.ADMIN, "Copy of a case asked for"),
        "copy.made": Act(Category.ADMIN, "Copy of a case made"),
        "minutes.asked": Act(Category.ADMIN, "PDF of minutes asked for"),
        "minutes.made": Act(Category.ADMIN, "PDF of minutes made"),
        "minutes.failed": Act(Category.ADMIN, "PDF of minutes could not be made"),
        "copy.failed": Act(Category.ADMIN, "Copy of a case could not be made"),
        "board.read": Act(Category.ADMIN, "Board figures read"),
        "draft.reminded": Act(Category.ADMIN, "Reminded of a draft that was not sent"),
        "notice.read": Act(Category.ADMIN, "Notice read"),
        "notice.acknowledged": Act(Category.ADMIN, "Notice acknowledged"),
        "notice.escalated": Act(
            Category.ADMIN, "Next people told, as nobody acknowledged a notice"
        ),
        "board.view_kept": Act(Category.ADMIN, "View of the triage board kept"),
        "board.view_forgotten": Act(Category.ADMIN, "View of the triage board kept no longer"),
        "notice.preferred": Act(Category.ADMIN, "Chose how notices come by email"),
        "mail.stopped": Act(Category.ADMIN, "Outgoing mail stopped"),
        "mail.resumed": Act(Category.ADMIN, "Outgoing mail resumed"),
        "mail.retried": Act(Category.ADMIN, "Email that was given up tried again"),
        "tool.loaded": Act(Category.ADMIN, "Risk tool loaded"),
        "tool.approved": Act(Category.ADMIN, "Risk tool approved"),
        "rules.loaded": Act(Category.ADMIN, "Sharing rules loaded"),
        "rules.listed": Act(Category.ADMIN, "Sharing rules read"),
        "rules.drafted": Act(Category.ADMIN, "Change of the rules drafted"),
        "rules.submitted": Act(Category.ADMIN, "Change of the rules put up for approval"),
        "rules.simulated": Act(Category.ADMIN, "Change of the rules simulated"),
        "rules.approved": Act(Category.ADMIN, "Change of the rules approved"),
        "rules.rejected": Act(Category.ADMIN, "Change of the rules rejected"),
        "rules.live": Act(Category.ADMIN, "Change of the rules in force"),
        "rules.rolled_back": Act(Category.ADMIN, "Change of the rules rolled back"),
        "rules.reviewed": Act(Category.ADMIN, "Access examined against the rules"),
        "rules.exported": Act(Category.ADMIN, "Sharing rules taken out as a file"),
        "agreement.signed": Act(Category.ADMIN, "Information-sharing agreement recorded"),
        "agreement.renewed": Act(Category.ADMIN, "Information-sharing agreement renewed"),
        "agreement.ended": Act(Category.ADMIN, "Information-sharing agreement ended"),
        "advice.listed": Act(Category.ADMIN, "Requests for advice read"),
        "advice.asked": Act(Category.ADMIN, "Advice on a share asked for"),
        "advice.given": Act(Category.ADMIN, "Advice on a share given"),
    }
)
"""Every act that the portal can record. An act that is not here cannot be recorded."""
