"""The plan of an experiment: what it is for, its arms, its metrics, who, when."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.http import QueryDict

from backlog.models import Idea, Objective, User
from experiments.flows.baselines import learnt_baselines
from experiments.forms.plan_rows import (
    MOST_ROWS,
    ArmForm,
    ArmFormSet,
    MetricForm,
    MetricFormSet,
    RuleForm,
    RuleFormSet,
)
from experiments.models import (
    AudienceRule,
    Experiment,
    ExperimentMetric,
    Metric,
    PlanTemplate,
    Segment,
)


def _date_input() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


PEOPLE = ("owner", "launcher", "analyst")


class PlanForm(forms.Form):
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
        help_text="A lead, and not the author.",
    )
    analyst = forms.ModelChoiceField(
        queryset=User.objects.none(),
        required=False,
        empty_label="Nobody yet",
        help_text="Reads the result; neither author nor launcher.",
    )
    segment = forms.ModelChoiceField(
        queryset=Segment.objects.none(), required=False, empty_label="None of the list"
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
        help_text="Such as: at most 2 messages a week.",
    )
    default_variant = forms.CharField(
        label="Where a field is empty",
        max_length=200,
        required=False,
        help_text="What is sent where a name or another field is empty.",
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
    reading = forms.ChoiceField(
        label="When it is read",
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
        help_text="Evenly spread over the planned units; counts for planned looks only.",
    )
    decision_table = forms.CharField(
        label="Decision table",
        max_length=1500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Optional, beside the rule: one line a case, such as “flat, cheaper → ship”.",
    )
    template = forms.ModelChoiceField(
        queryset=PlanTemplate.objects.none(), required=False, widget=forms.HiddenInput
    )
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
        self.fields["segment"].queryset = Segment.objects.open_to(pod)  # type: ignore[attr-defined]
        self.fields["template"].queryset = PlanTemplate.objects.open_to(pod)  # type: ignore[attr-defined]
        people = people.distinct().order_by("name")
        names = [("", "Nobody yet"), *((person.pk, str(person)) for person in people)]
        for name in PEOPLE:
            self.fields[name].queryset = people.all()  # type: ignore[attr-defined]
            self.fields[name].choices = names  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        first, last = values.get("starts_on"), values.pop("last_day", None)
        if bool(first) != bool(last):
            self.add_error("last_day" if first else "starts_on", "Give both days, or neither.")
        elif first and last and last < first:
            self.add_error("last_day", "The last day comes before the first.")
        values["ends_on"] = last + dt.timedelta(days=1) if last else None
        values["reading"] = values.get("reading") or Experiment.Reading.FIXED
        values["looks"] = values.get("looks") or 3
        return values


def said_by(source: Idea | Experiment) -> dict[str, Any]:
    """What the form says before anybody types."""
    if isinstance(source, Idea):
        return {
            "title": source.title,
            "objective": source.objective_id,
            "owner": source.owner_id,
            "audience": source.audience[:200],
            "channel": source.channel[:40],
            "reading": Experiment.Reading.FIXED,
            "looks": 3,
        }
    names = ("title", "audience", "audience_size", "channel", "frequency_cap",
             "default_variant", "decision_table", "units_per_week", "starts_on", "last_day", "reading",
             "looks", "version")  # fmt: skip
    people = {
        name: getattr(source, f"{name}_id")
        for name in ("objective", "segment", "template", *PEOPLE)
    }
    return people | {name: getattr(source, name) for name in names}


class Plan:
    """The four forms of a plan as one: `is_valid()`, `fields()`, `arms`, `metrics`, `rules`."""

    def __init__(
        self,
        data: Any = None,
        *,
        source: Idea | Experiment,
        typed: QueryDict | None = None,
        by: User | None = None,
        template: PlanTemplate | None = None,
    ) -> None:
        """`typed` is what stands in the page's form already: shown again, not judged yet.

        With `by`, what decided tests say of a metric is offered beside its row.
        """
        self.source = source
        arms, metrics = rows_of(source)
        rules = rules_of(source)
        said = None
        if template is not None:
            said = {**said_by(source), **said_by_template(template)}
            arms, metrics, rules = rows_of_template(template, arms)
        self.known = {row.name.casefold(): row for row in Metric.objects.open_to(source.pod)}
        self.offers = offers_of(self.known, by) if by else {}
        if typed is not None:
            said = {name: typed.get(name) for name in PlanForm.base_fields}
            arms, metrics = _typed_rows(typed, "arms"), _typed_rows(typed, "metrics")
            rules = _typed_rows(typed, "rules")
            _take_offer(typed.get("take", ""), metrics, self.offers)
            _take_dates(typed.get("take", ""), said)
            if typed.get("take") == "segment":
                _take_segment(said, rules, source)
        self.form = PlanForm(data, source=source, said=said)
        self.arms: Any = ArmFormSet(data, initial=arms, prefix="arms")
        self.rules: Any = RuleFormSet(_with_rules(data), initial=rules, prefix="rules")
        self.metrics: Any = MetricFormSet(
            data,
            initial=metrics,
            prefix="metrics",
            form_kwargs={"known": self.known, "offers": self.offers},
        )

        self._keep_drafts(f"{source._meta.model_name}-{source.pk}")

    def _keep_drafts(self, which: str) -> None:
        """What was typed outlives an expired session and a closed tab (static/js/drafts.js)."""
        for form in (self.form, *self.arms.forms, *self.metrics.forms, *self.rules.forms):
            for name, field in form.fields.items():
                if isinstance(field.widget, (forms.TextInput, forms.Textarea)):
                    key = f"plan-{which}-{form.add_prefix(name)}"
                    field.widget.attrs["data-draft"] = key

    @property
    def segment(self) -> Segment | None:
        return _segment_of(self.form["segment"].value(), self.source)

    def is_valid(self) -> bool:
        valid = [part.is_valid() for part in (self.form, self.arms, self.metrics, self.rules)]
        return all(valid)

    def fields(self) -> dict[str, Any]:
        """What a flow takes: the plan's fields with `arms` and `metrics`."""
        return {
            **self.form.cleaned_data,
            "arms": self.arms.rows(),
            "metrics": self.metrics.rows(),
            "rules": self.rules.rows(),
        }


