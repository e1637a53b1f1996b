"""What of a sealed plan may change, and why."""

import datetime as dt
from typing import Any

from django import forms

from backlog.forms.choices import with_present
from backlog.forms.days import DayField
from backlog.forms.merging import MergingForm
from backlog.models import User
from experiments.flows.amending import has_been_looked_at, price_of_a_new_end
from experiments.forms.numbers import FigureField
from experiments.models import Experiment, ExperimentMetric


def price_words(experiment: Experiment, price: float) -> str:
    """What a new end costs, for whoever is about to choose one."""
    planned = experiment.plan_at_launch.statistics.alpha
    return (
        f"A result has been seen. With a new end, an experiment without any effect “wins” in "
        f"{price * 100:.2g} % of cases instead of {planned * 100:.2g} %. The results will say so."
    )


class AmendForm(MergingForm, forms.Form):
    """Only what is changed is sent on; a guardrail's margin only before the first look."""

    last_day = DayField(label="Last day")
    units_per_week = forms.IntegerField(
        label="Units a week", min_value=1, max_value=10**12, required=False
    )
    owner = forms.ModelChoiceField(queryset=User.objects.none(), empty_label=None)
    analyst = forms.ModelChoiceField(queryset=User.objects.none(), empty_label=None)
    reason = forms.CharField(
        label="Why does it change?",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="It is recorded beside the plan, with your name and the date.",
    )

    def __init__(self, data: Any = None, *, experiment: Experiment) -> None:
        super().__init__(data, initial={
            "last_day": experiment.last_day, "units_per_week": experiment.units_per_week,
            "owner": experiment.owner_id, "analyst": experiment.analyst_id,
        })  # fmt: skip
        self.experiment = experiment
        if price := price_of_a_new_end(experiment):
            self.fields["last_day"].help_text = price_words(experiment, price)
        people = User.objects.working_with_pod(experiment.pod)
        for name in ("owner", "analyst"):
            offered = with_present(people, getattr(experiment, f"{name}_id"))
            self.fields[name].queryset = offered  # type: ignore[attr-defined]
        self.guardrails: list[ExperimentMetric] = []
        if not has_been_looked_at(experiment):
            self._ask_margins()
        self.order_fields([name for name in self.fields if name != "reason"] + ["reason"])

    def _ask_margins(self) -> None:
        for row in self.experiment.measured:
            if row.role == ExperimentMetric.Role.GUARDRAIL and row.margin is not None:
                is_share = row.metric.kind == "proportion"
                self.guardrails.append(row)
                self.fields[f"margin_{row.pk}"] = FigureField(
                    label=f"“{row.metric}” may get worse by" + (" (points)" if is_share else ""),
                    min_value=0,
                    initial=round(row.margin * (100 if is_share else 1), 10),
                )

    def changes(self, experiment: Experiment) -> dict[str, Any]:
        """What differs from the experiment as it is now, in the words of the flow."""
        values, changes = self.cleaned_data, {}
        ends_on = values["last_day"] + dt.timedelta(days=1)
        wanted = {
            "ends_on": ends_on,
            **{n: values[n] for n in ("units_per_week", "owner", "analyst")},
        }
        for name, value in wanted.items():
            if value != getattr(experiment, name):
                changes[name] = value
        margins = {}
        for row in self.guardrails:
            typed = values[f"margin_{row.pk}"]
            margin = typed / 100 if row.metric.kind == "proportion" else typed
            if abs(margin - (row.margin or 0)) > 1e-12:
                margins[row.metric.name] = margin
        return {**changes, "margins": margins} if margins else changes
