"""A reading looked at more closely: by every method, day by day, within segments. Pure.

All of it comes from what an Analysis stores as its inputs, and none of it decides anything.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from experiments.engine.days import running_totals, sample_of
from experiments.engine.methods import planned_pair
from experiments.engine.reading import samples_of
from experiments.plan.document import Plan
from experiments.stats import (
    CovariateMean,
    Effect,
    Mean,
    Proportion,
    adjust_pvalues,
    compare,
    confidence_sequence,
    posterior,
)
from experiments.stats.exact import fisher
from experiments.stats.tails import array


def by_every_method(inputs: Mapping[str, Any]) -> list[dict[str, Any]]:
    """For each metric and treatment one row a method: name, difference and lift with ends, p."""
    plan, samples = Plan.from_json(inputs["plan"]), samples_of(inputs["observations"])
    control = plan.control
    told = []
    for metric in plan.metrics:
        arms = samples.get(metric.name, {})
        for variant in plan.treatments:
            if {control, variant} <= arms.keys():
                planned = planned_pair(plan, control, variant)
                pair = arms[control], arms[variant]
                confidence = plan.statistics.confidence_of(metric.role)
                rows = [*_frequentist(*pair, confidence, planned), *_bayesian(*pair, confidence)]
                told.append({"metric": metric.name, "kind": metric.kind, "variant": variant,
                             "rows": rows})  # fmt: skip
    return told


def _frequentist(control: Any, treatment: Any, level: float, planned: float) -> Iterator[Any]:
    fixed = compare(control, treatment, confidence=level)
    yield _row("Fixed horizon, lift by auto", fixed)
    for interval, name in (("log", "log scale"), ("fieller", "Fieller"), ("delta", "delta")):
        yield _row(f"Fixed horizon, lift by {name}",
                   compare(control, treatment, confidence=level, interval=interval))  # fmt: skip
    if isinstance(control, CovariateMean):
        plain = [Mean(arm.n, arm.mean, arm.variance) for arm in (control, treatment)]
        yield _row("Without the covariate, Welch", compare(*plain, confidence=level))
    if isinstance(control, Proportion):
        x_c, n_c = array([control.successes]), array([control.n])
        x_t, n_t = array([treatment.successes]), array([treatment.n])
        if min(control.n, treatment.n) > 0:
            p, _ = fisher(x_c, n_c, x_t, n_t, "two-sided")
            yield {**_row("Exact, Fisher", None), "p_value": float(p[0])}
    sequence = confidence_sequence(control, treatment, planned_n=planned, confidence=level)
    yield _row("Any time, confidence sequence", sequence)


def _bayesian(control: Any, treatment: Any, level: float) -> Iterator[dict[str, Any]]:
    belief = posterior(control, treatment, confidence=level)
    ends = (belief.mean, belief.low, belief.high)
    is_share = isinstance(control, Proportion)
    row = _row("Bayes, beta (1, 1)" if is_share else "Bayes, flat prior on the lift", None)
    names = ("difference", "low", "high") if is_share else ("lift", "lift_low", "lift_high")
    yield {**row, **dict(zip(names, ends, strict=True)), "chance": belief.chance_to_win,
           "loss": belief.expected_loss}  # fmt: skip


def _row(name: str, effect: Effect | None) -> dict[str, Any]:
    names = ("difference", "low", "high", "lift", "lift_low", "lift_high", "p_value")
    return {"name": name, **{key: getattr(effect, key, None) for key in names}}


def day_by_day(inputs: Mapping[str, Any], metric: str, variant: str) -> list[dict[str, Any]]:
    """The difference at the end of each day, with the range that may be read on any of them."""
    plan = Plan.from_json(inputs["plan"])
    control = plan.control
    tuned: dict[str, Any] = {"planned_n": planned_pair(plan, control, variant),
                             "confidence": plan.statistics.confidence_of("primary")}  # fmt: skip
    told = []
    for standing in running_totals(inputs["observations"], inputs.get("accumulation", "total")):
        arms = standing.samples.get(metric, {})
        if {control, variant} <= arms.keys():
            look = confidence_sequence(arms[control], arms[variant], **tuned)
            if look.low is not None and look.high is not None:
                told.append({"day": standing.day, "difference": look.difference, "low": look.low,
                             "high": look.high})  # fmt: skip
    return told


def units_by_day(inputs: Mapping[str, Any]) -> list[tuple[dt.date, int]]:
    """New units a day, all arms together: nothing of any outcome, so no veil hides it."""
    standings = running_totals(inputs["observations"], inputs.get("accumulation", "total"))
    so_far = [0, *(sum(standing.units.values()) for standing in standings)]
    return [(standing.day, max(so_far[place + 1] - so_far[place], 0))
            for place, standing in enumerate(standings)]  # fmt: skip


def within_segments(
    segments: Sequence[Mapping[str, Any]], plan: Plan, letters: Mapping[str, str]
) -> list[dict[str, Any]]:
    """The primary metric within each segment; p adjusted over all of these comparisons together.

    `segments` hold arms by their true names, `plan` those that are shown, `letters` one by the other.
    """
    primary = plan.primary
    if primary is None:
        return []
    control, told = plan.control, []
    for segment in segments:
        columns = segment["samples"].get(primary.name, {})
        arms = {letters.get(name, name): sample_of(one) for name, one in columns.items()}
        for variant in plan.treatments:
            if {control, variant} <= arms.keys():
                effect = compare(
                    arms[control],
                    arms[variant],
                    confidence=plan.statistics.confidence_of("primary"),
                )
                told.append({"column": segment["column"], "value": segment["value"],
                             "variant": variant, "n": sum(int(one.n) for one in arms.values()),
                             **_row("", effect)})  # fmt: skip
    adjusted = adjust_pvalues([row["p_value"] for row in told], method="benjamini-hochberg")
    return [{**row, "adjusted_p": p} for row, p in zip(told, adjusted, strict=True)]
