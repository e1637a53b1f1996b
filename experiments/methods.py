"""Two arms compared in the way that the sealed plan names: once, at any time, or at planned looks. Pure."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from experiments.planned_looks import Look, due_look, nominal_confidence, p_at
from experiments.plans import planned_units
from experiments.stats import Effect, compare, confidence_sequence, poststratify
from experiments.stats.tails import Alternative

FIXED, ANY_TIME, PLANNED_LOOKS = "fixed-horizon", "any-time", "planned-looks"
UNPLANNED_PAIR = 5_000  # what a sequence is tuned to where no number of units was planned


class Method(NamedTuple):
    """How these data are read: by which method, and where looks are planned at which of them."""

    name: str
    confidence: float
    look: Look | None

    @property
    def may_decide_now(self) -> bool:
        """Before its planned end too: at any time by a sequence, else at a look that is due."""
        return self.name == ANY_TIME or self.look is not None


def method_of(plan: dict[str, Any], inputs: dict[str, Any]) -> Method:
    """The method that the plan was sealed with; a plan that names none has a fixed horizon."""
    statistics = plan["statistics"]
    name, look = statistics.get("method", FIXED), None
    if name == PLANNED_LOOKS:
        units = sum(inputs["units"].values())
        look = due_look(plan, inputs.get("looks", ()), units, is_over=inputs["is_over"])
    return Method(name, statistics["confidence"], look)


def planned_pair(plan: dict[str, Any], control: str, variant: str) -> float:
    """The units of these two arms at the planned end.

    >>> arms = [{"name": "A", "weight": 2}, {"name": "B", "weight": 1}, {"name": "C", "weight": 1}]
    >>> planned_pair({"planned_units": 4000, "variants": arms}, "A", "B")
    3000.0
    """
    weights = {arm["name"]: arm["weight"] for arm in plan["variants"]}
    share = (weights[control] + weights[variant]) / sum(weights.values())
    return planned_units(plan) * share or UNPLANNED_PAIR


def read_pair(
    control: Any,
    treatment: Any,
    metric: dict[str, Any],
    method: Method,
    planned_n: float,
    strata: Sequence[tuple[Any, Any]] = (),
) -> tuple[Effect, Effect]:
    """What is shown, and what the verdict judges: they differ for a guardrail with a margin.

    Strata are compared within where there is a fixed horizon; sequences and looks go by the whole.

    The interval is drawn two-sided; the p shown of such a guardrail is that of its margin.
    """
    is_guarded = metric["role"] == "guardrail" and bool(metric["margin"])
    side: Alternative = "greater" if metric["direction"] == "increase" else "less"
    asked: dict[str, Any] = {"alternative": side, "margin": metric["margin"] or 0.0}
    if method.name == ANY_TIME:
        tuned: dict[str, Any] = {"planned_n": planned_n, "confidence": method.confidence}
        effect = judged = tested = confidence_sequence(control, treatment, **tuned)
        if is_guarded:
            tested = confidence_sequence(control, treatment, **tuned, **asked)
    elif method.look:
        wide = nominal_confidence(method.look, method.confidence)
        effect = _at(method.look, compare(control, treatment, confidence=wide), sides=2)
        judged = tested = effect
        if is_guarded:
            one_sided = compare(control, treatment, confidence=wide, **asked)
            tested = _at(method.look, one_sided, sides=1)
    else:
        effect = judged = tested = _at_the_end(control, treatment, strata, method, {})
        if is_guarded:
            judged = tested = _at_the_end(control, treatment, strata, method, asked)
    return (_with_test_of(effect, tested) if is_guarded else effect), judged


def _at_the_end(
    control: Any,
    treatment: Any,
    strata: Sequence[tuple[Any, Any]],
    method: Method,
    asked: dict[str, Any],
) -> Effect:
    if strata:
        return poststratify(strata, confidence=method.confidence, **asked)
    return compare(control, treatment, confidence=method.confidence, **asked)


def _with_test_of(effect: Effect, tested: Effect) -> Effect:
    return replace(
        effect,
        p_value=tested.p_value,
        log10_p=tested.log10_p,
        statistic=tested.statistic,
        degrees_of_freedom=tested.degrees_of_freedom,
        method=tested.method,
    )


def _at(look: Look, effect: Effect, *, sides: int) -> Effect:
    """The effect with the p that all looks together allow it."""
    if effect.p_value is None:
        return effect
    if sides == 2:
        p = p_at(look, effect.p_value)
    elif effect.p_value < 0.5:
        p = p_at(look, 2 * effect.p_value) / 2
    else:
        p = 1 - p_at(look, 2 * (1 - effect.p_value)) / 2
    return replace(effect, p_value=p, log10_p=math.log10(p) if p > 0 else effect.log10_p)


def watch(
    control: Any, treatment: Any, metric: dict[str, Any], confidence: float, planned_n: float
) -> str:
    """A guardrail that may be watched every day: "worse" once its sequence lies beyond the margin.

    >>> from experiments.stats import Proportion
    >>> metric = {"direction": "decrease", "margin": 0.005}
    >>> watch(Proportion(5000, 50), Proportion(5000, 250), metric, 0.95, 10_000)
    'worse'
    """
    effect = confidence_sequence(control, treatment, planned_n=planned_n, confidence=confidence)
    if effect.low is None or effect.high is None:
        return "not known"
    best = effect.high if metric["direction"] == "increase" else -effect.low
    return "worse" if best < -(metric["margin"] or 0.0) else "not worse"
