"""Where a test is put on the calendar: dates as people say them, what they had seen, and a reason."""

import datetime as dt
from typing import Any

from django import forms

from experiments.models import Experiment

REASON = 500
ISO_DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def days_seen(test: Experiment) -> str:
    """What somebody who drags a bar has before them; compared when they let go.

    >>> days_seen(Experiment(starts_on=dt.date(2026, 11, 2), ends_on=dt.date(2026, 11, 30)))
    '2026-11-02/2026-11-30'
    """
    return f"{test.starts_on or ''}/{test.ends_on or ''}"


class PlaceForm(forms.Form):
    """A place for one test; `seen` is `days_seen` of the bar that was picked up, or empty."""

    starts_on = forms.DateField(
        label="First day", widget=ISO_DAY, error_messages={"invalid": "This is not a day."}
    )
    last_day = forms.DateField(
        label="Last day", widget=ISO_DAY, error_messages={"invalid": "This is not a day."}
    )
    reason = forms.CharField(
        label="Why here all the same?",
        required=False,
        max_length=REASON,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    seen = forms.CharField(required=False, max_length=30, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        first, last = values.get("starts_on"), values.get("last_day")
        for name, day in (("starts_on", first), ("last_day", last)):
            if day and not 2000 <= day.year <= 2200:
                self.add_error(name, "Choose a day between 2000 and 2200.")
        if first and last and 2000 <= last.year <= 2200:
            values["ends_on"] = last + dt.timedelta(days=1)
        return values

    @property
    def days(self) -> tuple[dt.date, dt.date]:
        """First day and the day after the last."""
        return self.cleaned_data["starts_on"], self.cleaned_data["ends_on"]

    def is_overtaken(self, test: Experiment) -> bool:
        """Somebody moved it since the bar was picked up."""
        seen = self.cleaned_data.get("seen", "")
        return bool(seen) and seen != days_seen(test)
