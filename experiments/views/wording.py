"""A plan in words: the target of each metric, and the plan beside what happened."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from backlog.templatetags.figures import number, percent, with_minus
from experiments.flows.naming import names_of
from experiments.models import Decision, Experiment, ExperimentMetric, Variant
from experiments.plan.audience import left_after
from experiments.plan.document import Plan

PARTS = {
    "primary": "decides",
    "secondary": "helps to explain",
    "guardrail": "can stop the experiment",
}


def metric_rows(experiment: Experiment) -> list[dict[str, Any]]:
    """One row for each metric: role, name, baseline, target and part."""
    return [
        {
            "role": row.get_role_display(),
            "name": row.metric.name,
            "kind": row.metric.get_kind_display(),
            "now": value_text(row.baseline, row.metric.kind),
            "aim": aim_of(row),
            "part": PARTS[row.role],
        }
        for row in experiment.measured
    ]


T = TypeVar("T")


def by_arm(stored: Mapping[str, T], names: Iterable[str]) -> list[tuple[str, T]]:
    """What is stored by arm, in the order of `names`; what is not among them comes last.

    A stored JSON object has no order of its own: PostgreSQL puts short names first.
    """
    return [(name, stored[name]) for name in dict.fromkeys([*names, *stored]) if name in stored]


def number_text(value: float, *, is_signed: bool = False) -> str:
    """Four digits; where more stand in front of the point, all of those."""
    sign = "+" if is_signed else ""
    text = format(value, f"{sign},.0f" if abs(value) >= 1_000 else f"{sign}.4g")
    return with_minus(text)


def value_text(value: float | None, kind: str) -> str:
    if value is None:
        return "–"
    if kind == "proportion":
        return percent(value, 1 if value >= 0.01 or value == 0 else 2)
    return number_text(value)


def aim_of(row: ExperimentMetric) -> str:
    more = row.metric.direction == "increase"
    if row.role == "guardrail":
        if row.margin is None:
            return "not worse; the margin is not set"
        size = (
            f"{number(row.margin * 100, 2).rstrip('0').rstrip('.')} points"
            if row.metric.kind == "proportion"
            else number_text(row.margin)
        )
        return f"may {'fall' if more else 'rise'} by at most {size}"
    wanted = "more is better" if more else "fewer is better"
    if row.role == "primary" and row.smallest_effect:
        return (
            f"{wanted}, from a lift of {abs(row.smallest_effect) * 100:.3g}\N{NO-BREAK SPACE}% on"
        )
    return wanted


def shares_of(experiment: Experiment) -> list[tuple[Any, str, str]]:
    """Each arm, with its names by the naming convention, its letter and its share in per cent."""
    total = sum(arm.weight for arm in experiment.arms) or 1.0
    names = names_of(experiment)
    for arm in experiment.arms:
        arm.file_names = [one.name for one in names if one.arm == arm.name]  # type: ignore[attr-defined]
    return [
        (arm, chr(ord("A") + place), percent(arm.weight / total, 0))
        for place, arm in enumerate(experiment.arms)
    ]


def rules_of(experiment: Experiment) -> list[dict[str, Any]]:
    """The rules of the audience, each with what is left after it, as a share too."""
    rules = list(experiment.rules.all())
    size = experiment.audience_size
    left = left_after(size, [rule.cost for rule in rules])
    return [
        {
            "rule": rule,
            "cost": f"−{number(rule.cost)}" if rule.cost else "",
            "left": "" if rest is None else number(rest),
            "share": rest / size if rest is not None and size else None,
        }
        for rule, rest in zip(rules, left, strict=True)
    ]


def mixed_arms(experiment: Experiment) -> list[str]:
    """One sentence for each arm in which more than one thing differs."""
    labels = dict(Variant.Difference.choices)
    return [
        f"“{arm.name}” differs in {' and '.join(labels[d].lower() for d in arm.differs)}, "
        "so you will not know which of them made the difference."
        for arm in experiment.arms
        if len(arm.differs) > 1
    ]


def planned_against_done(experiment: Experiment) -> list[dict[str, Any]]:
    """Rows of what, planned, done; `differs` if the two are not the same."""
    plan, analysis = experiment.plan_at_launch, experiment.deciding_analysis
    units = sum(analysis.result["units"].values()) if analysis else 0
    planned = plan.units
    rows = [
        _row("First day", _day(plan.starts_on), _day(experiment.starts_on)),
        *_planned_late(plan),
        _row("Last day", _day(plan.last_day), _day(experiment.last_day)),
        {
            "what": "Units",
            "planned": number(planned) if planned else "not planned",
            "done": number(units) if analysis else "none counted",
            "differs": bool(planned) and units < planned,
        },
        _row("Arms", *[", ".join(arm.name for arm in plan.arms)] * 2),
        _row("Primary metric", *[plan.primary.name if plan.primary else "–"] * 2),
    ]
    decision = getattr(experiment, "decision", None)
    if decision:
        choices = dict(Decision.Choice.choices)
        rows.append(
            {
                "what": "Decision",
                "planned": choices.get(decision.recommended, "the rule names none"),
                "done": decision.get_choice_display(),
                "differs": decision.departs,
            }
        )
    return rows


def _planned_late(plan: Plan) -> list[dict[str, Any]]:
    """A plan that was sealed when the experiment had begun may know what it saw."""
    late = plan.began_before
    if not late:
        return []
    days = f"{late} day{'' if late == 1 else 's'} after the first day"
    return [_row("Plan sealed", "before the first day", days)]


def _row(what: str, planned: str, done: str) -> dict[str, Any]:
    same = planned == done
    return {
        "what": what,
        "planned": planned,
        "done": "same" if same else done,
        "differs": not same,
    }


def _day(value: dt.date | None) -> str:
    return f"{value:%-d %b %Y}" if value else "–"
