"""From the table of units to a sample for each arm, by moments that keep their digits."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from backlog.tables.layout import Layout
from experiments.stats import CovariateMean, Mean, Proportion, Ratio, Sample

from .shapes import Mapping, MetricColumns


@dataclass(frozen=True)
class UnitsFile:
    """A file with its mapping, and the database that reads it."""

    database: Any
    path: Path
    lines: int
    layout: Layout
    mapping: Mapping
    labels: dict[str, str]
    caps: dict[tuple[int, float], float | None] = field(default_factory=dict)

    @property
    def variants(self) -> list[str]:
        return list(dict.fromkeys(self.labels.values()))

    def all(self, query: str) -> list[Any]:
        rows: list[Any] = self.database.execute(query).fetchall()
        return rows


def samples_of(file: UnitsFile, metric: MetricColumns, place: int) -> dict[str, Sample]:
    """The sample of each arm."""
    samples = samples_by(file, metric, place, "''").get("", {})
    return {variant: samples.get(variant, nothing_of(metric)) for variant in file.variants}


def nothing_of(metric: MetricColumns) -> Sample:
    """The sample of an arm without units."""
    return _sample(metric, [0] * 6)


def as_judged(metric: MetricColumns) -> MetricColumns:
    """The metric as its verdict reads it: cut down where the plan sets a cap."""
    return metric if metric.cap is None else replace(metric, winsorise=metric.cap)


def samples_by(
    file: UnitsFile, metric: MetricColumns, place: int, key: str
) -> dict[str, dict[str, Sample]]:
    """The sample of each arm, for each value of the column `key` of the table of units.

    Values are first brought near zero by the mean of all: DuckDB's var_samp and covar_samp
    (Welford's) lose digits where the mean is large and the spread small.
    """
    columns = [f"m{place}"]
    columns += [f"d{place}"] * (metric.kind == "ratio") + [f"x{place}"] * bool(metric.covariate)
    known = " AND ".join(f"{column} IS NOT NULL" for column in columns)
    counted = f"FROM units WHERE NOT is_in_two AND {key} IS NOT NULL AND {known}"
    if metric.kind == "proportion" and not metric.covariate:
        wanted = [f"sum(m{place})"]
    else:
        wanted = _moments(file, _capped(file, metric, place, columns), counted)
    query = f"SELECT {key} AS key, arm, count(*), {', '.join(wanted)} {counted} GROUP BY key, arm"
    samples: dict[str, dict[str, Sample]] = {}
    for value, arm, *values in file.all(f"{query} ORDER BY key, arm"):
        sample = _sample(metric, [one or 0 for one in values])
        samples.setdefault(str(value), {})[file.variants[arm]] = sample
    return samples


def _capped(file: UnitsFile, metric: MetricColumns, place: int, columns: list[str]) -> list[str]:
    """The columns, the first cut down to the percentile over all arms that the metric asks for."""
    cap = cap_of(file, place, metric.winsorise)
    return columns if cap is None else [f"least(m{place}, {cap!r}::DOUBLE)", *columns[1:]]


def cap_of(file: UnitsFile, place: int, percentile: float | None) -> float | None:
    """The value at a percentile of all arms together; where that lies among zeros or below
    the smallest value above 0, the percentile of the values above 0. None where nothing is cut."""
    if percentile is None:
        return None
    if (place, percentile) not in file.caps:
        file.caps[place, percentile] = _cap(file, place, percentile)
    return file.caps[place, percentile]


def _cap(file: UnitsFile, place: int, percentile: float) -> float | None:
    values = f"FROM units WHERE NOT is_in_two AND m{place}"
    for which in ("IS NOT NULL", "> 0"):
        query = f"SELECT quantile_cont(m{place}, {float(percentile)!r}) {values} {which}"
        cap = file.all(query)[0][0]
        # Between the last zero and the first amount it would cut every amount to less than it is.
        if cap and cap >= (file.all(f"SELECT min(m{place}) {values} > 0")[0][0] or cap + 1):
            return float(cap)
    return None


def _moments(file: UnitsFile, columns: list[str], counted: str) -> list[str]:
    """Means, variances and, of two columns, the covariance, of one the first three moments about the
    mean of all: expressions for one arm."""
    middles = ", ".join(f"favg({column})" for column in columns)
    *middle, largest = file.all(f"SELECT {middles}, max(abs({columns[0]})) {counted}")[0]
    shifts = [f"{shift or 0.0!r}::DOUBLE" for shift in middle]
    near = [f"({column} - {shift})" for column, shift in zip(columns, shifts, strict=True)]
    means = [f"{shift} + favg({one})" for shift, one in zip(shifts, near, strict=True)]
    spreads = [f"var_samp({one})" for one in near]
    if len(near) > 1:
        return [*means, *spreads, f"covar_samp({', '.join(near)})"]
    # Cubes of large doubles overflow, so they are made of shares of the largest value.
    share = f"({near[0]} / {largest or 1.0!r}::DOUBLE)"
    powers = [f"favg({' * '.join([share] * power)})" for power in (1, 2, 3)]
    return [*means, *spreads, *powers]


def _sample(metric: MetricColumns, values: list[Any]) -> Sample:
    n, *moments = values
    if metric.kind == "proportion" and not metric.covariate:
        return Proportion(n, int(moments[0]))
    if metric.kind == "ratio":
        return Ratio(n, *map(float, moments))
    if metric.covariate:
        y, x, yy, xx, yx = map(float, moments)
        return CovariateMean(n, y, yy, x, xx, yx)
    mean, variance, *powers = map(float, moments)
    return Mean(n, mean, variance, skewness=_skewness(*powers))


def _skewness(first: float = 0.0, second: float = 0.0, third: float = 0.0) -> float | None:
    """g1 of the first three moments about any point; 0 where all values are equal.

    >>> round(_skewness(0.25, 0.25, 0.25), 6), _skewness(1.0, 1.0, 1.0)
    (1.154701, 0.0)
    """
    spread = second - first**2
    if spread <= 1e-15 * second or spread <= 0:
        return 0.0
    skewness = (third - 3 * first * second + 2 * first**3) / spread**1.5
    return skewness if math.isfinite(skewness) else None
