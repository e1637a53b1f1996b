"""A dated reading of an experiment's data: pure arithmetic from plain inputs to a plain result.

`read_evidence` takes what an Analysis stores as its inputs and returns what it stores as its
result, both JSON values, so that the same inputs give the same bytes on any machine.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

from experiments.engine import before
from experiments.engine.batching import effects_of, effects_one_by_one
from experiments.engine.comparisons import Begun, Pair, begin
from experiments.engine.looks import next_look
from experiments.engine.methods import Stage, effects_of_pair, watched
from experiments.engine.results import verdict_json
from experiments.engine.sensitivity import evidence_in
from experiments.plan.document import Plan, PlannedMetric, Statistics
from experiments.stats import (
    Balance,
    Effect,
    Finding,
    Method,
    Rule,
    Sample,
    State,
    Verdict,
    Words,
    adjust_pvalues,
    sample_ratio,
    sample_ratio_sequential,
    verdict,
)
from experiments.stats.judging import guardrail_state
from experiments.stats.samples import value_of

ENGINE_VERSION = "4"
ENGINES = (*before.ENGINES, ENGINE_VERSION)  # those whose readings can be computed again
ONE_BY_ONE = ("1", "2")  # those that made each comparison by itself
ADJUSTMENTS = {"primary": "holm", "secondary": "benjamini-hochberg"}


class Comparison(NamedTuple):
    """One arm against the control on one metric, beside the part that the metric plays.

    `effect` is shown, drawn by the method `drawn_by`; `watch` is None but for a guardrail.
    """

    metric: PlannedMetric
    variant: str
    effect: Effect
    drawn_by: Method
    finding: Finding
    watch: str | None

    @property
    def place(self) -> tuple[str, str]:
        return self.metric.name, self.variant


def read_evidence(inputs: dict[str, Any], *, engine: str = ENGINE_VERSION) -> dict[str, Any]:
    """Health, effects and verdict, in codes and numbers.

    Args:
        inputs: as experiments.flows.analysing.inputs_of makes them.
        engine: the version that made a reading that is to be computed again. 1 knew a fixed horizon
            only and kept less of the health; 1 and 2 compared each pair by itself; 1 to 3 kept
            sentences instead of codes and decided words at 5 %, see `before`.
    """
    return read_all([inputs], engine=engine)[0]


def read_all(
    every: Sequence[dict[str, Any]], *, engine: str = ENGINE_VERSION
) -> list[dict[str, Any]]:
    """`read_evidence` for many inputs: all their comparisons in a few calls, the same bytes."""
    begun = [begin(inputs) for inputs in every]
    compute = effects_one_by_one if engine in ONE_BY_ONE else effects_of
    effects = iter(compute([request for reading in begun for request in reading.requests]))
    return [_finish(reading, effects, engine) for reading in begun]


def _finish(begun: Begun, effects: Iterator[Effect], engine: str) -> dict[str, Any]:
    """The reading, with as many of `effects` taken as it asked for."""
    compared = [
        _compare(pair, list(islice(effects, len(pair.requests))), begun) for pair in begun.pairs
    ]
    also = {
        name: [_plain(other.row(next(effects))) for other in others]
        for name, others in begun.others.items()
    }
    plan, inputs = begun.plan, begun.inputs
    shares = (
        [inputs["units"].get(arm.name, 0) for arm in plan.arms],
        [arm.weight for arm in plan.arms],
    )
    balance = sample_ratio(*shares)
    judged = _decide(plan, compared, balance, begun.stage, inputs)
    result = {
        "engine": engine,
        **_health(begun, balance, sample_ratio_sequential(*shares)),
        "metrics": _metrics(begun, compared, also, is_worded=engine in before.ENGINES),
        "watched": [
            {"metric": c.metric.name, "variant": c.variant, "state": c.watch}
            for c in compared
            if c.watch is not None
        ],
        "verdict": verdict_json(judged),
    }
    if engine not in before.ENGINES:
        return result
    return before.as_written(result, judged, {c.place: c.drawn_by for c in compared})


def _health(begun: Begun, balance: Balance, sequential: Balance) -> dict[str, Any]:
    """What is known of the data before any outcome, and how they are read."""
    inputs, plan = begun.inputs, begun.plan
    return {
        "units": inputs["units"],
        "planned_units": plan.units or None,
        "control": plan.control,
        "sample_ratio": _plain(vars(balance)) | {"code": balance.code},
        "sample_ratio_sequential": _plain(vars(sequential)) | {"code": sequential.code},
        "duplicates": {
            "in_two_variants": inputs["units_in_two_variants"],
            "repeated": inputs["repeated_units"],
        },
        "rejected": inputs["rejected"],
        "reading": _reading(plan, begun.stage, sum(inputs["units"].values())),
    }


def _reading(plan: Plan, stage: Stage, units: int) -> dict[str, Any]:
    """How it was read; where looks are planned, which this is, or at how many units the next is."""
    read: dict[str, Any] = {"method": stage.name, "look": None, "next_look": None}
    if stage.look:
        read["look"] = {**stage.look._asdict(), "fractions": list(stage.look.fractions)}
    elif stage.name == "planned-looks":
        number, at = next_look(plan, units)
        read["next_look"] = {"number": number, "units": at}
    return read


def _metrics(
    begun: Begun, compared: list[Comparison], also: dict[str, list[dict[str, Any]]], *,
    is_worded: bool,
) -> list[dict[str, Any]]:  # fmt: skip
    """Each metric as the plan describes it, with the values of its arms and their comparisons."""
    adjusted = _adjusted(compared)
    rows: dict[str, list[dict[str, Any]]] = {}
    for comparison, p in zip(compared, adjusted, strict=True):
        state = _state(comparison, p, begun.plan.statistics, is_worded=is_worded)
        row = {"variant": comparison.variant, **vars(comparison.effect), "adjusted_p": p,
               "state": state}  # fmt: skip
        rows.setdefault(comparison.metric.name, []).append(row)
    samples = begun.evidence.samples
    return [
        {
            **described,
            "arms": [
                {"variant": arm.name, **_value(samples[metric.name][arm.name])}
                for arm in begun.plan.arms
                if arm.name in samples.get(metric.name, {})
            ],
            "comparisons": rows.get(metric.name, []),
            **({"also": also[metric.name]} if also[metric.name] else {}),
        }
        for described, metric in zip(
            begun.inputs["plan"]["metrics"], begun.plan.metrics, strict=True
        )
    ]


def _state(
    comparison: Comparison, adjusted: float | None, statistics: Statistics, *, is_worded: bool
) -> State:
    """What a member reads beside the numbers, by the same error as the verdict."""
    alpha = before.ALPHA if is_worded else statistics.alpha_of(comparison.metric.role)
    if comparison.metric.role == "guardrail":
        return guardrail_state(comparison.finding, alpha)
    if comparison.effect.difference is None or adjusted is None or adjusted > alpha:
        return State.CANNOT_TELL
    return State.BETTER if comparison.finding.gain > 0 else State.WORSE


def _compare(pair: Pair, answers: Sequence[Effect], begun: Begun) -> Comparison:
    metric, variant, arms = pair.metric, pair.variant, begun.evidence.samples[pair.metric.name]
    effect, judged = effects_of_pair(answers, metric, begun.stage)
    finding = Finding(
        variant=variant,
        words=Words(metric.name, kind=metric.kind, units=metric.unit or "units", did=metric.did),
        effect=judged,
        is_increase_good=metric.is_increase_good,
        control_value=_value(arms[begun.plan.control])["value"],
        treatment_value=_value(arms[variant])["value"],
        smallest_effect=metric.smallest_difference,
        margin=metric.margin,
    )
    watch = watched(answers, metric) if metric.role == "guardrail" else None
    return Comparison(metric, variant, effect, answers[0].method, finding, watch)


def _decide(
    plan: Plan,
    compared: list[Comparison],
    balance: Balance,
    stage: Stage,
    inputs: dict[str, Any],
) -> Verdict:
    total, planned = sum(inputs["units"].values()), plan.units
    return verdict(
        Rule(
            control=plan.control,
            planned_units=planned,
            is_sequential=stage.may_decide_now,
            alpha=plan.statistics.alpha_of("primary"),
            guardrail_alpha=plan.statistics.alpha_of("guardrail"),
        ),
        primary=[c.finding for c in compared if c.metric.role == "primary"],
        guardrails=[c.finding for c in compared if c.metric.role == "guardrail"],
        balance=balance,
        units=total,
        is_past_end=inputs["is_over"] or bool(planned and total >= planned),
    )


def _adjusted(compared: list[Comparison]) -> list[float | None]:
    """The p of each comparison, adjusted among all that share its role."""
    by_place: list[float | None] = [None] * len(compared)
    for role, method in ADJUSTMENTS.items():
        places = [place for place, c in enumerate(compared) if c.metric.role == role]
        p_values = [compared[place].effect.p_value for place in places]
        if p_values:
            adjusted = adjust_pvalues(p_values, method=method)  # type: ignore[arg-type]
            for place, p in zip(places, adjusted, strict=True):
                by_place[place] = _number(p)
    return by_place


def samples_of(observations: list[dict[str, Any]]) -> dict[str, dict[str, Sample]]:
    """Samples by metric and variant, of the rows that hold for all days."""
    return evidence_in(observations).samples


def _value(sample: Sample) -> dict[str, Any]:
    return {"n": sample.n, "value": _number(value_of(sample))}


def _number(value: Any) -> float | None:
    return float(value) if value is not None and math.isfinite(value) else None


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    """The same with tuples as lists and no number that JSON lacks."""
    return {
        name: list(value)
        if isinstance(value, tuple)
        else (_number(value) if isinstance(value, float) else value)
        for name, value in values.items()
    }
