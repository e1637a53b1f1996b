"""The answer of a comparison: flat, named, immutable; what could not be computed has a name."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .codes import Caution, LiftMethod, Method, WhyNot
from .language import ENGLISH
from .sentences import explanation_of
from .tails import Array, Mask

Names: TypeAlias = NDArray[np.object_]
"""Codes, one for each comparison."""

WHY_NOT: Final = ENGLISH.why_not
"""Each name that `Effect.why_not` can have, with its sentence."""

_CODES: Final[dict[str, Method | LiftMethod | WhyNot | Caution]] = {
    **{str(code): code for code in Method},
    **{str(code): code for code in LiftMethod},
    **{str(code): code for code in WhyNot},
    **{str(code): code for code in Caution},
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
    +10 %). None is what can't be computed, and an open end of a one-sided interval. `p_value` tests
    the difference, and `log10_p` goes on where a double ends; `statistic` is its z or t, with
    `degrees_of_freedom` for t. `method` and `lift_method` name how; `why_not` what could not be
    computed, `caution` what to keep in mind about what was.
    """

    difference: float | None
    low: float | None
    high: float | None
    lift: float | None
    lift_low: float | None
    lift_high: float | None
    p_value: float | None
    log10_p: float | None
    statistic: float | None
    degrees_of_freedom: float | None
    standard_error: float | None
    method: Method
    lift_method: LiftMethod
    why_not: WhyNot | None
    caution: Caution | None = None

    @property
    def explanation(self) -> str:
        """How it was computed, or what could not be."""
        return explanation_of(self.method, self.lift_method, self.why_not, self.caution)


@dataclass(frozen=True)
class Effects:
    """Many comparisons: an `Effect` whose fields are arrays of one shape.

    `difference`, `low`, `high`, `lift`, `lift_low`, `lift_high`, `p_value`, `log10_p`, `statistic`,
    `degrees_of_freedom` and `standard_error` are doubles, with nan for what an `Effect` has None for;
    `method`, `lift_method`, `why_not` and `caution` are arrays of codes.
    """

    difference: Array
    low: Array
    high: Array
    lift: Array
    lift_low: Array
    lift_high: Array
    p_value: Array
    log10_p: Array
    statistic: Array
    degrees_of_freedom: Array
    standard_error: Array
    method: Names
    lift_method: Names
    why_not: Names
    caution: Names

    @property
    def explanation(self) -> Names:
        """That of each comparison."""
        columns = (
            names.ravel().tolist()
            for names in (self.method, self.lift_method, self.why_not, self.caution)
        )
        sentences = np.empty(self.method.size, dtype=object)
        sentences[:] = [explanation_of(*codes) for codes in zip(*columns, strict=True)]
        return sentences.reshape(self.method.shape)

    def __len__(self) -> int:
        """How many comparisons there are."""
        return len(self.difference)

    def __getitem__(self, index: int | tuple[int, ...]) -> Effect:
        """One of them."""
        return Effect(*(_plain(getattr(self, field.name)[index]) for field in fields(self)))

    def apart(self) -> list[Effect]:
        """Every comparison, each as indexing gives it."""
        columns = []
        for field in fields(self):
            column: NDArray[Any] = getattr(self, field.name)
            if column.dtype == object:
                columns.append([_CODES.get(code, code) for code in column.tolist()])
            else:
                columns.append([None if math.isnan(value) else value for value in column.tolist()])
        return [Effect(*row) for row in zip(*columns, strict=True)]


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return float(value) if np.isfinite(value) else None
    return _CODES.get(value, value)


def assemble(
    numbers: Mapping[str, Array], *, method: Names | str, lift_method: Names | str,
    why: Mapping[str, Mask], caution: Names | str | None = None,
) -> Effects:  # fmt: skip
    """A batch: `numbers` by field; `why` holds a boolean array for each name of `WHY_NOT` that
    may apply, and those places lose p (or, for a control near zero, nothing but the lift)."""
    shape = np.broadcast_shapes(*(np.shape(values) for values in numbers.values()))
    given = {
        name: np.where(np.isfinite(values), values, np.nan) for name, values in numbers.items()
    }
    why_not = np.full(shape, None, dtype=object)
    is_lost = ~(np.isfinite(given["p_value"]) & np.isfinite(given["difference"]))
    for name in ("p_value", "log10_p", "statistic"):
        given[name] = np.where(is_lost, np.nan, given[name])
    for name, middle in _MIDDLES.items():
        given[name] = np.where(np.isfinite(given[middle]), given[name], np.nan)
    why = {**why, WhyNot.OUT_OF_RANGE: is_lost}
    for name in reversed(WhyNot):
        if name in why:
            why_not[np.broadcast_to(why[name], shape)] = name
    return Effects(
        **{name: np.broadcast_to(values, shape) for name, values in given.items()},
        method=np.broadcast_to(np.asarray(method, dtype=object), shape),
        lift_method=np.broadcast_to(np.asarray(lift_method, dtype=object), shape),
        why_not=why_not,
        caution=np.broadcast_to(np.asarray(caution, dtype=object), shape),
    )


def single(batch: Effects) -> Effect:
    """The one comparison of a batch without dimensions, as plain Python values."""
    return batch[()]
