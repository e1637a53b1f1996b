"""The plan of an experiment: what it is for, its arms, its metrics, who, when."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.forms import BaseFormSet, formset_factory
from django.http import QueryDict

from backlog.models import Idea, Objective, User
from experiments.forms.numbers import FigureField, PercentField
from experiments.models import Experiment, ExperimentMetric, Metric


def _date_input() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class PlanForm(forms.Form):
    """The plan without its arms and metrics; people name the last day, not the day after."""

    title = forms.CharField(max_length=200, error_messages={"required": "Give it a title."})
    objective = forms.ModelChoiceField(
        queryset=Objective.objects.none(), required=False, empty_label="None yet"
    )
    owner = forms.ModelChoiceField(
        queryset=User.objects.none(), required=False, empty_label="Nobody yet"
    )
    analyst = forms.ModelChoiceField(
        queryset=User.objects.none(),
        required=False,
        empty_label="Nobody yet",
        help_text="Reads the result; better not the owner.",
    )
    audience = forms.CharField(
        label="Who gets it", max_length=200, required=False, help_text="One named segment."
    )
    excluded = forms.CharField(
        label="Who must not receive it",
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="One rule a line: open support tickets, opted out, already converted.",
    )
    units_per_week = forms.IntegerField(
        label="Units a week",
        min_value=1,
        max_value=10**12,
        required=False,
        help_text="How many new people reach it in a week, over all arms.",
    )
    starts_on = forms.DateField(label="First day", required=False, widget=_date_input())
    last_day = forms.DateField(label="Last day", required=False, widget=_date_input())
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, data: Any = None, *, source: Idea | Experiment, said: dict[str, Any] | None = None
    ) -> None:
        super().__init__(data, initial=said or said_by(source))
        pod = source.pod
        chosen = [source.objective_id] if source.objective_id else []
        goals = Objective.objects.open_to(pod) | Objective.objects.filter(pk__in=chosen)
        people = User.objects.filter(memberships__pod=pod, is_active=True) | User.objects.filter(
            role__in=(User.Role.OWNER, User.Role.ADMIN), is_active=True
        )
        self.fields["objective"].queryset = goals.distinct()  # type: ignore[attr-defined]
        for name in ("owner", "analyst"):
            self.fields[name].queryset = people.distinct().order_by("name")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        first, last = values.get("starts_on"), values.pop("last_day", None)
        if bool(first) != bool(last):
            self.add_error("last_day" if first else "starts_on", "Give both days, or neither.")
        elif first and last and last < first:
            self.add_error("last_day", "The last day comes before the first.")
        values["ends_on"] = last + dt.timedelta(days=1) if last else None
        return values


def said_by(source: Idea | Experiment) -> dict[str, Any]:
    """What the form says before anybody types."""
    if isinstance(source, Idea):
        return {
            "title": source.title,
            "objective": source.objective_id,
            "owner": source.owner_id,
            "audience": source.audience[:200],
        }
    names = ("title", "objective", "owner", "analyst", "audience", "excluded", "units_per_week",
             "starts_on", "last_day", "version")  # fmt: skip
    return {name: getattr(source, name) for name in names}


class ArmForm(forms.Form):
    """One arm; the first of the list is the control."""

    name = forms.CharField(max_length=60, error_messages={"required": "Name this arm."})
    description = forms.CharField(label="What it gets", max_length=300, required=False)
    weight = forms.FloatField(
        label="Share", min_value=0.0001, initial=50, error_messages={"min_value": "More than 0."}
    )


class MetricForm(forms.Form):
    """One metric's part. Shares and lifts are typed in per cent and kept as fractions."""

    role = forms.ChoiceField(
        choices=ExperimentMetric.Role.choices, initial=ExperimentMetric.Role.SECONDARY
    )
    name = forms.CharField(
        label="Metric",
        max_length=80,
        error_messages={"required": "Name the metric."},
        widget=forms.TextInput(attrs={"list": "metrics-known", "autocomplete": "off"}),
    )
    kind = forms.ChoiceField(choices=Metric.Kind.choices, initial=Metric.Kind.PROPORTION)
    direction = forms.ChoiceField(
        choices=Metric.Direction.choices, initial=Metric.Direction.INCREASE
    )
    baseline = FigureField(label="Now", required=False)
    baseline_sd = FigureField(label="Standard deviation", required=False, min_value=0)
    smallest_effect = PercentField(label="Smallest lift that matters", required=False)
    margin = FigureField(label="May get worse by", required=False, min_value=0)

    def __init__(
        self, *args: Any, known: Mapping[str, Metric] | None = None, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.known = known or {}

    def figures(self) -> list[tuple[Any, str, str, bool]]:
        """Field, class, unit, whether the unit stands for every kind; CSS shows what a row needs."""
        return [
            (self["baseline"], "f-now", "%", False),
            (self["baseline_sd"], "f-sd", "", False),
            (self["smallest_effect"], "f-lift", "%", True),
            (self["margin"], "f-margin", "points", False),
        ]

    def clean(self) -> dict[str, Any]:
        """Bring a proportion's figures from per cent to fractions; hold a known name to its kind."""
        values = super().clean() or self.cleaned_data
        known = self.known.get(str(values.get("name", "")).casefold())
        for name in ("kind", "direction") if known else ():
            if name in values and values[name] != getattr(known, name):
                is_kept_as = getattr(known, f"get_{name}_display")()
                self.add_error(name, f"“{known}” is kept as: {is_kept_as.lower()}. "
                                     "Choose that, or give this one another name.")  # fmt: skip
        if values.get("kind") == Metric.Kind.PROPORTION:
            for name in ("baseline", "margin"):
                if values.get(name) is not None:
                    values[name] /= 100
            if values.get("baseline") is not None and not 0 <= values["baseline"] <= 1:
                self.add_error("baseline", "A share lies between 0 and 100 %.")
        return values


class AtLeastOnce(BaseFormSet):  # type: ignore[type-arg]
    """Rows that hold together: no name twice."""

    twice = "Two rows have the same name."

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.extra = max(0, len(self.initial or ()) - self.min_num)

    def initial_form_count(self) -> int:
        """None: a row that was offered and left as it was does not count."""
        return 0

    def clean(self) -> None:
        names = [row["name"].strip().casefold() for row in self.rows() if row.get("name")]
        if len(set(names)) < len(names):
            raise forms.ValidationError(self.twice)

    def rows(self) -> list[dict[str, Any]]:
        """What was typed, without the rows that were removed."""
        return [
            {key: value for key, value in form.cleaned_data.items() if key != "DELETE"}
            for form in self.forms
            if getattr(form, "cleaned_data", None) and not form.cleaned_data.get("DELETE")
        ]


class Arms(AtLeastOnce):
    twice = "Two arms have the same name."

    def rows(self) -> list[dict[str, Any]]:
        return [{**row, "is_control": position == 0} for position, row in enumerate(super().rows())]


class Metrics(AtLeastOnce):
    twice = "A metric stands there twice."

    def clean(self) -> None:
        super().clean()
        if sum(row.get("role") == "primary" for row in self.rows()) > 1:
            raise forms.ValidationError("Only one metric is the primary one; it decides.")


MOST_ROWS = 20
ArmFormSet = formset_factory(
    ArmForm, formset=Arms, extra=0, min_num=2, validate_min=True, max_num=14, validate_max=True,
    can_delete=True,
)  # fmt: skip
MetricFormSet = formset_factory(
    MetricForm, formset=Metrics, extra=0, min_num=1, validate_min=True, max_num=MOST_ROWS,
    validate_max=True, can_delete=True,
)  # fmt: skip


class Plan:
    """The three forms of a plan as one: `is_valid()`, `fields()`, `arms`, `metrics`."""

    def __init__(
        self, data: Any = None, *, source: Idea | Experiment, typed: QueryDict | None = None
    ) -> None:
        """`typed` is what stands in the page's form already: shown again, not judged yet."""
        arms, metrics = rows_of(source)
        said = None
        if typed is not None:
            said = {name: typed.get(name) for name in PlanForm.base_fields}
            arms, metrics = _typed_rows(typed, "arms"), _typed_rows(typed, "metrics")
        self.known = {row.name.casefold(): row for row in Metric.objects.open_to(source.pod)}
        self.form = PlanForm(data, source=source, said=said)
        self.arms: Any = ArmFormSet(data, initial=arms, prefix="arms")
        self.metrics: Any = MetricFormSet(
            data, initial=metrics, prefix="metrics", form_kwargs={"known": self.known}
        )

    def is_valid(self) -> bool:
        return all([self.form.is_valid(), self.arms.is_valid(), self.metrics.is_valid()])

    def fields(self) -> dict[str, Any]:
        """What a flow takes: the plan's fields with `arms` and `metrics`."""
        return {
            **self.form.cleaned_data,
            "arms": self.arms.rows(),
            "metrics": self.metrics.rows(),
        }


def _typed_rows(typed: QueryDict, prefix: str) -> list[dict[str, Any]]:
    """The rows as they were typed, without the removed ones; `more` asks for one more."""
    total = typed.get(f"{prefix}-TOTAL_FORMS", "")
    count = min(int(total), MOST_ROWS) if total.isdecimal() else 0
    form = ArmForm if prefix == "arms" else MetricForm
    rows = [
        {name: typed.get(f"{prefix}-{n}-{name}", "") for name in form.base_fields}
        for n in range(count)
        if not typed.get(f"{prefix}-{n}-DELETE")
    ]
    return [*rows, {}] if typed.get("more") == prefix else rows


def rows_of(
    source: Idea | Experiment,
) -> tuple[Sequence[dict[str, Any]], Sequence[dict[str, Any]]]:
    if isinstance(source, Idea):
        arms = [
            {"name": "As it is", "weight": 50},
            {"name": "", "description": source.change[:300], "weight": 50},
        ]
        return arms, [{"role": role} for role in ExperimentMetric.Role.values]
    arms = [
        {"name": arm.name, "description": arm.description, "weight": arm.weight}
        for arm in source.arms
    ]
    return arms, [_shown(part) for part in source.measured]


def _shown(part: ExperimentMetric) -> dict[str, Any]:
    """A metric's part in the figures that people type."""
    per = 100 if part.metric.kind == Metric.Kind.PROPORTION else 1

    def times(value: float | None, factor: float) -> float | None:
        return None if value is None else round(value * factor, 10)

    return {
        "role": part.role,
        "name": part.metric.name,
        "kind": part.metric.kind,
        "direction": part.metric.direction,
        "baseline": times(part.baseline, per),
        "baseline_sd": part.baseline_sd,
        "smallest_effect": times(part.smallest_effect, 100),
        "margin": times(part.margin, per),
    }
