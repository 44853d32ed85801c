"""What people type about a panel's settings, a meeting, and who comes."""

import re
from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError

from portal.accounts.models import Membership
from portal.accounts.vocabulary import AgencyKind
from portal.common.clock import LONDON
from portal.common.forms import Choices, KnownDateField, ManyChoices, PageForm
from referrals.meetings.forms.fields import (
    Once,
    box_field,
    line_field,
    number_field,
    people_choices,
)
from referrals.meetings.models import Series
from referrals.meetings.reading import Guest
from referrals.meetings.services import Plan, Setup
from referrals.meetings.vocabulary import CHAIRS, HEADINGS, Came, ItemKind

_TIMES = ("%H:%M", "%H.%M", "%I:%M%p", "%I.%M%p", "%I%p", "%I %p")


class SeriesForm(PageForm):
    """How a panel is called and run."""

    name = line_field("Name of the panel", "Write what the panel is called", 80)
    remit = box_field("What the panel is for", "", 2000, rows=3)
    quorum_agencies = number_field("Least number of agencies", 2, 12, "Fewer are no quorum.")
    quorum_kinds = forms.MultipleChoiceField(
        label="Kinds of agency that must be there",
        required=False,
        choices=[(kind.value, kind.label) for kind in AgencyKind if kind is not AgencyKind.BOARD],
        widget=ManyChoices,
    )
    papers_out_days = number_field(
        "Working days before a meeting by which its papers go out", 1, 20
    )
    confidentiality = box_field(
        "What everybody accepts before a meeting", "Write what everybody accepts", 1000
    )
    chair = forms.ChoiceField(
        label="Who chairs it as a rule", required=False, choices=[("", "Nobody as a rule")]
    )
    members = forms.MultipleChoiceField(
        label="Who is invited as a rule", required=False, widget=ManyChoices
    )

    def __init__(self, *args: Any, people: Iterable[Membership], **kwargs: Any) -> None:
        series: Series | None = kwargs.pop("series", None)
        if series is not None:
            kwargs["initial"] = _settings(series)
        super().__init__(*args, **kwargs)
        people = list(people)
        choices = people_choices(people)
        chairs = people_choices(each for each in people if each.team.role in CHAIRS)
        self.fields["chair"].choices = [("", "Nobody as a rule"), *chairs]  # type: ignore[attr-defined]
        self.fields["members"].choices = choices  # type: ignore[attr-defined]
        order = list(series.order) if series else list(ItemKind)
        for place, kind in enumerate(ItemKind, start=1):
            self.fields[f"place_{kind}"] = number_field(
                f"Place on the agenda: {HEADINGS[kind].lower()}", 1, 4
            )
            self.fields[f"place_{kind}"].initial = order.index(kind) + 1 if series else place
        self.keep_to_ourselves()

    def setup(self) -> Setup:
        """What was typed."""
        said = self.cleaned_data
        order = sorted(ItemKind, key=lambda kind: said[f"place_{kind}"])
        places = {said[f"place_{kind}"] for kind in ItemKind}
        return Setup(
            name=said["name"],
            remit=said["remit"],
            order=tuple(order) if len(places) == len(order) else (),
            quorum_agencies=said["quorum_agencies"],
            quorum_kinds=tuple(AgencyKind(kind) for kind in said["quorum_kinds"]),
            papers_out_days=said["papers_out_days"],
            confidentiality=said["confidentiality"],
            chair=UUID(said["chair"]) if said["chair"] else None,
            members=tuple(UUID(pk) for pk in said["members"]),
        )


def _settings(series: Series) -> dict[str, Any]:
    names = ("name", "remit", "quorum_agencies", "quorum_kinds", "papers_out_days")
    said = {name: getattr(series, name) for name in (*names, "confidentiality")}
    members = [str(pk) for pk in series.members.values_list("pk", flat=True)]
    return said | {"chair": str(series.chair_id or ""), "members": members}


