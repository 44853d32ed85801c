"""What the front door narrows the board by, and what it does with several referrals at once."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms

from portal.accounts.models import Membership
from portal.accounts.vocabulary import AgencyKind, Role
from portal.common.forms import Choices, PageForm
from referrals.triage.services import REASON_LENGTH
from referrals.vocabulary import AgeBand, Flag, Priority
from referrals.workflow import ON_BOARD


class FilterForm(PageForm):
    """What the board is narrowed to. Its address holds these codes and nothing else."""

    due = forms.ChoiceField(
        label="Decision due",
        required=False,
        choices=[("", "Any"), ("overdue", "Overdue"), ("today", "Today"), ("later", "Later")],
    )
    priority = forms.ChoiceField(
        label="Priority", required=False, choices=[("", "Any"), *Priority.choices]
    )
    status = forms.ChoiceField(
        label="Status",
        required=False,
        choices=[("", "Any"), *((each.value, each.label) for each in ON_BOARD)],
    )
    has = forms.ChoiceField(
        label="Assigned to",
        required=False,
        choices=[("", "Any"), ("me", "Me"), ("nobody", "Nobody"), ("somebody", "Somebody")],
    )
    replies = forms.ChoiceField(
        label="Answers from agencies",
        required=False,
        choices=[("", "Any"), ("in", "Came since you last looked")],
    )

    kind = forms.ChoiceField(
        label="Sent by",
        required=False,
        choices=[
            ("", "Any"),
            *((each.value, each.label) for each in AgencyKind if each is not AgencyKind.BOARD),
        ],
    )
    age = forms.ChoiceField(
        label="Age of the child", required=False, choices=[("", "Any"), *AgeBand.choices]
    )
    area = forms.ChoiceField(label="Area", required=False)
    flag = forms.ChoiceField(label="Flag", required=False, choices=[("", "Any"), *Flag.choices])

    def __init__(self, *args: Any, areas: Iterable[tuple[str, str]] = (), **kwargs: Any) -> None:
        """`areas` are those to choose from, as code and name; there may be none."""
        super().__init__(*args, **kwargs)
        box = self.fields["area"]
        assert isinstance(box, forms.ChoiceField)  # noqa: S101
        box.choices = [("", "Any"), *areas]
        if len(box.choices) == 1:
            del self.fields["area"]

    def chosen(self) -> dict[str, str]:
        """The codes that were chosen; one that nobody knows is passed over."""
        self.is_valid()
        typed = getattr(self, "cleaned_data", {})
        return {name: typed[name] for name in self.fields if typed.get(name)}

    def words(self) -> str:
        """The same in words, as a view is called that somebody keeps."""
        said = []
        for name, code in self.chosen().items():
            box = self.fields[name]
            assert isinstance(box, forms.ChoiceField)  # noqa: S101
            labels = {str(value): label for value, label in box.widget.choices}
            said.append(f"{box.label}: {labels[code]}")
        return ", ".join(said)


class AssignForm(PageForm):
    """Who is to have the referrals that were selected."""

    to = forms.ChoiceField(
        label="Who checks them?",
        widget=Choices,
        error_messages={"required": "Select who checks them", "invalid_choice": "Select who"},
    )

    def __init__(self, *args: Any, people: Iterable[Membership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        box = self.fields["to"]
        assert isinstance(box, forms.ChoiceField)  # noqa: S101
        box.choices = [
            (str(each.pk), f"{each.user.name}, {Role(each.team.role).label}") for each in people
        ]

    def clean_to(self) -> UUID:
        """The key of the membership."""
        return UUID(self.cleaned_data["to"])


class PriorityForm(PageForm):
    """Which priority the referrals that were selected get, and why. Nothing is chosen before."""

    to = forms.ChoiceField(
        label="Which priority do they get?",
        help_text="To make one less pressing takes a front door manager.",
        choices=Priority.choices,
        widget=Choices,
        error_messages={
            "required": "Select which priority they get",
            "invalid_choice": "Select which priority they get",
        },
    )
    reason = forms.CharField(
        label="Why does it change?",
        help_text="A sentence is enough. It stays with each case.",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=REASON_LENGTH,
        error_messages={"required": "Write why the priority changes. A sentence is enough"},
    )
