"""To whom a quarter report is mailed."""

from django import forms

from backlog.forms.addresses import addresses_in
from experiments.flows.health.report_links import MOST_ADDRESSES, PERIODS


class ReportMailForm(forms.Form):
    """E-mail addresses, and for how many days theirs work."""

    addresses = forms.CharField(
        label="E-mail addresses",
        max_length=2000,
        help_text=f"At most {MOST_ADDRESSES}, separated by commas, spaces or lines.",
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
        return addresses_in(self.cleaned_data["addresses"])