def offers_of(known: Mapping[str, Metric], by: User) -> dict[str, dict[str, str]]:
    """By name: what the control arms of decided tests say, in the figures that people type."""
    learnt = learnt_baselines(known.values(), seen_by=by)
    offers = {}
    for name, metric in known.items():
        if found := learnt.get(metric.pk):
            per = 100 if metric.kind == Metric.Kind.PROPORTION else 1
            now, unit = f"{found.mean * per:.4g}", "\N{NO-BREAK SPACE}%" if per == 100 else ""
            offers[name] = {"now": now, "shown": f"{now}{unit}", "source": found.source,
                            "sd": "" if per == 100 else f"{found.sd:.4g}"}  # fmt: skip
    return offers


def _take_offer(row: str, metrics: list[dict[str, Any]], offers: Mapping[str, Any]) -> None:
    """The plain button beside a row: fill in what is offered (`row` is metrics-0)."""
    number = row.removeprefix("metrics-")
    if not number.isdecimal() or int(number) >= len(metrics):
        return
    taken = metrics[int(number)]
    if offer := offers.get(str(taken.get("name", "")).strip().casefold()):
        taken["baseline"] = offer["now"]
        taken["baseline_sd"] = offer["sd"] or taken.get("baseline_sd")


def _typed_rows(typed: QueryDict, prefix: str) -> list[dict[str, Any]]:
    """The rows as they were typed, without the removed ones; `more` asks for one more."""
    total = typed.get(f"{prefix}-TOTAL_FORMS", "")
    count = min(int(total), MOST_ROWS) if total.isdecimal() else 0
    form: Any = {"arms": ArmForm, "metrics": MetricForm, "rules": RuleForm}[prefix]
    many = {"differs"}
    rows = [
        {
            name: (typed.getlist if name in many else typed.get)(f"{prefix}-{n}-{name}") or ""
            for name in form.base_fields
        }
        for n in range(count)
        if not typed.get(f"{prefix}-{n}-DELETE")
    ]
    return [*rows, {}] if typed.get("more") == prefix else rows


