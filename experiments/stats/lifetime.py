"""Lifetime value of a unit: its amounts within a horizon of days, discounted to the day it entered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

YEAR = 365.0


def discount_factor(days: float, yearly_rate: float) -> float:
    """What an amount after so many days is worth on the first day.

    Args:
        days: since the unit entered, 0 on its first day.
        yearly_rate: as a fraction, 0 or more; 0.08 for 8 % a year.

    Returns:
        A factor from 0 to 1.

    Raises:
        ValueError: a negative number.

    Source: present value, (1 + r)^(−t/365), as in Gupta, Lehmann & Stuart 2004 J Mark Res 41:7,
    equation 1, with days in the place of periods.

    >>> round(discount_factor(365, 0.08), 6), discount_factor(0, 0.08), discount_factor(400, 0.0)
    (0.925926, 1.0, 1.0)
    """
    if not (days >= 0 and yearly_rate >= 0):
        raise ValueError("days and rate are 0 or more")
    return float((1 + yearly_rate) ** (-days / YEAR))


def lifetime_value(
    flows: Iterable[tuple[int, float]], *, horizon: int, yearly_rate: float = 0.0
) -> float:
    """The lifetime value of one unit within a horizon.

    Args:
        flows: day since the unit entered (0 on its first day) and amount, in any order.
        horizon: days that count, from the first one on; at least 1.
        yearly_rate: discount, as a fraction.

    Returns:
        The sum of the discounted amounts of days 0 to `horizon` − 1; others don’t count.

    Raises:
        ValueError: a horizon under one day, or a negative rate.

    Source: `discount_factor`.

    >>> lifetime_value([(0, 10.0), (29, 5.0), (30, 100.0), (-3, 7.0)], horizon=30)
    15.0
    """
    if horizon < 1:
        raise ValueError("the horizon has at least one day")
    return sum(
        amount * discount_factor(day, yearly_rate) for day, amount in flows if 0 <= day < horizon
    )


def is_observed(entered_on: dt.date, *, horizon: int, known_until: dt.date) -> bool:
    """Whether all days of a unit’s horizon are known.

    It depends on the day of entry alone, which the arm can’t change. Whoever counts only such units
    compares arms without bias: the units that entered early enough. To add up what is known so far
    of everybody would not, because late entrants look poor (Lin, Feuer, Etzioni & Wax 1997). To
    weigh by the chance of being observed (Bang & Tsiatis 2000) uses the others, too, but has to
    estimate that chance; with one cut-off day for all it gains little.

    Args:
        entered_on: the unit’s first day.
        horizon: days that count, from the first one on.
        known_until: the last day whose amounts are known.

    Returns:
        True where the last day of the horizon is known.

    Raises:
        Nothing.

    Source: Lin, Feuer, Etzioni & Wax 1997 Biometrics 53:419, section 2, on full observations; Bang &
    Tsiatis 2000 Biometrika 87:329.

    >>> day = dt.date(2026, 6, 1)
    >>> is_observed(day, horizon=30, known_until=dt.date(2026, 6, 30))
    True
    >>> is_observed(day, horizon=30, known_until=dt.date(2026, 6, 29))
    False
    """
    return entered_on + dt.timedelta(days=horizon - 1) <= known_until
