"""What is asked of two arms, and how the parts of an answer are put together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias, get_args

import numpy as np

from .effect import Effects, Names, assemble
from .lift import Lift, Pair, lift_of
from .samples import Sample
from .tails import Alternative, Array, Mask, array, normal_quantile

Why: TypeAlias = dict[str, Mask]
"""For names of `effect.WHY_NOT`: where they hold."""

_INTERVALS: Final = ("auto", "log", "fieller", "delta")
_EXACT: Final = ("fisher", "boschloo")
NO_TEST: Final = ("no-conversions", "everyone-converted")
_NO_SPREAD: Final = ("impossible-numbers", "too-few-units", "zero-denominator", "zero-variance")


class Test(NamedTuple):
    """One test of the difference."""

    p_value: Array
    log10_p: Array
    statistic: Array
    df: Array
    standard_error: Array


@dataclass(frozen=True)
class Question:
    """What is asked of two arms, checked once."""

    confidence: float
    alternative: Alternative
    interval: str
    margin: float
    exact: str = "fisher"

    def __post_init__(self) -> None:
        if not 0 < self.confidence < 1:
            raise ValueError(f"confidence must lie between 0 and 1, not {self.confidence}")
        if self.alternative not in get_args(Alternative):
            raise ValueError(f"alternative must be one of {get_args(Alternative)}")
        if self.interval not in _INTERVALS:
            raise ValueError(f"interval must be one of {_INTERVALS}")
        if self.exact not in _EXACT:
            raise ValueError(f"exact must be one of {_EXACT}")
        if self.margin and self.alternative == "two-sided":
            raise ValueError('a margin needs a direction: alternative="greater" or "less"')

    @property
    def null(self) -> float:
        """The difference that the test holds against the data."""
        return {"two-sided": 0.0, "greater": -self.margin, "less": self.margin}[self.alternative]

    def ends(self, low: Array, high: Array) -> tuple[Array, Array]:
        """An interval with the side opened that the alternative does not bound."""
        low = np.where(self.alternative == "less", np.nan, low)
        return low, np.where(self.alternative == "greater", np.nan, high)


def fields(sample: Sample) -> list[Array]:
    """A sample's fields as arrays of doubles, in order."""
    return [array(value) for value in vars(sample).values()]


def trouble(n_c: Array, n_t: Array, *never_negative: Array) -> Why:
    """Counts and variances that can't be, and arms too small to have a spread."""
    parts = np.broadcast_arrays(n_c, n_t, *never_negative)
    is_missing = np.any([np.isnan(part) for part in parts], axis=0)
    is_possible = np.all([np.isfinite(part) & (part >= 0) for part in parts], axis=0)
    return {
        "missing-numbers": is_missing,
        "impossible-numbers": ~is_possible,
        "no-units": np.minimum(n_c, n_t) < 1,
        "too-few-units": np.minimum(n_c, n_t) < 2,
    }


def finish(
    pair: Pair,
    question: Question,
    *,
    test: Test,
    bounds: tuple[Array, Array],
    why: Why,
    method: Names | str,
    is_positive: Mask,
    reach: Array | None = None,
    caution: Names | str | None = None,
) -> Effects:
    """The effect of a tested pair: its lift added, and blank whatever `why` says can't be had.

    `reach`: standard errors that the lift's interval takes in, where it is not a quantile.
    """
    lift = lift_of(
        pair,
        confidence=question.confidence,
        alternative=question.alternative,
        interval=question.interval,
        is_positive=is_positive,
        reach=reach,
    )
    numbers = _numbers(pair, lift, test, question.ends(*bounds))
    has_interval = lift.method != "none"
    z = normal_quantile(question.confidence, question.alternative) if reach is None else reach
    may_be_zero = ~np.isfinite(lift.value) | (np.abs(pair.control) <= z * np.sqrt(pair.v_c))
    why = why | {
        "control-mean-may-be-zero": may_be_zero & ~has_interval,
        "lift-has-no-interval": ~has_interval,
    }
    return assemble(
        _blanked(numbers, why), method=method, lift_method=lift.method, why=why, caution=caution
    )


def _numbers(pair: Pair, lift: Lift, test: Test, ends: tuple[Array, Array]) -> dict[str, Array]:
    return {
        "difference": pair.treatment - pair.control,
        "low": ends[0],
        "high": ends[1],
        "lift": lift.value,
        "lift_low": lift.low,
        "lift_high": lift.high,
        "p_value": test.p_value,
        "log10_p": test.log10_p,
        "statistic": test.statistic,
        "degrees_of_freedom": test.df,
        "standard_error": test.standard_error,
    }


def _blanked(numbers: dict[str, Array], why: Why) -> dict[str, Array]:
    """`numbers` with nan where a reason in `why` takes them away."""
    nothing = np.asarray(False)
    is_untestable = np.any(np.broadcast_arrays(*(why.get(k, nothing) for k in NO_TEST)), axis=0)
    is_blurred = np.any(np.broadcast_arrays(*(why.get(k, nothing) for k in _NO_SPREAD)), axis=0)
    is_wrong = why.get("impossible-numbers", nothing) | why.get("zero-denominator", nothing)
    untestable = is_untestable | is_blurred
    lost = dict.fromkeys(("p_value", "log10_p", "statistic", "lift_low", "lift_high"), untestable)
    lost |= dict.fromkeys(("low", "high", "degrees_of_freedom", "standard_error"), is_blurred)
    lost |= dict.fromkeys(("difference", "lift"), is_wrong)
    return {name: np.where(lost[name], np.nan, values) for name, values in numbers.items()}
