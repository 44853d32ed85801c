"""The pages about the concern: danger, what is known, the child's own view, the family."""

from typing import Any

from django import forms

from portal.common.forms import ManyChoices
from referrals.intake.forms.fields import (
    AskedField,
    ChosenField,
    QuestionForm,
    SeveralField,
    StoryField,
)
from referrals.services import Told, chosen
from referrals.vocabulary import NO_ANSWER, Also, ChildTold, Danger, ParentsTold, Sign, SignGroup


class DangerForm(QuestionForm):
    """Asked before anything else, because nothing else matters if the answer is yes."""

    heading_field = "danger"
    danger = forms.ChoiceField(
        label="Is a child in immediate danger, or has a serious offence just happened?",
        help_text="For example, the child is with someone who may hurt them, or is missing.",
        choices=Danger.choices,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Select yes if a child is in immediate danger",
            "invalid_choice": "Select yes if a child is in immediate danger",
        },
    )

    def facts(self) -> dict[str, Any]:
        """How soon people must look."""
        return {"danger": Danger(self.cleaned_data["danger"])}


class ConcernForm(QuestionForm):
    """Three boxes, by how a thing is known. One of them is enough."""

    saw = StoryField("What you saw or heard yourself")
    child_said = StoryField("What the child said", "Use the child's own words where you can.")
    told = StoryField("What others told you", "Say who told you.")

    def clean(self) -> dict[str, Any]:
        """At least one box with words."""
        cleaned = super().clean() or {}
        boxes = [cleaned.get(box) for box in ("saw", "child_said", "told")]
        if not any(box and box.text for box in boxes) and not self.errors:
            self.add_error(
                "saw", "Tell us what you have seen, heard or been told. A short note is enough"
            )
        return cleaned


class WhenForm(QuestionForm):
    """When it happened, and the signs, by where they show."""

    happened = ChosenField("happened", label="How often has it happened?")
    happened_when = AskedField(
        label="When did it happen?",
        help_text="A date and time, or about when. For example, “most Fridays since September”.",
    )
    changed = AskedField(
        label="What has changed, and why are you telling us now?", rows=3, longest=1000
    )
    before = AskedField(
        label="Has anybody been worried before? What was done?", rows=3, longest=1000
    )
    no_signs = forms.ChoiceField(
        label="Or none of these signs",
        choices=[("none", "I have noticed none of these"), (NO_ANSWER[0].value, "Not known")],
        widget=forms.RadioSelect,
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        last = self.fields.pop("no_signs")
        for group in SignGroup:
            self.fields[f"signs_{group}"] = forms.MultipleChoiceField(
                label=group.label,
                choices=[(sign.value, sign.label) for sign in Sign if sign.group is group],
                widget=ManyChoices(
                    classes="govuk-checkboxes--small", attrs={"autocomplete": "off"}
                ),
                required=False,
            )
        self.fields["no_signs"] = last

    def signs(self) -> list[str]:
        """The signs that were ticked."""
        return [code for group in SignGroup for code in self.cleaned_data.get(f"signs_{group}", [])]

    def clean(self) -> dict[str, Any]:
        """Signs, or none of them."""
        cleaned = super().clean() or {}
        if cleaned.get("no_signs") and self.signs():
            self.add_error("no_signs", "Select signs, or that you have noticed none, not both")
        return cleaned

    def answers(self) -> dict[str, Told]:
        """All signs are one answer."""
        none = self.cleaned_data["no_signs"]
        signs = Told("None of those that were asked about") if none == "none" else None
        return super().answers() | {
            "signs": signs or chosen("signs", self.signs() or filter(None, [none]))
        }


class AlsoForm(QuestionForm):
    """What else is known; each opens its own pages."""

    heading_field = "also"
    also = SeveralField(
        "also",
        label="Do you know about any of these?",
        help_text="We ask about each that you select. Select all that you know something about.",
        choices=Also.choices,
    )


class ChildViewForm(QuestionForm):
    """The child's own view, asked of everyone who refers."""

    child_told = forms.ChoiceField(
        label="Have you talked with the child about this referral?",
        choices=ChildTold.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Select whether you have talked with the child"},
    )
    child_why = AskedField(
        label="If you have not, why not?",
        help_text="It can be right to wait. Tell us so that nobody else gets it wrong.",
        rows=2,
        longest=1000,
    )
    child_wants = StoryField(
        "What does the child think and want?",
        "Tell us what they have said they want, even if it is different from what you think is"
        " best.",
    )
    child_sharing = AskedField(
        label="Is there anything that they want kept private, or told to certain people only?",
        rows=2,
        longest=1000,
    )
    trusted = AskedField(label="Is there an adult whom they trust?")

    def facts(self) -> dict[str, Any]:
        """Whether the child knows."""
        return {"child_told": ChildTold(self.cleaned_data["child_told"])}


class ParentsForm(QuestionForm):
    """Openness with the family where it is safe, and agreement to a service, which is not it."""

    parents_told = forms.ChoiceField(
        label="Have you told a parent or carer?",
        choices=ParentsTold.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Select whether you have told a parent or carer"},
    )
    parents_why = StoryField("Why, or why not?")
    contact_parents = ChosenField(
        "contact_parents",
        label="Is it safe for us to contact home?",
        help_text="If you choose no, every page of the case says so to those who may know.",
    )
    carers = AskedField(
        label="Who are the parents or carers?",
        help_text="Names, how to reach them, and who has parental responsibility.",
        rows=3,
        longest=1000,
    )
    siblings = AskedField(
        label="Brothers, sisters and other children at home", rows=2, longest=1000
    )
    protective = AskedField(
        label="How does the family keep the child safe? What makes it hard?", rows=2, longest=1000
    )
    parents_language = AskedField(label="Does a parent or carer need an interpreter?")
    service_agreed = SeveralField(
        "service_agreed",
        label="Has anybody agreed to help from a service?",
        help_text="This is about help that may be offered later. We share to protect a child"
        " because the law says that we must or may, not because somebody agreed.",
    )

    def clean(self) -> dict[str, Any]:
        """Why, when telling them could put the child at risk."""
        cleaned = super().clean() or {}
        why = cleaned.get("parents_why")
        if cleaned.get("parents_told") == ParentsTold.RISK and why and not why.text:
            self.add_error("parents_why", "Write why telling them could put the child at risk")
        return cleaned

    def facts(self) -> dict[str, Any]:
        """Whether a parent knows."""
        return {"parents_told": ParentsTold(self.cleaned_data["parents_told"])}
