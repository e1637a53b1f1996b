"""The interval of each comparison at the level at which it agrees with the p that decides. Pure.

Where several comparisons are judged together their p-values are adjusted, and what is drawn has to be as
wide as what is decided by. What a comparison alone would say is kept beside it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from experiments.engine.batching import Request, effects_of
from experiments.engine.comparisons import Begun
from experiments.engine.findings import ADJUSTMENTS, Comparison
from experiments.engine.looks import nominal_confidence
from experiments.engine.methods import Stage
from experiments.stats import Effect, State, adjusted_levels
from experiments.stats.multiplicity import cut_at_null

ENDS = ("low", "high", "lift_low", "lift_high")


def with_adjusted_intervals(
    every: Sequence[tuple[Begun, list[Comparison]]],
) -> list[list[Comparison]]:
    """The comparisons of many readings, each drawn at its level; all are computed in one go."""
    questions: list[list[tuple[Request, float, bool]]] = [
        [_question(*each) for each in _levels(begun, compared)] for begun, compared in every
    ]
    effects = iter(effects_of([request for one in questions for request, _, _ in one]))
    return [
        _redrawn(compared, own, effects)
        for (_, compared), own in zip(every, questions, strict=True)
    ]


def _levels(
    begun: Begun, compared: Sequence[Comparison]
) -> Iterator[tuple[Request, Stage, float, bool]]:
    """For each comparison what to ask for again, its level, and whether it is clear."""
    levels: dict[int, tuple[float, bool]] = {}
    for role, method in ADJUSTMENTS.items():
        places = [place for place, one in enumerate(compared) if one.metric.role == role]
        p_values = [compared[place].effect.p_value for place in places]
        alpha = begun.plan.statistics.alpha_of(role)
        adjusted = adjusted_levels(p_values, alpha=alpha, method=method)
        for place, level, is_clear in zip(
            places, adjusted.confidence, adjusted.is_rejected, strict=True
        ):
            levels[place] = float(level), bool(is_clear)
    for place, (pair, one) in enumerate(zip(begun.pairs, compared, strict=True)):
        base = begun.plan.statistics.confidence_of(one.metric.role)
        level, is_clear = levels.get(place, (base, False))
        known = level if level == level else base  # noqa: PLR0124 - nan where nothing was tested
        yield pair.requests[0], begun.stage, known, is_clear


def _question(
    request: Request, stage: Stage, level: float, is_clear: bool
) -> tuple[Request, float, bool]:
    confidence = nominal_confidence(stage.look, level) if stage.look else level
    return request._replace(confidence=confidence), level, is_clear


def _redrawn(
    compared: Sequence[Comparison],
    questions: Sequence[tuple[Request, float, bool]],
    effects: Iterator[Effect],
) -> list[Comparison]:
    drawn = list(islice(effects, len(questions)))
    return [
        one if one.metric.role == "guardrail" else _drawn_at(one, effect, level, is_clear)
        for one, effect, (_, level, is_clear) in zip(compared, drawn, questions, strict=True)
    ]


def _drawn_at(one: Comparison, effect: Effect, level: float, is_clear: bool) -> Comparison:
    """The comparison with the ends of `effect`, cut where p says another thing than they do."""
    low, high = _cut(effect, effect.difference, effect.low, effect.high, is_clear=is_clear)
    lift_ends = _cut(effect, effect.lift, effect.lift_low, effect.lift_high, is_clear=is_clear)
    shown = replace(one.effect, low=low, high=high, lift_low=lift_ends[0], lift_high=lift_ends[1])
    alone = {name: getattr(one.effect, name) for name in ENDS}
    finding = replace(one.finding, effect=shown)
    return one._replace(effect=shown, finding=finding, level=level, alone=alone)


def _cut(
    effect: Effect, middle: float | None, low: float | None, high: float | None, *, is_clear: bool
) -> tuple[float | None, float | None]:
    if middle is None or effect.p_value is None:
        return low, high
    return cut_at_null(low, high, difference=middle, is_rejected=is_clear)


def bound_of(one: Comparison, state: State) -> float | None:
    """The end of a guardrail's interval that is held against its margin, as it was judged.

    It lies within the margin exactly where the guardrail is said to: test and interval come from
    different formulas for proportions, and differ by a hair.
    """
    worst, margin = one.finding.worst, one.finding.margin
    if worst is None:
        return None
    if margin is not None and state is State.WITHIN:
        worst = max(worst, -margin)
    elif margin is not None and state is State.IN_DOUBT:
        worst = min(worst, -margin)
    return worst if one.metric.is_increase_good else -worst
