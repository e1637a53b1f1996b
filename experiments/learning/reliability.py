"""How often what was claimed with some confidence happened. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from experiments.learning.records import (
    NEEDED,
    DecidedExperiment,
    Estimate,
    mean_of,
    no_estimate,
)
from experiments.stats import Brier, brier, reliability_curve
from experiments.stats.proportions import wilson
from experiments.stats.tails import CONFIDENCE, array, normal_quantile

GROUPS: Final = 10
"""Forecasts of a chance are judged in so many equal groups: each by itself would be right or wrong by
its own outcome alone."""


@dataclass(frozen=True)
class ReliabilityPoint:
    """Of `n` experiments whose mean claimed chance was `forecast`, the share `rate` won; it could be
    `low` to `high`."""

    forecast: float
    rate: float
    low: float
    high: float
    n: int


@dataclass(frozen=True)
class ConfidenceCalibration:
    """Confidence against the outcome.

    `bias`: claimed chance minus share won (0.13: too sure by 13 points). `brier`: the score with its
    parts, of forecasts in groups; None without enough data. `score`: the same score with its interval.
    `gain`: by how much the score is better than that of always claiming the share that won; below 0
    the claims are worse than none. `groups`: forecasts in ten groups. `curve`: the same experiments
    in as few steps as a rising curve needs.
    """

    bias: Estimate
    brier: Brier | None
    score: Estimate
    gain: Estimate
    groups: tuple[ReliabilityPoint, ...] = ()
    curve: tuple[ReliabilityPoint, ...] = ()


def calibrate_confidence(
    rows: Sequence[DecidedExperiment], *, needed: int = NEEDED, confidence: float = CONFIDENCE
) -> ConfidenceCalibration:
    """How well Confidence foretold what would win.

    Args:
        rows: decided experiments of one scope.
        needed: how many rows with a chance and an outcome it asks for.
        confidence: of all intervals, 0 to 1.

    Returns:
        Estimates, or `Gap.NOT_ENOUGH_DATA` with the number of rows that could be used.

    Raises:
        ValueError: a chance outside 0 to 1.

    Source: `brier` (Brier 1950, Murphy 1973), `reliability_curve` (Dimitriadis, Gneiting & Jordan 2021),
    Student’s intervals of the mean score and its gain, Wilson’s of the shares.

    >>> rows = [
    ...     DecidedExperiment(str(n), chance=0.25 + 0.5 * (n % 2), won=n % 5 < 2) for n in range(20)
    ... ]
    >>> result = calibrate_confidence(rows)
    >>> round(result.bias.value, 3), [(point.forecast, point.rate) for point in result.groups]
    (0.1, [(0.25, 0.4), (0.75, 0.4)])
    """
    usable = [
        (row.chance, float(row.won))
        for row in rows
        if row.chance is not None and row.won is not None
    ]
    if len(usable) < needed:
        none = no_estimate(len(usable))
        return ConfidenceCalibration(none, None, none, none)
    chances, outcomes = (array(column) for column in zip(*usable, strict=True))
    place = np.minimum((chances * GROUPS).astype(np.int64), GROUPS - 1)
    grouped = array([chances[place == group].mean() for group in place])
    n, base = outcomes.size, outcomes.mean()
    gains = (outcomes - base) ** 2 * n / (n - 1) - (chances - outcomes) ** 2
    groups = [
        (float(value), float(outcomes[grouped == value].mean()), int((grouped == value).sum()))
        for value in np.unique(grouped)
    ]
    return ConfidenceCalibration(
        bias=mean_of(chances - outcomes, confidence),
        brier=brier(grouped.tolist(), outcomes.tolist()),
        score=mean_of((chances - outcomes) ** 2, confidence),
        gain=mean_of(gains, confidence),
        groups=_points(groups, confidence),
        curve=_points(reliability_curve(grouped.tolist(), outcomes.tolist()), confidence),
    )


def _points(
    steps: Sequence[tuple[float, float, int]], confidence: float
) -> tuple[ReliabilityPoint, ...]:
    z = normal_quantile(confidence)
    bounds = [wilson(array(rate * n), array(n), z) for _, rate, n in steps]
    return tuple(
        ReliabilityPoint(forecast, rate, float(low), float(high), n)
        for (forecast, rate, n), (low, high) in zip(steps, bounds, strict=True)
    )
