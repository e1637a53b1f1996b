"""Metrics as they are written on a command line: COLUMN, COLUMN:mean, ratio:NUM/DEN, a covariate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from experiments.results_file import FileProblem, MetricColumns, metric_kind


def asked_metrics(
    path: str | Path,
    names: Sequence[str],
    metrics: Sequence[str],
    *,
    covariates: Sequence[str] = (),
    winsorise: float | None = None,
    answers: dict[str, str] | None = None,
) -> tuple[MetricColumns, ...]:
    """The columns behind each metric, kinds found out where they are not given, winsorised copies
    of the means at the end.

    Raises:
        FileProblem: something that is not in the file, or does not fit.
    """
    wanted = tuple(_with_kind(path, parse_metric(text, names), answers) for text in metrics)
    wanted = _with_covariates(wanted, covariates)
    return (*wanted, *_capped(wanted, winsorise))


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


def _with_kind(
    path: str | Path, metric: MetricColumns, answers: dict[str, str] | None
) -> MetricColumns:
    if metric.kind:
        return metric
    return replace(metric, kind=metric_kind(path, metric.column, answers=answers))


def _with_covariates(
    wanted: tuple[MetricColumns, ...], covariates: Sequence[str]
) -> tuple[MetricColumns, ...]:
    given = dict(text.partition("=")[::2] for text in covariates)
    means = [metric.name for metric in wanted if metric.kind in ("mean", "proportion")]
    for metric, column in given.items():
        if metric not in means or not column:
            raise FileProblem(
                f"“{metric}={column}” does not name a mean or a share and a column, as METRIC=COLUMN. "
                f"These can have one: {', '.join(means) or 'none'}."
            )
    return tuple(replace(metric, covariate=given.get(metric.name, "")) for metric in wanted)


def _capped(wanted: Sequence[MetricColumns], percent: float | None) -> list[MetricColumns]:
    """Each mean once more, winsorised."""
    if percent is None:
        return []
    if not 50 < percent < 100:
        raise FileProblem("Give the percentile to winsorise at between 50 and 100, as in 99.9.")
    return [
        replace(
            metric, name=f"{metric.name}, capped at percentile {percent:g}", winsorise=percent / 100
        )
        for metric in wanted
        if metric.kind == "mean"
    ]
