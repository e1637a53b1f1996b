"""What a year of an arm would be worth, where the plan says what one more is worth. Pure."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from experiments.plan.document import Plan
from experiments.stats.tails import normal_quantile

WEEKS = 52
PRIOR_SD = 0.3
"""Lifts of experiments lie around zero, most of them within ± 60 %: the usual prior of a lift, until ten
lifts of one's own give another."""


class Yearly(NamedTuple):
    """Money a year with its ends; `shrunk` is what is left of it once it is allowed for that winners look
    better than they are."""

    value: float
    low: float | None
    high: float | None
    shrunk: float | None
    currency: str


def yearly_of(
    plan: Plan, row: Mapping[str, Any], prior: tuple[float, float] = (0.0, PRIOR_SD)
) -> Yearly | None:
    """The projected value of a comparison on the primary metric; None where the plan does not say enough.

    Args:
        plan: with `value_per_unit` and `units_per_week`.
        row: a comparison of a result, with `difference`, its ends and those of the lift.
        prior: mean and standard deviation of lifts like this one.

    >>> plan = Plan(value_per_unit=10.0, units_per_week=1000, currency="€")
    >>> row = {"difference": 0.01, "low": 0.0, "high": 0.02, "lift": None}
    >>> yearly_of(plan, row)[:3]
    (5200.0, 0.0, 10400.0)
    """
    if not plan.value_per_unit or not plan.units_per_week or row["difference"] is None:
        return None
    is_fewer_better = plan.primary is not None and not plan.primary.is_increase_good
    per = plan.value_per_unit * plan.units_per_week * WEEKS * (-1 if is_fewer_better else 1)

    def worth(difference: float | None) -> float | None:
        return None if difference is None else round(difference * per, 6)

    kept = shrunk_lift(row, plan.statistics.confidence_of("primary"), prior)
    shrunk = None
    if kept is not None and row["lift"]:
        shrunk = worth(row["difference"] * kept / row["lift"])
    low, high = worth(row["low"]), worth(row["high"])
    if is_fewer_better:
        low, high = high, low
    return Yearly(round(row["difference"] * per, 6), low, high, shrunk, plan.currency)


def shrunk_lift(
    row: Mapping[str, Any], confidence: float, prior: tuple[float, float] = (0.0, PRIOR_SD)
) -> float | None:
    """The lift after the prior: what one should expect of it again. None where it has no interval.

    Normal prior × normal likelihood. Its spread comes from the interval that the lift has alone, which
    reaches as many standard errors as that of the difference does: at a planned look, or at any time,
    more of them than `confidence` says.

    Source: Lee & Shen 2018 KDD (winner's curse); Gelman et al. BDA3 eq. 2.12.

    >>> row = {"lift": 0.3, "lift_low": 0.0, "lift_high": 0.6}
    >>> round(shrunk_lift(row, 0.95), 3)
    0.238
    """
    ends = row.get("alone") or row
    lift, low, high = row["lift"], ends.get("lift_low"), ends.get("lift_high")
    if lift is None or low is None or high is None:
        return None
    mean, sd = prior
    variance = ((high - low) / (2 * _reach(row, ends, confidence))) ** 2
    return float((lift * sd**2 + mean * variance) / (sd**2 + variance))


def _reach(row: Mapping[str, Any], ends: Mapping[str, Any], confidence: float) -> float:
    """From the middle of an interval to its ends, in standard errors."""
    low, high, error = ends.get("low"), ends.get("high"), row.get("standard_error")
    if low is None or high is None or not error or low == high:
        return float(normal_quantile(confidence))
    return float((high - low) / (2 * error))
