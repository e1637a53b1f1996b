"""What people answer when a quarter is turned."""

from typing import Any

from django import forms

from experiments.models import CarryOver, Experiment, Slip


class SlipForm(forms.Form):
    cause = forms.ChoiceField(
        choices=[("", "Choose a cause"), *Slip.Cause.choices],
        error_messages={"required": "Choose a cause."},
    )
    note = forms.CharField(
        max_length=300,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": "Note, needed for “something else”"}),
    )

    def __init__(self, data: Any = None, *, experiment: Experiment, initial: Any = None) -> None:
        super().__init__(data, initial=initial, auto_id=f"slip_{experiment.pk}_%s")
        self.experiment = experiment


class CarryForm(forms.Form):
    """An experiment that has started keeps its dates."""

    choice = forms.ChoiceField(
        label="What happens with it", error_messages={"required": "Choose what happens with it."}
    )

    def __init__(self, data: Any = None, *, experiment: Experiment) -> None:
        super().__init__(data, auto_id=f"carry_{experiment.pk}_%s")
        self.experiment = experiment
        self.fields["choice"].choices = [  # type: ignore[attr-defined]
            (value, label) for value, label in CarryOver.Choice.choices
            if value != CarryOver.Choice.CLEAR or not experiment.is_sealed
        ]  # fmt: skip
