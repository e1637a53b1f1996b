"""The looks of a sealed plan: which is due, how far out an arm must lie there, and its p. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import scipy

from experiments.plan.document import Plan
from experiments.stats import crossing_rate, spending_bounds

_SMALLEST_P, _LARGEST_P, _PLACES = 1e-12, 0.98, 13
_NEAREST = 1e-3  # looks nearer to each other than this share of the plan are one look


class Look(NamedTuple):
    """A look that is due: its number of so many, and the units of all looks as shares of the plan.

    `is_final`: the planned end has come, so all error that is left is spent here.
    """

    number: int
    of: int
    fractions: tuple[float, ...]
    is_final: bool


def due_look(plan: Plan, earlier: Sequence[int], units: int, *, is_over: bool) -> Look | None:
    """The look that these data are, or None between two looks; `earlier` are the units at past ones.

    Data that come after the last look are read in its place: its error is spent once, so which of the
    two decides is settled elsewhere (`ruling`).

    >>> plan = Plan.from_json({"planned_units": 1000, "statistics": {"looks": 4}})
    >>> due_look(plan, [], 200, is_over=False) is None
    True
    >>> due_look(plan, [260], 610, is_over=False)
    Look(number=2, of=4, fractions=(0.26, 0.61), is_final=False)
    >>> due_look(plan, [400, 800, 1050], 1100, is_over=True)
    Look(number=4, of=4, fractions=(0.4, 0.8, 1.1), is_final=True)
    """
    planned, of = plan.units, plan.statistics.looks or 1
    if units <= 0 or (not planned and not is_over):
        return None
    whole = planned or units
    past = [seen / whole for seen in sorted(set(earlier))
            if seen < min(units * (1 - _NEAREST), whole)]  # fmt: skip
    now, is_final = units / whole, is_over or units >= whole
    reached = math.floor(now * of + 1e-9)
    last = math.floor(past[-1] * of + 1e-9) if past else 0
    if not is_final and reached <= last:
        return None
    number = of if is_final else reached
    return Look(number, of, (*past, now), is_final)


def next_look(plan: Plan, units: int) -> tuple[int, int]:
    """The number of the next look and the units at which it is due.

    >>> next_look(Plan.from_json({"planned_units": 1000, "statistics": {"looks": 4}}), 610)
    (3, 750)
    """
    planned, of = plan.units, plan.statistics.looks or 1
    number = min(of, math.floor(units / planned * of + 1e-9) + 1) if planned else of
    return number, math.ceil(planned * number / of)


def bound_at(look: Look, alpha: float) -> float:
    """The |z| at which this look stops the test, all looks together erring with `alpha`.

    The last look spends what is left at the information that really came, more or less than
    planned; the bounds of the looks before it stand as they were.

    >>> round(bound_at(Look(1, 2, (0.5,), False), 0.05), 4)
    2.9626
    >>> round(bound_at(Look(2, 2, (0.5, 1.0), True), 0.05), 4)
    1.9686
    """
    times = look.fractions
    if not look.is_final:
        return float(spending_bounds(times, alpha=alpha)[-1])
    if len(times) == 1:
        return -float(scipy.special.ndtri(alpha / 2))
    if times[-1] == 1:
        return float(spending_bounds(times, alpha=alpha)[-1])
    before = [float(bound) for bound in spending_bounds(times[:-1], alpha=alpha)]
    shares = [time / times[-1] for time in times]

    def gap(bound: float) -> float:
        return crossing_rate([*before, bound], shares) - alpha

    return float(scipy.optimize.brentq(gap, 0.0, 40.0, xtol=1e-9))


def nominal_confidence(look: Look, confidence: float) -> float:
    """Of the fixed interval that reaches as far as this look's bound: a repeated interval.

    Source: Jennison & Turnbull 2000 ch. 9.
    """
    return 1 - 2 * float(scipy.special.ndtr(-bound_at(look, 1 - confidence)))


def p_at(look: Look, p_value: float) -> float:
    """The error rate at which this look would just have stopped, for a two-sided p of these data.

    From a grid on the probit scale, where the curve is nearly straight, made exact by two steps of
    the secant; below 1e-12 it is said to be that.

    >>> round(p_at(Look(1, 1, (1.0,), True), 0.03), 4)
    0.03
    >>> round(p_at(Look(2, 2, (0.5, 1.0), True), 0.0489969), 5)
    0.05
    """
    if len(look.fractions) == 1 and look.is_final:
        return p_value
    curve, ends = _curve(look)
    z = -float(scipy.special.ndtri(min(max(p_value, 1e-300) / 2, 0.5)))
    if z >= curve(ends[1]):
        return _SMALLEST_P
    if z <= curve(ends[0]):
        return 1.0
    place = float(scipy.optimize.brentq(lambda at: curve(at) - z, *ends))
    for _ in range(2):
        place += (z - _bound_at_place(look, place)) / float(curve.derivative()(place))
    return float(2 * scipy.special.ndtr(-place))


def _bound_at_place(look: Look, place: float) -> float:
    """The bound where the error rate is that of a two-sided z of `place`."""
    return bound_at(look, float(2 * scipy.special.ndtr(-place)))


@lru_cache(maxsize=64)
def _curve(look: Look) -> tuple[Any, tuple[float, float]]:
    """The bound over the z of the error rate, and where the curve begins and ends."""
    low, high = (-float(scipy.special.ndtri(p / 2)) for p in (_LARGEST_P, _SMALLEST_P))
    places = np.linspace(low, high, _PLACES)
    bounds = [_bound_at_place(look, float(place)) for place in places]
    return scipy.interpolate.PchipInterpolator(places, bounds), (low, high)


def error_of_readings(units: Sequence[float], alpha: float) -> float:
    """How often a test of nothing at all would “win” when data that grow are read again at each of
    these numbers of units, each time as if it were the only one.

    >>> [round(error_of_readings([1.0, share, 2 * share - 1], 0.05), 3) for share in (1.1, 1.5)]
    [0.075, 0.097]
    """
    last = max(units)
    times = sorted({share for one in units if (share := one / last) > _NEAREST})
    apart = [time for place, time in enumerate(times)
             if place + 1 == len(times) or times[place + 1] - time > _NEAREST]  # fmt: skip
    bound = -float(scipy.special.ndtri(alpha / 2))
    return crossing_rate([bound] * len(apart), apart)


def error_spent(shares: Sequence[float], alpha: float) -> float:
    """How often a test of nothing at all would “win” when looked at here too, not at its end alone.

    `shares` of the planned units at each look; the planned end is added to them.

    >>> [round(error_spent([look / n for look in range(1, n)], 0.05), 3) for n in (1, 2, 5, 10, 20)]
    [0.05, 0.083, 0.142, 0.193, 0.248]
    """
    times = [1.0]
    for share in sorted(set(shares), reverse=True):
        if _NEAREST < share < times[-1] - _NEAREST:
            times.append(share)
    bound = -float(scipy.special.ndtri(alpha / 2))
    return crossing_rate([bound] * len(times), times[::-1])
