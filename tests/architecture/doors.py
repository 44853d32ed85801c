"""Every door of the portal, who may open it, and what may be read there: the table by hand.

This table is the second opinion. The portal decides by policies, relations and grants; here the
same is said once more, door by door, so that a mistake must be made twice to stay unseen. A new
address without a line in ROWS fails the build: add one line, with its method, its kind and what
it shows. `test_door_matrix.py` finds the addresses in the resolver, opens each as everybody of
`world.py`, and holds `docs/doors.md` against this table.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypedDict

from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve
from django.urls.converters import UUIDConverter
from django.urls.resolvers import RegexPattern, RoutePattern
from django.utils import timezone
from django.utils.regex_helper import normalize

from portal.accounts.vocabulary import Role
from referrals.triage.services import Again
from tests import closing

# --- How people stand to a case -----------------------------------------------------------------

NOBODY, ELSEWHERE, HERE, COLLEAGUE = "nobody", "elsewhere", "here", "colleague"
AUTHOR, LEAD, FRONT, PANEL = "author", "lead", "front", "panel"
SHARED, EXPIRED, ENDED = "shared", "expired", "ended"
WALLED, EMERGENCY, LAPSED, ASKED = "walled", "emergency", "lapsed", "asked"
BOARD, OTHER_BOARD = "board", "other board"
SENDS_ONLY = "only sends"

RELATIONS = {
    NOBODY: "Nobody has signed in",
    ELSEWHERE: "Works in another partnership",
    HERE: "Works in the partnership, and has nothing to do with the case",
    COLLEAGUE: "Works beside the person who sent the referral",
    AUTHOR: "Sent the referral",
    LEAD: "Leads the agency that sent it",
    FRONT: "Works at the front door: opened by rule when it was sent",
    PANEL: "Sits on the panel: opened by rule when the case went to the panel",
    SHARED: "Is in a team with which a person has shared a part",
    EXPIRED: "Is in a team whose share has run out",
    ENDED: "Is in a team whose share was stopped",
    WALLED: "Works at the front door and has a conflict of interest in this case",
    EMERGENCY: "Uses emergency access now",
    LAPSED: "Used emergency access; the hour is over",
    ASKED: "Leads a team that has been asked a question about the child",
    BOARD: "Chairs the partnership's board",
    SENDS_ONLY: "Works beside the person who sent it, and only sends: is never given a share",
    OTHER_BOARD: "Chairs another partnership's board",
}
READERS = (AUTHOR, LEAD, FRONT, PANEL, SHARED, EMERGENCY)

# --- What a door answers ------------------------------------------------------------------------

OPEN, HIDDEN, REFUSED, SIGN_IN = "opens", "not found", "refused", "sign in first"

ANSWERS = {
    OPEN: "The page is shown, or the step is taken.",
    HIDDEN: '"Page not found": the same bytes as for a number that does not exist.',
    REFUSED: '"You cannot do this", with the reason. The person may know that there is a door.',
    SIGN_IN: "The person is led to the sign-in page. A program is told so.",
}


Key = str | tuple[str, Role]


@dataclass(frozen=True, eq=False)
class Kind:
    """One kind of door: for whom it opens. `by` says what decides: relation, role or owner.

    A pair of both says what one role gets that stands in one way.
    """

    title: str
    says: str
    by: str
    otherwise: str
    answers: Mapping[Key, str]

    def answer(self, relation: str, role: Role | None, owns: str) -> str:
        """What somebody who stands like this gets. `owns` is "owner", "knows" of it, or neither."""
        if role is None:
            return self.answers.get(NOBODY, SIGN_IN)
        key = {"relation": relation, "role": role, "owner": owns}[self.by]
        return self.answers.get((relation, role), self.answers.get(key, self.otherwise))


def _all(keys: Iterable[Key], answer: str) -> dict[Key, str]:
    return dict.fromkeys(keys, answer)


_CHAIRS = _all((BOARD, OTHER_BOARD), REFUSED)

PUBLIC = Kind(
    "Open to anybody",
    "They show no record. What each is for stands beside it.",
    "relation",
    OPEN,
    {NOBODY: OPEN},
)
ANYBODY = Kind(
    "For everybody who has signed in",
    "They show the person's own things, or nothing about a child.",
    "relation",
    OPEN,
    {},
)
LISTS = Kind(
    "Lists, counts and search",
    "Each person's list holds the cases that are open to them and no trace of another.",
    "role",
    OPEN,
    {Role.BOARD_CHAIR: REFUSED},
)
CASE = Kind(
    "A case, to read",
    "Whoever may know of the case opens it, and sees of it what the second table says.",
    "relation",
    HIDDEN,
    {**_all(READERS, OPEN), **_CHAIRS},
)
TAKE_OUT = Kind(
    "A case, to take out as a file",
    "As to read, but for emergency access: that is to read on the screen.",
    "relation",
    HIDDEN,
    {**_all(READERS, OPEN), EMERGENCY: REFUSED, **_CHAIRS},
)
FILE = Kind(
    "A document of a case, to open",
    "For whoever reads it on the page of the case, which this one's author, their lead, the front"
    " door, the panel and one team of three do. Emergency access opens none.",
    "owner",
    HIDDEN,
    {
        "owner": OPEN,
        "knows": REFUSED,
        **_all(((BOARD, Role.BOARD_CHAIR), (OTHER_BOARD, Role.BOARD_CHAIR)), REFUSED),
    },
)
OVERSEE = Kind(
    "A case, to work on or to check its trail",
    "The front door acts. Whoever else reads the case is told that it is not theirs to do.",
    "relation",
    HIDDEN,
    {**_all(READERS, REFUSED), FRONT: OPEN, **_CHAIRS},
)
SHARE = Kind(
    "A case, to share",
    "The front door shares what it sees; an agency's lead shares what their own agency holds."
    " Whoever else reads the case is told whom to ask.",
    "relation",
    HIDDEN,
    {
        **_all(READERS, REFUSED),
        **_all((FRONT, LEAD), OPEN),
        (SHARED, Role.AGENCY_LEAD): OPEN,
        **_CHAIRS,
    },
)
ASK = Kind(
    "A case, to ask an agency about",
    "For the front door, and for the lead of the agency that sent the referral.",
    "relation",
    HIDDEN,
    {**_all(READERS, REFUSED), **_all((FRONT, LEAD), OPEN), **_CHAIRS},
)
FOLLOW = Kind(
    "A referral, to follow",
    "For the person who sent it and for the lead of their agency.",
    "relation",
    HIDDEN,
    {**_all(READERS, REFUSED), **_all((AUTHOR, LEAD), OPEN), **_CHAIRS},
)
WRITE = Kind(
    "A case, to write about",
    "For whoever reads it, but for emergency access. A message is read by the teams it names.",
    "relation",
    HIDDEN,
    {**_all(READERS, OPEN), EMERGENCY: REFUSED, **_CHAIRS},
)
DISAGREE = Kind(
    "The disagreements on a case",
    "For those who sent the referral, each of their own agency, and for the front door.",
    "relation",
    HIDDEN,
    {**_all(READERS, REFUSED), **_all((AUTHOR, LEAD, FRONT), OPEN), **_CHAIRS},
)
MANAGE = Kind(
    "A disagreement, to answer; the clock of a decision",
    "For the front door's managers.",
    "relation",
    HIDDEN,
    {**_all(READERS, REFUSED), (FRONT, Role.MANAGER): OPEN, **_CHAIRS},
)
WORDS = Kind(
    "One's own words in a case, to protect, correct or remove",
    "For the person who wrote them and for the lead of their agency.",
    "relation",
    HIDDEN,
    {**_all(READERS, REFUSED), **_all((AUTHOR, LEAD), OPEN), **_CHAIRS},
)
CONFLICT = Kind(
    "A conflict of interest of somebody else, on the page of a case",
    "For the front door. Information-governance leads have a page that opens no case.",
    "relation",
    HIDDEN,
    {
        **_all(READERS, REFUSED),
        FRONT: OPEN,
        (HERE, Role.IG_LEAD): REFUSED,
        (ELSEWHERE, Role.IG_LEAD): REFUSED,
        **_CHAIRS,
    },
)
END_EMERGENCY = Kind(
    "The end of emergency access",
    "For whoever uses it now.",
    "relation",
    HIDDEN,
    {EMERGENCY: OPEN, **_CHAIRS},
)
QUESTION = Kind(
    "A question to an agency, to read",
    "For the front door and for the team that is asked: it opens the question, not the case.",
    "relation",
    HIDDEN,
    _all((FRONT, ASKED), OPEN),
)
REPLY = Kind(
    "A question to an agency, to answer",
    "For the team that is asked.",
    "relation",
    HIDDEN,
    {ASKED: OPEN, FRONT: REFUSED},
)
CHASE = Kind(
    "A question to an agency, to chase",
    "For the front door, and for the lead of the agency that asked.",
    "relation",
    HIDDEN,
    {FRONT: OPEN, ASKED: REFUSED},
)
BEFORE_EMERGENCY = Kind(
    "Emergency access, before it begins",
    "The pages are the same whether there is such a case or not.",
    "role",
    REFUSED,
    {
        **_all((Role.PRACTITIONER, Role.AGENCY_LEAD, Role.COORDINATOR, Role.MANAGER), OPEN),
        (SENDS_ONLY, Role.PRACTITIONER): REFUSED,
    },
)
GOVERN = Kind(
    "Conflicts of interest, as lists and forms",
    "For managers and information-governance leads. They open no case.",
    "role",
    REFUSED,
    _all((Role.MANAGER, Role.IG_LEAD), OPEN),
)
GOVERN_ONE = Kind(
    "One conflict of interest; one emergency access, to review",
    "For managers and information-governance leads of the partnership. They open no case.",
    "role",
    REFUSED,
    {**_all((Role.MANAGER, Role.IG_LEAD), OPEN), (ELSEWHERE, Role.IG_LEAD): HIDDEN},
)
OPERATE = Kind(
    "Outgoing mail, to look after",
    "For the platform's administrator. It names nobody and says nothing of a case.",
    "role",
    REFUSED,
    {Role.PLATFORM_ADMIN: OPEN},
)
WATCH = Kind(
    "The service itself, to watch over",
    "For a program that knows the word for it. To sign in opens nothing here.",
    "relation",
    HIDDEN,
    {NOBODY: HIDDEN},
)
REGISTER = Kind(
    "The register of disclosures",
    "For coordinators, managers and information-governance leads. It names no child.",
    "role",
    REFUSED,
    _all((Role.COORDINATOR, Role.MANAGER, Role.IG_LEAD), OPEN),
)
REQUESTS = Kind(
    "The list of questions",
    "For those who ask and answer. It names no child.",
    "role",
    REFUSED,
    _all((Role.COORDINATOR, Role.MANAGER, Role.AGENCY_LEAD), OPEN),
)
LAW = Kind(
    "The law, to change; what waits for advice",
    "For information-governance leads.",
    "role",
    REFUSED,
    {Role.IG_LEAD: OPEN},
)
ADVISE = Kind(
    "A question about the law of a share, to advise on",
    "For information-governance leads of the partnership. It opens no case.",
    "role",
    REFUSED,
    {Role.IG_LEAD: OPEN, (ELSEWHERE, Role.IG_LEAD): HIDDEN},
)
OWN_CHANGE = Kind(
    "A draft of a change of the law",
    "For the information-governance lead who drafted it. Nobody approves their own.",
    "owner",
    REFUSED,
    {"owner": OPEN},
)
RECORD = Kind(
    "The record of a share",
    "For the front door, the lead of the agency that holds it, and the team that received it.",
    "owner",
    HIDDEN,
    {"owner": OPEN},
)
DECIDE = Kind(
    "A share, to stop or renew",
    "For the front door and the lead of the agency that holds it.",
    "owner",
    HIDDEN,
    {"owner": OPEN, "knows": REFUSED},
)
RECEIPT = Kind(
    "The receipt of a referral",
    "For the person who sent it, and for nobody else who reads the case.",
    "relation",
    HIDDEN,
    {AUTHOR: OPEN, **_CHAIRS},
)
FRONT_DOOR = Kind(
    "The front door's board",
    "For coordinators and managers.",
    "role",
    REFUSED,
    {Role.COORDINATOR: OPEN, Role.MANAGER: OPEN},
)
LEFT = Kind(
    "The work of people who have left",
    "For the front door's managers, of what they oversee; for an agency's lead, of their people.",
    "role",
    REFUSED,
    {Role.MANAGER: OPEN, Role.AGENCY_LEAD: OPEN},
)
RISK_OWN = Kind(
    "One's own agency's answers in a joint risk assessment",
    "For those of an agency that is asked to whom the case is open. Whoever else reads the case is"
    " refused, and nobody sees another agency's answers before all are opened.",
    "owner",
    HIDDEN,
    {
        "owner": OPEN,
        "knows": REFUSED,
        **_all(((BOARD, Role.BOARD_CHAIR), (OTHER_BOARD, Role.BOARD_CHAIR)), REFUSED),
    },
)
RISK_TOGETHER = Kind(
    "A joint risk assessment, to compare and to sign",
    "For the front door, the panel's chair and those of the agencies that are asked. Whoever put a"
    " level up withdraws it.",
    "owner",
    HIDDEN,
    {
        "owner": OPEN,
        "knows": REFUSED,
        **_all(((BOARD, Role.BOARD_CHAIR), (OTHER_BOARD, Role.BOARD_CHAIR)), REFUSED),
    },
)
PLAN = Kind(
    "A case, to give actions on and to plan reviews of",
    "For the front door, and for the panel's chair while the case is open to the panel.",
    "relation",
    HIDDEN,
    {**_all(READERS, REFUSED), FRONT: OPEN, (PANEL, Role.PANEL_CHAIR): OPEN, **_CHAIRS},
)
REVIEWS = Kind(
    "Reviews to come, and who left the list",
    "For coordinators, managers and the panel's chair, each of the cases that they oversee.",
    "role",
    REFUSED,
    _all((Role.COORDINATOR, Role.MANAGER, Role.PANEL_CHAIR), OPEN),
)
REFER = Kind(
    "To make a referral",
    "For the roles that report concerns. Others are told whom to call.",
    "role",
    REFUSED,
    _all((Role.PRACTITIONER, Role.AGENCY_LEAD, Role.COORDINATOR, Role.MANAGER), OPEN),
)
OWN = Kind(
    "One's own: drafts, notices, documents",
    "For the one person who made it or asked for it, in that role. A colleague who was asked to"
    " send a draft reads it and writes in it, and may do no more with it.",
    "owner",
    HIDDEN,
    {"owner": OPEN, "knows": REFUSED},
)
SETTLE = Kind(
    "The settings of the partnership",
    "For the manager of its front door. They hold nothing of a child.",
    "role",
    REFUSED,
    {Role.MANAGER: OPEN},
)
REPORTS = Kind(
    "The board's list of published reports",
    "For chairs, each with their own board's.",
    "role",
    REFUSED,
    {Role.BOARD_CHAIR: OPEN},
)
PUBLISHED = Kind(
    "A report published to the board",
    "For the chair of that board. It names nobody.",
    "relation",
    REFUSED,
    {BOARD: OPEN, OTHER_BOARD: HIDDEN},
)
BOARD_FILE = Kind(
    "The file of a published report",
    "For whoever asked for it, and for the chair of that board. For others it does not exist.",
    "owner",
    HIDDEN,
    {"owner": OPEN},
)
INFORMATION = Kind(
    "An information report, to read",
    "For the police and the front door: no case opens one, and no conflict of interest in a case"
    " closes one.",
    "owner",
    HIDDEN,
    {"owner": OPEN},
)
INFORMATION_LIST = Kind(
    "The list of information reports",
    "For the police and the front door, each with their own area's.",
    "owner",
    REFUSED,
    {"owner": OPEN},
)
CONTACTS = Kind(
    "Whom to ring at one's own agency, to change",
    "For the agency's lead and its administrator.",
    "role",
    REFUSED,
    _all((Role.AGENCY_LEAD, Role.AGENCY_ADMIN), OPEN),
)
# The roles that are invited to no meeting: they watch over, and work with no child.
_NOT_INVITED = {
    **_all(
        (
            (relation, role)
            for relation in RELATIONS
            for role in (
                *(Role.BOARD_CHAIR, Role.AUDITOR, Role.IG_LEAD),
                *(Role.AGENCY_ADMIN, Role.PLATFORM_ADMIN),
            )
        ),
        REFUSED,
    ),
    (SENDS_ONLY, Role.PRACTITIONER): REFUSED,
}
MEETINGS = Kind(
    "Meetings and nominations, as lists",
    "Each person's own, for the roles that are invited to meetings.",
    "owner",
    OPEN,
    _NOT_INVITED,
)
NOMINATE = Kind(
    "A case, to nominate for the panel",
    "For the front door, the panel, and leads of agencies to which the case is open.",
    "relation",
    HIDDEN,
    {
        **_all(READERS, REFUSED),
        **_all((FRONT, PANEL, LEAD, (SHARED, Role.AGENCY_LEAD)), OPEN),
        **_CHAIRS,
    },
)
NOMINATE_OTHER = Kind(
    "A person, a place or a theme, to nominate",
    "For those who nominate. It names no child.",
    "role",
    REFUSED,
    {
        **_all((Role.COORDINATOR, Role.MANAGER, Role.PANEL_MEMBER, Role.PANEL_CHAIR), OPEN),
        Role.AGENCY_LEAD: OPEN,
    },
)
PANELS = Kind(
    "A panel's settings, and its next meeting",
    "For coordinators and managers of the partnership.",
    "role",
    REFUSED,
    {
        **_all((Role.COORDINATOR, Role.MANAGER), OPEN),
        (ELSEWHERE, Role.COORDINATOR): HIDDEN,
    },
)
MEETING = Kind(
    "A meeting: its agenda, papers, people",
    "For whoever runs it, and for those who are invited, each as far as that goes. An item that a"
    " conflict of interest keeps from somebody is nowhere for them.",
    "owner",
    HIDDEN,
    {"owner": OPEN, "knows": REFUSED, **_NOT_INVITED},
)
KINDS = (
    *(MEETINGS, NOMINATE, NOMINATE_OTHER, PANELS, MEETING),
    *(CASE, TAKE_OUT, FILE, OVERSEE, RECEIPT, FOLLOW, WRITE, DISAGREE, MANAGE),
    *(SHARE, ASK, WORDS, CONFLICT, END_EMERGENCY),
    *(INFORMATION, INFORMATION_LIST),
    *(RISK_OWN, RISK_TOGETHER),
    *(QUESTION, REPLY, CHASE, RECORD, DECIDE, LISTS, FRONT_DOOR, LEFT, PLAN, REVIEWS, REFER, OWN),
    *(BEFORE_EMERGENCY, GOVERN, GOVERN_ONE, REGISTER, REQUESTS, ADVISE, LAW, OWN_CHANGE),
    *(REPORTS, PUBLISHED, BOARD_FILE, CONTACTS, SETTLE, OPERATE, WATCH, ANYBODY, PUBLIC),
)

# What a door shows of what people wrote about a child.
EVERYTHING = "everything that the reader may see"
PART = "some of what the reader may see"
NOTHING = "none of it"

# --- The doors ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """One address and one method. `at` fills its parts: a name in the world, or a word.

    `reference` is the decided case unless `at` says otherwise. `query` stands after the address,
    `body` is what is posted; a name in the world stands for itself there too. `owner` is whose it
    is, and `knows` who else may know of it (several: a space between). `follow` names what is done
    next with what came.
    """

    name: str
    method: str
    kind: Kind
    what: str
    shows: str = NOTHING
    at: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, str] | None = None
    owner: str = ""
    knows: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    follow: str = ""

    def __str__(self) -> str:
        more = (*self.at.values(), *self.query.values())
        return "-".join((self.name, self.method, *more)).replace(":", ".")


class _Whose(TypedDict, total=False):
    at: Mapping[str, str]
    owner: str
    knows: str


# Police and school are asked; who else reads the case is told that their agency is not.
_ASSESSED: _Whose = {
    "at": {"pk": "assessment"},
    "owner": "teacher lead panel_officer",
    "knows": "coordinator manager panel_nurse panel_chair housing justice social_worker"
    " ward-nurse health_lead",
}
_PART: _Whose = {**_ASSESSED, "at": {"pk": "assessment", "page": "harm"}}
_TOGETHER: _Whose = {
    "at": {"pk": "assessment"},
    "owner": "teacher lead panel_officer panel_chair coordinator manager",
    "knows": "panel_nurse housing justice social_worker ward-nurse health_lead",
}
_LEVEL: _Whose = {**_TOGETHER, "at": {"pk": "level"}}
_SAYS: _Whose = {**_ASSESSED, "at": {"pk": "level"}}
# Whoever put it up, and nobody else while they work here.
_PUT_UP: _Whose = {
    "at": {"pk": "level"},
    "owner": "coordinator",
    "knows": f"{_ASSESSED['owner']} {_ASSESSED['knows']}".replace("coordinator ", ""),
}
_ASSESSMENT = {"pk": "assessment"}

_CONTACT = {"name": "A Lead", "phone": "01632 960001", "hours": "Monday to Friday"}
_WAITING = {"reference": "waiting"}
_CLOSED = {"reference": "closed"}
_STEPPING = {"reference": "stepping down"}
_BY_TEST, _LOOKED = "The case, closed by the closure test", "A closed case, looked at again"
_FOUND = {"safe": "yes", "asked": "The nurse", "words": "She is well.", "reopens": "no"}
_AGAIN_OPEN = closing.typed_again(
    Again("Why.", "What.", "owner", timezone.localdate() + timedelta(days=2))
)
_SOUGHT = {"words": "Zzfamily", "why": "work"}
_NOTED = {"key": "key", "text": "Why.", "known_how": "opinion"}
_BESIDE = {"other": "waiting"}
_INTO = {"reference": "waiting", "other": "decided"}
_JOINED = {"reason": "Why.", "told_referrer": "What."}
_NOT_SAME = {"verdict": "not_same", "reason": "Why."}
_RECORDED = {"kind": "vehicle", "called": "AB12 CDE", "key": "key"}
_FROM = {"statement": "naming answer"}
_MINE = {"mine": "mention"}
_BOTH = {"mine": "mention", "other": "mention elsewhere"}
_DECISION = {"outcome": "early_help", "reason": "Why.", "told_referrer": "What."}
_CHECKED = {
    **_DECISION,
    "checked": "yes",
    "next_on-day": "1",
    "next_on-month": "1",
    "next_on-year": "2099",
}
_PROPOSAL = {"reference": "waiting", "pk": "proposal"}
_HANDED: _Whose = {"at": {"pk": "handover"}, "owner": "other_coordinator"}
_SIDE: _Whose = {
    "at": {"pk": "side"},
    "owner": "coordinator manager",
    "knows": "teacher lead panel_officer panel_nurse panel_chair housing ward-nurse health_lead"
    " justice social_worker",
}
_BOARDS = "chair other_chair"
_ACTION: _Whose = {
    "at": {"pk": "action"},
    "owner": "social_worker coordinator manager panel_chair justice",
    "knows": _BOARDS,
}
_UPDATED: _Whose = {
    "at": {"pk": "action"},
    "owner": "social_worker",
    "knows": f"coordinator manager panel_chair justice {_BOARDS}",
}
_CHECKS: _Whose = {
    "at": {"pk": "action"},
    "owner": "coordinator manager",
    "knows": f"social_worker panel_chair justice {_BOARDS}",
}
_HANDS: _Whose = {
    "at": {"pk": "action"},
    "owner": "social_worker coordinator manager",
    "knows": f"panel_chair justice {_BOARDS}",
}
_TAKES: _Whose = {
    "at": {"pk": "action"},
    "owner": "justice",
    "knows": f"social_worker coordinator manager panel_chair {_BOARDS}",
}
_JUDGES: _Whose = {
    "at": {"pk": "done action"},
    "owner": "coordinator manager",
    "knows": f"teacher lead panel_chair {_BOARDS}",
}
_REVIEW: _Whose = {
    "at": {"pk": "review"},
    "owner": "coordinator manager panel_chair",
    "knows": _BOARDS,
}
_HOLDS: _Whose = {
    "at": {"pk": "review"},
    "owner": "coordinator manager",
    "knows": f"panel_chair {_BOARDS}",
}
_RUN = "coordinator manager panel_chair"
_CAME = "panel_officer panel_nurse"
_BEHIND = "second_coordinator"  # runs the panel, and has a conflict of interest in the child's case
_HELD: _Whose = {"at": {"pk": "session"}, "owner": f"{_RUN} {_CAME} {_BEHIND}"}
_CLEARS: _Whose = {"at": {"pk": "session"}, "owner": f"{_RUN} {_BEHIND}", "knows": _CAME}
_OF_ITEM = {"pk": "session", "item": "session item"}
_READS_ITEM: _Whose = {"at": _OF_ITEM, "owner": f"{_RUN} {_CAME}"}
_RUNS_ITEM: _Whose = {"at": _OF_ITEM, "owner": _RUN, "knows": _CAME}
_ENDED: _Whose = {"at": {"pk": "ended session"}, "owner": f"{_RUN} {_CAME} {_BEHIND}"}
_DRAFTS: _Whose = {
    "at": {"pk": "ended session"},
    # Who chairs approves the minutes, and so does not draft them.
    "owner": f"coordinator manager {_BEHIND}",
    "knows": f"panel_chair {_CAME}",
}
_TAKES_PEN: _Whose = {
    "at": _OF_ITEM,
    "owner": "coordinator panel_chair",
    "knows": f"manager {_CAME}",
}
_COMMENTS: _Whose = {
    "at": {"pk": "ended session"},
    "owner": f"coordinator panel_chair {_CAME}",
    "knows": f"manager {_BEHIND}",
}
_APPROVES: _Whose = {
    "at": {"pk": "ended session"},
    "owner": "panel_chair",
    "knows": f"coordinator manager {_CAME} {_BEHIND}",
}
# In the other's place who chairs, and neither who drafted the minutes nor who has a conflict too.
_APPROVES_ITEM: _Whose = {
    "at": {"pk": "ended session", "item": "ended item"},
    "owner": "manager",
    "knows": f"coordinator panel_chair {_CAME}",
}
_PRINTED: _Whose = {"at": {"pk": "printed minutes"}, "owner": "coordinator"}
_HIDES: _Whose = {"at": {"pk": "hidden"}, "owner": "lado", "knows": "coordinator manager"}
_WHO = {"team": "team", "purpose": "ENQUIRY"}
_WHOM = {"team": "asked team", "purpose": "SCREEN"}
_ASKED = {"question": "What?", "why": "Why."}
_AGAIN = {"necessity": "They still help.", "proportionality": "The same as before."}
_ANSWER = {"pk": "answer"}
_OPENED = {"opened_for": "work"}
_MARK = {"how_much": "all", "why": "source"}
_RIGHT = {"text": "It was red.", "known_how": "saw", "why": "Colour."}
_WALL = {"email": "tess.eacher@school.example.org", "why": "relative"}
_LIFE = {"why": "life", "next_step": "I go there now and stay with the child."}
_NEW = {"key": "key", "what": "It is new.", "when": "Today", "known_how": "saw", "protect": "no"}
_WROTE = {"key": "key", "text": "What?", "needs_answer": "no"}
_DISAGREES = {"key": "key", "reason": "Why.", "wanted": "That.", "urgency": "soon"}
_OF_LAW = {"pk": "change"}
_CHANGE = {"reason": "It is not needed."}
_TRIED = {"role": "practitioner", "kind": "police", "holder": "school", "purpose": "SCREEN"}
_FILE: _Whose = {
    "at": {"pk": "file"},
    "owner": "teacher lead coordinator manager panel_officer panel_nurse panel_chair housing",
    "knows": "ward-nurse health_lead",
}
_DRAFTED: _Whose = {"at": {"pk": "share draft"}, "owner": "coordinator"}
_COLLEAGUE = {"email": "cole.league@school.example.org"}
_DELEGATED: _Whose = {
    "at": {"pk": "delegated draft"},
    "owner": "teacher",
    "knows": "colleague",
}
_SHARING: _Whose = {"at": {"pk": "share draft", "page": "who"}, "owner": "coordinator"}
_DECIDED: _Whose = {
    "at": {"pk": "decision"},
    "owner": "coordinator manager lead",
    "knows": "social_worker",
}

_POLICE_AND_FRONT_DOOR = "coordinator manager second_coordinator constable police_lead"
_REPORT: _Whose = {"at": {"report": "report"}, "owner": _POLICE_AND_FRONT_DOOR}
_LINK: _Whose = {
    "at": {"report": "report", "thing": "report thing", "statement": "report statement"},
    "owner": "coordinator manager",
}
_RUN_IT = "coordinator second_coordinator manager panel_chair"
_INVITED = "coordinator panel_chair panel_officer panel_nurse"
_MEETING: _Whose = {
    "at": {"pk": "meeting"},
    "owner": _RUN_IT,
    "knows": "panel_officer panel_nurse",
}
_PAPERS: _Whose = {"at": {"pk": "meeting"}, "owner": _INVITED}
_THEIR_ITEM: _Whose = {"at": {"pk": "meeting", "item": "item"}, "owner": _INVITED}
_ITEM: _Whose = {
    "at": {"pk": "meeting", "item": "item"},
    "owner": "coordinator manager panel_chair",
    "knows": "panel_officer panel_nurse",
}
_NOMINATION: _Whose = {"at": {"pk": "nomination"}, "owner": "coordinator manager panel_chair"}
_PANEL = {"pk": "series"}
_TELLS: _Whose = {"at": {"pk": "report draft"}, "owner": "teacher"}
_THING: _Whose = {"at": {"pk": "report draft", "kind": "people", "n": "1"}, "owner": "teacher"}

ROWS = (
    # The case.
    Row("referrals:case", "GET", CASE, "The case", EVERYTHING),
    Row("referrals:case", "GET", CASE, "The case, before the decision", EVERYTHING, _WAITING),
    Row("api-case", "GET", CASE, "The case, for a program", EVERYTHING),
    Row("triage:workspace", "GET", CASE, "The case, as the front door reads it", EVERYTHING),
    Row("disclosures:why", "GET", CASE, "Why can I see this, and who else can?"),
    Row("referrals:csv", "POST", TAKE_OUT, "The case as a spreadsheet", EVERYTHING),
    Row("referrals:pdf", "POST", TAKE_OUT, "The case as a PDF", EVERYTHING, follow="pdf"),
    Row("intake:sent", "GET", RECEIPT, "The receipt", at=_WAITING),
    Row("referrals:documents", "GET", CASE, "The documents of the case", PART),
    Row("referrals:documents", "GET", CASE, "The same, before the decision", PART, _WAITING),
    Row("referrals:document", "GET", FILE, "A document, before it is opened", PART, **_FILE),
    Row("referrals:document", "POST", FILE, "A document, opened", body=_OPENED, **_FILE),
    Row("disclosures:chronology", "GET", CASE, "The case, in order of time", PART),
    # Work on it.
    Row("referrals:note", "GET", OVERSEE, "Write a note"),
    Row("referrals:note", "POST", OVERSEE, "Check who will read the note", body=_NOTED),
    Row("matching:matches", "GET", OVERSEE, "Possible matches of its child", PART),
    Row("matching:compare", "GET", OVERSEE, "Held against another case", PART, at=_BESIDE),
    Row("matching:compare", "POST", OVERSEE, "Same child or not", at=_BESIDE, body=_NOT_SAME),
    Row("links:index", "GET", OVERSEE, "People and places, and where else they are", PART),
    Row("links:answers", "GET", OVERSEE, "The answers that name somebody or something", PART),
    Row("links:record", "GET", OVERSEE, "What one answer names", PART, at=_FROM),
    Row("links:record", "POST", OVERSEE, "That, recorded", PART, at=_FROM, body=_RECORDED),
    Row("links:take-off", "GET", OVERSEE, "What was recorded by mistake", at=_MINE),
    Row("links:take-off", "POST", OVERSEE, "That, taken off", at=_MINE, body={"why": "W."}),
    Row("links:settle", "POST", OVERSEE, "What went with its answer, looked at", at=_MINE),
    Row("links:compare", "GET", OVERSEE, "Held against one of another case", PART, at=_BOTH),
    Row("links:compare", "POST", OVERSEE, "The same one or not", at=_BOTH, body=_NOT_SAME),
    Row("links:take-back", "POST", OVERSEE, "That, taken back", PART, at=_BOTH, body={"why": "W."}),
    Row("triage:join", "GET", OVERSEE, "Joined to another case, asked", PART, at=_INTO),
    Row("triage:join", "POST", OVERSEE, "Joined to another case", PART, at=_INTO, body=_JOINED),
    Row("triage:undo", "POST", OVERSEE, "A join, undone", PART, at=_BESIDE, body={"why": "W."}),
    Row(
        "matching:take-back",
        "POST",
        OVERSEE,
        "That, taken back",
        PART,
        at=_BESIDE,
        body={"why": "W."},
    ),
    Row("triage:acknowledge", "POST", OVERSEE, "Acknowledge", at=_WAITING, body={}),
    Row("triage:decide", "POST", OVERSEE, "Record the decision", at=_WAITING, body=_CHECKED),
    Row("triage:check", "POST", OVERSEE, "Check a decision", at=_WAITING, body=_DECISION),
    Row("triage:clock", "GET", MANAGE, "The clock of the decision", at=_WAITING),
    Row("triage:clock", "POST", MANAGE, "The clock stands still or runs on", at=_WAITING, body={}),
    Row("triage:proposal", "GET", OVERSEE, "A decision that waits for a yes", at=_PROPOSAL),
    Row(
        "triage:proposal",
        "POST",
        OVERSEE,
        "A decision that waits, answered",
        at=_PROPOSAL,
        body={"accepts": "no"},
    ),
    Row("triage:move", "GET", OVERSEE, "A step, asked", at={"action": "open"}),
    Row("triage:move", "POST", OVERSEE, "A step", at={"action": "open"}, body={"reason": "Why."}),
    Row("triage:close", "GET", OVERSEE, "Close the case, asked", at=_STEPPING),
    Row("triage:close", "POST", OVERSEE, _BY_TEST, at=_STEPPING, body=closing.typed()),
    Row("triage:look-back", "GET", OVERSEE, "How the case was closed", at=_CLOSED),
    Row("triage:look-back", "POST", OVERSEE, _LOOKED, at=_CLOSED, body=_FOUND),
    Row("triage:reopen", "GET", OVERSEE, "Reopen the case, asked", at=_CLOSED),
    Row("triage:reopen", "POST", OVERSEE, "The case, reopened", at=_CLOSED, body=_AGAIN_OPEN),
    # Joint risk assessment.
    Row("assessments:asked", "GET", LISTS, "What waits for one in joint risk assessments"),
    Row("assessments:risk", "GET", CASE, "The levels of concern of the case"),
    Row("assessments:start", "GET", OVERSEE, "Start a joint assessment, asked"),
    Row("assessments:start", "POST", OVERSEE, "A joint assessment, begun", body={"key": "key"}),
    Row("assessments:score", "GET", RISK_OWN, "What one's agency answers", **_ASSESSED),
    Row("assessments:score", "POST", RISK_OWN, "Its answers, sent", body={}, **_ASSESSED),
    Row("assessments:part", "GET", RISK_OWN, "One part of the tool", **_PART),
    Row("assessments:part", "POST", RISK_OWN, "One part, saved", body={}, **_PART),
    Row("assessments:reveal", "POST", OVERSEE, "All answers, opened", at=_ASSESSMENT, body={}),
    Row("assessments:compare", "GET", RISK_TOGETHER, "Answers side by side", **_TOGETHER),
    Row("assessments:agree", "GET", OVERSEE, "Agree a level, asked", at=_ASSESSMENT),
    Row("assessments:agree", "POST", OVERSEE, "A level, agreed", at=_ASSESSMENT, body={}),
    Row("assessments:call-off", "GET", OVERSEE, "Call one off, asked", at=_ASSESSMENT),
    Row(
        "assessments:call-off",
        "POST",
        OVERSEE,
        "One, called off",
        at=_ASSESSMENT,
        body={"why": "Why."},
    ),
    Row(
        "assessments:confirm",
        "POST",
        RISK_OWN,
        "What one's agency says of a level",
        body={"view": "agrees"},
        **_SAYS,
    ),
    Row(
        "assessments:sign",
        "POST",
        RISK_TOGETHER,
        "A level, signed by another person",
        body={"signs": "yes"},
        **_LEVEL,
    ),
    Row("assessments:withdraw", "GET", RISK_TOGETHER, "Withdraw a level, asked", **_PUT_UP),
    Row(
        "assessments:withdraw",
        "POST",
        RISK_TOGETHER,
        "A level, withdrawn by whoever put it up",
        body={"why": "Why."},
        **_PUT_UP,
    ),
    Row("api-acknowledge", "POST", OVERSEE, "Acknowledge, by a program", at=_WAITING, body={}),
    Row("api-decide", "POST", OVERSEE, "Decide, by a program", at=_WAITING, body=_DECISION),
    Row("governance:trail", "GET", OVERSEE, "The audit trail"),
    Row("governance:trail", "POST", OVERSEE, "Make the trail a PDF", body={"audience": "board"}),
    # What follows a referral.
    Row("following:chase", "POST", FOLLOW, "A late referral, chased", at=_WAITING),
    Row("following:add", "GET", FOLLOW, "Add information"),
    Row("following:add", "POST", FOLLOW, "Check what is added", body=_NEW),
    Row("following:add_file", "GET", FOLLOW, "Add a file"),
    Row("following:add_file", "POST", FOLLOW, "A file, added", body={"key": "key"}),
    Row("following:withdraw", "GET", FOLLOW, "Withdraw it, or ask for a correction"),
    Row(
        "following:withdraw",
        "POST",
        FOLLOW,
        "A correction, asked for",
        body={"key": "key", "text": "It is wrong."},
    ),
    Row("following:messages", "GET", CASE, "Messages to and from one's own team"),
    Row("following:messages", "POST", WRITE, "A message, sent", body=_WROTE),
    Row("following:disagree", "GET", DISAGREE, "Disagreements with a decision"),
    Row("following:disagree", "POST", FOLLOW, "A disagreement, raised", body=_DISAGREES),
    Row("following:escalate", "POST", FOLLOW, "A disagreement, taken further", body={"why": "W."}),
    Row(
        "following:answer",
        "POST",
        MANAGE,
        "A disagreement, answered",
        at={"pk": "key"},
        body={"stage": "1", "result": "stands", "words": "We looked again."},
    ),
    # Sharing.
    Row("disclosures:why-item", "GET", CASE, "Why can I see this answer?", PART, at={"key": "saw"}),
    Row("disclosures:sharing", "GET", CASE, "Who holds what of the case"),
    Row("disclosures:view-as", "GET", OVERSEE, "As which team?"),
    Row(
        "disclosures:view-as",
        "GET",
        OVERSEE,
        "The case, as another team reads it",
        PART,
        query={"team": "team"},
    ),
    Row("disclosures:share", "GET", SHARE, "With whom, and what for?"),
    Row("disclosures:share", "POST", SHARE, "A share, begun", body=_WHO),
    Row("disclosures:danger", "GET", SHARE, "Share because a child is in danger", PART),
    Row("disclosures:danger", "POST", SHARE, "The same, answered", PART, body={"team": "1"}),
    Row("disclosures:step", "GET", OWN, "A page of a share", PART, **_SHARING),
    Row("disclosures:step", "POST", OWN, "A page of a share, saved", body=_WHO, **_SHARING),
    Row("disclosures:danger-again", "GET", OWN, "The page of danger, again", PART, **_DRAFTED),
    Row(
        "disclosures:danger-again",
        "POST",
        OWN,
        "The page of danger, saved",
        PART,
        body={"team": "1"},
        **_DRAFTED,
    ),
    Row("disclosures:discard", "POST", OWN, "A share, given up", **_DRAFTED),
    Row(
        "disclosures:done",
        "GET",
        OWN,
        "What has been decided",
        at={"pk": "shared draft"},
        owner="lead",
    ),
    Row(
        "disclosures:shared",
        "GET",
        RECORD,
        "A decision to share",
        at={"pk": "decision"},
        owner="coordinator manager lead social_worker",
    ),
    Row(
        "disclosures:acknowledge",
        "POST",
        RECORD,
        "A share, acknowledged by the team that received it",
        at={"pk": "decision"},
        owner="social_worker",
    ),
    Row("disclosures:stop", "GET", DECIDE, "Stop a share", **_DECIDED),
    Row("disclosures:stop", "POST", DECIDE, "A share, stopped", body={"why": "W."}, **_DECIDED),
    Row("disclosures:renew", "GET", DECIDE, "Renew a share", **_DECIDED),
    Row("disclosures:renew", "POST", DECIDE, "A share, renewed", body=_AGAIN, **_DECIDED),
    Row("disclosures:register", "GET", REGISTER, "The register"),
    Row("disclosures:register-file", "POST", REGISTER, "The register, as a file"),
    Row("disclosures:advice", "GET", LAW, "What waits for advice"),
    Row("disclosures:advise", "GET", ADVISE, "A question", at={"pk": "question"}),
    Row(
        "disclosures:advise",
        "POST",
        ADVISE,
        "A question, answered",
        at={"pk": "question"},
        body={"advice": "Yes."},
    ),
    # Asking an agency; what becomes of an answer.
    Row("disclosures:requests", "GET", REQUESTS, "What we are asked, and what we have asked"),
    Row("disclosures:ask", "GET", ASK, "Whom to ask?"),
    Row("disclosures:ask", "GET", ASK, "What to ask?", query=_WHOM),
    Row("disclosures:ask", "POST", ASK, "A question, written", query=_WHOM, body=_ASKED),
    Row("disclosures:request", "GET", QUESTION, "A question", PART, at={"pk": "request"}),
    Row(
        "disclosures:request",
        "POST",
        REPLY,
        "How to answer, chosen",
        at={"pk": "request"},
        body={"reply": "nothing"},
    ),
    Row("disclosures:chase", "POST", CHASE, "A question, chased", at={"pk": "request"}),
    Row("disclosures:pass-on", "GET", REPLY, "Which colleague answers?", at={"pk": "request"}),
    Row(
        "disclosures:pass-on",
        "POST",
        REPLY,
        "A question, passed on",
        at={"pk": "request"},
        body={"to": "x", "had": ""},
    ),
    Row(
        "disclosures:answer",
        "GET",
        REPLY,
        "The words of an answer",
        PART,
        at={"pk": "request", "reply": "share"},
    ),
    Row(
        "disclosures:answer",
        "POST",
        REPLY,
        "An answer, sent",
        at={"pk": "request", "reply": "nothing"},
        body={"send": "send"},
    ),
    Row("disclosures:mark", "GET", WORDS, "Protect an answer", PART, _ANSWER),
    Row("disclosures:mark", "POST", WORDS, "An answer, protected", at=_ANSWER, body=_MARK),
    Row("disclosures:correct", "GET", WORDS, "Put an answer right", PART, _ANSWER),
    Row("disclosures:correct", "POST", WORDS, "An answer, put right", at=_ANSWER, body=_RIGHT),
    Row("disclosures:remove", "GET", WORDS, "Remove an answer", PART, _ANSWER),
    Row("disclosures:remove", "POST", WORDS, "An answer, removed", at=_ANSWER, body={"why": "W."}),
    # Conflicts of interest.
    Row("disclosures:conflict", "GET", CASE, "I have a conflict of interest"),
    Row("disclosures:conflict", "POST", CASE, "My conflict, recorded", body={"why": "relative"}),
    Row("disclosures:impose", "GET", CONFLICT, "Somebody else has a conflict"),
    Row("disclosures:impose", "POST", CONFLICT, "Somebody else's, recorded", body=_WALL),
    Row("disclosures:walls", "GET", GOVERN, "The conflicts of interest"),
    Row("disclosures:raise_for", "GET", GOVERN, "Record a conflict of interest"),
    Row(
        "disclosures:raise_for",
        "POST",
        GOVERN_ONE,
        "A conflict of interest, recorded",
        body={"reference": "decided", **_WALL},
    ),
    Row("disclosures:lift", "GET", GOVERN_ONE, "End a conflict", at={"pk": "wall"}),
    Row(
        "disclosures:lift",
        "POST",
        GOVERN_ONE,
        "A conflict, ended",
        at={"pk": "wall"},
        body={"why": "It is over."},
    ),
    # Emergency access.
    Row("disclosures:emergency_find", "GET", BEFORE_EMERGENCY, "Which case?"),
    Row(
        "disclosures:emergency_find",
        "POST",
        BEFORE_EMERGENCY,
        "Which case, answered",
        body={"reference": "decided"},
    ),
    Row("disclosures:emergency", "GET", BEFORE_EMERGENCY, "What it opens, and who is told"),
    Row("disclosures:emergency_why", "GET", BEFORE_EMERGENCY, "Why can it not wait?"),
    Row("disclosures:emergency_why", "POST", BEFORE_EMERGENCY, "Why, answered", body=_LIFE),
    Row("disclosures:emergency_open", "POST", BEFORE_EMERGENCY, "Pressed", body=_LIFE),
    Row("disclosures:emergency_end", "POST", END_EMERGENCY, "Emergency access, ended"),
    Row("disclosures:emergencies", "GET", ANYBODY, "Emergency access that I am told of"),
    Row("disclosures:emergency_review", "GET", GOVERN_ONE, "Review one", at={"pk": "access"}),
    Row(
        "disclosures:emergency_review",
        "POST",
        GOVERN_ONE,
        "One, reviewed",
        at={"pk": "access"},
        body={"found": "right", "words": "It was right."},
    ),
    # Lists, counts, search.
    Row("following:mine", "GET", LISTS, "What I sent"),
    Row("referrals:cases", "GET", LISTS, "The cases that are open to me"),
    Row("matching:search", "GET", LISTS, "Find a case"),
    Row("matching:search", "POST", LISTS, "Find a case by a name", body=_SOUGHT),
    Row("api-cases", "GET", LISTS, "The cases that are open to me, for a program"),
    Row("triage:board", "GET", FRONT_DOOR, "Who waits for a decision, with the counts"),
    Row("triage:next", "POST", FRONT_DOOR, "Take the next one", body={}),
    Row("triage:assign", "POST", FRONT_DOOR, "Assign referrals, asked", body={}),
    Row("triage:keep-view", "POST", FRONT_DOOR, "Keep a view of the board", body={"has": "me"}),
    Row("triage:forget-view", "POST", FRONT_DOOR, "Keep it no longer", body={"view": ""}),
    Row("triage:priority", "POST", FRONT_DOOR, "Change the priority of several", body={}),
    Row("triage:hand-over", "GET", FRONT_DOOR, "The cases that I look after, to hand over"),
    Row("triage:hand-over", "POST", FRONT_DOOR, "Cases, handed over", body={}),
    Row("triage:look-backs", "GET", FRONT_DOOR, "Closed cases to look at again"),
    Row("triage:left", "GET", LEFT, "Work of people who have left"),
    Row("triage:handovers", "GET", ANYBODY, "What waits for my answer: decisions, children"),
    Row("triage:handover", "GET", OWN, "One of them", **_HANDED),
    Row("triage:handover", "POST", OWN, "One of them, answered", body={"accepts": "no"}, **_HANDED),
    Row("triage:tasks", "GET", ANYBODY, "Steps beside decisions that are mine"),
    Row("triage:task", "GET", OWN, "One of them", **_SIDE),
    Row("triage:task", "POST", OWN, "One of them, done", body={}, **_SIDE),
    Row("triage:hidden", "GET", OWN, "May an agency see a case again?", **_HIDES),
    Row("triage:hidden", "POST", OWN, "The same, answered", body={"again": "no"}, **_HIDES),
    # Actions and reviews.
    Row("actions:actions", "GET", LISTS, "Actions that are mine, or that I oversee"),
    Row("actions:remind", "POST", LISTS, "Remind owners, asked", body={}),
    Row("actions:action", "GET", OWN, "An action", **_ACTION),
    Row("actions:action", "POST", OWN, "An action, updated", body={}, **_UPDATED),
    Row("actions:check", "GET", OWN, "Is it done?", **_CHECKS),
    Row("actions:check", "POST", OWN, "Is it done, answered", body={}, **_CHECKS),
    Row("actions:time", "GET", OWN, "More time?", **_CHECKS),
    Row("actions:time", "POST", OWN, "More time, answered", body={}, **_CHECKS),
    Row("actions:hand-over", "GET", OWN, "Hand an action over", **_HANDS),
    Row("actions:hand-over", "POST", OWN, "Somebody else asked", body={}, **_HANDS),
    Row("actions:give-up", "GET", OWN, "It cannot be done", **_HANDS),
    Row("actions:give-up", "POST", OWN, "It cannot be done, with why", body={}, **_HANDS),
    Row("actions:take-on", "GET", OWN, "Take an action on?", **_TAKES),
    Row("actions:take-on", "POST", OWN, "Taken on, or not", body={}, **_TAKES),
    Row("actions:effect", "GET", OWN, "What did it change?", **_JUDGES),
    Row("actions:effect", "POST", OWN, "What it changed, answered", body={}, **_JUDGES),
    Row("actions:of-case", "GET", PLAN, "Its actions and reviews"),
    Row("actions:give", "GET", PLAN, "Give an action"),
    Row("actions:give", "POST", PLAN, "An action, given", body={}),
    Row("actions:plan", "GET", PLAN, "Plan the next review"),
    Row("actions:plan", "POST", PLAN, "The next review, planned", body={}),
    Row("actions:reviews", "GET", REVIEWS, "The reviews of a month"),
    Row("actions:departures", "GET", REVIEWS, "Everyone who left the list, and why"),
    Row("actions:departures-file", "POST", REVIEWS, "The same, as a file", body={}),
    Row("actions:review", "GET", OWN, "A review", **_REVIEW),
    Row("actions:review", "POST", OWN, "A review, held", body={}, **_HOLDS),
    # A meeting of the panel that is held, and its minutes.
    Row("meetings:discussion", "GET", MEETING, "An item: said, decided", PART, **_READS_ITEM),
    Row("meetings:discussion", "POST", MEETING, "Words written", PART, body={}, **_RUNS_ITEM),
    Row("meetings:take-pen", "POST", MEETING, "The pen, taken", body={}, **_TAKES_PEN),
    Row("meetings:hand-pen", "POST", MEETING, "The pen, handed over", body={}, **_RUNS_ITEM),
    Row("meetings:present", "POST", MEETING, "An item, shown to the room", body={}, **_RUNS_ITEM),
    Row("meetings:decision", "GET", MEETING, "What is decided?", **_RUNS_ITEM),
    Row("meetings:decision", "POST", MEETING, "A decision, recorded", body={}, **_RUNS_ITEM),
    Row("meetings:screen", "GET", MEETING, "What the room sees", PART, **_HELD),
    Row("meetings:clear-screen", "POST", MEETING, "An item, left", body={}, **_CLEARS),
    Row("meetings:minutes", "GET", MEETING, "The minutes, as each may read them", **_ENDED),
    Row("meetings:draft-minutes", "POST", MEETING, "Minutes, drafted", body={}, **_DRAFTS),
    Row("meetings:comment", "GET", MEETING, "Are our lines right?", **_COMMENTS),
    Row("meetings:comment", "POST", MEETING, "The same, answered", body={}, **_COMMENTS),
    Row("meetings:approve", "GET", MEETING, "Before minutes are approved", **_APPROVES),
    Row("meetings:approve", "POST", MEETING, "Minutes, approved", body={}, **_APPROVES),
    Row(
        "meetings:approve-item",
        "POST",
        MEETING,
        "An item that the chair does not see, approved by another",
        body={},
        **_APPROVES_ITEM,
    ),
    Row("meetings:minutes-pdf", "POST", MEETING, "Minutes as a PDF, asked for", body={}, **_ENDED),
    Row("meetings:minutes-printed", "GET", OWN, "How far that PDF is", **_PRINTED),
    Row("meetings:minutes-download", "POST", OWN, "That PDF itself", body={}, **_PRINTED),
    Row("home:home", "GET", ANYBODY, "What needs me, with the counts"),
    # A referral.
    Row("intake:new", "GET", REFER, "Before you start"),
    Row("intake:new", "POST", REFER, "Begin a referral", body={}),
    Row("api-referrals", "POST", REFER, "Send a referral, by a program", body={"danger": "no"}),
    Row("intake:draft", "GET", OWN, "A draft", at={"pk": "draft"}, owner="teacher"),
    Row("intake:page", "GET", OWN, "A page", at={"pk": "draft", "page": "child"}, owner="teacher"),
    Row(
        "intake:page",
        "POST",
        OWN,
        "A page, saved",
        at={"pk": "draft", "page": "danger"},
        body={"danger": "no"},
        owner="teacher",
    ),
    Row("intake:also", "GET", OWN, "A list", at={"pk": "draft", "kind": "people"}, owner="teacher"),
    Row(
        "intake:also",
        "POST",
        OWN,
        "A list, said to be whole",
        at={"pk": "draft", "kind": "people"},
        body={"more": "no"},
        owner="teacher",
    ),
    Row(
        "intake:also_item",
        "GET",
        OWN,
        "One of a list",
        at={"pk": "draft", "kind": "people", "n": "1"},
        owner="teacher",
    ),
    Row(
        "intake:also_item",
        "POST",
        OWN,
        "One of a list, saved",
        at={"pk": "draft", "kind": "people", "n": "1"},
        body={"name": "A person"},
        owner="teacher",
    ),
    Row(
        "intake:also_remove",
        "GET",
        OWN,
        "One of a list, to be removed",
        at={"pk": "draft", "kind": "people", "n": "1"},
        owner="teacher",
    ),
    Row(
        "intake:also_remove",
        "POST",
        OWN,
        "One of a list, removed",
        at={"pk": "draft", "kind": "people", "n": "1"},
        body={"item": "0"},
        owner="teacher",
    ),
    Row(
        "intake:autosave",
        "POST",
        OWN,
        "A page, saved while one writes",
        at={"pk": "draft", "page": "child"},
        body={"known_as": "W"},
        owner="teacher",
    ),
    Row("intake:delegate", "GET", OWN, "Ask a colleague to send it", **_DELEGATED),
    Row("intake:delegate", "POST", OWN, "A colleague, asked", body=_COLLEAGUE, **_DELEGATED),
    Row("intake:take_back", "POST", OWN, "A draft, taken back", **_DELEGATED),
    Row("intake:discard", "POST", OWN, "A draft that somebody else sends, deleted", **_DELEGATED),
    Row(
        "intake:draft",
        "GET",
        OWN,
        "A draft that a colleague sends",
        at={"pk": "delegated draft"},
        owner="teacher colleague",
    ),
    Row(
        "intake:page",
        "GET",
        OWN,
        "A page of it",
        at={"pk": "delegated draft", "page": "child"},
        owner="teacher colleague",
    ),
    Row(
        "intake:files",
        "GET",
        OWN,
        "Its files",
        at={"pk": "delegated draft"},
        owner="teacher colleague",
    ),
    Row("intake:danger_now", "GET", OWN, "Call 999 first", at={"pk": "draft"}, owner="teacher"),
    Row(
        "intake:danger_now",
        "POST",
        OWN,
        "999, called",
        at={"pk": "draft"},
        body={},
        owner="teacher",
    ),
    Row("intake:other_ways", "GET", OWN, "Ways but a call", at={"pk": "draft"}, owner="teacher"),
    Row("intake:over_18", "GET", OWN, "Is the age right?", at={"pk": "grown"}, owner="teacher"),
    Row("intake:seen_before", "GET", OWN, "Told before?", at={"pk": "alike"}, owner="teacher"),
    Row(
        "intake:seen_before",
        "POST",
        OWN,
        "Told before, answered",
        at={"pk": "alike"},
        body={"same": "other"},
        owner="teacher",
    ),
    Row("intake:discard", "POST", OWN, "A draft, deleted", at={"pk": "draft"}, owner="teacher"),
    # What the police are told without a child.
    Row("information:new", "GET", REFER, "Before you tell the police something"),
    Row("information:new", "POST", REFER, "Begin an information report", body={}),
    Row("information:mine", "GET", REFER, "The information reports that I sent"),
    Row("information:what", "GET", OWN, "What you know", **_TELLS),
    Row("information:what", "POST", OWN, "What you know, saved", body={"what": "W."}, **_TELLS),
    Row("information:things", "GET", OWN, "Who and what", **_TELLS),
    Row("information:things", "POST", OWN, "One more, chosen", body={"more": "no"}, **_TELLS),
    Row("information:remove", "POST", OWN, "One, taken out", body={"item": "x"}, **_TELLS),
    Row("information:thing", "GET", OWN, "One that is named", **_THING),
    Row("information:thing", "POST", OWN, "One that is named, saved", body={}, **_THING),
    Row("information:check", "GET", OWN, "Check a report", **_TELLS),
    Row("information:check", "POST", OWN, "A report, sent", body={}, **_TELLS),
    Row("information:discard", "POST", OWN, "A draft of a report, deleted", **_TELLS),
    Row(
        "information:sent",
        "GET",
        OWN,
        "How far a report has got",
        at={"report": "report"},
        owner="teacher",
    ),
    Row(
        "information:reports",
        "GET",
        INFORMATION_LIST,
        "The information reports",
        owner=f"{_POLICE_AND_FRONT_DOOR} other_coordinator",
    ),
    Row("information:report", "GET", INFORMATION, "An information report", **_REPORT),
    Row("information:mark_read", "POST", INFORMATION, "A report, marked as read", **_REPORT),
    Row("information:link", "GET", INFORMATION, "A link with a case, proposed", **_LINK),
    Row(
        "information:link",
        "POST",
        INFORMATION,
        "A link with a case, decided",
        body={"verdict": "confirmed", "reason": "Why."},
        **_LINK,
    ),
    # Whom to ring.
    Row("accounts:contacts", "GET", ANYBODY, "Whom to ring at each agency"),
    Row("accounts:contact", "GET", CONTACTS, "Whom to ring at my agency"),
    Row("accounts:contact", "POST", CONTACTS, "The same, saved", body=_CONTACT),
    Row("intake:files", "GET", OWN, "Files of a draft", at={"pk": "draft"}, owner="teacher"),
    Row("intake:files", "POST", OWN, "A file, added", at={"pk": "draft"}, owner="teacher"),
    Row(
        "intake:remove_file",
        "POST",
        OWN,
        "A file, removed",
        at={"pk": "draft", "file": "draft file"},
        owner="teacher",
    ),
    # Notices and documents.
    Row("notifications:list", "GET", ANYBODY, "My notices"),
    Row("notifications:mark_all_read", "POST", ANYBODY, "My notices, read"),
    Row("notifications:mark_read", "POST", OWN, "A notice", at={"pk": "notice"}, owner="teacher"),
    Row("notifications:preferences", "GET", ANYBODY, "How my emails come"),
    Row(
        "notifications:preferences",
        "POST",
        ANYBODY,
        "How my emails come, chosen",
        body={"to_do": "digest", "for_information": "digest", "digest_hour": ""},
    ),
    Row("notifications:mail", "GET", OPERATE, "How outgoing mail goes"),
    Row("notifications:stop_mail", "POST", OPERATE, "All mail, stopped", body={"why": "A test."}),
    Row("notifications:try_all_again", "POST", OPERATE, "What was given up, tried again"),
    Row(
        "notifications:try_again",
        "POST",
        OPERATE,
        "One email that was given up, tried again",
        at={"pk": "notice"},
    ),
    Row("notifications:resume_mail", "POST", OPERATE, "Mail, let go again", body={}),
    Row("referrals:copy", "GET", OWN, "A PDF of a case", at={"pk": "copy"}, owner="coordinator"),
    Row(
        "referrals:download",
        "POST",
        OWN,
        "The PDF of a case, downloaded",
        EVERYTHING,
        at={"pk": "copy"},
        owner="coordinator",
    ),
    Row("governance:report", "GET", OWN, "A trail's PDF", at={"pk": "trail"}, owner="coordinator"),
    Row(
        "governance:download",
        "GET",
        OWN,
        "A trail's PDF, downloaded",
        at={"pk": "trail"},
        owner="coordinator",
    ),
    Row(
        "governance:publish",
        "POST",
        OWN,
        "A trail, published",
        at={"pk": "trail"},
        owner="coordinator",
    ),
    # The board.
    Row("governance:reports", "GET", REPORTS, "Published reports"),
    Row("governance:review", "GET", PUBLISHED, "A report", at={"pk": "published"}),
    Row(
        "governance:review",
        "POST",
        PUBLISHED,
        "A report, signed for",
        at={"pk": "published"},
        body={"comment": "Read."},
    ),
    Row(
        "governance:download",
        "GET",
        BOARD_FILE,
        "A report's file",
        at={"pk": "published"},
        owner="coordinator chair",
    ),
    # The law.
    Row("rules:rules", "GET", ANYBODY, "The rules in force"),
    Row("rules:rule", "GET", ANYBODY, "A rule, and every version of it", at={"number": "2"}),
    Row("rules:changes", "GET", LAW, "The changes of the law"),
    Row("rules:propose", "GET", LAW, "Draft a change"),
    Row("rules:propose", "POST", LAW, "A change, drafted", body=_CHANGE),
    Row("rules:change", "GET", LAW, "A change", at=_OF_LAW),
    Row("rules:edit", "GET", OWN_CHANGE, "A draft, to write anew", at=_OF_LAW, owner="ig_lead"),
    Row(
        "rules:edit",
        "POST",
        OWN_CHANGE,
        "A draft, written anew",
        at=_OF_LAW,
        body=_CHANGE,
        owner="ig_lead",
    ),
    Row(
        "rules:step",
        "GET",
        OWN_CHANGE,
        "Submit a draft",
        at={**_OF_LAW, "action": "submit"},
        owner="ig_lead",
    ),
    Row(
        "rules:step",
        "POST",
        OWN_CHANGE,
        "A draft, submitted",
        at={**_OF_LAW, "action": "submit"},
        owner="ig_lead",
    ),
    Row("disclosures:simulate", "GET", LAW, "Try a change", at=_OF_LAW),
    Row("disclosures:simulate", "POST", LAW, "A change, tried", at=_OF_LAW, body=_TRIED),
    Row("disclosures:impact", "GET", LAW, "Whom a change touches", at=_OF_LAW),
    Row("disclosures:impact", "POST", LAW, "Have it counted", at=_OF_LAW),
    Row("disclosures:examination", "GET", LAW, "What was examined", at={"pk": "examination"}),
    Row("rules:agreements", "GET", LAW, "What agencies have agreed"),
    Row("rules:sign", "GET", LAW, "Add an agreement"),
    Row("rules:sign", "POST", LAW, "An agreement, added"),
    Row("rules:agreement", "GET", LAW, "An agreement", at={"pk": "agreement"}),
    Row("rules:renew", "GET", LAW, "Renew an agreement", at={"pk": "agreement"}),
    Row("rules:renew", "POST", LAW, "An agreement, renewed", at={"pk": "agreement"}),
    Row("rules:end", "GET", LAW, "End an agreement", at={"pk": "agreement"}),
    Row(
        "rules:end",
        "POST",
        LAW,
        "An agreement, ended",
        at={"pk": "agreement"},
        body={"why": "It is over."},
    ),
    # The account.
    Row(
        "accounts:kept",
        "GET",
        OWN,
        "What one wrote when the session had ended",
        at={"pk": "kept"},
        owner="teacher",
    ),
    Row("accounts:hiding", "GET", ANYBODY, "How to hide a page"),
    Row("accounts:hiding", "POST", ANYBODY, "Told how to hide a page", body={}),
    Row("accounts:role", "GET", ANYBODY, "Choose a role"),
    Row("accounts:role", "POST", ANYBODY, "A role, chosen", body={}),
    Row("account_reauthenticate", "GET", ANYBODY, "Say again who you are"),
    Row("account_reauthenticate", "POST", ANYBODY, "Say again who you are, answered", body={}),
    Row("accounts:partnership", "GET", SETTLE, "The settings of the partnership"),
    Row("accounts:partnership", "POST", SETTLE, "Settings, changed", body={}),
    # What anybody may open, and why.
    Row("home:start", "GET", PUBLIC, "One decides here whether this is the right place"),
    Row("home:help", "GET", PUBLIC, "The phone numbers"),
    Row("home:labels", "GET", PUBLIC, "Explains words"),
    Row("home:accessibility", "GET", PUBLIC, "The law asks for it"),
    Row("home:privacy", "GET", PUBLIC, "The law asks for it"),
    Row("home:cookies", "GET", PUBLIC, "The law asks for it"),
    Row("home:healthz", "GET", PUBLIC, "The supervisor asks; says well or not"),
    Row("home:live", "GET", PUBLIC, "The supervisor asks; the process answers"),
    Row("home:deep", "GET", WATCH, "How the service is, in numbers"),
    Row("account_login", "GET", PUBLIC, "One signs in here"),
    Row("account_login", "POST", PUBLIC, "One signs in here", body={}),
    Row("account_logout", "GET", PUBLIC, "Whose session is over is told so"),
    Row("account_logout", "POST", PUBLIC, "Signs out", body={}),
    Row("account_reset_password", "GET", PUBLIC, "One has forgotten the password"),
    Row("account_reset_password", "POST", PUBLIC, "Sends the link", body={}),
    Row("account_reset_password_done", "GET", PUBLIC, "Says the same to everybody"),
    Row(
        "account_reset_password_from_key",
        "GET",
        PUBLIC,
        "The link in the mail; worth nothing without its token",
        at={"uidb36": "1", "key": "x-y"},
    ),
    Row(
        "account_reset_password_from_key",
        "POST",
        PUBLIC,
        "A new password; worth nothing without the token",
        at={"uidb36": "1", "key": "x-y"},
        body={},
    ),
    Row("account_reset_password_from_key_done", "GET", PUBLIC, "Says the same to everybody"),
    Row("accounts:session", "GET", PUBLIC, "Says how long the session lasts; none, no seconds"),
    Row("accounts:session", "POST", PUBLIC, "A press that makes the session last", body={}),
    Row("accounts:unlock", "GET", PUBLIC, "One's own page was hidden"),
    Row("accounts:unlock", "POST", PUBLIC, "Unlocks it, by the password", body={}),
    # Meetings.
    Row("meetings:meetings", "GET", MEETINGS, "My meetings"),
    Row("meetings:sift", "GET", MEETINGS, "Nominations"),
    Row("meetings:new-series", "GET", FRONT_DOOR, "Set up a panel"),
    Row("meetings:new-series", "POST", FRONT_DOOR, "A panel, set up", body={"name": "x"}),
    Row("meetings:series", "GET", PANELS, "Settings of a panel", at=_PANEL),
    Row("meetings:series", "POST", PANELS, "Settings, kept", at=_PANEL, body={"name": "x"}),
    Row("meetings:new", "GET", PANELS, "Plan a meeting", at=_PANEL),
    Row("meetings:new", "POST", PANELS, "A meeting, planned", at=_PANEL, body={"place": "x"}),
    Row("meetings:nominate", "GET", NOMINATE, "Nominate for the panel"),
    Row("meetings:nominate", "POST", NOMINATE, "Nominated", body={"why": "Why."}),
    Row("meetings:nominate-other", "GET", NOMINATE_OTHER, "Nominate a person, place or theme"),
    Row("meetings:nominate-other", "POST", NOMINATE_OTHER, "Nominated", body={"why": "Why."}),
    Row("meetings:nomination", "GET", MEETING, "A nomination", **_NOMINATION),
    Row("meetings:nomination", "POST", MEETING, "Answered", body={"step": "x"}, **_NOMINATION),
    Row("meetings:agenda", "GET", MEETING, "An agenda", **_MEETING),
    Row("meetings:agenda", "POST", MEETING, "Changed", body={"add": "1"}, **_MEETING),
    Row("meetings:publish", "POST", MEETING, "Papers, sent out", **_MEETING),
    Row("meetings:people", "GET", MEETING, "Who is invited", **_MEETING),
    Row("meetings:people", "POST", MEETING, "Invited", body={"member": "x"}, **_MEETING),
    Row(
        "meetings:take-back",
        "POST",
        MEETING,
        "Not invited any more",
        body={"invitation": "invitation"},
        **_MEETING,
    ),
    Row("meetings:leave-out", "GET", MEETING, "Who is not invited to an item", **_ITEM),
    Row("meetings:leave-out", "POST", MEETING, "Not invited to it", body={}, **_ITEM),
    Row(
        "meetings:pack",
        "GET",
        MEETING,
        "My papers",
        at={"pk": "meeting"},
        owner=f"{_RUN_IT} panel_officer panel_nurse",
    ),
    Row("meetings:item", "GET", MEETING, "One item of my papers", EVERYTHING, **_THEIR_ITEM),
    Row("meetings:item", "POST", MEETING, "Added to it", PART, body={"words": "W."}, **_THEIR_ITEM),
    Row("meetings:tick", "POST", MEETING, "Ticked as read", **_PAPERS),
    Row("meetings:pdf", "POST", MEETING, "My papers as a PDF, asked for", **_PAPERS),
    Row("meetings:download", "POST", MEETING, "My papers as a PDF", PART, **_PAPERS),
    Row("meetings:attendance", "GET", MEETING, "Who came", **_MEETING),
    Row("meetings:attendance", "POST", MEETING, "Written down", body={}, **_MEETING),
    Row("meetings:hold", "POST", MEETING, "A meeting, begun", **_MEETING),
    Row("meetings:end", "POST", MEETING, "A meeting, ended", **_MEETING),
    Row("meetings:room", "POST", MEETING, "Into the room, or out of it", **_ITEM),
    Row("away:hide", "POST", PUBLIC, "Locks the session, and leads to a neutral site", body={}),
    Row("accounts:signed_out", "GET", PUBLIC, "One has just signed out"),
    Row("accounts:timed_out", "GET", PUBLIC, "One has just been signed out"),
)

# --- What runs without anybody at the door ------------------------------------------------------

TASKS = {
    "referrals.make_copy": "Asks again, when it runs, what the person who asked may see; no right,"
    " no file.",
    "governance.make_trail": "Asks again, when it runs, whether the person who asked oversees the"
    " case; no right, no file.",
    "notifications.deliver": "Asks again, when it runs, whether the person still has the role; no"
    " role, no mail. The mail says only that there is something to read.",
    "referrals.sweep": "Takes up each PDF of a case that is owed, one by one, as above.",
    "referrals.check_file": "Has one added file checked for viruses. A clean one becomes part of"
    " the case that it was added to, and opens for whoever the law lets see its category.",
    "referrals.sweep_files": "Takes up each file that is owed a check, one by one, as above.",
    "referrals.sweep_sights": (
        "Clears away what opened a case to somebody and ended long ago. Opens nothing."
    ),
    "referrals.sweep_particulars": "Makes what each child is told apart by, where it is missing or"
    " old, from the case itself. Opens nothing.",
    "referrals.sweep_clocks": "Tells those who check a referral, and its managers, that a time is"
    " close or has run out. A referral that was returned goes on being checked. Opens nothing.",
    "referrals.sweep_due": "Tells whose step is late, and who answers for the case; and whoever"
    " goes on with a decision that its day has come. Opens nothing.",
    "meetings.make_pack": "Asks again, when it runs, what the person may see of the papers; not"
    " invited any more, no file.",
    "meetings.sweep": "Takes up each person's papers that are owed, one by one, as above.",
    "triage.sweep_left": "Takes what people who have left looked after off them, and tells those"
    " who give it to others. Opens nothing.",
    "assessments.sweep": "Chases agencies that have not answered, and tells whoever looks after a"
    " case what is late or to be assessed again. Opens no answer.",
    "governance.sweep": "Takes up each trail that is owed, one by one, as above.",
    "notifications.sweep": "Takes up each notice that is owed, one by one, as above. What can wait"
    " goes in one email a day, which says how many updates there are.",
    "notifications.escalate": "Tells the next people of what nobody acknowledged in time: only"
    " those who may know of the case.",
    "notifications.beat": "Writes that a worker is at work. Shows nothing.",
    "rules.go_live": "Makes a change law that a second person has approved, on its day. Opens"
    " nothing by itself.",
    "rules.sweep": "Takes up each approved change whose day has come, and each agreement that has"
    " ended, as above.",
    "disclosures.count_impact": "Counts whom a change of the law would touch. It names nobody.",
    "disclosures.examine": "Asks the law of now about each live share, and ends or narrows what it"
    " no longer allows. Opens nothing.",
    "disclosures.review": "Takes up each count and each examination that is owed, as above.",
    "disclosures.chase": "Tells those who are to answer a question that it is nearly due or late,"
    " and whoever asked that it is. What somebody had who has left comes back to their team, which"
    " may read it already. Opens nothing.",
    "emergency.remind": "Tells those who review of each emergency access whose review is overdue.",
    "accounts.sweep": "Deletes what was kept for half an hour after a session had ended."
    " Shows nothing.",
    "information.expire": "Deletes drafts of information reports, likewise. Shows nothing.",
    "following.climb": "Takes each disagreement that nobody answered in time to the next step, and"
    " tells those who know of the case. Opens nothing.",
    "actions.climb": "Tells whoever is next of each action that is late: only those whom no"
    " conflict of interest keeps from the case. Opens nothing.",
    "actions.plan": "Plans the reviews that are missing, and tells those who look after a case of"
    " one that is close or late. Opens nothing.",
    "meetings.make_minutes": "Makes the PDF of minutes for the one person who asked, with what they"
    " may read when it is made.",
    "meetings.remind": "Tells those who are invited to a meeting that the time to add to its papers"
    " is nearly over, unless their agency has added to them. Opens nothing.",
    "meetings.sweep_minutes": "Makes every PDF of minutes that is owed. Shows nothing.",
    "intake.expire": "Deletes drafts that nobody has touched for 30 days. Shows nothing.",
    "intake.remind": "Tells of drafts about danger that lie still, and of drafts that will go.",
}

# --- The resolver -------------------------------------------------------------------------------

SAMPLES = ("00000000-0000-4000-8000-000000000000", "R-4KD7-92Q", "1", "x", "2026-01-01")


@dataclass(frozen=True)
class Door:
    """One address of the resolver, with something in the place of what varies.

    `numbers` are those of what varies that only a row's own number opens.
    """

    name: str
    path: str
    pattern: str
    view: Callable[..., object]
    numbers: frozenset[str]


def doors() -> list[Door]:
    """Every address that the resolver knows."""
    return [_door(*leaf) for leaf in _leaves(get_resolver().url_patterns)]


def _leaves(
    patterns: list[URLPattern | URLResolver],
    above: tuple[RoutePattern | RegexPattern, ...] = (),
    spaces: tuple[str, ...] = (),
) -> Iterator[tuple[str, URLPattern, tuple[RoutePattern | RegexPattern, ...]]]:
    for entry in patterns:
        way = (*above, entry.pattern)
        if isinstance(entry, URLResolver):
            inner = (*spaces, entry.namespace) if entry.namespace else spaces
            yield from _leaves(entry.url_patterns, way, inner)
        else:
            yield ":".join((*spaces, entry.name or str(entry.pattern))), entry, way


def _door(name: str, entry: URLPattern, way: tuple[RoutePattern | RegexPattern, ...]) -> Door:
    for sample in SAMPLES:
        path = "/" + "".join(_filled(pattern, sample) for pattern in way)
        try:
            if resolve(path).func is entry.callback:
                shown = "/" + "".join(map(_shown, way))
                return Door(name, path, shown, entry.callback, frozenset(_numbers(way)))
        except Resolver404:
            continue
    raise AssertionError(f"No sample opens {name}: add one to SAMPLES")


def _numbers(way: tuple[RoutePattern | RegexPattern, ...]) -> Iterator[str]:
    for pattern in way:
        for name, converter in pattern.converters.items():
            if isinstance(converter, UUIDConverter):
                yield name


def _filled(pattern: RoutePattern | RegexPattern, sample: str) -> str:
    if isinstance(pattern, RoutePattern):
        route = re.sub(r"<int:[^>]+>", "1", str(pattern._route))
        return re.sub(r"<[^>]+>", sample, route)
    form, names = normalize(str(pattern._regex).lstrip("^"))[0]
    return form % dict.fromkeys(names, sample)


def _shown(pattern: RoutePattern | RegexPattern) -> str:
    if isinstance(pattern, RoutePattern):
        return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(pattern._route))
    form, names = normalize(str(pattern._regex).lstrip("^"))[0]
    return form % {name: f"{{{name}}}" for name in names}
