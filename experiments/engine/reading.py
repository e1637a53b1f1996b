"""A dated reading of an experiment's data: pure arithmetic from plain inputs to a plain result.

`read_evidence` takes what an Analysis stores as its inputs and returns what it stores as its
result, both JSON values, so that the same inputs give the same bytes on any machine.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

from experiments.engine.batching import answers_one_by_one, answers_to
from experiments.engine.comparisons import Begun, Pair, begin
from experiments.engine.looks import next_look
from experiments.engine.methods import Method, effects_of_pair, watched
from experiments.engine.sensitivity import evidence_in
from experiments.plan.document import Plan, PlannedMetric
from experiments.stats import (
    Effect,
    Finding,
    Proportion,
    Ratio,
    Rule,
    Verdict,
    Words,
    adjust_pvalues,
    sample_ratio,
    sample_ratio_sequential,
    verdict,
)
from experiments.stats.judging import guardrail_state

ENGINE_VERSION = "3"
ENGINES = ("1", "2", "3")  # those whose readings can be computed again
ONE_BY_ONE = ("1", "2")  # those that made each comparison by itself
ADJUSTMENTS = {"primary": "holm", "secondary": "benjamini-hochberg"}
GUARDRAIL_WORDS = {
    "within": "within the margin",
    "in-doubt": "margin not ruled out",
    "worse": "worse than its margin",
}


class Comparison(NamedTuple):
    """One arm against the control on one metric, beside the part that the metric plays."""

    metric: PlannedMetric
    variant: str
    effect: Effect
    finding: Finding


def read_evidence(inputs: dict[str, Any], *, engine: str = ENGINE_VERSION) -> dict[str, Any]:
    """Health, effects and verdict. `inputs` as experiments.flows.analysing.inputs_of makes them.

    `engine` is the version that made a reading that is to be computed again: 1 knew a fixed
    horizon only and told less of the health; both 1 and 2 compared each pair by itself.
    """
    return read_all([inputs], engine=engine)[0]


def read_all(
    every: Sequence[dict[str, Any]], *, engine: str = ENGINE_VERSION
) -> list[dict[str, Any]]:
    """`read_evidence` for many inputs: all their comparisons in a few calls, the same bytes."""
    begun = [begin(inputs) for inputs in every]
    answer = answers_one_by_one if engine in ONE_BY_ONE else answers_to
    effects = iter(answer([asked for reading in begun for asked in reading.asked]))
    return [_finish(reading, effects, engine) for reading in begun]


def _finish(begun: Begun, effects: Iterator[Effect], engine: str) -> dict[str, Any]:
    """The reading, with as many of `effects` taken as it asked for."""
    inputs, plan, samples = begun.inputs, begun.plan, begun.evidence.samples
    units, arms = inputs["units"], [arm.name for arm in plan.arms]
    shares = [units.get(arm, 0) for arm in arms], [arm.weight for arm in plan.arms]
    balance = sample_ratio(*shares)
    answers = [list(islice(effects, len(pair.asked))) for pair in begun.pairs]
    compared = [
        _compare(pair, found, begun) for pair, found in zip(begun.pairs, answers, strict=True)
    ]
    adjusted = _adjusted(compared)
    also = {
        name: [_plain(other.told(next(effects))) for other in others]
        for name, others in begun.others.items()
    }
    result = {
        "engine": engine,
        "units": units,
        "planned_units": plan.units or None,
        "control": plan.control,
        "sample_ratio": _plain(vars(balance)),
        "duplicates": {
            "in_two_variants": inputs["units_in_two_variants"],
            "repeated": inputs["repeated_units"],
        },
        "rejected": inputs["rejected"],
        "metrics": [
            {
                **described,
                "arms": [
                    {"variant": arm, **_value(samples[metric.name][arm])}
                    for arm in arms
                    if arm in samples.get(metric.name, {})
                ],
                "comparisons": _rows(metric, compared, adjusted),
                **({"also": also[metric.name]} if also[metric.name] else {}),
            }
            for described, metric in zip(inputs["plan"]["metrics"], plan.metrics, strict=True)
        ],
        "verdict": _plain(vars(_decide(plan, compared, balance, begun.method, inputs))),
    }
    if engine == "1":
        return result
    return result | {
        "sample_ratio_sequential": _plain(vars(sample_ratio_sequential(*shares))),
        "reading": _reading(plan, begun.method, sum(units.values())),
        "watched": [
            {"metric": pair.metric.name, "variant": pair.variant,
             "state": watched(found, pair.metric)}
            for pair, found in zip(begun.pairs, answers, strict=True)
            if pair.metric.role == "guardrail"
        ],
    }  # fmt: skip


def _reading(plan: Plan, method: Method, units: int) -> dict[str, Any]:
    """How it was read; where looks are planned, which this is, or at how many units the next is."""
    said: dict[str, Any] = {"method": method.name, "look": None, "next_look": None}
    if method.look:
        said["look"] = {**method.look._asdict(), "fractions": list(method.look.fractions)}
    elif method.name == "planned-looks":
        number, at = next_look(plan, units)
        said["next_look"] = {"number": number, "units": at}
    return said


def samples_of(observations: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Samples by metric and variant, of the rows that hold for all days."""
    return evidence_in(observations).samples


