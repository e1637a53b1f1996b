"""The calculator's own page: everything in the address, so that it can be shared."""

from typing import Any

from django import forms

from experiments.forms.numbers import FigureField, PercentField
from experiments.forms.plan_rows import KINDS
from experiments.models import Experiment, Metric

EXAMPLE = {
    "kind": Metric.Kind.PROPORTION, "baseline": "4", "smallest_effect": "12.5", "arms": "2",
    "units_per_week": "8000", "reading": Experiment.Reading.FIXED, "looks": "3",
}  # fmt: skip
"""What the page opens with, so that it shows at once what it can do."""


class CalculatorForm(forms.Form):
    """What a size depends on; shares and lifts in per cent. What it can’t do without is required."""

    kind = forms.ChoiceField(choices=KINDS[:2], initial=Metric.Kind.PROPORTION, required=False)
    baseline = FigureField(
        label="Baseline",
        required=False,
        help_text="A share in per cent, or a mean in its own unit.",
    )
    baseline_sd = FigureField(
        label="Standard deviation",
        required=False,
        min_value=0,
        help_text="Needed for a mean only.",
    )
    smallest_effect = PercentField(
        label="Smallest lift that matters",
        required=False,
        help_text="In per cent of the baseline.",
    )
    arms = forms.IntegerField(min_value=2, max_value=14, initial=2, required=False)
    units_per_week = forms.IntegerField(
        label="Units a week", min_value=1, max_value=10**12, required=False,
        help_text="Without it you see units, and no weeks.",
    )  # fmt: skip
    reading = forms.ChoiceField(
        label="When results are read", choices=Experiment.Reading.choices, required=False
    )
    looks = forms.IntegerField(
        label="How many looks", min_value=2, max_value=10, initial=3, required=False,
        help_text="For planned looks only.",
    )  # fmt: skip
    correlation = FigureField(
        label="CUPED: correlation",
        required=False,
        min_value=0,
        max_value=0.99,
        help_text="Between the metric and the same figure before the experiment. Enter 0 without CUPED.",
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        needed = ["kind", "reading", "baseline", "smallest_effect"]
        if data and data.get("kind") == Metric.Kind.MEAN:
            needed.append("baseline_sd")
        for name in needed:  # an empty one is answered beside the form, not refused
            self.fields[name].is_needed = True  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """As the calculator asks; what can't be read is left out."""
        self.is_valid()
        values: dict[str, Any] = getattr(self, "cleaned_data", {})
        kind = values.get("kind") or Metric.Kind.PROPORTION
        baseline = values.get("baseline")
        if kind == Metric.Kind.PROPORTION and baseline is not None:
            baseline /= 100
        return {
            "kind": kind,
            "baseline": baseline,
            "baseline_sd": values.get("baseline_sd"),
            "smallest_effect": values.get("smallest_effect"),
            "arms": values.get("arms") or 2,
            "units_per_week": values.get("units_per_week"),
            "reading": values.get("reading") or Experiment.Reading.FIXED.value,
            "looks": values.get("looks"),
            "correlation": values.get("correlation") or 0.0,
        }
