"""A reading looked at more closely: by every method, day by day, within segments. Pure.

All of it comes from what an Analysis stores as its inputs, and none of it decides anything.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from experiments.engine.days import running_totals, sample_of
from experiments.engine.findings import value_in
from experiments.engine.methods import planned_pair
from experiments.engine.reading import samples_of
from experiments.plan.document import Plan
from experiments.stats import (
    CovariateMean,
    Effect,
    Proportion,
    Sample,
    adjust_pvalues,
    compare,
    confidence_sequence,
    interaction,
    posterior,
    sample_ratio,
)
from experiments.stats.codes import Word
from experiments.stats.exact import fisher
from experiments.stats.tails import array


class Way(Word):
    """One of the ways in which a comparison can be read."""

    FIXED = "fixed"
    FIXED_LOG = "fixed-log"
    FIXED_FIELLER = "fixed-fieller"
    FIXED_DELTA = "fixed-delta"
    WITHOUT_COVARIATE = "without-covariate"
    FISHER = "fisher"
    ANY_TIME = "any-time"
    BETA = "beta"
    FLAT_PRIOR = "flat-prior"


LIFTS = {Way.FIXED: "auto", Way.FIXED_LOG: "log", Way.FIXED_FIELLER: "fieller",
         Way.FIXED_DELTA: "delta"}  # fmt: skip


def by_every_method(inputs: Mapping[str, Any]) -> list[dict[str, Any]]:
    """For each metric and treatment one row a way of reading it: difference and lift with ends, p."""
    plan, samples = Plan.from_json(inputs["plan"]), samples_of(inputs["observations"])
    control = plan.control
    groups = []
    for metric in plan.metrics:
        arms = samples.get(metric.name, {})
        for variant in plan.treatments:
            if {control, variant} <= arms.keys():
                planned = planned_pair(plan, control, variant)
                pair = arms[control], arms[variant]
                confidence = plan.statistics.confidence_of(metric.role)
                rows = [*_frequentist(*pair, confidence, planned), *_bayesian(*pair, confidence)]
                groups.append({"metric": metric.name, "kind": metric.kind, "variant": variant,
                             "rows": rows})  # fmt: skip
    return groups


def _frequentist(
    control: Sample, treatment: Sample, level: float, planned: float
) -> Iterator[dict[str, Any]]:
    for way, interval in LIFTS.items():
        yield _row(way, compare(control, treatment, confidence=level, interval=interval))
    if isinstance(control, CovariateMean) and isinstance(treatment, CovariateMean):
        plain = compare(control.plain, treatment.plain, confidence=level)
        yield _row(Way.WITHOUT_COVARIATE, plain)
    if isinstance(control, Proportion) and isinstance(treatment, Proportion):
        counts = control.successes, control.n, treatment.successes, treatment.n
        x_c, n_c, x_t, n_t = (array(count).reshape(1) for count in counts)
        if min(n_c[0], n_t[0]) > 0:
            p, _ = fisher(x_c, n_c, x_t, n_t, "two-sided")
            yield {**_row(Way.FISHER, None), "p_value": float(p[0])}
    sequence = confidence_sequence(control, treatment, planned_n=planned, confidence=level)
    yield _row(Way.ANY_TIME, sequence)


def _bayesian(control: Sample, treatment: Sample, level: float) -> Iterator[dict[str, Any]]:
    belief = posterior(control, treatment, confidence=level)
    ends = (belief.mean, belief.low, belief.high)
    is_share = isinstance(control, Proportion)
    row = _row(Way.BETA if is_share else Way.FLAT_PRIOR, None)
    names = ("difference", "low", "high") if is_share else ("lift", "lift_low", "lift_high")
    yield {**row, **dict(zip(names, ends, strict=True)), "chance": belief.chance_to_win,
           "loss": belief.expected_loss}  # fmt: skip


def _row(way: Way, effect: Effect | None) -> dict[str, Any]:
    return {"way": way, **_numbers(effect)}


def _numbers(effect: Effect | None) -> dict[str, Any]:
    names = ("difference", "low", "high", "lift", "lift_low", "lift_high", "p_value")
    return {key: getattr(effect, key, None) for key in names}


def day_by_day(inputs: Mapping[str, Any], metric: str, variant: str) -> list[dict[str, Any]]:
    """The difference at the end of each day, with the range that may be read on any of them."""
    plan = Plan.from_json(inputs["plan"])
    control = plan.control
    tuned: dict[str, Any] = {"planned_n": planned_pair(plan, control, variant),
                             "confidence": plan.statistics.confidence_of("primary")}  # fmt: skip
    days = []
    for standing in running_totals(inputs["observations"], inputs.get("accumulation", "total")):
        arms = standing.samples.get(metric, {})
        if {control, variant} <= arms.keys():
            look = confidence_sequence(arms[control], arms[variant], **tuned)
            if look.low is not None and look.high is not None:
                days.append({"day": standing.day, "difference": look.difference, "low": look.low,
                             "high": look.high})  # fmt: skip
    return days


def arms_day_by_day(inputs: Mapping[str, Any], metric: str) -> dict[str, list[dict[str, Any]]]:
    """For each arm its value at the end of each day, of all units until then."""
    plan = Plan.from_json(inputs["plan"])
    lines: dict[str, list[dict[str, Any]]] = {arm.name: [] for arm in plan.arms}
    for standing in running_totals(inputs["observations"], inputs.get("accumulation", "total")):
        for arm, sample in standing.samples.get(metric, {}).items():
            if arm in lines and (value := value_in(sample)) is not None:
                lines[arm].append({"day": standing.day, "value": value})
    return {arm: line for arm, line in lines.items() if line}


def units_by_day(inputs: Mapping[str, Any]) -> list[tuple[dt.date, int]]:
    """New units a day, all arms together: nothing of any outcome, so no veil hides it."""
    standings = running_totals(inputs["observations"], inputs.get("accumulation", "total"))
    so_far = [0, *(sum(standing.units.values()) for standing in standings)]
    return [(standing.day, max(so_far[place + 1] - so_far[place], 0))
            for place, standing in enumerate(standings)]  # fmt: skip


def units_off_by_day(inputs: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The new units of each arm on each day, held against the planned shares."""
    plan = Plan.from_json(inputs["plan"])
    standings = running_totals(inputs["observations"], inputs.get("accumulation", "total"))
    rows, before = [], dict[str, int]()
    for standing in standings:
        units = {arm.name: standing.units.get(arm.name, 0) for arm in plan.arms}
        new = {arm: max(count - before.get(arm, 0), 0) for arm, count in units.items()}
        rows.append({"column": "", "value": standing.day.isoformat(), "units": new})
        before = units
    return _against_shares(rows, plan)


