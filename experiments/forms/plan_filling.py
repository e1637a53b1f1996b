"""What stands in a plan's forms before anybody types: from an idea, a plan, a template, a button."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.http import QueryDict

from backlog.models import Idea, User
from experiments.flows.baselines import learnt_baselines
from experiments.forms.effects import points_in
from experiments.forms.plan_rows import MOST_ROWS, ArmForm, MetricForm, RuleForm
from experiments.models import (
    AudienceRule,
    Experiment,
    ExperimentMetric,
    Metric,
    PlanTemplate,
    Segment,
)


def values_of_source(source: Idea | Experiment) -> dict[str, Any]:
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
             "default_variant", "decision_table", "units_per_week", "value_per_unit", "currency", "starts_on", "last_day", "reading",
             "looks", "confidence")  # fmt: skip
    people = {
        name: getattr(source, f"{name}_id")
        for name in ("objective", "segment", "template", *Experiment.PARTS)
    }
    return people | {name: getattr(source, name) for name in names}


def offers_of(known: Mapping[str, Metric], by: User) -> dict[str, dict[str, str]]:
    """By name: what the control arms of decided tests say, in the figures that people type."""
    learnt = learnt_baselines(known.values(), seen_by=by)
    offers = {}
    for name, metric in known.items():
        if baseline := learnt.get(metric.pk):
            per = 100 if metric.kind == Metric.Kind.PROPORTION else 1
            now, unit = f"{baseline.mean * per:.4g}", "\N{NO-BREAK SPACE}%" if per == 100 else ""
            offers[name] = {"now": now, "shown": f"{now}{unit}", "source": baseline.source,
                            "sd": "" if per == 100 else f"{baseline.sd:.4g}"}  # fmt: skip
    return offers


def take_offer(row: str, metrics: list[dict[str, Any]], offers: Mapping[str, Any]) -> None:
    """The plain button beside a row: fill in what is offered (`row` is metrics-0)."""
    number = row.removeprefix("metrics-")
    if not number.isdecimal() or len(number) > 2 or int(number) >= len(metrics):
        return
    taken = metrics[int(number)]
    if offer := offers.get(str(taken.get("name", "")).strip().casefold()):
        taken["baseline"] = offer["now"]
        taken["baseline_sd"] = offer["sd"] or taken.get("baseline_sd")


def typed_rows(typed: QueryDict, prefix: str) -> list[dict[str, Any]]:
    """The rows as they were typed, without the removed ones; `more` asks for one more."""
    total = typed.get(f"{prefix}-TOTAL_FORMS", "")
    count = min(int(total), MOST_ROWS) if total.isdecimal() and len(total) < 7 else 0
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


LONGEST_NAME = 60  # of a metric; a longer outcome is a sentence
TAKEN = ("channel", "frequency_cap", "default_variant", "reading", "looks")


def values_of_template(template: PlanTemplate) -> dict[str, Any]:
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


def take_dates(taken: str, values: dict[str, Any]) -> None:
    """The plain button beside offered dates: dates-2026-11-30-4 is four weeks from that Monday."""
    day, _, weeks = taken.removeprefix("dates-").rpartition("-")
    if not taken.startswith("dates-") or not weeks.isdecimal() or len(weeks) > 2:
        return
    try:
        values["starts_on"] = dt.date.fromisoformat(day)
        values["last_day"] = values["starts_on"] + dt.timedelta(days=7 * int(weeks) - 1)
    except (ValueError, OverflowError):
        return


def with_rules(data: Any) -> Any:
    """A form that was sent without the part of the rules has none."""
    if data is None or "rules-TOTAL_FORMS" in data:
        return data
    none = {"rules-TOTAL_FORMS": "0", "rules-INITIAL_FORMS": "0"}
    return {**data.dict(), **none} if isinstance(data, QueryDict) else {**data, **none}


def segment_of(chosen: object, source: Idea | Experiment) -> Segment | None:
    """What stands in the form's field, typed or not, where it is one that the pod can aim at."""
    key = str(chosen or "")
    if not key.isdecimal() or len(key) > 18:
        return None
    return Segment.objects.open_to(source.pod).filter(pk=key).first()


