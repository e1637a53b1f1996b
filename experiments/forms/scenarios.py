"""What a proposal is to keep to."""

from typing import Any

from django import forms

from backlog.models import Pod, Quarter, User
from experiments.flows.quarter.scenarios import LONGEST, USUAL
from experiments.forms.numbers import PercentField


class ScenarioForm(forms.Form):
    """Whose tests are placed, and under which limits; an empty limit is the quarter's own."""

    name = forms.CharField(
        label="Name", max_length=60, error_messages={"required": "Give the proposal a name."}
    )
    pod = forms.ModelChoiceField(label="Tests of", queryset=Pod.objects.none(), required=False)
    tests_per_objective = forms.IntegerField(
        label="Tests for each objective, at least", min_value=0, max_value=20, required=False
    )
    booked_limit = PercentField(
        label="Most of a segment that may be booked, in %",
        min_value=1, max_value=100, required=False,
    )  # fmt: skip
    at_once = forms.IntegerField(
        label="Tests at once, over all pods", min_value=1, max_value=1000, required=False
    )
    moves_planned = forms.BooleanField(
        label="Move drafts that have a place already", required=False,
        help_text="Without it, everything on the calendar stays where it is.",
    )  # fmt: skip
    seconds = forms.IntegerField(
        label="Seconds to search, at most", min_value=1, max_value=LONGEST, initial=USUAL
    )

    def __init__(self, data: Any = None, *, by: User, quarter: Quarter, number: int) -> None:
        initial = {
            "name": f"Proposal {number}",
            "tests_per_objective": quarter.tests_per_objective,
            "booked_limit": quarter.share_limit * 100,
            "at_once": quarter.tests_at_once,
            "seconds": USUAL,
        }
        super().__init__(data, initial=initial)
        pod: Any = self.fields["pod"]
        pod.queryset = Pod.objects.led_by(by)
        pod.required = not by.has_perm("experiments.plan_every_pod")
        pod.empty_label = None if pod.required else "Every pod"

    def limits(self) -> dict[str, Any]:
        names = ("tests_per_objective", "booked_limit", "at_once", "moves_planned", "seconds")
        values = {name: self.cleaned_data[name] for name in names}
        return {**values, "tests_per_objective": values["tests_per_objective"] or 0}
