"""The answer of a comparison: flat, named, immutable; what could not be computed has a name."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .tails import Array

Result: TypeAlias = Any
"""A float, or None where it can't be computed; in a batch, an array with nan in such places."""

WHY_NOT: Final = MappingProxyType(
    {
        "impossible-numbers": "These numbers can't be: a count is negative, a variance is negative "
        "or more units converted than there are.",
        "no-units": "An arm has no units yet.",
        "too-few-units": "Each arm needs at least two units before a spread can be told.",
        "zero-denominator": "The ratio's denominator adds up to zero in an arm.",
        "no-conversions": "Nobody converted in either arm, so there is nothing to test yet.",
        "everyone-converted": "Everybody converted in both arms, so there is nothing to test.",
        "zero-variance": "All units in both arms have the same value, so chance can't be judged.",
        "too-few-for-quantile": "So far out a quantile needs more units before its range can be "
        "told.",
        "tied-at-quantile": "So many units share one value at this quantile that chance can't be "
        "judged; compare the share of units above it instead.",
        "too-many-for-boschloo": "Boschloo's test takes too long for more than 1,000 units; ask for "
        "Fisher's. The difference and its interval hold.",
        "out-of-range": "The numbers are too large or too small to compute with.",
        "control-mean-may-be-zero": "The control's value is zero or may well be, so a lift "
        "relative to it has no meaning; the difference holds.",
        "lift-has-no-interval": "How far the lift may reach can't be told from a treatment without "
        "conversions, or on a log scale without positive means; the difference holds.",
    }
)
"""Each name that `Effect.why_not` can have, with its sentence; the first that fits is given."""

METHODS: Final = MappingProxyType(
    {
        "welch-t": "Welch's t test gives p and the interval of the difference",
        "cuped-welch-t": "adjusted by the covariate (CUPED), then Welch's t test",
        "pooled-z": "the pooled z test gives p, Newcombe's method 10 the interval of the difference",
        "fisher": "Fisher's exact test gives p, Newcombe's method 10 the interval of the difference",
        "boschloo": "Boschloo's exact test gives p, Newcombe's method 10 the interval of the "
        "difference",
        "score-z": "the score test against the margin (Farrington and Manning) gives p, Newcombe's "
        "method 10 the interval of the difference",
        "quantile": "the units around the quantile give its interval in each arm, and both together "
        "p and the interval of the difference",
        "confidence-sequence": "asymptotic confidence sequence, which may be read at any time",
        "post-stratified-t": "the strata's differences, weighed by their size, against Student's t",
    }
)
LIFT_METHODS: Final = MappingProxyType(
    {
        "log": "the interval of the lift is made on the log scale",
        "fieller": "the interval of the lift follows Fieller's theorem",
        "delta": "the interval of the lift follows the delta method",
        "sequence": "the interval of the lift is a confidence sequence too",
        "none": "the lift has no interval",
    }
)


_MIDDLES: Final = {
    "low": "difference",
    "high": "difference",
    "lift_low": "lift",
    "lift_high": "lift",
}
"""An end of an interval has no meaning without its middle."""


@dataclass(frozen=True)
class Effect:
    """Treatment against control.

    `difference`, `low`, `high` and `standard_error` are in the metric's own unit (0.01 is one
    point of a proportion); `lift`, `lift_low` and `lift_high` are shares of |control| (0.1 is
    +10 %). An open end of a one-sided interval is None. `p_value` tests the difference.
    `method` names how; `why_not` is None, or the name of what could not be computed.
    """

    difference: Result
    low: Result
    high: Result
    lift: Result
    lift_low: Result
    lift_high: Result
    p_value: Result
    log10_p: Result
    statistic: Result
    degrees_of_freedom: Result
    standard_error: Result
    method: Any
    why_not: Any
    explanation: Any

    def __len__(self) -> int:
        """How many comparisons a batch holds."""
        return len(self.difference)

    def __getitem__(self, index: Any) -> Effect:
        """One comparison of a batch, with None for what could not be computed."""
        return Effect(*(_plain(getattr(self, field.name)[index]) for field in fields(self)))

    def apart(self) -> list[Effect]:
        """Every comparison of a batch, each as indexing gives it."""
        columns = []
        for field in fields(self):
            column = getattr(self, field.name)
            if column.dtype != object:
                column = np.where(np.isnan(column), None, column.astype(object))
            columns.append(column.tolist())
        return [Effect(*row) for row in zip(*columns, strict=True)]


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return float(value) if np.isfinite(value) else None
    return value


def assemble(numbers: dict[str, Array], *, method: Any, lift_method: Any, why: Any) -> Effect:
    """A batch: `numbers` by field; `why` holds a boolean array for each name of `WHY_NOT` that
    may apply, and those places lose p (or, for a control near zero, nothing but the lift)."""
    shape = np.broadcast_shapes(*(np.shape(values) for values in numbers.values()))
    given = {
        name: np.where(np.isfinite(values), values, np.nan) for name, values in numbers.items()
    }
    method = np.broadcast_to(np.asarray(method, dtype=object), shape)
    why_not = np.full(shape, None, dtype=object)
    is_lost = ~(np.isfinite(given["p_value"]) & np.isfinite(given["difference"]))
    for name in ("p_value", "log10_p", "statistic"):
        given[name] = np.where(is_lost, np.nan, given[name])
    for name, middle in _MIDDLES.items():
        given[name] = np.where(np.isfinite(given[middle]), given[name], np.nan)
    why = why | {"out-of-range": is_lost}
    for name in reversed(WHY_NOT):
        if name in why:
            why_not[np.broadcast_to(why[name], shape)] = name
    return Effect(
        **{name: np.broadcast_to(values, shape) for name, values in given.items()},
        method=method,
        why_not=why_not,
        explanation=_explain(method, lift_method, why_not),
    )


def _explain(method: Any, lift_method: Any, why_not: Any) -> NDArray[Any]:
    lifts: Any = np.broadcast_to(np.asarray(lift_method, dtype=object), method.shape)
    sentences = np.empty(method.shape, dtype=object)
    parts = zip(method.ravel(), lifts.ravel(), why_not.ravel(), strict=True)
    sentences.reshape(-1)[:] = [_sentence(*part) for part in parts]
    return sentences


@cache
def _sentence(method: str, lift_method: str, why_not: str | None) -> str:
    if why_not:
        return WHY_NOT[why_not]
    how = f"{METHODS[method]}; {LIFT_METHODS[lift_method]}."
    return how[0].upper() + how[1:]


def single(batch: Effect) -> Effect:
    """The one comparison of a batch without dimensions, as plain Python values."""
    return batch[()]
