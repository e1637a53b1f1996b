"""What a quarter and a pod can take, as people type it."""

from typing import Any

from django import forms
from django.forms import formset_factory

from backlog.forms.days import DayField
from backlog.forms.merging import MergingForm
from backlog.models import Pod, Quarter
from experiments.flows.limiting import MOST_WEEKS, limits_of
from experiments.forms.numbers import FigureField, PercentField
from experiments.forms.plan_rows import RowForm, RowFormSet

NUMBER = "Enter a whole number, such as 8."


class QuarterLimitsForm(MergingForm, forms.Form):
    """Limits of a quarter; the share is typed in per cent and kept as a fraction."""

    tests_at_once = forms.IntegerField(
        label="Experiments at once, over all pods",
        min_value=0,
        max_value=1000,
        error_messages={"invalid": NUMBER, "max_value": "Enter at most 1,000 experiments."},
    )
    share_limit = PercentField(
        label="Share of a segment that may be booked, in %",
        help_text="Experiments that use the same segment in the same week share it. The calendar warns above this share.",
    )
    tests_per_objective = forms.IntegerField(
        label="Experiments for each objective, at least",
        min_value=0,
        max_value=20,
        help_text="“Plan my quarter” places at least so many. Enter 0 if an objective may stay without one.",
        error_messages={"invalid": NUMBER, "max_value": "Enter at most 20 experiments."},
    )

    def __init__(self, data: Any = None, *, quarter: Quarter) -> None:
        super().__init__(
            data,
            initial={
                "tests_at_once": quarter.tests_at_once,
                "share_limit": quarter.share_limit * 100,
                "tests_per_objective": quarter.tests_per_objective,
            },
        )


class PodWeekForm(RowForm):
    """A week in which a pod has other people-days than usual; an empty row is left out."""

    typed = ("starts_on", "people_days", "reason")
    starts_on = DayField(
        label="Week of",
        error_messages={"required": "Choose a day of the week, or remove the row."},
    )
    people_days = FigureField(
        label="People-days",
        min_value=0,
        max_value=1000,
        error_messages={
            "required": "Enter the people-days of this week. 0 means that nobody is there.",
            "min_value": "Enter 0 or more days.",
            "max_value": "Enter at most 1,000 days.",
        },
        widget=forms.TextInput(attrs={"inputmode": "decimal", "placeholder": "People-days"}),
    )
    reason = forms.CharField(
        label="Why",
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": "Why, such as “summer holidays”"}),
    )


PodWeekFormSet = formset_factory(
    PodWeekForm,
    formset=RowFormSet,
    extra=1,
    max_num=MOST_WEEKS,
    validate_max=True,
    can_delete=True,
)


class PodLimitsForm(MergingForm, forms.Form):
    """What a pod can take on in a week, and the weeks that differ."""

    people_days = FigureField(
        label="People-days a week",
        required=False,
        min_value=0,
        max_value=1000,
        help_text="The working days that the pod has for building experiments, over all its people. Leave it empty if you don’t want to plan by it.",
        error_messages={
            "min_value": "Enter 0 or more days.",
            "max_value": "Enter at most 1,000 days a week.",
        },
    )
    tests_at_once = forms.IntegerField(
        label="Experiments at once",
        min_value=0,
        max_value=100,
        error_messages={"invalid": NUMBER, "max_value": "Enter at most 100 experiments."},
    )

    def __init__(self, data: Any = None, *, pod: Pod) -> None:
        limits = limits_of(pod)
        initial = {"people_days": limits.people_days, "tests_at_once": limits.tests_at_once}
        super().__init__(data, initial=initial)
        weeks = pod.weeks.values("starts_on", "people_days", "reason")
        self.lists["weeks"] = PodWeekFormSet(data, initial=list(weeks), prefix="weeks")

    @property
    def weeks(self) -> Any:
        return self.lists["weeks"]

    def values(self) -> dict[str, Any]:
        return {**self.cleaned_data, "weeks": self.weeks.rows()}
