"""To whom a quarter report is mailed."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from experiments.flows.health.report_links import MOST_ADDRESSES, PERIODS

DIVIDERS = re.compile(r"[\s,;]+")


class ReportMailForm(forms.Form):
    """E-mail addresses, and for how many days theirs work."""

    addresses = forms.CharField(
        label="E-mail addresses",
        max_length=2000,
        help_text=f"At most {MOST_ADDRESSES}, divided by commas, spaces or lines.",
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "Enter at least one e-mail address."},
    )
    days = forms.TypedChoiceField(
        label="Works for",
        coerce=int,
        initial=30,
        choices=[(days, f"{days} days") for days in PERIODS],
        error_messages={"invalid_choice": "Choose one of the periods."},
    )

    def clean_addresses(self) -> list[str]:
        """Each once, in the order in which they were typed."""
        typed = DIVIDERS.split(str(self.cleaned_data["addresses"]).strip())
        each: dict[str, str] = {}
        for address in typed:
            try:
                validate_email(address)
            except ValidationError as error:
                raise ValidationError(f"“{address}” is not an e-mail address.") from error
            each.setdefault(address.lower(), address)
        return list(each.values())
