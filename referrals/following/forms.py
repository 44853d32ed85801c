"""What people type after a referral has been sent."""

from collections.abc import Sequence
from typing import Any, cast
from uuid import uuid4

from django import forms

from portal.common.forms import Choices, PageForm, Words
from referrals.following.services import Addition, Disagreement
from referrals.following.vocabulary import ADDED_PROTECT, Result, Urgency
from referrals.intake.forms.files import FileForm
from referrals.vocabulary import ASKED_TO_PROTECT, KnownHow, Protect

NOT_PROTECTED = "no"


def _box(label: str, required: str, help_text: str = "", rows: int = 4) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=4000,
        widget=Words(attrs={"rows": rows}),
        error_messages={
            "required": required,
            "max_length": "Your answer must be 4,000 characters or less. It has %(show_value)s",
        },
    )


def _one_of(
    label: str, choices: Sequence[tuple[str, str]], required: str, help_text: str = ""
) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        help_text=help_text,
        choices=list(choices),
        widget=Choices,
        error_messages={"required": required, "invalid_choice": required},
    )


class Once(PageForm):
    """A form with a number of its own, so that pressing twice does it once."""

    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["key"].initial = uuid4


class AddForm(Once):
    """Something new about a referral that was sent."""

    what = _box(
        "What is new?",
        "Write what is new. A sentence is enough",
        "Use the child\u2019s own words where you can.",
        rows=6,
    )
    when = forms.CharField(
        label="When did it happen?",
        help_text="For example, Tuesday 3 November after school. Or write that you do not know.",
        max_length=200,
        error_messages={
            "required": "Write when it happened, or that you do not know",
            "max_length": "When it happened must be 200 characters or less",
        },
    )
    known_how = _one_of(
        "How do you know?",
        [
            (KnownHow.SAW.value, "I saw or heard it myself"),
            (KnownHow.CHILD_SAID.value, "The child said it"),
            (KnownHow.TOLD.value, "Somebody else told me"),
            (KnownHow.OPINION.value, "It is my professional opinion"),
        ],
        "Select how you know this",
    )
    protect = _one_of(
        "Could this put someone at risk if the wrong person read it?",
        [
            (NOT_PROTECTED, "No"),
            *((why.value, f"Yes: {ASKED_TO_PROTECT[why]}") for why in ADDED_PROTECT),
        ],
        "Select whether this could put someone at risk",
        "If you choose yes, fewer people can read it. The others see that something is withheld,"
        " and why.",
    )

    def addition(self) -> Addition:
        """What was typed, as it is added."""
        said = self.cleaned_data
        chosen = said["protect"]
        return Addition(
            what=said["what"],
            when=said["when"],
            known_how=KnownHow(said["known_how"]),
            protect=Protect.NONE if chosen == NOT_PROTECTED else Protect(chosen),
        )

    def rows(self) -> list[tuple[str, str]]:
        """What was typed, in words, to be checked before it is sent."""
        names = ("what", "when", "known_how", "protect")
        return [(str(self.fields[name].label), self._words(name)) for name in names]

    def _words(self, name: str) -> str:
        value = self.cleaned_data[name]
        return str(dict(getattr(self.fields[name], "choices", ())).get(value, value))


class WithdrawForm(PageForm):
    """Why a referral is withdrawn."""

    reason = _box(
        "Why do you withdraw it?",
        "Write why you withdraw it. A sentence is enough",
        "The coordinators read this. What you sent is kept, and marked as withdrawn.",
    )


class CorrectionForm(Once):
    """What is wrong in a referral that is being checked already."""

    text = _box(
        "What is wrong, and what is right?",
        "Write what is wrong, and what is right",
        "The coordinators read this and put it right with you.",
    )


class MessageForm(Once):
    """A message about a case, to named teams."""

    text = _box("Your message", "Write your message", "Name only those who must be named.")
    readers = _one_of("Who will read it?", [], "Select who will read it")
    needs_answer = _one_of(
        "Do you need an answer?",
        [("yes", "Yes"), ("no", "No")],
        "Select whether you need an answer",
    )

    def __init__(
        self,
        *args: Any,
        choices: Sequence[tuple[str, str]],
        answers: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        # Who writes the only way that there is, or answers, has nobody to choose.
        if answers or len(choices) == 1:
            del self.fields["readers"]
        else:
            self.fields["readers"].choices = list(choices)  # type: ignore[attr-defined]


class DisagreeForm(Once):
    """Why somebody disagrees with a decision, what should happen, and how soon."""

    reason = _box(
        "Why do you disagree?",
        "Write why you disagree",
        "What worries you? What does the decision leave out?",
    )
    wanted = _box("What do you think should happen?", "Write what you think should happen")
    urgency = _one_of(
        "How soon does this need an answer?",
        Urgency.choices,
        "Select how soon this needs an answer",
        "If a child could come to harm, the first steps are skipped.",
    )

    def disagreement(self) -> Disagreement:
        """What was typed, as it is raised."""
        said = self.cleaned_data
        return Disagreement(said["reason"], said["wanted"], Urgency(said["urgency"]))


class EscalateForm(PageForm):
    """Why a disagreement is taken to the next step."""

    why = _box("Why do you take it further?", "Write why you take it further", rows=3)


class AnswerForm(PageForm):
    """The answer to a disagreement, at the step that its page showed."""

    stage = forms.IntegerField(widget=forms.HiddenInput, required=False)

    result = _one_of("What comes of it?", Result.choices, "Select what comes of it")
    words = _box(
        "Your answer",
        "Write your answer. Say what will happen, and why",
        "Whoever disagreed reads this. If somebody above you decided, say who.",
    )

    def read_again(self, stage: int) -> None:
        """Carry this step from now on: its page is shown anew, and says so."""
        self.data = {**{name: self.data[name] for name in self.data}, "stage": str(stage)}


class AddedFileForm(Once, FileForm):
    """A file that others are told of: it is not concealed from all of them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Leave out the choice that only a draft has."""
        super().__init__(*args, **kwargs)
        protect = cast("forms.ChoiceField", self.fields["protect"])
        offered = cast("list[tuple[str, str]]", protect.choices)
        protect.choices = [choice for choice in offered if choice[0] != Protect.EXISTENCE]
