"""A results file analysed from start to end, without an experiment, a server or a database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from backlog.tables.questions import plain_question
from experiments.file_analysis.metric_args import asked_metrics
from experiments.file_analysis.questions import require_answers
from experiments.results_file import (
    FileProblem,
    Mapping,
    MetricColumns,
    Question,
    Reading,
    Sniffed,
    read,
    sniff,
    values_of,
)
from experiments.stats import (
    Balance,
    Effect,
    Sample,
    adjust_pvalues,
    compare,
    confidence_sequence,
    sample_ratio,
)
from experiments.stats.samples import value_of
from experiments.stats.tails import CONFIDENCE

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
    """`variants` has the control first; `kind` is "proportion", "mean" or "ratio". A copy is a
    mean once more, winsorised."""

    name: str
    kind: str
    variants: tuple[ArmValue, ...]
    comparisons: tuple[Comparison, ...]
    is_copy: bool = False


@dataclass(frozen=True)
class FileAnalysis:
    """`units` has the control first; `questions` are those that were answered."""

    rows: int
    units: dict[str, int]
    balance: Balance
    warnings: tuple[str, ...]
    metrics: tuple[MetricResult, ...]
    confidence: float
    problems: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()

    @property
    def alpha(self) -> float:
        """The adjusted p up to which a difference is clear."""
        return round(1 - self.confidence, 12)


def analyse_file(
    path: str | Path,
    *,
    variant: str,
    control: str,
    metrics: Sequence[str],
    unit: str = "",
    covariates: Sequence[str] = (),
    winsorise: float | None = None,
    planned_n: float | None = None,
    confidence: float = CONFIDENCE,
    answers: dict[str, str] | None = None,
) -> FileAnalysis:
    """Reads the file, checks the sample ratio against equal shares and compares every arm.

    Args:
        variant: the column with the arm's label; `control` is one of the labels.
        metrics: COLUMN, COLUMN:proportion, COLUMN:mean or ratio:NUMERATOR/DENOMINATOR.
        unit: the column that says who is counted; without it each row is a unit.
        covariates: METRIC=COLUMN, for means: what was known of a unit before (CUPED).
        winsorise: per cent; each mean is shown once more with values over that percentile cut
            down to it. These copies are adjusted among themselves.
        planned_n: units of all arms together; with it intervals and p are those of a confidence
            sequence, which may be read at any time.
        confidence: of intervals, 0 to 1; what is called clear goes by it too.
        answers: to questions about the file, the key of the choice by the key of the question.

    Raises:
        FileProblem: with the sentence for the user.
        OpenQuestions: the file has two readings, and no answer says which one is meant.
    """
    given = answers or {}
    seen = sniff(path, answers=given)
    require_answers(seen.questions)
    names = [column.name for column in seen.columns]
    wanted = asked_metrics(
        path, names, metrics, covariates=covariates, winsorise=winsorise, answers=given
    )
    labels = _labels(path, variant, control, given)
    reading = read(
        path,
        Mapping("units", variant, unit, metrics=wanted, answers=given),
        labels=_same_labels(path, variant, labels, given),
        control=control,
    )
    require_answers(reading.questions)
    return FileAnalysis(
        rows=reading.rows,
        units={label: reading.units[label] for label in labels},
        balance=sample_ratio([reading.units[label] for label in labels], [1] * len(labels)),
        warnings=(*_doubts(seen), *reading.warnings),
        metrics=_results(reading, wanted, labels, planned_n, confidence),
        confidence=confidence,
        problems=reading.problems,
        questions=reading.questions,
    )


def _labels(path: str | Path, variant: str, control: str, answers: dict[str, str]) -> list[str]:
    """The arms in the order of the file, the control first."""
    labels = values_of(path, variant, answers=answers)
    if len(labels) >= _MOST_ARMS:
        raise FileProblem(
            f"“{variant}” holds {_MOST_ARMS} or more different values, so it is hardly the column "
            "with the arms. Name the right one."
        )
    if control not in labels:
        known = ", ".join(f"“{label}”" for label in labels) or "nothing"
        raise FileProblem(
            f"The control “{control}” is not in this file: “{variant}” holds {known}."
        )
    folded = {control.casefold(): control}
    for label in labels:
        folded.setdefault(label.casefold(), label)
    return list(folded.values())


def _same_labels(
    path: str | Path, variant: str, labels: list[str], answers: dict[str, str]
) -> dict[str, str]:
    """Labels that differ in their case only name one arm."""
    arms = {label.casefold(): label for label in labels}
    return {label: arms[label.casefold()] for label in values_of(path, variant, answers=answers)}


def _doubts(seen: Sniffed) -> tuple[str, ...]:
    if seen.shape != "totals":
        return ()
    return (
        "This looks like a file of totals, one row for each arm. Each row was read as one unit.",
    )


def _results(
    reading: Reading,
    wanted: Sequence[MetricColumns],
    labels: Sequence[str],
    planned_n: float | None,
    confidence: float,
) -> tuple[MetricResult, ...]:
    control, *treatments = labels
    effects = {
        (metric, arm): _effect(
            reading.samples[metric.name][control],
            reading.samples[metric.name][arm],
            None if planned_n is None else planned_n * 2 / len(labels),
            confidence,
        )
        for metric in wanted
        for arm in treatments
    }
    adjusted = _adjusted({key: effect.p_value for key, effect in effects.items()})
    return tuple(
        MetricResult(
            metric.name,
            metric.kind,
            tuple(_arm_value(arm, reading.samples[metric.name][arm]) for arm in labels),
            tuple(
                Comparison(arm, effects[metric, arm], adjusted[metric, arm]) for arm in treatments
            ),
            is_copy=metric.winsorise is not None,
        )
        for metric in wanted
    )


def _effect(
    control: Sample, treatment: Sample, planned_n: float | None, confidence: float
) -> Effect:
    if planned_n is None:
        return compare(control, treatment, confidence=confidence)
    return confidence_sequence(control, treatment, planned_n=planned_n, confidence=confidence)


def _adjusted(
    p_values: dict[tuple[MetricColumns, str], float | None],
) -> dict[tuple[MetricColumns, str], float | None]:
    """Holm over metrics and arms together; winsorised copies are a family of their own."""
    by_metric: dict[tuple[MetricColumns, str], float | None] = {}
    for is_copy in (False, True):
        family = [key for key in p_values if (key[0].winsorise is not None) == is_copy]
        values = adjust_pvalues([p_values[key] for key in family], method="holm")
        by_metric |= dict(zip(family, map(_or_none, values), strict=True))
    return by_metric


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
        "problems": list(analysis.problems),
        "questions": [plain_question(question) for question in analysis.questions],
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
