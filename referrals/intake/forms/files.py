"""One file at a time: the file, what it is, what it is about, and whether it needs protecting."""

import unicodedata
from typing import Any, Final

from django import forms

from portal.common.forms import PageForm
from portal.documents.services.uploads import LABEL_LENGTH
from referrals.vocabulary import ASKED_TO_PROTECT, FILE_CATEGORIES, Protect

UNPROTECTED: Final = "none"
REASONS: Final = tuple(why for why in Protect if why not in (Protect.NONE, Protect.EXISTENCE))


class FileForm(PageForm):
    """Says nothing of the name that the file has on the person's device: nobody asks for it."""

    file = forms.FileField(
        label="Choose a file",
        allow_empty_file=True,
        max_length=None,
        error_messages={
            "required": "Choose a file",
            "invalid": "Choose a file",
            "missing": "Choose a file",
        },
    )
    label = forms.CharField(
        label="What is it?",
        help_text="A few words, such as \u2018attendance this term\u2019. Leave names out.",
        max_length=LABEL_LENGTH,
        error_messages={
            "required": "Say in a few words what the file is",
            "max_length": f"What it is must be {LABEL_LENGTH} characters or less",
        },
    )
    category = forms.ChoiceField(
        label="What is it mostly about?",
        help_text="This decides who may open it.",
        choices=[(str(category), category.label) for category in FILE_CATEGORIES],
        widget=forms.RadioSelect,
        error_messages={"required": "Select what it is mostly about"},
    )
    protect = forms.ChoiceField(
        label="Could it put someone at risk if the wrong person saw it?",
        choices=[
            (UNPROTECTED, "No"),
            *((str(why), f"Yes: {ASKED_TO_PROTECT[why]}") for why in REASONS),
            (str(Protect.EXISTENCE), "Yes: nobody else may know that there is such a file"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Select whether it could put someone at risk"},
    )

    def clean(self) -> dict[str, Any]:
        """A browser does not keep a file for another try: say so, whatever else is wrong."""
        cleaned = super().clean() or {}
        if self.errors and "file" not in self.errors:
            self.add_error("file", "Choose the file again. It was not kept")
        return cleaned

    def clean_label(self) -> str:
        """Without what cannot be seen, which could turn the words around or hide some."""
        label: str = self.cleaned_data["label"]
        seen = "".join(sign for sign in label if unicodedata.category(sign)[0] != "C").strip()
        if not seen:
            raise forms.ValidationError("Say in a few words what the file is")
        return seen

    def clean_protect(self) -> Protect:
        """The reason, or none."""
        chosen: str = self.cleaned_data["protect"]
        return Protect.NONE if chosen == UNPROTECTED else Protect(chosen)
