"""What somebody types who stops a share or renews it."""

from typing import Any

from django.utils import timezone

from portal.common.clock import LONDON
from portal.common.forms import KnownDateField, PageForm
from sharing.disclosures.forms.told import box, latest, one_of


class StopForm(PageForm):
    """The reason for which sharing stops."""

    why = box("Why does sharing stop?", "Write why sharing stops. A sentence is enough")


class RenewForm(PageForm):
    """A fresh reason, and a fresh end."""

    necessity = box(
        "What will they do with it that they could not do otherwise?",
        "Say what they will use it for",
    )
    proportionality = box(
        "Is there a smaller amount that would do?", "Say why a smaller amount would not do"
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

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        until = cleaned.get("until")
        if cleaned.get("ends") == "date" and not until and "until" not in self.errors:
            self.add_error("until", "Enter the last day")
        if until and not timezone.now().astimezone(LONDON).date() <= until <= latest():
            self.add_error("until", "The last day must be today or later, and within 2 years")
        return cleaned

    def answers(self) -> dict[str, Any]:
        """What is said afresh."""
        said = self.cleaned_data
        ends = said["until"].isoformat() if said["ends"] == "date" else ""
        return {
            "necessity": said["necessity"],
            "proportionality": said["proportionality"],
            "until": ends,
        }