def units_off_by_segment(
    segments: Sequence[Mapping[str, Any]], plan: Plan, letters: Mapping[str, str]
) -> list[dict[str, Any]]:
    """The units of each arm within each segment, held against the planned shares."""
    rows = []
    for segment in segments:
        units: dict[str, int] = {arm.name: 0 for arm in plan.arms}
        for by_arm in segment["samples"].values():
            for name, columns in by_arm.items():
                arm = letters.get(name, name)
                units[arm] = max(units.get(arm, 0), int(columns["n"]))
        rows.append({"column": segment["column"], "value": segment["value"], "units": units})
    return _against_shares(rows, plan)


def _against_shares(rows: list[dict[str, Any]], plan: Plan) -> list[dict[str, Any]]:
    """Rows with the p of their own sample ratio, adjusted over all of them, the least likely first."""
    weights = [arm.weight for arm in plan.arms]
    filled = [row for row in rows if sum(row["units"].values())]
    ratios = [sample_ratio([row["units"].get(arm.name, 0) for arm in plan.arms], weights)
              for row in filled]  # fmt: skip
    adjusted = adjust_pvalues([ratio.p_value for ratio in ratios], method="benjamini-hochberg")
    return sorted(
        (
            {**row, "adjusted_p": float(p)}
            for row, p in zip(filled, adjusted, strict=True)
            if p == p  # noqa: PLR0124 - nan where there is no ratio
        ),
        key=lambda row: row["adjusted_p"],
    )


def within_segments(
    segments: Sequence[Mapping[str, Any]], plan: Plan, letters: Mapping[str, str], metric: str
) -> list[dict[str, Any]]:
    """One metric within each segment; p adjusted over all of these comparisons together.

    `segments` hold arms by their true names, `plan` those that are shown, `letters` one by the other.
    """
    control, rows, effects = plan.control, [], list[Effect]()
    role = next((one.role for one in plan.metrics if one.name == metric), "primary")
    for segment in segments:
        columns = segment["samples"].get(metric, {})
        arms = {letters.get(name, name): sample_of(one) for name, one in columns.items()}
        for variant in plan.treatments:
            if {control, variant} <= arms.keys():
                effect = compare(
                    arms[control],
                    arms[variant],
                    confidence=plan.statistics.confidence_of(role),
                )
                effects.append(effect)
                rows.append({"column": segment["column"], "value": segment["value"],
                             "variant": variant, "n": sum(int(one.n) for one in arms.values()),
                             **_numbers(effect)})  # fmt: skip
    adjusted = adjust_pvalues([row["p_value"] for row in rows], method="benjamini-hochberg")
    apart = _apart(rows, effects)
    return [
        {**row, "adjusted_p": p, "interaction_p": apart[row["column"], row["variant"]]}
        for row, p in zip(rows, adjusted, strict=True)
    ]


def _apart(
    rows: list[dict[str, Any]], effects: list[Effect]
) -> dict[tuple[str, str], float | None]:
    """By column and arm the p of no difference between the effects in its segments."""
    together: dict[tuple[str, str], list[Effect]] = {}
    for row, effect in zip(rows, effects, strict=True):
        together.setdefault((row["column"], row["variant"]), []).append(effect)
    return {place: interaction(those).p_value for place, those in together.items()}
