"""The answer of a comparison: flat, named, immutable; what could not be computed has a name."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Final, TypeAlias

import numpy as np

from .codes import LiftMethod, Method, WhyNot
from .language import ENGLISH
from .sentences import explanation_of
from .tails import Array

Result: TypeAlias = Any
"""A float, or None where it can't be computed; in a batch, an array with nan in such places."""

WHY_NOT: Final = ENGLISH.why_not
"""Each name that `Effect.why_not` can have, with its sentence."""

_CODES: Final[dict[str, Method | LiftMethod | WhyNot]] = {
    **{str(code): code for code in Method},
    **{str(code): code for code in LiftMethod},
    **{str(code): code for code in WhyNot},
}

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
    `method` and `lift_method` name how (`codes.Method`, `codes.LiftMethod`); `why_not` is None, or the
    name of what could not be computed (`codes.WhyNot`).
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
    lift_method: Any
    why_not: Any

    @property
    def explanation(self) -> Any:
        """How it was computed, or what could not be: a sentence, or an array of them in a batch."""
        if not isinstance(self.method, np.ndarray):
            return explanation_of(self.method, self.lift_method, self.why_not)
        parts = zip(self.method.flat, self.lift_method.flat, self.why_not.flat, strict=True)
        sentences = np.empty(self.method.shape, dtype=object)
        sentences.reshape(-1)[:] = [explanation_of(*codes) for codes in parts]
        return sentences

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
            column: Any = getattr(self, field.name)
            if column.dtype != object:
                column = np.where(np.isnan(column), None, column.astype(object))
                columns.append(column.tolist())
            else:
                columns.append([_CODES.get(code, code) for code in column.tolist()])
        return [Effect(*row) for row in zip(*columns, strict=True)]


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return float(value) if np.isfinite(value) else None
    return _CODES.get(value, value)


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
    for name in reversed(WhyNot):
        if name in why:
            why_not[np.broadcast_to(why[name], shape)] = name
    return Effect(
        **{name: np.broadcast_to(values, shape) for name, values in given.items()},
        method=method,
        lift_method=np.broadcast_to(np.asarray(lift_method, dtype=object), shape),
        why_not=why_not,
    )


def single(batch: Effect) -> Effect:
    """The one comparison of a batch without dimensions, as plain Python values."""
    return batch[()]