def take_segment(
    values: dict[str, Any], rules: list[dict[str, Any]], source: Idea | Experiment
) -> None:
    """The plain button beside the segment: its words, its size and its rules into the form."""
    segment = segment_of(values.get("segment"), source)
    if segment is None:
        return
    values["audience"] = segment.name
    values["audience_size"] = segment.size or values.get("audience_size")
    values["units_per_week"] = segment.units_per_week or values.get("units_per_week")
    texts = {str(row.get("text", "")).strip().casefold() for row in rules}
    rules += [_rule(rule) for rule in segment.rules.all() if rule.text.casefold() not in texts]


def _rule(rule: AudienceRule) -> dict[str, Any]:
    return {"kind": rule.kind, "text": rule.text, "reason": rule.reason, "cost": rule.cost}


def rules_of(source: Idea | Experiment) -> list[dict[str, Any]]:
    return [_rule(row) for row in source.rules.all()] if isinstance(source, Experiment) else []


def primary_of(idea: Idea, role: str, metrics: Mapping[str, Metric]) -> dict[str, Any]:
    """The row of the primary metric as the idea names it; an effect only where it can be read in one
    way, else the page repeats it."""
    name = idea.outcome.strip().rstrip(".")
    row: dict[str, Any] = {"role": role}
    if not name or len(name) > LONGEST_NAME:
        return row
    known = metrics.get(name.casefold())
    row["name"] = known.name if known else name[:1].upper() + name[1:]
    if known:
        row |= {"kind": known.kind, "direction": known.direction}
    if row.get("kind", Metric.Kind.PROPORTION) == Metric.Kind.PROPORTION:
        row |= effect_of(idea)
        if not known and row.get("effect_in") and idea.expected_effect.strip()[:1] in ("-", "−"):
            row["direction"] = Metric.Direction.DECREASE
    return row


def effect_of(idea: Idea) -> dict[str, str]:
    """The smallest effect that the idea names in points, as a row of the form has it."""
    size = points_in(idea.expected_effect)
    return {"smallest_effect": size, "effect_in": "points"} if size else {}


def rows_of(
    source: Idea | Experiment, known: Mapping[str, Metric]
) -> tuple[Sequence[dict[str, Any]], Sequence[dict[str, Any]]]:
    """Arms and metrics as an idea or a plan says them; `known` are the pod’s metrics by name."""
    if isinstance(source, Idea):
        arms = [
            {"name": "As it is", "weight": 50},
            {"name": "", "description": source.change[:300], "weight": 50},
        ]
        first, *others = ExperimentMetric.Role.values
        return arms, [primary_of(source, first, known), *({"role": role} for role in others)]
    arms = [
        {
            "name": arm.name,
            "description": arm.description,
            "differs": arm.differs,
            "weight": arm.weight,
        }
        for arm in source.arms
    ]
    return arms, [
        _shown(part) | _in_points(part, source) | _effect_left(part, source)
        for part in source.measured
    ]


def _effect_left(part: ExperimentMetric, source: Experiment) -> dict[str, str]:
    """The effect of the idea, where the plan had no baseline yet to turn it into a lift."""
    is_open = part.role == ExperimentMetric.Role.PRIMARY and part.smallest_effect is None
    is_share = part.metric.kind == Metric.Kind.PROPORTION
    return effect_of(source.idea) if is_open and is_share and not part.baseline else {}


def _in_points(part: ExperimentMetric, source: Experiment) -> dict[str, Any]:
    """The smallest effect in points, where the idea names points or only points are a short number:
    somebody who typed 0.5 and comes back to 12.5 would type points into per cent."""
    if part.smallest_effect is None or not part.baseline:
        return {}
    is_share = part.metric.kind == Metric.Kind.PROPORTION
    points = part.smallest_effect * abs(part.baseline) * (100 if is_share else 1)
    idea_has_points = is_share and points_in(source.idea.expected_effect)
    if not _is_short(points) or (_is_short(part.smallest_effect * 100) and not idea_has_points):
        return {}
    return {"smallest_effect": round(points, 10), "effect_in": "points"}


def _is_short(value: float) -> bool:
    return abs(value - round(value, 2)) < 1e-9


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
