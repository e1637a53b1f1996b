"""The plan of an experiment: what it is for, its arms, its metrics, who, when."""

import datetime as dt
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Self, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import QueryDict

from backlog.forms.choices import with_present
from backlog.forms.days import DayField
from backlog.forms.merging import MergingForm
from backlog.models import Idea, Objective, User
from backlog.refusals import Refused
from experiments.forms.numbers import FigureField
from experiments.forms.plan_filling import (
    offers_of,
    rows_of,
    rows_of_template,
    rules_of,
    segment_of,
    take_dates,
    take_offer,
    take_segment,
    typed_rows,
    values_of_source,
    values_of_template,
    with_rules,
)
from experiments.forms.plan_rows import ArmFormSet, MetricFormSet, RuleFormSet
from experiments.models import Experiment, Metric, PlanTemplate, Segment
from experiments.plan.document import Statistics

USUAL_LEVEL = Statistics().confidence
LEVELS = (("0.9", "90 %"), ("0.95", "95 %, as usual"), ("0.99", "99 %"))


class PlanForm(MergingForm, forms.Form):
    """The plan without its arms and metrics; people name the last day, not the day after."""

    title = forms.CharField(max_length=200, error_messages={"required": "Give it a title."})
    objective = forms.ModelChoiceField(
        queryset=Objective.objects.none(), required=False, empty_label="None yet"
    )
    owner = forms.ModelChoiceField(
        queryset=User.objects.none(), required=False, empty_label="Nobody yet"
    )
    launcher = forms.ModelChoiceField(
        queryset=User.objects.none(),
        required=False,
        empty_label="Nobody yet",
        help_text="A lead other than the author.",
    )
    analyst = forms.ModelChoiceField(
        queryset=User.objects.none(),
        required=False,
        empty_label="Nobody yet",
        help_text="Reads the result. Neither the author nor the launcher.",
    )
    segment = forms.ModelChoiceField(
        queryset=Segment.objects.none(), required=False, empty_label="Not from the list"
    )
    audience = forms.CharField(
        label="Who gets it", max_length=200, required=False, help_text="In words."
    )
    audience_size = forms.IntegerField(
        label="How many they are", min_value=1, max_value=10**12, required=False
    )
    channel = forms.CharField(max_length=40, required=False)
    frequency_cap = forms.CharField(
        label="Frequency cap",
        max_length=120,
        required=False,
        help_text="For example, at most 2 messages a week.",
    )
    default_variant = forms.CharField(
        label="If a field is empty",
        max_length=200,
        required=False,
        help_text="What to send where a name or another field is empty.",
    )
    units_per_week = forms.IntegerField(
        label="Units a week",
        min_value=1,
        max_value=10**12,
        required=False,
        help_text="How many new people it reaches each week, over all arms.",
    )
    value_per_unit = FigureField(
        label="What one more is worth",
        required=False,
        min_value=0,
        help_text="Per unit that converts, or per unit of a mean. Results then show the value of a year.",
    )
    currency = forms.CharField(
        max_length=8, required=False, help_text="For example €.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    starts_on = DayField(label="First day", required=False)
    last_day = DayField(label="Last day", required=False)
    reading = forms.ChoiceField(
        label="When results are read",
        choices=Experiment.Reading.choices,
        required=False,
        initial=Experiment.Reading.FIXED,
        widget=forms.RadioSelect,
    )
    looks = forms.IntegerField(
        label="How many looks",
        min_value=2,
        max_value=10,
        required=False,
        initial=3,
        help_text="For planned looks only. They are spread evenly over the planned units.",
    )
    confidence = forms.TypedChoiceField(
        label="How sure",
        choices=LEVELS,
        coerce=float,
        required=False,
        initial="0.95",
        help_text="Of ranges and verdicts. Surer takes more units; it is sealed with the plan.",
    )
    decision_table = forms.CharField(
        label="Decision table",
        max_length=1500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Optional, in addition to the rule. One case per line, such as “flat, cheaper → ship”.",
    )
    template = forms.ModelChoiceField(
        queryset=PlanTemplate.objects.none(), required=False, widget=forms.HiddenInput
    )

    def __init__(
        self, data: Any = None, *, source: Idea | Experiment, values: dict[str, Any] | None = None
    ) -> None:
        super().__init__(data, initial=values or values_of_source(source))
        if isinstance(source, Idea):
            self.is_of_something_new()
        pod = source.pod
        offered: dict[str, Any] = {
            "objective": Objective.objects.open_to(pod),
            "segment": Segment.objects.open_to(pod),
            "template": PlanTemplate.objects.open_to(pod),
        }
        for name, rows in offered.items():
            present = getattr(source, f"{name}_id", None)
            self.fields[name].queryset = with_present(rows, present)  # type: ignore[attr-defined]
        objectives: Any = self.fields["objective"]
        objectives.queryset = objectives.queryset.with_labels()
        self._offer_people(source)
        self._offer_levels(source)

    def _offer_levels(self, source: Idea | Experiment) -> None:
        """The usual ones, and that of the plan where it is another."""
        now = source.confidence if isinstance(source, Experiment) else USUAL_LEVEL
        choices = list(LEVELS)
        if str(now) not in dict(choices):
            choices.append((str(now), f"{now * 100:.4g} %"))
        self.fields["confidence"].choices = choices  # type: ignore[attr-defined]

    def _offer_people(self, source: Idea | Experiment) -> None:
        """Who works with the pod, asked for once, and in each field who stands there now."""
        here = {person.pk: person for person in User.objects.working_with_pod(source.pod)}
        for name in Experiment.PARTS:
            # Who has left takes no part in a new experiment.
            now = getattr(source, f"{name}_id") if isinstance(source, Experiment) else None
            has_left = now is not None and now not in here
            people = [*here.values(), getattr(source, name)] if has_left else list(here.values())
            self.fields[name].queryset = User.objects.filter(  # type: ignore[attr-defined]
                pk__in=[person.pk for person in people]
            )
            self.fields[name].choices = [  # type: ignore[attr-defined]
                ("", "Nobody yet"),
                *((person.pk, str(person)) for person in people),
            ]

    def of_now(self, obj: Model, fresh: Model) -> MergingForm:
        """With the present arms, metrics and rules."""
        return PlanForms.empty(source=cast(Experiment, fresh)).form

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        first, last = values.get("starts_on"), values.pop("last_day", None)
        if bool(first) != bool(last):
            self.add_error("last_day" if first else "starts_on", "Set both days or neither.")
        elif first and last and last < first:
            self.add_error("last_day", "The last day is before the first. Choose a later one.")
        values["ends_on"] = last + dt.timedelta(days=1) if last else None
        values["reading"] = values.get("reading") or Experiment.Reading.FIXED
        values["looks"] = values.get("looks") or 3
        values["confidence"] = values.get("confidence") or USUAL_LEVEL
        return values


class PlanForms:
    """The four forms of a plan as one: `is_valid()`, `fields()`, `arms`, `metrics`, `rules`.

    Made by `bound`, `empty` or `typed`. With `by`, what decided tests say of a metric is offered
    beside its row.
    """

    def __init__(
        self, source: Idea | Experiment, by: User | None, begin: "Begin", data: Any = None
    ) -> None:
        self.source = source
        self.known = {row.name.casefold(): row for row in Metric.objects.open_to(source.pod)}
        self.offers = offers_of(self.known, by) if by else {}
        values, arms, metrics, rules = begin(self)
        self.form = PlanForm(data, source=source, values=values)
        self.form.lists["arms"] = ArmFormSet(data, initial=arms, prefix="arms")
        idea = source if isinstance(source, Idea) else source.idea
        expects = idea.expected_effect.strip()
        known = {"known": self.known, "offers": self.offers, "expects": expects}
        self.form.lists["metrics"] = MetricFormSet(
            data, initial=metrics, prefix="metrics", form_kwargs=known
        )
        self.form.lists["rules"] = RuleFormSet(with_rules(data), initial=rules, prefix="rules")

    @classmethod
    def bound(cls, data: Any, *, source: Idea | Experiment, by: User | None = None) -> Self:
        """What was sent, to be judged."""
        return cls(source, by, _from_source, data)

    @classmethod
    def empty(
        cls, *, source: Idea | Experiment, by: User | None = None,
        template: PlanTemplate | None = None,
    ) -> Self:  # fmt: skip
        """What the idea or the plan says, before anybody types; over it what a template says."""
        return cls(source, by, partial(_from_template, template) if template else _from_source)

    @classmethod
    def typed(cls, data: QueryDict, *, source: Idea | Experiment, by: User) -> Self:
        """What stands in the page's form already, shown again and not judged yet."""
        return cls(source, by, partial(_from_typed, data))

    @property
    def draft_key(self) -> str:
        """Under which the browser keeps what is typed here (static/js/form-drafts.js)."""
        return f"plan-{self.source._meta.model_name}-{self.source.pk}"

    @property
    def arms(self) -> Any:
        return self.form.lists["arms"]

    @property
    def metrics(self) -> Any:
        return self.form.lists["metrics"]

    @property
    def rules(self) -> Any:
        return self.form.lists["rules"]

    @property
    def segment(self) -> Segment | None:
        return segment_of(self.form["segment"].value(), self.source)

    def is_valid(self) -> bool:
        return self.form.is_valid()

    def refuse(self, no: Refused | ValidationError) -> None:
        """Say above the plan why it was not taken."""
        self.form.add_error(None, no.messages if isinstance(no, ValidationError) else str(no))

    def fields(self) -> dict[str, Any]:
        """What a flow takes: the plan's fields with `arms` and `metrics`."""
        return {
            **self.form.cleaned_data,
            "arms": self.arms.rows(),
            "metrics": self.metrics.rows(),
            "rules": self.rules.rows(),
        }


Rows = Sequence[dict[str, Any]]
Begin = Callable[[PlanForms], tuple[dict[str, Any] | None, Rows, Rows, Rows]]


def _from_source(plan: PlanForms) -> tuple[None, Rows, Rows, Rows]:
    return None, *rows_of(plan.source, plan.known), rules_of(plan.source)


def _from_template(
    template: PlanTemplate, plan: PlanForms
) -> tuple[dict[str, Any], Rows, Rows, Rows]:
    values = {**values_of_source(plan.source), **values_of_template(template)}
    arms, _ = rows_of(plan.source, plan.known)
    return values, *rows_of_template(template, arms)


def _from_typed(typed: QueryDict, plan: PlanForms) -> tuple[dict[str, Any], Rows, Rows, Rows]:
    """With what a plain button takes in: an offered baseline, offered dates, a segment."""
    values: dict[str, Any] = {name: typed.get(name) for name in PlanForm.base_fields}
    arms, metrics, rules = (typed_rows(typed, name) for name in ("arms", "metrics", "rules"))
    taken = typed.get("take", "")
    take_offer(taken, metrics, plan.offers)
    take_dates(taken, values)
    if taken == "segment":
        take_segment(values, rules, plan.source)
    return values, arms, metrics, rules
