"""How an experiment stood at the end of each day, from observations by day. Pure.

Two kinds of rows by day exist and must not be mixed up: of "daily" ones each day has units of its
own and the days add up; "cumulative" ones are running totals, where the last says it all.
"""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from experiments.stats import CovariateMean, Mean, Proportion, Ratio, Sample

Samples = dict[str, dict[str, Sample]]


@dataclass(frozen=True)
class Standing:
    """What was known at the end of a day: samples by metric and variant, units by variant."""

    day: dt.date
    samples: dict[str, dict[str, Sample]]
    units: dict[str, int]


def sample_of(row: dict[str, Any]) -> Sample:
    """The frozen sample of one observation, as plain values.

    >>> sample_of({"n": 10, "successes": 2})
    Proportion(n=10, successes=2)
    """
    if row.get("successes") is not None:
        return Proportion(row["n"], row["successes"])
    mean, variance = row.get("mean") or 0.0, row.get("variance") or 0.0
    covariance = row.get("covariance") or 0.0
    if row.get("denominator") is not None:
        below = row["denominator"], row.get("denominator_variance") or 0.0
        return Ratio(row["n"], mean, below[0], variance, below[1], covariance)
    if row.get("covariate_mean") is not None:
        before = row["covariate_mean"], row.get("covariate_variance") or 0.0
        return CovariateMean(row["n"], mean, variance, *before, covariance)
    return Mean(row["n"], mean, variance, skewness=row.get("skewness"))


def columns_of(sample: Sample) -> dict[str, Any]:
    """A sample as plain values; `sample_of` makes it a sample again.

    >>> columns_of(Proportion(10, 2))
    {'n': 10, 'successes': 2}
    """
    if isinstance(sample, Proportion):
        return {"n": int(sample.n), "successes": int(sample.successes)}
    if isinstance(sample, Mean):
        columns = {
            "n": int(sample.n),
            "mean": float(sample.mean),
            "variance": float(sample.variance),
        }
        skewness: Any = sample.skewness
        is_known = skewness is not None and math.isfinite(float(skewness))
        return columns | ({"skewness": float(skewness)} if is_known else {})
    if isinstance(sample, CovariateMean):
        names = "mean", "variance", "covariate_mean", "covariate_variance", "covariance"
        return {"n": int(sample.n), **{name: float(getattr(sample, name)) for name in names}}
    return {
        "n": int(sample.n),
        "mean": float(sample.numerator),
        "variance": float(sample.numerator_variance),
        "denominator": float(sample.denominator),
        "denominator_variance": float(sample.denominator_variance),
        "covariance": float(sample.covariance),
    }


def running_totals(rows: Sequence[dict[str, Any]], accumulation: str) -> list[Standing]:
    """How it stood at the end of each day that the rows name, in order of days.

    Args:
        rows: observations as plain values; those without a day are passed over.
        accumulation: "daily" adds the days up; "cumulative" takes each as it stands. An arm that
            a day does not name stands as on the day before. Anything else gives no day.

    >>> rows = [{"day": f"2026-11-0{d}", "metric": "Paid", "variant": "A", "n": 10 * d,
    ...          "successes": d} for d in (2, 1)]
    >>> [standing.units for standing in running_totals(rows, "daily")]
    [{'A': 10}, {'A': 30}]
    >>> [standing.units for standing in running_totals(rows, "cumulative")]
    [{'A': 10}, {'A': 20}]
    """
    if accumulation not in ("daily", "cumulative"):
        return []
    by_day: dict[dt.date, list[dict[str, Any]]] = {}
    for row in rows:
        if row.get("day"):
            by_day.setdefault(dt.date.fromisoformat(row["day"]), []).append(row)
    samples: Samples = {}
    standings = []
    for day in sorted(by_day):
        samples = _after(samples, by_day[day], adds_up=accumulation == "daily")
        standings.append(Standing(day, samples, units_of(samples)))
    return standings


def _after(samples: Samples, rows: list[dict[str, Any]], *, adds_up: bool) -> Samples:
    after = {metric: dict(by_arm) for metric, by_arm in samples.items()}
    for row in rows:
        by_arm, sample = after.setdefault(row["metric"], {}), sample_of(row)
        before: Any = by_arm.get(row["variant"])
        is_more = adds_up and before is not None
        by_arm[row["variant"]] = before + sample if is_more else sample
    return after


def units_of(samples: Samples) -> dict[str, int]:
    """The units of each arm: of the metric that counts most of them.

    >>> units_of({"Paid": {"A": Proportion(10, 1)}, "Read": {"A": Mean(12, 3.0, 1.0)}})
    {'A': 12}
    """
    units: dict[str, int] = {}
    for by_arm in samples.values():
        for arm, sample in by_arm.items():
            units[arm] = max(units.get(arm, 0), int(sample.n))
    return units


def complete_days(rows: Sequence[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[str]]:
    """Rows of running totals up to the last day that names every arm and metric, and the days
    after it, which would compare arms at different times.

    >>> row = {"metric": "Paid", "n": 1, "successes": 0}
    >>> rows = [{**row, "day": "2026-11-01", "variant": arm} for arm in "AB"]
    >>> complete_days([*rows, {**row, "day": "2026-11-02", "variant": "A"}])[1]
    ['2026-11-02']
    """
    wanted = {(row["metric"], row["variant"]) for row in rows if row.get("day")}
    named: dict[str, set[tuple[str, str]]] = {}
    for row in rows:
        if row.get("day"):
            named.setdefault(row["day"], set()).add((row["metric"], row["variant"]))
    whole = [day for day, pairs in named.items() if pairs == wanted]
    if not whole:
        return list(rows), []
    last = max(whole)
    left_out = sorted(day for day in named if day > last)
    return [row for row in rows if not row.get("day") or row["day"] <= last], left_out


def falls(rows: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """The first row by day that counts fewer units than the day before did; None where none does.

    Running totals never fall, and daily figures nearly always do once.

    >>> row = {"metric": "Paid", "variant": "A", "successes": 0}
    >>> falls([{**row, "day": "2026-11-01", "n": 5}, {**row, "day": "2026-11-02", "n": 4}])["n"]
    4
    """
    last: dict[tuple[str, str], int] = {}
    for row in sorted((row for row in rows if row.get("day")), key=lambda row: row["day"]):
        key = row["metric"], row["variant"]
        if row["n"] < last.get(key, 0):
            return row
        last[key] = row["n"]
    return None
