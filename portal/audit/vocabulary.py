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
        "information.sent": Act(Category.COLLECTION, "Information report sent"),
        "file.added": Act(Category.COLLECTION, "File added, to be checked"),
        "file.joined": Act(Category.COLLECTION, "File became part of a case"),
        # Alteration
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
        "match.linked": Act(Category.ALTERATION, "Two cases marked as the same child"),
        "match.rejected": Act(Category.ALTERATION, "Two cases marked as not the same child"),
        "match.joined": Act(Category.ALTERATION, "Case joined to another one"),
        "match.undone": Act(Category.ALTERATION, "Decision about two cases taken back"),
        # Consultation
        "case.read": Act(Category.CONSULTATION, "Case read"),
        "case.listed": Act(Category.CONSULTATION, "List of cases read"),
        "draft.read": Act(Category.CONSULTATION, "Draft read by the colleague who sends it"),
        "case.explained": Act(Category.CONSULTATION, "Reasons for access read"),
        "trail.read": Act(Category.CONSULTATION, "Audit trail read"),
        "case.searched": Act(Category.CONSULTATION, "Cases searched"),
        "match.shown": Act(Category.CONSULTATION, "Possible matches of a child looked for"),
        "match.compared": Act(Category.CONSULTATION, "Two cases compared"),
        "case.viewed_as": Act(Category.CONSULTATION, "Case viewed as another team sees it"),
        "share.previewed": Act(Category.CONSULTATION, "Share previewed"),
        "share.read": Act(Category.CONSULTATION, "Record of a share read"),
        "share.listed": Act(Category.CONSULTATION, "Who holds what read"),
        "request.read": Act(Category.CONSULTATION, "Request for information read"),
        "left.listed": Act(Category.CONSULTATION, "Work of people who have left read"),
        "request.listed": Act(Category.CONSULTATION, "List of requests read"),
        "message.read": Act(Category.CONSULTATION, "Messages read"),
        "decision.challenge_read": Act(Category.CONSULTATION, "Disagreement read"),
        "register.read": Act(Category.CONSULTATION, "Register of disclosures read"),
        "information.read": Act(Category.CONSULTATION, "Information report read"),
        "information.listed": Act(Category.CONSULTATION, "List of information reports read"),
        "information.followed": Act(
            Category.CONSULTATION, "Progress of an information report read by its author"
        ),
        "file.listed": Act(Category.CONSULTATION, "List of a case's documents read"),
        # Disclosure: the recipient is named, always and only here.
        "grant.given": Act(Category.DISCLOSURE, "Access given"),
        "share.given": Act(Category.DISCLOSURE, "Information shared"),
        "request.sent": Act(Category.DISCLOSURE, "Information asked for"),
        "case.exported": Act(Category.DISCLOSURE, "Case taken out as a file"),
        "message.sent": Act(Category.DISCLOSURE, "Message sent to a team"),
        "file.opened": Act(Category.DISCLOSURE, "Document of a case opened"),
        "register.exported": Act(Category.DISCLOSURE, "Register of disclosures taken out"),
        # A file that is downloaded leaves the portal, to whoever has it.
        "trail.downloaded": Act(Category.DISCLOSURE, "Audit trail downloaded"),
        "trail.published": Act(Category.DISCLOSURE, "Audit trail published to the board"),
        # Combination
        "information.linked": Act(
            Category.COMBINATION, "Link of an information report with a case confirmed"
        ),
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
        "copy.asked": Act(Category.ADMIN, "Copy of a case asked for"),
        "copy.made": Act(Category.ADMIN, "Copy of a case made"),
        "copy.failed": Act(Category.ADMIN, "Copy of a case could not be made"),
        "board.read": Act(Category.ADMIN, "Board figures read"),
        "draft.reminded": Act(Category.ADMIN, "Reminded of a draft that was not sent"),
        "notice.read": Act(Category.ADMIN, "Notice read"),
        "notice.acknowledged": Act(Category.ADMIN, "Notice acknowledged"),
        "notice.escalated": Act(
            Category.ADMIN, "Next people told, as nobody acknowledged a notice"
        ),
        "notice.preferred": Act(Category.ADMIN, "Chose how notices come by email"),
        "mail.stopped": Act(Category.ADMIN, "Outgoing mail stopped"),
        "mail.resumed": Act(Category.ADMIN, "Outgoing mail resumed"),
        "mail.retried": Act(Category.ADMIN, "Email that was given up tried again"),
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
