"""Assigning units: a namespace, a step of the ramp, a list to split or to check, a holdout."""

from typing import Any

from django import forms
from django.utils import timezone

from backlog.forms.files import TableField
from backlog.forms.merging import MergingForm
from backlog.models import Quarter
from experiments.models import Experiment, Metric
from experiments.units.assignment import RAMP_STEPS

LIST_HELP = (
    "A CSV whose first row names the columns, with up to two million rows. Floe keeps no ids."
)


def _column(label: str, help_text: str = "", *, required: bool = False) -> forms.CharField:
    return forms.CharField(label=label, max_length=200, required=required, help_text=help_text)


class NamespaceForm(MergingForm, forms.Form):
    """Which namespace it belongs to, and how much of it is booked."""

    namespace = forms.CharField(
        max_length=40,
        required=False,
        help_text="Experiments of one namespace never share a unit. Use small letters and hyphens, or leave it empty for none.",
    )
    share = forms.IntegerField(
        label="Share of it, in %", min_value=1, max_value=100, initial=100, required=False
    )

    def __init__(self, data: Any = None, *, experiment: Experiment) -> None:
        taken = sum(end - start for start, end in experiment.buckets) // 100
        space = experiment.namespace
        super().__init__(data, initial={"namespace": space.name if space else "", "share": taken})

    def clean_share(self) -> int:
        return self.cleaned_data["share"] or 100


class RampForm(MergingForm, forms.Form):
    """The share of units that are let in."""

    ramp = forms.TypedChoiceField(
        label="Let in", choices=[(step, f"{step} %") for step in RAMP_STEPS], coerce=int
    )
    reason = forms.CharField(
        max_length=300, required=False, help_text="What makes it safe to go on?"
    )

    def __init__(self, data: Any = None, *, experiment: Experiment) -> None:
        super().__init__(data, initial={"ramp": experiment.ramp})


class ListForm(forms.Form):
    """A list of ids; what else is asked depends on what is done with it."""

    file = TableField(
        setting="RESULTS_FILE_MAX_BYTES",
        advice="Leave out all columns except the id and those you split by.",
        label="List of ids", help_text=LIST_HELP,
        error_messages={"required": "Choose a file first."},
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt,text/csv"}),
    )  # fmt: skip
    unit = _column("Column with the id", "Leave it empty to use the first one.")


class SplitForm(ListForm):
    strata = _column(
        "Split evenly by", "Columns, separated by commas. Each group is then split as planned."
    )

    def clean_strata(self) -> list[str]:
        return [name.strip() for name in self.cleaned_data["strata"].split(",") if name.strip()]


class CheckForm(ListForm):
    arm = _column("Column with the arm", required=True)


class HoldoutForm(forms.Form):
    quarter = forms.ModelChoiceField(
        queryset=Quarter.objects.none(), empty_label="Choose a quarter"
    )
    share = forms.FloatField(
        label="Share held out, in %", initial=5, min_value=0.1, max_value=20,
        help_text="Units in it get no experiment of the quarter. 5 % is usual.",
    )  # fmt: skip

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        free = Quarter.objects.filter(holdout=None)
        self.fields["quarter"].queryset = free  # type: ignore[attr-defined]
        self.initial.setdefault("quarter", free.around(timezone.localdate()).first())


class HoldoutReadingForm(ListForm):
    outcome = _column("Column with the outcome", required=True)
    metric = forms.ModelChoiceField(queryset=Metric.objects.none(), empty_label="Choose one")

    def __init__(self, data: Any = None, files: Any = None, *, metrics: Any) -> None:
        super().__init__(data, files)
        self.fields["metric"].queryset = metrics.exclude(kind=Metric.Kind.RATIO)  # type: ignore[attr-defined]
