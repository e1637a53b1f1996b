"""A results file analysed from start to end, without an experiment, a server or a database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from experiments.results_file import (
    FileProblem,
    Mapping,
    MetricColumns,
    Reading,
    Sniffed,
    metric_kind,
    read,
    sniff,
    values_of,
)
from experiments.stats import (
    Balance,
    Effect,
    Proportion,
    Ratio,
    Sample,
    adjust_pvalues,
    compare,
    sample_ratio,
)

_MOST_ARMS = 50


@dataclass(frozen=True)
class ArmValue:
    """One variant's units with a value of the metric, and that value (None: no unit)."""

    name: str
    n: int
    value: float | None


@dataclass(frozen=True)
class Comparison:
    """One treatment against the control; `adjusted_p` by Holm over all metrics and arms."""

    variant: str
    effect: Effect
    adjusted_p: float | None


@dataclass(frozen=True)
class MetricResult:
    """`variants` has the control first; `kind` is "proportion", "mean" or "ratio"."""

    name: str
    kind: str
    variants: tuple[ArmValue, ...]
    comparisons: tuple[Comparison, ...]


@dataclass(frozen=True)
class FileAnalysis:
    """`units` has the control first."""

    rows: int
    units: dict[str, int]
    balance: Balance
    warnings: tuple[str, ...]
    metrics: tuple[MetricResult, ...]


def analyse_file(
    path: str | Path,
    *,
    variant: str,
    control: str,
    metrics: Sequence[str],
    unit: str = "",
    confidence: float = 0.95,
) -> FileAnalysis:
    """Reads the file, checks the sample ratio against equal shares and compares every arm.

    Args:
        variant: the column with the arm's label; `control` is one of the labels.
        metrics: COLUMN, COLUMN:proportion, COLUMN:mean or ratio:NUMERATOR/DENOMINATOR.
        unit: the column that says who is counted; without it each row is a unit.

    Raises:
        FileProblem: with the sentence for the user.
    """
    seen = sniff(path)
    names = [column.name for column in seen.columns]
    wanted = tuple(_with_kind(path, parse_metric(text, names)) for text in metrics)
    labels = _labels(path, variant, control)
    reading = read(
        path,
        Mapping("units", variant, unit, metrics=wanted),
        labels={label: label for label in labels},
        control=control,
    )
    return FileAnalysis(
        rows=reading.rows,
        units={label: reading.units[label] for label in labels},
        balance=sample_ratio([reading.units[label] for label in labels], [1] * len(labels)),
        warnings=(*_doubts(seen), *reading.warnings),
        metrics=_results(reading, wanted, labels, confidence),
    )


def parse_metric(text: str, columns: Sequence[str]) -> MetricColumns:
    """A metric as it is written on the command line; an empty kind is still to be found out.

    Raises:
        FileProblem: a ratio without two columns that are in the file.

    >>> parse_metric("paid:mean", ["paid"]).kind
    'mean'
    >>> ratio = parse_metric("ratio:clicks/sent", ["clicks", "sent"])
    >>> ratio.name, ratio.column, ratio.denominator
    ('clicks/sent', 'clicks', 'sent')
    """
    if text.startswith("ratio:") and text not in columns:
        return _ratio(text.removeprefix("ratio:"), columns)
    name, _, kind = text.rpartition(":")
    if kind in ("proportion", "mean") and text not in columns:
        return MetricColumns(name, kind, name)
    return MetricColumns(text, "", text)


def _ratio(text: str, columns: Sequence[str]) -> MetricColumns:
    parts = text.split("/")
    for cut in range(1, len(parts)):
        above, below = "/".join(parts[:cut]), "/".join(parts[cut:])
        if above in columns and below in columns:
            return MetricColumns(text, "ratio", above, below)
    known = ", ".join(f"“{name}”" for name in columns)
    raise FileProblem(
        f"“ratio:{text}” does not name two columns of this file, as ratio:NUMERATOR/DENOMINATOR. "
        f"It has {known}."
    )


def _with_kind(path: str | Path, metric: MetricColumns) -> MetricColumns:
    return metric if metric.kind else replace(metric, kind=metric_kind(path, metric.column))


def _labels(path: str | Path, variant: str, control: str) -> list[str]:
    """The arms in the order of the file, the control first."""
    labels = values_of(path, variant)
    if len(labels) >= _MOST_ARMS:
        raise FileProblem(
            f"“{variant}” holds {_MOST_ARMS} or more different values, so it is hardly the column "
            "with the variants. Name the right one."
        )
    if control not in labels:
        known = ", ".join(f"“{label}”" for label in labels) or "nothing"
        raise FileProblem(
            f"The control “{control}” is not in this file: “{variant}” holds {known}."
        )
    return [control, *(label for label in labels if label != control)]


def _doubts(seen: Sniffed) -> tuple[str, ...]:
    if seen.shape != "totals":
        return ()
    return (
        "This looks like a file of totals, one row for each variant. Each row was read as one "
        "unit.",
    )


def _results(
    reading: Reading, wanted: Sequence[MetricColumns], labels: Sequence[str], confidence: float
) -> tuple[MetricResult, ...]:
    control, *treatments = labels
    effects = {
        (metric.name, arm): compare(
            reading.samples[metric.name][control],
            reading.samples[metric.name][arm],
            confidence=confidence,
        )
        for metric in wanted
        for arm in treatments
    }
    raw = [effect.p_value for effect in effects.values()]
    adjusted = dict(zip(effects, adjust_pvalues(raw, method="holm"), strict=True))
    return tuple(
        MetricResult(
            metric.name,
            metric.kind,
            tuple(_arm_value(arm, reading.samples[metric.name][arm]) for arm in labels),
            tuple(
                Comparison(arm, effects[metric.name, arm], _or_none(adjusted[metric.name, arm]))
                for arm in treatments
            ),
        )
        for metric in wanted
    )


def value_of(sample: Sample) -> float | None:
    """The share, mean or ratio that a sample shows; None where it shows none.

    >>> value_of(Proportion(200, 30)), value_of(Proportion(0, 0))
    (0.15, None)
    """
    if sample.n < 1:
        return None
    if isinstance(sample, Proportion):
        return float(sample.successes / sample.n)
    if isinstance(sample, Ratio):
        return float(sample.numerator / sample.denominator) if sample.denominator else None
    return float(sample.mean)


def _arm_value(name: str, sample: Sample) -> ArmValue:
    return ArmValue(name, int(sample.n), value_of(sample))


def _or_none(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def as_json(analysis: FileAnalysis) -> dict[str, Any]:
    """The analysis as one object for machines; what could not be computed is null."""
    return {
        "units": analysis.units,
        "sample_ratio": {
            "p_value": analysis.balance.p_value,
            "is_mismatch": analysis.balance.is_mismatch,
        },
        "warnings": list(analysis.warnings),
        "metrics": [
            {
                "name": metric.name,
                "kind": metric.kind,
                "variants": [vars(arm) for arm in metric.variants],
                "comparisons": [_comparison(comparison) for comparison in metric.comparisons],
            }
            for metric in analysis.metrics
        ],
    }


_SHOWN = (
    "difference",
    "low",
    "high",
    "lift",
    "lift_low",
    "lift_high",
    "p_value",
    "log10_p",
    "adjusted_p",
    "method",
    "why_not",
)


def _comparison(comparison: Comparison) -> dict[str, Any]:
    known = {**vars(comparison.effect), "adjusted_p": comparison.adjusted_p}
    return {"variant": comparison.variant, **{name: known[name] for name in _SHOWN}}