class PlanForm(Once):
    """When a meeting is, where, who chairs it and who is invited."""

    day = KnownDateField(label="Day", error_messages={"required": "Enter the day of the meeting"})
    starts = forms.TimeField(
        label="Starts at",
        help_text="For example, 10:00 or 2pm.",
        input_formats=_TIMES,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-5"}),
        error_messages=dict.fromkeys(
            ("required", "invalid"), "Enter when it starts, like 10:00 or 2pm"
        ),
    )
    minutes = number_field("How long it lasts, in minutes", 15, 720)
    place = line_field("Place", "", 200)
    link = line_field("Link", "", 300, "If people join from elsewhere. It must start with https.")
    chair = forms.ChoiceField(
        label="Who chairs it",
        error_messages={"required": "Select who chairs it"},
        help_text=(
            "A chair from the agency that runs the panel reads all of its minutes."
            " Another one reads what is shared with them."
        ),
    )
    invited = forms.MultipleChoiceField(
        label="Who is invited",
        help_text="You and the chair are invited anyway.",
        required=False,
        widget=ManyChoices,
    )
    confidentiality = box_field(
        "What everybody accepts before it", "Write what everybody accepts", 1000
    )

    def __init__(
        self, *args: Any, series: Series, people: Iterable[Membership], **kwargs: Any
    ) -> None:
        usual = [str(pk) for pk in series.members.values_list("pk", flat=True)]
        kwargs["initial"] = {
            "chair": str(series.chair_id or ""),
            "invited": usual,
            "confidentiality": series.confidentiality,
            "minutes": 120,
        }
        super().__init__(*args, **kwargs)
        people = list(people)
        choices = people_choices(people)
        chairs = people_choices(each for each in people if each.team.role in CHAIRS)
        self.fields["chair"].choices = [("", "Select who chairs it"), *chairs]  # type: ignore[attr-defined]
        self.fields["invited"].choices = choices  # type: ignore[attr-defined]

    def clean_link(self) -> str:
        """Only a link that is read by nobody on the way."""
        link = str(self.cleaned_data["link"])
        if link and not re.fullmatch(r"https://[!-~]+", link):
            raise ValidationError("Enter a link that starts with https")
        return link

    def plan(self) -> Plan:
        """What was typed."""
        said = self.cleaned_data
        starts: time = said["starts"]
        starts_at = datetime.combine(said["day"], starts, LONDON)
        return Plan(
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=said["minutes"]),
            chair=UUID(said["chair"]),
            invited=tuple(UUID(pk) for pk in said["invited"]),
            confidentiality=said["confidentiality"],
            place=said["place"],
            link=said["link"],
        )


class InviteForm(PageForm):
    """Somebody else who is invited, or who comes instead of another."""

    member = forms.ChoiceField(label="Who", error_messages={"required": "Select whom you invite"})
    instead_of = forms.ChoiceField(label="Instead of", required=False)

    def __init__(
        self,
        *args: Any,
        people: Iterable[Membership],
        guests: Iterable[Guest],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        invited = list(guests)
        there = {guest.membership for guest in invited}
        others = [member for member in people if member.pk not in there]
        self.fields["member"].choices = [("", "Select somebody"), *people_choices(others)]  # type: ignore[attr-defined]
        self.fields["instead_of"].choices = [  # type: ignore[attr-defined]
            ("", "Nobody: they are invited as well"),
            *((str(guest.pk), f"{guest.name}, {guest.agency}") for guest in invited),
        ]


class LeaveOutForm(PageForm):
    """Who of those invited is not invited to one item."""

    out = forms.MultipleChoiceField(
        label="Who is not invited to this item?",
        help_text="It closes to them at once. Select nobody, and everybody is invited to it.",
        required=False,
        widget=ManyChoices,
    )

    def __init__(self, *args: Any, guests: Iterable[Guest], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["out"].choices = [  # type: ignore[attr-defined]
            (str(guest.pk), f"{guest.name}, {guest.agency}") for guest in guests
        ]

    def invitations(self) -> list[UUID]:
        """Those who were selected."""
        return [UUID(pk) for pk in self.cleaned_data["out"]]


class CameForm(PageForm):
    """Who came to a meeting."""

    def __init__(self, *args: Any, guests: Iterable[Guest], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.guests = list(guests)
        for guest in self.guests:
            name = f"came_{guest.pk.hex}"
            self.fields[name] = forms.ChoiceField(
                label=f"{guest.name}, {guest.agency}",
                required=False,
                choices=[(came.value, came.label) for came in Came],
                widget=Choices(classes="govuk-radios--inline govuk-radios--small"),
            )
            self.fields[name].initial = guest.came.value
        self.fields["accepted"] = forms.BooleanField(
            label="Everybody who is here has accepted the confidentiality statement",
            required=False,
        )
        self.keep_to_ourselves()

    def came(self) -> dict[UUID, Came]:
        """What was selected, by invitation."""
        return {guest.pk: Came(self.cleaned_data[f"came_{guest.pk.hex}"]) for guest in self.guests}
