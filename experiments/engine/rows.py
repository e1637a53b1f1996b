"""What a result keeps of a comparison: plain values that JSON has. Pure."""

from typing import Any, Final

from experiments.engine.findings import Comparison, number_in
from experiments.engine.intervals import bound_of
from experiments.stats import State

EFFECT: Final = (
    "difference", "low", "high", "lift", "lift_low", "lift_high", "p_value", "log10_p",
    "statistic", "degrees_of_freedom", "standard_error", "method", "lift_method", "why_not",
)  # fmt: skip


def effect_row(comparison: Comparison) -> dict[str, Any]:
    """The effect that is shown, as every engine kept it."""
    return {name: getattr(comparison.effect, name) for name in EFFECT}


def beside(comparison: Comparison, state: State, chance: float | None) -> dict[str, Any]:
    """What is told beside it: the level of its interval, the ends that it would have alone and what to
    keep in mind about it; of a
    guardrail the `bound` that is held against its margin; and the chance that the arm is the better
    one, which no rule goes by."""
    better = chance if chance is None or comparison.metric.is_increase_good else 1 - chance
    row: dict[str, Any] = {"level": comparison.level, "alone": comparison.alone,
                           "caution": comparison.effect.caution,
                           "chance_to_win": better}  # fmt: skip
    if comparison.metric.role == "guardrail":
        row["bound"] = bound_of(comparison, state)
    return row


def plain(values: dict[str, Any]) -> dict[str, Any]:
    """The same with tuples as lists and no number that JSON lacks."""
    return {
        name: list(value)
        if isinstance(value, tuple)
        else (number_in(value) if isinstance(value, float) else value)
        for name, value in values.items()
    }