TAKEN = ("channel", "frequency_cap", "default_variant", "reading", "looks")


def said_by_template(template: PlanTemplate) -> dict[str, Any]:
    content = template.content
    taken = {name: content[name] for name in TAKEN if content.get(name)}
    return {**taken, "template": template.pk, "decision_table": template.decision_table}


def rows_of_template(
    template: PlanTemplate, arms: Sequence[Mapping[str, Any]]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
    """Its arms (what the idea changes stays where the template says nothing), metrics, rules."""
    content, idea_says = template.content, dict(enumerate(arms))
    rows = [
        {
            **arm,
            "description": arm.get("description") or idea_says.get(n, {}).get("description", ""),
        }
        for n, arm in enumerate(content.get("arms", []))
    ]
    metrics = []
    for row in content.get("metrics", []):
        per = 100 if row.get("kind") == Metric.Kind.PROPORTION else 1
        shown = dict(row)
        for name, factor in (("smallest_effect", 100), ("margin", per)):
            if shown.get(name) is not None:
                shown[name] = round(shown[name] * factor, 10)
        metrics.append(shown)
    return rows, metrics, [dict(rule) for rule in content.get("rules", [])]


def _take_dates(taken: str, said: dict[str, Any]) -> None:
    """The plain button beside offered dates: dates-2026-11-30-4 is four weeks from that Monday."""
    day, _, weeks = taken.removeprefix("dates-").rpartition("-")
    if not taken.startswith("dates-") or not weeks.isdecimal() or len(weeks) > 2:
        return
    try:
        said["starts_on"] = dt.date.fromisoformat(day)
        said["last_day"] = said["starts_on"] + dt.timedelta(days=7 * int(weeks) - 1)
    except (ValueError, OverflowError):
        return


def _with_rules(data: Any) -> Any:
    """A form that was sent without the part of the rules has none."""
    if data is None or "rules-TOTAL_FORMS" in data:
        return data
    none = {"rules-TOTAL_FORMS": "0", "rules-INITIAL_FORMS": "0"}
    return {**data.dict(), **none} if isinstance(data, QueryDict) else {**data, **none}


def _segment_of(chosen: object, source: Idea | Experiment) -> Segment | None:
    """What stands in the form's field, typed or not, where it is one that the pod can aim at."""
    key = str(chosen or "")
    if not key.isdecimal():
        return None
    return Segment.objects.open_to(source.pod).filter(pk=key).first()


def _take_segment(
    said: dict[str, Any], rules: list[dict[str, Any]], source: Idea | Experiment
) -> None:
    """The plain button beside the segment: its words, its size and its rules into the form."""
    segment = _segment_of(said.get("segment"), source)
    if segment is None:
        return
    said["audience"] = segment.name
    said["audience_size"] = segment.size or said.get("audience_size")
    said["units_per_week"] = segment.units_per_week or said.get("units_per_week")
    there = {str(row.get("text", "")).strip().casefold() for row in rules}
    rules += [_rule(rule) for rule in segment.rules.all() if rule.text.casefold() not in there]


def _rule(rule: AudienceRule) -> dict[str, Any]:
    return {"kind": rule.kind, "text": rule.text, "reason": rule.reason, "cost": rule.cost}


def rules_of(source: Idea | Experiment) -> list[dict[str, Any]]:
    return [_rule(row) for row in source.rules.all()] if isinstance(source, Experiment) else []


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
        {
            "name": arm.name,
            "description": arm.description,
            "differs": arm.differs,
            "weight": arm.weight,
        }
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
