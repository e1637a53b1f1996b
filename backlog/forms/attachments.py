"""A link or a file for an idea."""

from django import forms

from backlog.flows.attaching import SMALLER, TAKEN
from backlog.forms.files import SentField


class LinkForm(forms.Form):
    url = forms.URLField(
        label="Address",
        max_length=1000,
        assume_scheme="https",
        error_messages={
            "required": "Enter an address, or choose a file.",
            "invalid": "Enter an address that begins with http:// or https://.",
        },
    )
    name = forms.CharField(
        label="What it is",
        max_length=120,
        required=False,
        help_text="Shown instead of the address.",
    )

    def clean_url(self) -> str:
        """Web pages only: nothing that a browser would run or mail."""
        url = str(self.cleaned_data["url"])
        if not url.lower().startswith(("http://", "https://")):
            raise forms.ValidationError("Enter an address that begins with http:// or https://.")
        return url


class AttachedFileForm(forms.Form):
    file = SentField(
        setting="ATTACHMENT_MAX_BYTES",
        advice=SMALLER,
        label="Image or PDF",
        help_text=TAKEN,
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp,image/gif,.pdf"}),
        error_messages={
            "required": "Choose a file first.",
            "empty": "This file is empty. Choose another one.",
        },
    )
