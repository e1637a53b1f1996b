# ruff: noqa: S608 - every name and label that reaches SQL went through `database.quoted`
"""Parts of a file of units: by day, by stratum, by segment, winsorised, as histograms."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from experiments.engine.days import columns_of

from .problems import FileProblem
from .unit_samples import UnitsFile, as_judged, cap_of, samples_by

_BINS = 20
_MOST_STRATA = 30
_MOST_SEGMENTS = 12

Rows = tuple[dict[str, Any], ...]


def by_day(file: UnitsFile) -> Rows:
    """Samples of the units that came on each day, as the verdict reads the metric; disjoint, so they
    add up."""
    if not file.mapping.day:
        return ()
    return _parts(file, "day", "CAST(day AS VARCHAR)", is_judged=True)


def by_stratum(file: UnitsFile) -> Rows:
    """Samples within each stratum; an empty one is a stratum of its own.

    Raises:
        FileProblem: more strata than a comparison can be made in.
    """
    if not file.mapping.stratum:
        return ()
    strata = file.all("SELECT count(DISTINCT stratum) FROM units WHERE NOT is_in_two")[0][0]
    if strata > _MOST_STRATA:
        raise FileProblem(
            f"“{file.mapping.stratum}” holds {strata:,} different values. Strata should be few "
            f"and large, at most {_MOST_STRATA}. Choose another column, or none."
        )
    return _parts(
        file, "stratum", "CASE stratum WHEN '' THEN '(empty)' ELSE left(stratum, 100) END"
    )


def capped(file: UnitsFile) -> Rows:
    """The total of each mean that has a cap, winsorised."""
    return tuple(
        {"metric": metric.name, "variant": arm, "is_capped": True, **columns_of(sample)}
        for place, metric in enumerate(file.mapping.metrics)
        if metric.cap is not None
        for arm, sample in samples_by(file, as_judged(metric), place, "''").get("", {}).items()
    )


def caps(file: UnitsFile) -> dict[str, float]:
    """The value to which each winsorised metric is cut."""
    known = {
        metric.name: cap_of(file, place, as_judged(metric).winsorise)
        for place, metric in enumerate(file.mapping.metrics)
        if metric.kind == "mean"
    }
    return {name: cap for name, cap in known.items() if cap is not None}


def _parts(file: UnitsFile, name: str, key: str, *, is_judged: bool = False) -> Rows:
    return tuple(
        {"metric": metric.name, "variant": arm, name: value, **columns_of(sample)}
        for place, metric in enumerate(file.mapping.metrics)
        for value, by_arm in samples_by(
            file, as_judged(metric) if is_judged else metric, place, key
        ).items()
        for arm, sample in by_arm.items()
    )


def by_segment(file: UnitsFile) -> Rows:
    """For each chosen column its most frequent values, with the samples of each arm."""
    rows = []
    for number, column in enumerate(file.mapping.segments):
        values = file.all(
            f"SELECT g{number}, count(*) AS n FROM units WHERE NOT is_in_two AND g{number} <> '' "
            f"GROUP BY 1 ORDER BY n DESC, 1 LIMIT {_MOST_SEGMENTS}"
        )
        samples = {
            metric.name: samples_by(
                file, replace(as_judged(metric), covariate=""), place, f"g{number}"
            )
            for place, metric in enumerate(file.mapping.metrics)
        }
        rows += [
            {
                "column": column,
                "value": str(value)[:100],
                "samples": {
                    name: {arm: columns_of(one) for arm, one in by_value.get(value, {}).items()}
                    for name, by_value in samples.items()
                },
            }
            for value, _ in values
        ]
    return tuple(rows)


def histograms(file: UnitsFile, ranges: dict[str, tuple[float, float]]) -> dict[str, Any]:
    """For each mean the counts of units in bins that all arms share; the last bin takes what lies
    above the 99th percentile of all. Values over a cap count as the cap."""
    bars: dict[str, Any] = {}
    for place, metric in enumerate(file.mapping.metrics):
        if metric.kind != "mean" or metric.name not in ranges:
            continue
        low, high = ranges[metric.name]
        cap = cap_of(file, place, as_judged(metric).winsorise)
        value = f"m{place}" if cap is None else f"least(m{place}, {cap!r}::DOUBLE)"
        high = high if cap is None else min(high, cap)
        query = f"SELECT quantile_cont({value}, 0.99) FROM units WHERE NOT is_in_two"
        top = float(file.all(query)[0][0])
        top = top if top > low else high
        if top <= low:
            continue
        width = (top - low) / _BINS
        edges = [low + width * step for step in range(_BINS)] + [top]
        last = _BINS - 1
        if high > top:
            edges, last = [*edges, high], _BINS
        bins = f"least(floor(({value} - {low!r}::DOUBLE) / {width!r}::DOUBLE), {last})::INT"
        if last == _BINS:
            bins = f"CASE WHEN {value} > {top!r}::DOUBLE THEN {last} ELSE least({bins}, {last - 1}) END"
        counts = {arm: [0] * (last + 1) for arm in file.variants}
        for arm, step, n in file.all(
            f"SELECT arm, {bins} AS bin, count(*) FROM units "
            f"WHERE NOT is_in_two AND m{place} IS NOT NULL GROUP BY arm, bin"
        ):
            counts[file.variants[arm]][step] = n
        bars[metric.name] = {arm: {"edges": edges, "counts": n} for arm, n in counts.items()}
    return bars


def empty_tail(file: UnitsFile) -> dict[str, int]:
    """For each metric how many rows at the very end of the file have no outcome yet, where
    earlier ones have."""
    tails = {}
    for place, metric in enumerate(file.mapping.metrics):
        last, size = file.all(
            f"SELECT max(rowid) FILTER (m{place} IS NOT NULL), max(rowid) FROM rows "
            "WHERE reason IS NULL"
        )[0]
        if last is not None and size - last >= 3:
            tails[metric.name] = int(size - last)
    return tails
