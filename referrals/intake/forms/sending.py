"""The last pages: what must be protected, who is sending this, and the check."""

from collections.abc import Mapping
from typing import Any

from django import forms

from portal.common.forms import ManyChoices, PageForm
from portal.common.moments import london
from referrals.intake.forms.fields import AskedField, ChosenField, QuestionForm
from referrals.intake.models import Draft
from referrals.services import Alike, Told
from referrals.vocabulary import QUESTIONS, Answer, Protect

QUIET, ME, NOTHING = "quiet", "me", "nothing"
KINDS = {
    Protect.ADDRESS.value: "Where the child lives",
    Protect.SOURCE.value: "Who told you",
    Protect.POLICE.value: "Police information",
    Protect.HEALTH.value: "Health information",
    Protect.LEGAL.value: "Legal advice",
    ME: "That it was you who told us",
    QUIET: "That this referral exists",
    NOTHING: "No",
}
# Where the reason of each is kept, when it is not a mark on an answer.
_SAID_IN = {QUIET: "keep_quiet", ME: "not_named"}


class ProtectForm(QuestionForm):
    """Whether anything could put somebody at risk. What that is comes on the next page."""

    heading_field = "kinds"
    kinds = forms.MultipleChoiceField(
        label="Could anything here put someone at risk if the wrong person saw it?",
        help_text="We will limit who sees the parts that you choose.",
        choices=list(KINDS.items()),
        widget=ManyChoices(divider={NOTHING: "or"}),
        required=False,
    )

    def clean_kinds(self) -> list[str]:
        """Something, or nothing."""
        kinds: list[str] = self.cleaned_data["kinds"]
        if NOTHING in kinds and len(kinds) > 1:
            raise forms.ValidationError("Select “No” or at least one other answer, not both")
        return kinds


class _OwnAnswers(forms.MultipleChoiceField):
    """Answers of the draft; one that has been emptied since is no longer one of them."""

    def to_python(self, value: Any) -> list[str]:
        known = dict(self.choices)  # type: ignore[arg-type]
        return [code for code in super().to_python(value) if code in known]


class ProtectWhatForm(QuestionForm):
    """For each kind: which of the draft's own answers, and a sentence why."""

    def __init__(self, *args: Any, own: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in self.kinds:
            said = KINDS[kind]
            if kind not in _SAID_IN:
                self.fields[f"which_{kind}"] = _OwnAnswers(
                    label=f"{said}: which answers?",
                    choices=list(own.items()),
                    widget=ManyChoices(
                        classes="govuk-checkboxes--small", attrs={"autocomplete": "off"}
                    ),
                    error_messages={"required": "Select which answers to protect"},
                )
            self.fields[f"why_{kind}"] = forms.CharField(
                label=f"{said}: why?",
                help_text="Who must not see it, and what could happen. A sentence is enough.",
                max_length=500,
                widget=forms.Textarea(
                    attrs={"rows": 2, "autocomplete": "off", "spellcheck": "false"}
                ),
                error_messages={"required": "Write why this must be protected"},
            )

    @property
    def kinds(self) -> list[str]:
        """What the page before asked to protect."""
        given = self.draft.answers.get("protect", {}).get("kinds", []) if self.draft else []
        return [kind for kind in KINDS if kind in given and kind != NOTHING]

    def marks(self) -> dict[str, Protect]:
        """Which answers are protected, and as what. The first reason that was given stands."""
        found: dict[str, Protect] = {}
        for kind in self.kinds:
            for key in self.cleaned_data.get(f"which_{kind}", ()):
                found.setdefault(key, Protect(kind))
        return found

    def answers(self) -> dict[str, Told]:
        """The reasons; those that speak of what is protected are protected as it is."""
        marked = [kind for kind in self.kinds if kind not in _SAID_IN]
        why = [f"{KINDS[kind]}: {self.cleaned_data[f'why_{kind}']}" for kind in marked]
        said = {
            key: Told(self.cleaned_data[f"why_{kind}"])
            for kind, key in _SAID_IN.items()
            if kind in self.kinds
        }
        if why:
            said["protected_why"] = Told("\n".join(why), protect=Protect(marked[0]))
        return said


class YouForm(QuestionForm):
    """Who sends this, how we reach them today, and who else is involved."""

    job = AskedField(label="Your job and team")
    phone = forms.CharField(
        label="A phone number that we can use today",
        max_length=30,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
        error_messages={
            "required": "Enter a phone number we can use today",
            "max_length": "Enter a phone number we can use today",
        },
    )
    best_time = AskedField(label="When can we reach you today?")
    knows_child = AskedField(label="How do you know the child?")
    lead_told = ChosenField("lead_told", label="Have you told your safeguarding lead?")
    manager = AskedField(label="Your manager or safeguarding lead, and how to reach them")
    phoned_who = forms.CharField(
        label="Have you already phoned somebody about this? Who?",
        help_text="For example, 999, 101 or the front door.",
        required=False,
        max_length=100,
    )
    phoned_when = forms.CharField(label="When was that?", required=False, max_length=60)
    phoned_reference = forms.CharField(
        label="Did they give you a reference?", required=False, max_length=60
    )
    workers = AskedField(
        label="Which other workers or agencies are involved?",
        help_text="Names, what they do, and what you have told them.",
        rows=3,
        longest=1000,
    )
    on_behalf = AskedField(label="If you send this for somebody else, who?")

    def answers(self) -> dict[str, Told]:
        """The call is one answer."""
        who, when, number = (
            str(self.cleaned_data[f"phoned_{part}"]).strip()
            for part in ("who", "when", "reference")
        )
        call = ", ".join(filter(None, (who, when, f"reference {number}" if number else "")))
        return super().answers() | {
            "phone": Told(self.cleaned_data["phone"]),
            "phoned": Told(call) if call else Told(answer=Answer.NOT_PROVIDED),
        }


class CheckForm(QuestionForm):
    """The last page holds no question: what was said, who will see it, and the button."""


class SeenBeforeForm(PageForm):
    """Whether an earlier referral of one's own agency is about the same child. Never blocks."""

    same = forms.ChoiceField(
        label="Is it the same child?",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Select what you want to do",
            "invalid_choice": "Select what you want to do",
        },
    )

    def __init__(self, *args: Any, sent: list[Alike], drafts: list[Draft], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        add, new = "Yes, and it is the same concern: add to", "Yes, but this is a new concern after"
        self.fields["same"].choices = [  # type: ignore[attr-defined]
            *(
                (f"add {each.reference}", f"{add} {each.reference}")
                for each in sent
                if each.is_open
            ),
            *(
                (f"draft {each.pk}", f"{add} my draft of {london(each.created_at)}")
                for each in drafts
            ),
            *((f"new {each.reference}", f"{new} {each.reference}") for each in sent),
            ("other", "No, it is a different child"),
        ]


def label_of(key: str) -> str:
    """What an answer is called on the page of the case."""
    return QUESTIONS[key].label
