"""The question pages, in the order in which they are asked, and what a draft says."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from referrals.intake.forms.about import ChildForm, NeedsForm, WhereForm
from referrals.intake.forms.fields import QuestionForm
from referrals.intake.forms.lists import read_items
from referrals.intake.forms.sending import (
    CheckForm,
    ProtectForm,
    ProtectWhatForm,
    YouForm,
    label_of,
)
from referrals.intake.forms.telling import (
    AlsoForm,
    ChildViewForm,
    ConcernForm,
    DangerForm,
    ParentsForm,
    WhenForm,
)
from referrals.intake.models import Draft
from referrals.services import Concern, Told
from referrals.vocabulary import (
    FREE_ANSWERS,
    QUESTIONS,
    SENT_WITH_EVERY_REFERRAL,
    Also,
    Answer,
    Protect,
)
from sharing.rules.vocabulary import Category

PAGES: dict[str, tuple[str, type[QuestionForm]]] = {
    "danger": ("Immediate danger", DangerForm),
    "child": ("Who is the child?", ChildForm),
    "where": ("Where is the child, and how can we reach them safely?", WhereForm),
    "needs": ("What should we know to work well with this child?", NeedsForm),
    "concern": ("What have you seen, heard or been told?", ConcernForm),
    "when-and-signs": ("When did this happen?", WhenForm),
    "also": ("What else do you know?", AlsoForm),
    "child-view": ("What does the child think and want?", ChildViewForm),
    "parents": ("Parents and carers", ParentsForm),
    "protect": ("What must be protected", ProtectForm),
    "protect-what": ("Which answers must be protected?", ProtectWhatForm),
    "you": ("You and who else is involved", YouForm),
    "check": ("Check and send", CheckForm),
}
"""Page name, in the address and in the draft: its heading and its form."""
BRANCHES = frozenset({"protect-what"})
"""The pages that are asked only after an answer that calls for them."""
ORDER = tuple(page for page in PAGES if page not in BRANCHES)

TASKS: dict[str, tuple[str, ...]] = {
    "Immediate danger": ("danger",),
    "The child": ("child", "where", "needs"),
    "The concern": ("concern", "when-and-signs", "also"),
    "The child's view and the family": ("child-view", "parents"),
    "What must be protected": ("protect", "protect-what"),
    "You and who else is involved": ("you",),
}
"""The six parts of a referral, on the draft's own page and on the last one."""


def line(draft: Draft) -> tuple[str, ...]:
    """The pages that this draft has to walk, in order."""
    protects = bool(ProtectWhatForm(draft=draft, own={}).kinds)
    return tuple(page for page in PAGES if page not in BRANCHES or protects)


def form_of(page: str, draft: Draft, data: Any = None, **options: Any) -> QuestionForm:
    """The form of a page of this draft."""
    if page == "protect-what":
        options["own"] = {key: label_of(key) for key, told in _said(draft).items() if told.text}
    return PAGES[page][1](data, draft=draft, **options)


def pages(draft: Draft) -> dict[str, QuestionForm]:
    """Return each page of the draft as a form filled with what was typed, in order."""
    return {page: _reread(page, draft) for page in line(draft)}


def _reread(page: str, draft: Draft) -> QuestionForm:
    return form_of(page, draft, draft.answers.get(page, {}), reread=True)


def unfinished(draft: Draft) -> list[str]:
    """Return the names of the pages that still lack an answer that must be given."""
    return [page for page, form in pages(draft).items() if not form.is_valid()]


def _said(draft: Draft) -> dict[str, Told]:
    """The answers of the pages that are finished, without what protects them."""
    said: dict[str, Told] = {}
    for page in ORDER:
        form = _reread(page, draft)
        if form.is_valid():
            said |= form.answers()
    return said


def protected(draft: Draft) -> list[str]:
    """What the author asks to protect, by the labels of its answers."""
    return [label_of(key) for key in _marks(pages(draft).get("protect-what"))]


def _marks(form: QuestionForm | None) -> Mapping[str, Protect]:
    return form.marks() if isinstance(form, ProtectWhatForm) and form.is_valid() else {}


def held(draft: Draft) -> frozenset[Category]:
    """The categories of which a draft says something, so far. Every referral holds some of them."""
    given = {QUESTIONS[key].category for key, told in _said(draft).items() if told.text}
    return frozenset({QUESTIONS[key].category for key in SENT_WITH_EVERY_REFERRAL} | given)


def lists_of(draft: Draft) -> list[Also]:
    """What else the author knows about, of which each has its own pages."""
    ticked = draft.answers.get("also", {}).get("also", [])
    return [kind for kind in Also if kind is not Also.NONE and kind.value in ticked]


def read_concern(draft: Draft) -> Concern:
    """Read what a finished draft says. Raises KeyError when a page is not finished."""
    answers: dict[str, Told] = {}
    facts: dict[str, Any] = {}
    marks: Mapping[str, Protect] = {}
    for form in pages(draft).values():
        form.full_clean()
        facts |= form.facts()
        answers |= form.answers()
        marks = _marks(form) or marks
    seen = draft.answers.get("seen-before", {})
    return Concern(
        **facts,
        called_at=draft.called_at,
        earlier=str(seen.get("same", "")).removeprefix("new ") if _is_new(seen) else "",
        answers={
            key: replace(told, protect=marks.get(key, told.protect))
            for key, told in answers.items()
            if key in FREE_ANSWERS and told.answer is not Answer.NOT_PROVIDED
        },
        items=read_items(draft),
    )


def _is_new(seen: Mapping[str, Any]) -> bool:
    return str(seen.get("same", "")).startswith("new ")
