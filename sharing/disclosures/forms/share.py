"""What somebody who shares types, page by page. Nothing is chosen for anybody."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django import forms
from django.utils import timezone
from django.utils.html import format_html

from portal.accounts.models import Team
from portal.accounts.vocabulary import Role
from portal.common.clock import LONDON
from portal.common.forms import KnownDateField, ManyChoices, PageForm
from sharing.disclosures.forms.told import ToldForm, box, latest, one_of
from sharing.disclosures.reading.offers import Offer
from sharing.disclosures.reading.plan import Plan
from sharing.disclosures.reading.teams import people_words
from sharing.disclosures.vocabulary import Result
from sharing.rules.vocabulary import ConfidenceLimb, Purpose

ADVICE: Final = "advice"
# Danger has a page of its own; what protects no child opens no case.
PURPOSES: Final = [
    (purpose.value, str(purpose.label))
    for purpose in (
        Purpose.ENQUIRY,
        Purpose.SCREEN,
        Purpose.PLAN,
        Purpose.PANEL,
        Purpose.DISRUPT,
        Purpose.EARLY_HELP,
    )
]


def many(label: str, help_text: str = "") -> forms.MultipleChoiceField:
    """Boxes to tick, none of them ticked."""
    return forms.MultipleChoiceField(
        label=label,
        help_text=help_text,
        required=False,
        widget=ManyChoices(),
        error_messages={"invalid_choice": "Select from the list: it may have changed"},
    )


def team_field(teams: Iterable[Team]) -> forms.ChoiceField:
    """With which of these teams: nobody is chosen for anybody."""
    known = list(teams)
    return one_of(
        "Who do you want to share with?",
        _by_agency(known),
        "Select who to share with",
        help_text="You share with a role, not with a person.",
        hints={str(team.pk): people_words(getattr(team, "people", 0)) for team in known},
    )


def _by_agency(teams: Iterable[Team]) -> list[tuple[str, Any]]:
    """The teams under the name of their agency, each still read out by its whole name."""
    found: dict[str, list[tuple[str, str]]] = {}
    for team in teams:
        hidden = '{}<span class="govuk-visually-hidden">, {}</span>'
        label = format_html(hidden, Role(team.role).label, team.agency.name)
        found.setdefault(team.agency.name, []).append((str(team.pk), label))
    return list(found.items())


class WhoForm(PageForm):
    """With whom, and what for: the law answers for both together."""

    team = forms.ChoiceField()
    purpose = one_of("What will they use it for?", PURPOSES, "Select what they will use it for")

    def __init__(self, *args: Any, teams: Iterable[Team], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"] = team_field(teams)

    def answers(self) -> dict[str, Any]:
        """What the draft keeps."""
        return {"team": int(self.cleaned_data["team"]), "purpose": self.cleaned_data["purpose"]}


class WhatForm(PageForm):
    """Which kinds of information, whole or in part; or what the law denies, to record the no."""

    kinds = many("What do you want to share?", "Select only what they need.")
    leave_out = many(
        "Do you want to leave any of these out?",
        "Select an answer to leave it out of what you chose above.",
    )
    part = many(
        "Only a part of these may be shared. Which?",
        "Select the answers that they need. The law does not let the rest go.",
    )
    refuse = many(
        "What you cannot share with them",
        "Select it only to record that it was needed and is not shared.",
    )
    harm_suspected = box(
        "If you suspect significant harm, say why",
        help_text="Health information about sensitive services may be shared if you do.",
    )

    def __init__(
        self, *args: Any, offers: Iterable[Offer], asks_about_harm: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.offers = list(offers)
        whole = [offer for offer in self.offers if offer.whole]
        parts = [offer for offer in self.offers if not offer.whole and offer.splits]
        self._offer("kinds", [(o.code, o.category.label, o.words) for o in whole])
        self._offer("leave_out", [row for o in whole if len(o.pieces) > 1 for row in _pieces(o)])
        self._offer("part", [row for o in parts for row in _pieces(o)])
        closed = [offer for offer in self.offers if not offer.is_open]
        held = "{0.category.label}, held by {0.holder.name}"
        self._offer("refuse", [(o.code, held.format(o), o.why_not) for o in closed])
        if not asks_about_harm:
            del self.fields["harm_suspected"]

    def _offer(self, name: str, rows: list[tuple[str, str, str]]) -> None:
        if not rows:
            del self.fields[name]
            return
        field: Any = self.fields[name]
        field.choices = [(value, label) for value, label, _ in rows]
        field.widget.hints = {value: hint for value, _, hint in rows}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first = next(iter(self.fields), None)
        shares = bool(cleaned.get("kinds") or cleaned.get("part"))
        if not shares and not cleaned.get("refuse") and not self.errors:
            self.add_error(first, "Select at least one kind of information")
        if shares and cleaned.get("refuse"):
            self.add_error(
                "refuse",
                "Share, or record what you cannot share: each is a decision of its own. Clear"
                " one of the two",
            )
        out = set(cleaned.get("leave_out", ()))
        for offer in self.offers:
            named = {str(piece.statement) for piece in offer.splits}
            if offer.code in cleaned.get("kinds", ()) and named and named <= out:
                self.add_error(
                    "leave_out",
                    f"You left out every answer of “{offer.category.label}”. Leave one in, or do"
                    " not select it above",
                )
        return cleaned

    def answers(self) -> dict[str, Any]:
        """What the draft keeps."""
        said = self.cleaned_data
        return {
            "whole": said.get("kinds", []),
            "left_out": said.get("leave_out", []),
            "part": said.get("part", []),
            "part_of": self._part_of(set(said.get("part", []))),
            "refuse": said.get("refuse", []),
            "harm_suspected": said.get("harm_suspected", ""),
        }

    def _part_of(self, chosen: set[str]) -> list[str]:
        """The kinds of which only chosen answers are shared."""
        return [
            offer.code
            for offer in self.offers
            if not offer.whole and chosen & {str(piece.statement) for piece in offer.splits}
        ]


def _pieces(offer: Offer) -> list[tuple[str, str, str]]:
    return [
        (
            str(piece.statement),
            f"{piece.label}: {_short(piece.text)}",
            f"Held by {offer.holder.name}",
        )
        for piece in offer.splits
    ]


def _short(text: str) -> str:
    words = text.split()
    return " ".join(words[:12]).rstrip(".,;:") + "…" if len(words) > 12 else " ".join(words)


class GatewayForm(PageForm):
    """The reason in law, in plain words, or a question to somebody who knows."""

    gateway = forms.ChoiceField()
    question = box(
        "What do you want to ask?",
        help_text="Only if you ask for advice. Do not name anybody, or say where anybody lives.",
    )

    def __init__(self, *args: Any, plan: Plan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = [(row.cited_as, row.title) for row in plan.gateways]
        hints = {row.cited_as: f"{row.plain} ({row.provision})" for row in plan.gateways}
        self.fields["gateway"] = one_of(
            "What is the reason in law?",
            [*rows, (ADVICE, "I am not sure: ask the information-governance lead")],
            "Select the reason in law, or ask for advice",
            hints=hints,
            divider={ADVICE: "or"} if rows else None,
        )
        self.order_fields(["gateway", "question"])

    @property
    def asks(self) -> bool:
        """Whether the person asks for advice."""
        return bool(self.cleaned_data.get("gateway") == ADVICE)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("gateway") == ADVICE and not cleaned.get("question"):
            self.add_error("question", "Write what you want to ask")
        return cleaned

    def answers(self) -> dict[str, Any]:
        """What the draft keeps."""
        return {"gateway": self.cleaned_data["gateway"]}


class WhyForm(ToldForm):
    """Necessary, proportionate, open, and for how long. A no is recorded on the same page."""

    decision = one_of(
        "What do you decide?",
        [
            (Result.SHARED.value, "Share it"),
            (Result.DELAYED.value, "Not share it yet"),
            (Result.REFUSED.value, "Not share it"),
        ],
        "Select what you decide",
        help_text="Not sharing is a decision too, and leaves the same record.",
    )
    necessity = box(
        "What will they do with it that they could not do otherwise?",
        "Say what they will use it for",
    )
    proportionality = box(
        "Is there a smaller amount that would do?",
        "Say why a smaller amount would not do",
        help_text="If there is, go back and leave the rest out.",
    )
    detriment = box(
        "If you do not share it, or not yet: what harm would sharing do?",
        help_text="Leave this empty if you share.",
    )
    relevance = box("What the rules ask you to record", "Write what the rules ask you to record")
    confidence_limb = one_of(
        "Why may confidence be lifted?",
        ConfidenceLimb.choices,
        "Select why confidence may be lifted",
    )
    ends = one_of(
        "How long should they see it?",
        [("closed", "Until somebody stops it"), ("date", "Until a day")],
        "Select how long they should see it",
    )
    until = KnownDateField(
        label="Last day",
        help_text="Only if it ends on a day. For example, 27 3 2027",
        required=False,
    )

    field_order = [
        "decision",
        "necessity",
        "proportionality",
        "detriment",
        "relevance",
        "child_told",
        "parents_told",
        "not_told_why",
        "consent_limb",
        "confidence_limb",
        "ends",
        "until",
    ]

    def __init__(self, *args: Any, plan: Plan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.plan = plan
        if not plan.needs_a_note:
            del self.fields["relevance"]
        else:
            self.fields["relevance"].help_text = " ".join(plan.needs_a_note)
        if not plan.consent_limb:
            del self.fields["consent_limb"]
        if not plan.lifts_confidence or plan.denied:
            del self.fields["confidence_limb"]
        if plan.denied:
            decision: Any = self.fields["decision"]
            decision.choices = [row for row in decision.choices if row[0] != Result.SHARED]
            del self.fields["ends"], self.fields["until"]
            self._ask_of_a_no()
        elif plan.needs_a_day:
            del self.fields["ends"]
            wants = "A rule wants it to end on a day. For example, 27 3 2027"
            self.fields["until"].help_text = wants

    def _ask_of_a_no(self) -> None:
        """The same questions, where the law leaves only a no to be recorded."""
        for name, label in {
            "necessity": "What would they have used it for?",
            "proportionality": "Why would a smaller amount not do?",
            "detriment": "What harm would sharing do?",
        }.items():
            self.fields[name].label, self.fields[name].help_text = label, ""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        decision = cleaned.get("decision")
        if decision == Result.SHARED and self.plan.needs_advice:
            self.add_error(
                "decision",
                "The law leaves this to a person who is not you. Get advice first, on the page"
                " before, or do not share it yet",
            )
        if decision in (Result.DELAYED, Result.REFUSED) and not cleaned.get("detriment"):
            self.add_error("detriment", "Say what harm sharing would do")
        by_day = self._by_day(cleaned)
        until = cleaned.get("until")
        if by_day and not until and "until" not in self.errors:
            self.add_error("until", "Enter the last day")
        if until and not timezone.now().astimezone(LONDON).date() <= until <= latest():
            self.add_error("until", "The last day must be today or later, and within 2 years")
        return cleaned

    def answers(self) -> dict[str, Any]:
        """What the draft keeps."""
        said = dict(self.cleaned_data)
        by_day = self._by_day(said)
        said.pop("ends", None)
        until = said.pop("until", None)
        shares = said["decision"] == Result.SHARED
        return {
            **said,
            "detriment": "" if shares else said["detriment"],
            "until": until.isoformat() if until and by_day else "",
        }

    def _by_day(self, said: Mapping[str, Any]) -> bool:
        if self.plan.denied:
            return False
        return self.plan.needs_a_day or said.get("ends") == "date"


class PreviewForm(PageForm):
    """The person has read it as the recipient will, and says so."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    names = one_of(
        "Does any free text name someone else, or say where a child lives?",
        [("yes", "Yes"), ("no", "No")],
        "Select yes if any text names someone else, or says where a child lives",
    )
    protects = box(
        "If yes, who must be protected, and why is it right to share the words all the same?",
        help_text="Leave this empty if no.",
    )
    right = one_of(
        "Is this what they should see?",
        [("right", "This is right"), ("change", "Change what I share")],
        "Select whether this is right",
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        risky = cleaned.get("names") == "yes" and cleaned.get("right") == "right"
        if risky and not cleaned.get("protects"):
            self.add_error("protects", "Say who must be protected, or change what you share")
        return cleaned

    @property
    def changes(self) -> bool:
        """Whether the person wants to change what is shared."""
        return bool(self.cleaned_data["right"] == "change")

    def answers(self) -> dict[str, Any]:
        """What the draft keeps."""
        return {
            "sha256": self.cleaned_data["seen"],
            "protects": self.cleaned_data["protects"]
            if self.cleaned_data["names"] == "yes"
            else "",
        }
