"""A dated reading of an experiment's data: pure arithmetic from plain inputs to a plain result.

`read_evidence` takes what an Analysis stores as its inputs and returns what it stores as its
result, both JSON values, so that the same inputs give the same bytes on any machine.
"""

import math
from dataclasses import asdict, replace
from typing import Any, NamedTuple

from experiments.plans import planned_units
from experiments.stats import (
    Effect,
    Finding,
    Mean,
    Proportion,
    Ratio,
    Rule,
    Verdict,
    Words,
    adjust_pvalues,
    compare,
    sample_ratio,
    verdict,
)
from experiments.stats.judging import guardrail_state
from experiments.stats.tails import Alternative

ENGINE_VERSION = "1"
ADJUSTMENTS = {"primary": "holm", "secondary": "benjamini-hochberg"}
GUARDRAIL_WORDS = {
    "within": "within the margin",
    "in-doubt": "margin not ruled out",
    "worse": "worse than its margin",
}


class Comparison(NamedTuple):
    """One arm against the control on one metric, beside the part that the metric plays."""

    metric: dict[str, Any]
    variant: str
    effect: Effect
    finding: Finding


def read_evidence(inputs: dict[str, Any]) -> dict[str, Any]:
    """Health, effects and verdict. `inputs` as experiments.flows.analysing.inputs_of makes them."""
    plan, units = inputs["plan"], inputs["units"]
    arms = [arm["name"] for arm in plan["variants"]]
    control = next(arm["name"] for arm in plan["variants"] if arm["is_control"])
    balance = sample_ratio(
        [units.get(arm, 0) for arm in arms], [arm["weight"] for arm in plan["variants"]]
    )
    samples = samples_of(inputs["observations"])
    compared = [
        _compare(metric, variant, samples[metric["name"]], control, plan)
        for metric in plan["metrics"]
        for variant in arms
        if variant != control and _has_both(samples, metric["name"], control, variant)
    ]
    total = sum(units.values())
    planned = planned_units(plan)
    judged = _decide(plan, compared, balance, total, planned, inputs)
    return {
        "engine": ENGINE_VERSION,
        "units": units,
        "planned_units": planned or None,
        "control": control,
        "sample_ratio": _plain(asdict(balance)),
        "duplicates": {
            "in_two_variants": inputs["units_in_two_variants"],
            "repeated": inputs["repeated_units"],
        },
        "rejected": inputs["rejected"],
        "metrics": [
            {
                **metric,
                "arms": [
                    {"variant": arm, **_value(samples[metric["name"]][arm])}
                    for arm in arms
                    if arm in samples.get(metric["name"], {})
                ],
                "comparisons": _rows(metric, compared),
            }
            for metric in plan["metrics"]
        ],
        "verdict": _plain(asdict(judged)),
    }


def samples_of(observations: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Samples by metric and variant."""
    samples: dict[str, dict[str, Any]] = {}
    for row in observations:
        if row["successes"] is not None:
            sample: Any = Proportion(row["n"], row["successes"])
        elif row["denominator"] is not None:
            sample = Ratio(
                row["n"],
                row["mean"],
                row["denominator"],
                row["variance"],
                row["denominator_variance"],
                row["covariance"],
            )
        else:
            sample = Mean(row["n"], row["mean"], row["variance"])
        samples.setdefault(row["metric"], {})[row["variant"]] = sample
    return samples


def _has_both(samples: dict[str, dict[str, Any]], name: str, control: str, variant: str) -> bool:
    return {control, variant} <= samples.get(name, {}).keys()


def _compare(
    metric: dict[str, Any], variant: str, arms: dict[str, Any], control: str, plan: dict[str, Any]
) -> Comparison:
    confidence = plan["statistics"]["confidence"]
    effect = compare(arms[control], arms[variant], confidence=confidence)
    judged = effect
    if metric["role"] == "guardrail" and metric["margin"]:
        judged = _not_worse(metric, arms[control], arms[variant], confidence)
        # The interval is drawn two-sided; p and the verdict are those of the one-sided question.
        effect = replace(
            effect,
            p_value=judged.p_value,
            log10_p=judged.log10_p,
            statistic=judged.statistic,
            degrees_of_freedom=judged.degrees_of_freedom,
            method=judged.method,
        )
    smallest = metric["smallest_effect"]
    has_size = smallest is not None and metric["baseline"] is not None
    finding = Finding(
        variant=variant,
        words=Words(
            metric["name"],
            kind=metric["kind"],
            units=metric.get("unit") or "units",
            did=metric.get("did") or "",
        ),
        effect=judged,
        is_increase_good=metric["direction"] == "increase",
        control_value=_value(arms[control])["value"],
        treatment_value=_value(arms[variant])["value"],
        smallest_effect=abs(smallest * metric["baseline"]) if has_size else None,
        margin=metric["margin"],
    )
    return Comparison(metric, variant, effect, finding)


def _not_worse(metric: dict[str, Any], control: Any, treatment: Any, confidence: float) -> Effect:
    """Whether a guardrail is worse by less than its margin: one-sided, non-inferiority."""
    alternative: Alternative = "greater" if metric["direction"] == "increase" else "less"
    return compare(
        control, treatment, confidence=confidence, alternative=alternative, margin=metric["margin"]
    )


def _decide(
    plan: dict[str, Any],
    compared: list[Comparison],
    balance: Any,
    total: int,
    planned: int,
    inputs: dict[str, Any],
) -> Verdict:
    control = next(arm["name"] for arm in plan["variants"] if arm["is_control"])
    alpha = 1 - plan["statistics"]["confidence"]
    return verdict(
        Rule(control=control, planned_units=planned, alpha=round(alpha, 12)),
        primary=[c.finding for c in compared if c.metric["role"] == "primary"],
        guardrails=[c.finding for c in compared if c.metric["role"] == "guardrail"],
        balance=balance,
        units=total,
        is_past_end=inputs["is_over"] or bool(planned and total >= planned),
    )


def _rows(metric: dict[str, Any], compared: list[Comparison]) -> list[dict[str, Any]]:
    """The comparisons of one metric, with the p adjusted among all that share its role."""
    same_role = [c for c in compared if c.metric["role"] == metric["role"]]
    method = ADJUSTMENTS.get(metric["role"])
    p_values = [c.effect.p_value for c in same_role]
    adjusted: Any = (
        adjust_pvalues(p_values, method=method) if method and p_values else [None] * len(same_role)  # type: ignore[arg-type]
    )
    return [
        {
            "variant": c.variant,
            **_plain(asdict(c.effect)),
            "adjusted_p": _number(p),
            "word": _word(c, _number(p)),
        }
        for c, p in zip(same_role, adjusted, strict=True)
        if c.metric is metric
    ]


def _word(comparison: Comparison, adjusted: float | None) -> str:
    """What a member reads beside the numbers: better, worse, cannot tell; or the guardrail's state."""
    if comparison.metric["role"] == "guardrail":
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
