"""What somebody types who shares at once, because a child is in danger now: all on one page."""

from collections.abc import Iterable
from typing import Any

from django import forms

from portal.accounts.models import Team
from sharing.disclosures.forms.share import many, team_field
from sharing.disclosures.forms.told import ToldForm, box
from sharing.disclosures.reading.offers import Offer
from sharing.disclosures.vocabulary import Result
from sharing.rules.vocabulary import Purpose


class DangerForm(ToldForm):
    """A child is in danger now: whom, what and why on one page. The law fills in the rest."""

    team = forms.ChoiceField()
    kinds = many("What do they need?", "Select only what they need now.")
    necessity = box(
        "What is the danger, and what must they do now?", "Say what the danger is, in a sentence"
    )
    proportionality = box("Why would less not be enough?", "Say why less would not be enough")

    field_order = [
        "team",
        "kinds",
        "necessity",
        "proportionality",
        "child_told",
        "parents_told",
        "not_told_why",
        "consent_limb",
    ]

    def __init__(
        self, *args: Any, teams: Iterable[Team], offers: Iterable[Offer], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        rows = [(offer.code, offer.category.label, offer) for offer in offers]
        self.fields["team"] = team_field(teams)
        kinds: Any = self.fields["kinds"]
        kinds.choices = [(code, label) for code, label, _ in rows]
        kinds.error_messages["invalid_choice"] = (
            "Not all that you selected may go to this team. Select again from what may"
        )
        kinds.widget.hints = {code: f"Held by {offer.holder.name}" for code, _, offer in rows}
        self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("kinds") and "kinds" not in self.errors:
            self.add_error("kinds", "Select at least one kind of information")
        return cleaned

    def pages(self) -> dict[str, dict[str, Any]]:
        """What the draft keeps: the same answers as on the long way."""
        said = self.cleaned_data
        told = ("necessity", "proportionality", "child_told", "parents_told", "not_told_why")
        return {
            "who": {"team": int(said["team"]), "purpose": str(Purpose.DANGER)},
            "what": {"whole": said["kinds"], "left_out": [], "part": [], "harm_suspected": ""},
            "why": {
                **{name: said[name] for name in told},
                "consent_limb": said["consent_limb"],
                "decision": str(Result.SHARED),
                "detriment": "",
                "until": "",
            },
        }
