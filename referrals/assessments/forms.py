"""What people type in a joint risk assessment."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

from django import forms

from portal.common.forms import Choices, KnownDateField, ManyChoices, PageForm, Words
from referrals.assessments.decision import Item, Tool
from referrals.assessments.reading.own import times_of
from referrals.assessments.services import Agreeing, Asking, Judging
from referrals.assessments.vocabulary import KNOWN_HOW, WORDS, Level, View
from referrals.vocabulary import ASKED_TO_PROTECT, KnownHow

HOW = [("", "Choose how you know"), *((str(each), KnownHow(each).label) for each in KNOWN_HOW)]
KEEP = [
    ("", "Those whom the law lets read them"),
    *((str(why), f"Nobody else, because {says}") for why, says in ASKED_TO_PROTECT.items()),
]
_TOO_LONG = f"Your answer must be {WORDS:,} characters or less. It has %(show_value)s"


def _box(label: str, required: str = "", help_text: str = "", rows: int = 4) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=bool(required),
        max_length=WORDS,
        widget=Words(attrs={"rows": rows}),
        error_messages={"required": required, "max_length": _TOO_LONG},
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


class StartForm(PageForm):
    """With which tool, which agencies, by when, and what to look at."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    tool = _one_of("Which tool do you use?", [], "Select a risk tool")
    agencies = forms.MultipleChoiceField(
        label="Which agencies look together?",
        help_text="Choose at least two. Only agencies where somebody can open this case are here.",
        widget=ManyChoices,
        error_messages={
            "required": "Select at least two agencies",
            "invalid_choice": "Select agencies from this list",
        },
    )
    look_at = _box(
        "What should they look at?",
        "Write what the agencies should look at",
        "Each agency that you ask reads this. Name nobody who need not be named.",
    )
    due_on = KnownDateField(
        label="By which day should they answer?",
        error_messages={"required": "Enter the day by which they should answer"},
    )

    def __init__(
        self,
        *args: Any,
        tools: Sequence[tuple[str, str]],
        agencies: Sequence[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tool"].choices = list(tools)  # type: ignore[attr-defined]
        self.fields["agencies"].choices = list(agencies)  # type: ignore[attr-defined]

    def clean_agencies(self) -> list[str]:
        """Two or more."""
        chosen: list[str] = self.cleaned_data["agencies"]
        if len(chosen) < 2:
            raise forms.ValidationError("Select at least two agencies")
        return chosen

    def asking(self) -> Asking:
        """What was typed, as it is asked."""
        said = self.cleaned_data
        return Asking(
            tool=UUID(said["tool"]),
            agencies=[UUID(pk) for pk in said["agencies"]],
            due_on=said["due_on"],
            look_at=said["look_at"],
        )


class WhyForm(PageForm):
    """Why an assessment is called off."""

    why = _box(
        "Why do you call it off?", "Write why it is called off. A sentence is enough", rows=3
    )


class WithdrawForm(PageForm):
    """Why a level that waits for a signature is withdrawn."""

    why = _box("Why do you withdraw it?", "Write why it is withdrawn. A sentence is enough", rows=3)


class PartForm(PageForm):
    """One part of the tool, item by item, for one's own agency. Nothing is selected for anybody.

    Each item has its own fields, called by its code: the answer, when, how often, how one knows and
    the words.
    """

    def __init__(self, *args: Any, tool: Tool, part: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tool = tool
        self.items = [item for item in tool.items if item.domain == part]
        for item in self.items:
            self._ask(item)
        self.keep_to_ourselves()

    def _ask(self, item: Item) -> None:
        code, tool = item.code, self.tool
        self.fields[f"{code}_answer"] = _one_of(
            item.text, [(each.code, each.label) for each in tool.answers], "Select an answer"
        )
        times = times_of(tool, item)
        if times:
            self.fields[f"{code}_when"] = forms.ChoiceField(
                label="When was it?",
                choices=[("", "Choose when"), *times.items()],
                required=False,
            )
        if item.counted:
            self.fields[f"{code}_times"] = forms.IntegerField(
                label="How many times?",
                required=False,
                min_value=1,
                max_value=99,
                widget=forms.TextInput(
                    attrs={"inputmode": "numeric", "class": "govuk-input--width-3"}
                ),
                error_messages=dict.fromkeys(
                    ("invalid", "min_value", "max_value"), "Enter how many times, as a number"
                ),
            )
        self.fields[f"{code}_how"] = forms.ChoiceField(
            label="How do you know?", choices=HOW, required=False
        )
        self.fields[f"{code}_words"] = _box("What do you know?", rows=2)
        self.fields[f"{code}_keep"] = forms.ChoiceField(
            label="Who may read these words later?", choices=KEEP, required=False
        )

    @property
    def questions(self) -> list[list[forms.BoundField]]:
        """The fields of each item together."""
        return [
            [self[name] for name in self.fields if name.startswith(f"{item.code}_")]
            for item in self.items
        ]

    def clean(self) -> dict[str, Any]:
        """Where there may be something: when, how one knows, and in words."""
        said = super().clean() or {}
        signs = {each.code for each in self.tool.answers if each.is_sign}
        for item in self.items:
            if said.get(f"{item.code}_answer") in signs:
                self._insist(item, said)
        return said

    def _insist(self, item: Item, said: Mapping[str, Any]) -> None:
        lacking = {
            "when": "Select when it was",
            "times": "Enter how many times, as a number",
            "how": "Say how you know, or choose Not known",
            "words": "Write what you know. A sentence is enough",
        }
        for name, says in lacking.items():
            field = f"{item.code}_{name}"
            if field in self.fields and not said.get(field) and field not in self.errors:
                self.add_error(field, says)

    def typed(self) -> dict[str, dict[str, str]]:
        """What was typed, item by item, as it is saved: whole or not."""
        found = {}
        for item in self.items:
            given = {
                name.removeprefix(f"{item.code}_"): str(self[name].data or "")
                for name in self.fields
                if name.startswith(f"{item.code}_")
            }
            found[item.code] = {name: value[: WORDS * 2] for name, value in given.items() if value}
        return found


def as_initial(saved: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """What is saved of a part, as its form shows it again."""
    return {
        f"{code}_{name}": value for code, given in saved.items() for name, value in given.items()
    }


class AboutForm(PageForm):
    """What keeps the child safe, what the child says, and what else the agency knows."""

    strengths = forms.MultipleChoiceField(
        label="What keeps the child safe?",
        help_text="Choose all that are there. They take nothing away from what others do.",
        widget=ManyChoices,
        required=False,
    )
    safe = _box("Say more about what keeps the child safe", help_text="You can leave this empty.")
    child = _box(
        "What does the child say?",
        help_text="Use the child\u2019s own words where you can.",
    )
    child_why = _box(
        "If you have not asked the child, why not?",
        help_text="For example, it was not safe to ask. It is no fault of the child.",
        rows=2,
    )
    more = _box("What else should the others know?", help_text="You can leave this empty.")

    def __init__(self, *args: Any, tool: Tool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if tool.strengths:
            self.fields["strengths"].choices = list(tool.strengths)  # type: ignore[attr-defined]
        else:
            del self.fields["strengths"]

    def clean(self) -> dict[str, Any]:
        """What the child says, or why nobody has asked."""
        said = super().clean() or {}
        wrong = {"child", "child_why"} & set(self.errors)
        if not wrong and not (said.get("child") or said.get("child_why")):
            self.add_error("child", "Write what the child says, or why you have not asked")
        return said

    def typed(self) -> dict[str, Any]:
        """What was typed, as it is saved: whole or not."""
        words = ("safe", "child", "child_why", "more")
        said: dict[str, Any] = {name: str(self[name].data or "")[: WORDS * 2] for name in words}
        known = dict(self.fields["strengths"].choices) if "strengths" in self.fields else {}  # type: ignore[attr-defined]
        chosen = self["strengths"].data or [] if known else []
        said["strengths"] = [code for code in chosen if code in known]
        return said


class JudgeForm(PageForm):
    """The professional judgement, before the score; and what is known of the child beside it."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    words = _box(
        "What is your professional judgement?",
        "Write your judgement \u2013 the score alone is not enough",
        "What is happening to the child, who is doing it, and what worries you most? Say whose"
        " views differ.",
        rows=8,
    )
    child = _box("What does the child think of this?", help_text="Use the child\u2019s own words.")
    child_why = _box("If nobody has asked the child, why not?", rows=2)
    missing = forms.IntegerField(
        label="How often was the child reported missing in the last 90 days?",
        help_text="Leave it empty if nobody knows.",
        required=False,
        min_value=0,
        max_value=90,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "govuk-input--width-3"}),
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value"), "Enter a number from 0 to 90"
        ),
    )
    home = _one_of(
        "Can the child safely return home?",
        [("yes", "Yes"), ("no", "No"), ("not_known", "Not known")],
        "Select whether the child can safely return home",
    )

    def clean(self) -> dict[str, Any]:
        """What the child thinks, or why nobody has asked."""
        said = super().clean() or {}
        wrong = {"child", "child_why"} & set(self.errors)
        if not wrong and not (said.get("child") or said.get("child_why")):
            self.add_error("child", "Write what the child thinks, or why nobody has asked")
        return said

    def judging(self) -> Judging:
        """What was typed, as it is written down."""
        said = self.cleaned_data
        return Judging(
            words=said["words"],
            child=said["child"],
            child_why=said["child_why"],
            missing=said["missing"],
            unsafe_home={"yes": False, "no": True}.get(said["home"]),
        )


class AgreeForm(PageForm):
    """The level that people agreed."""

    judgement = forms.UUIDField(widget=forms.HiddenInput)
    level = _one_of("Which level do you agree?", [], "Select a level")
    differs = _box(
        "Why is it higher or lower than the tool or the last level says?",
        help_text="Leave it empty if it is the same.",
    )
    review_on = KnownDateField(
        label="When do agencies look together again?",
        error_messages={"required": "Enter the day on which agencies look again"},
    )

    def __init__(self, *args: Any, names: Mapping[Level, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(level), name) for level, name in names.items()]
        self.fields["level"].choices = choices  # type: ignore[attr-defined]

    def agreeing(self) -> Agreeing:
        """What was typed, as it is agreed."""
        said = self.cleaned_data
        return Agreeing(Level(said["level"]), said["review_on"], said["differs"])


class ConfirmForm(PageForm):
    """What one's own agency says of a level. It may stand on one page with the other form."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="confirm_%s", **kwargs)

    view = _one_of("Does your agency agree?", View.choices, "Select whether your agency agrees")
    words = _box("Your note, or why you do not agree", rows=3)

    def clean(self) -> dict[str, Any]:
        """A note and a no have words."""
        said = super().clean() or {}
        if said.get("view") in (View.NOTE, View.DISSENTS) and not said.get("words"):
            self.add_error("words", "Write your note, or why you do not agree")
        return said


class SignForm(PageForm):
    """Whether another person signs a level. It may stand on one page with the other form."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="sign_%s", **kwargs)

    signs = _one_of(
        "Do you sign this level?",
        [("yes", "Yes, I sign it"), ("no", "No, I do not sign it")],
        "Select whether you sign this level",
    )
    words = _box("If you do not sign, why not?", rows=3)

    def clean(self) -> dict[str, Any]:
        """A no has words."""
        said = super().clean() or {}
        if said.get("signs") == "no" and not said.get("words"):
            self.add_error("words", "Write why you do not sign")
        return said