def _compare(pair: Pair, answers: Sequence[Effect], begun: Begun) -> Comparison:
    metric, variant, arms = pair.metric, pair.variant, begun.evidence.samples[pair.metric.name]
    effect, judged = effects_of_pair(answers, metric, begun.method)
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
    return Comparison(metric, variant, effect, finding)


def _decide(
    plan: Plan,
    compared: list[Comparison],
    balance: Any,
    method: Method,
    inputs: dict[str, Any],
) -> Verdict:
    total, planned = sum(inputs["units"].values()), plan.units
    return verdict(
        Rule(
            control=plan.control,
            planned_units=planned,
            is_sequential=method.may_decide_now,
            alpha=plan.statistics.alpha,
        ),
        primary=[c.finding for c in compared if c.metric.role == "primary"],
        guardrails=[c.finding for c in compared if c.metric.role == "guardrail"],
        balance=balance,
        units=total,
        is_past_end=inputs["is_over"] or bool(planned and total >= planned),
    )


def _adjusted(compared: list[Comparison]) -> list[float | None]:
    """The p of each comparison, adjusted among all that share its role."""
    found: list[float | None] = [None] * len(compared)
    for role, method in ADJUSTMENTS.items():
        places = [place for place, c in enumerate(compared) if c.metric.role == role]
        p_values = [compared[place].effect.p_value for place in places]
        if p_values:
            adjusted = adjust_pvalues(p_values, method=method)  # type: ignore[arg-type]
            for place, p in zip(places, adjusted, strict=True):
                found[place] = _number(p)
    return found


def _rows(
    metric: PlannedMetric, compared: list[Comparison], adjusted: list[float | None]
) -> list[dict[str, Any]]:
    """The comparisons of one metric."""
    return [
        {
            "variant": c.variant,
            **vars(c.effect),
            "adjusted_p": p,
            "word": _word(c, p),
        }
        for c, p in zip(compared, adjusted, strict=True)
        if c.metric is metric
    ]


def _word(comparison: Comparison, adjusted: float | None) -> str:
    """What a member reads beside the numbers: better, worse, cannot tell; or the guardrail's state."""
    if comparison.metric.role == "guardrail":
        return GUARDRAIL_WORDS[guardrail_state(comparison.finding)]
    effect = comparison.effect
    if effect.difference is None or adjusted is None or adjusted > 0.05:
        return "cannot tell"
    return "better" if comparison.finding.gain > 0 else "worse"


def _value(sample: Any) -> dict[str, Any]:
    if isinstance(sample, Proportion):
        value = sample.successes / sample.n if sample.n else None
    elif isinstance(sample, Ratio):
        value = sample.numerator / sample.denominator if sample.denominator else None
    else:
        value = sample.mean if sample.n else None
    return {"n": sample.n, "value": _number(value)}


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
