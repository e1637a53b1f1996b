"""First and last day of an experiment, as people say them."""

import datetime as dt
from typing import Any

from django import forms

from backlog.forms.days import DayField
from backlog.forms.merging import MergingForm
from experiments.flows.amending import price_of_a_new_end
from experiments.forms.amendment import price_words
from experiments.models import Experiment


class DatesForm(MergingForm, forms.Form):
    """People name the last day; the flow takes the first day after."""

    starts_on = DayField(label="First day")
    last_day = DayField(label="Last day")
    reason = forms.CharField(
        label="Why do the dates change?",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="The plan is sealed, so this is recorded as an amendment.",
    )

    def __init__(self, data: Any = None, *, experiment: Experiment) -> None:
        initial = {
            "starts_on": experiment.starts_on,
            "last_day": experiment.last_day,
        }
        super().__init__(data, initial=initial)
        if experiment.is_sealed:
            self.fields["starts_on"].disabled = True
            if price := price_of_a_new_end(experiment):
                self.fields["last_day"].help_text = price_words(experiment, price)
        else:
            reason = self.fields["reason"]
            reason.required, reason.widget = False, forms.HiddenInput()
            reason.label, reason.help_text = "Why these days all the same?", ""

    def ask_why(self) -> None:
        """Show the reason: the calendar warns of these days."""
        self.fields["reason"].widget = forms.Textarea(attrs={"rows": 2, "maxlength": 1000})

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        first, last = values.get("starts_on"), values.pop("last_day", None)
        if first and last:
            if last < first:
                self.add_error("last_day", "The last day is before the first. Choose a later one.")
            values["ends_on"] = last + dt.timedelta(days=1)
        return values
