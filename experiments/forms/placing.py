"""Where a test is put on the calendar: dates as people say them, what they had seen, and a reason."""

import datetime as dt
from typing import Any

from django import forms

from backlog.forms.days import DayField
from experiments.models import Experiment

REASON = 500


def days_seen(test: Experiment) -> str:
    """What somebody who drags a bar has before them; compared when they let go.

    >>> days_seen(Experiment(starts_on=dt.date(2026, 11, 2), ends_on=dt.date(2026, 11, 30)))
    '2026-11-02/2026-11-30'
    """
    return f"{test.starts_on or ''}/{test.ends_on or ''}"


class PlaceForm(forms.Form):
    """A place for one test; `seen` is `days_seen` of the bar that was picked up, or empty."""

    starts_on = DayField(label="First day")
    last_day = DayField(label="Last day")
    reason = forms.CharField(
        label="Why here all the same?",
        required=False,
        max_length=REASON,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    seen = forms.CharField(required=False, max_length=30, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if last := values.get("last_day"):
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
