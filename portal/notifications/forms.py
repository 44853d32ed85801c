"""How somebody hears by email, and why an operator stops it."""

from typing import Any

from django import forms

from portal.common.forms import PageForm
from portal.notifications.vocabulary import When

HOURS = [(str(hour), f"{hour % 12 or 12}{'pm' if hour >= 12 else 'am'}") for hour in range(6, 21)]


def _way(label: str, says: str) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label,
        help_text=says,
        choices=When.choices,
        coerce=When,
        widget=forms.RadioSelect,
        error_messages={"required": f"{label}: select how we tell you"},
    )


class PreferencesForm(PageForm):
    """How emails come. What asks to act now comes at once, so nothing is asked about it."""

    to_do = _way("To do", "Something waits for you, and not for long.")
    for_information = _way("For information", "There is nothing to do.")
    digest_hour = forms.TypedChoiceField(
        label="When the daily email comes",
        choices=[("", "When everybody gets it here"), *HOURS],
        coerce=int,
        empty_value=None,
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # An hour that was chosen before stays one that can be chosen.
        chosen = self.initial.get("digest_hour")
        field: Any = self.fields["digest_hour"]
        if chosen is not None and str(chosen) not in dict(field.choices):
            field.choices = [*field.choices, (str(chosen), f"{chosen}:00")]


class StopForm(PageForm):
    """Why all outgoing mail is stopped."""

    why = forms.CharField(
        label="Why outgoing mail is to stop",
        help_text="Name nobody. For example: our mail server may be in wrong hands.",
        max_length=200,
        error_messages={
            "required": "Write why you stop outgoing mail",
            "max_length": "The reason must be %(limit_value)d characters or less",
        },
    )
