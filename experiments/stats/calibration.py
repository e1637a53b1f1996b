"""How well forecasts kept: Brier's score in Murphy's parts, a reliability curve, rank agreement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .tails import CONFIDENCE, Array, array, normal_quantile


@dataclass(frozen=True)
class Brier:
    """`score` = `reliability` − `resolution` + `uncertainty`; a score of 0 is perfect foresight.

    Reliability is what miscalibration costs, resolution what telling cases apart gains,
    uncertainty what the base rate alone would cost; `n` forecasts were judged.
    """

    score: float
    reliability: float
    resolution: float
    uncertainty: float
    n: int


def brier(forecasts: Sequence[float], outcomes: Sequence[float]) -> Brier | None:
    """Mean of (f − o)², split over the distinct forecasts.

    Args:
        forecasts: probabilities, 0 to 1.
        outcomes: 0 or 1, in the same order.

    Returns:
        The score and its parts, all from 0 to 1; None without any forecast.

    Raises:
        ValueError: forecasts outside 0 to 1, other outcomes, or unequal numbers.

    Source: Brier 1950 Mon Weather Rev 78:1; Murphy 1973 J Appl Meteorol 12:595.

    >>> brier([0.9, 0.9, 0.2, 0.2], [1, 1, 0, 1])
    Brier(score=0.175, reliability=0.05, resolution=0.0625, uncertainty=0.1875, n=4)
    """
    f, o = _checked(forecasts, outcomes)
    if not f.size:
        return None
    values, place = np.unique(f, return_inverse=True)
    count = np.bincount(place)
    rate, base = np.bincount(place, o) / count, o.mean()
    return Brier(
        score=_tidy(((f - o) ** 2).mean()),
        reliability=_tidy((count * (values - rate) ** 2).sum() / f.size),
        resolution=_tidy((count * (rate - base) ** 2).sum() / f.size),
        uncertainty=_tidy(base * (1 - base)),
        n=f.size,
    )


def reliability_curve(
    forecasts: Sequence[float], outcomes: Sequence[float]
) -> list[tuple[float, float, int]]:
    """Steps (mean forecast, observed rate, count), rising: isotonic regression.

    Source: pooling adjacent violators (Ayer et al. 1955 Ann Math Stat 26:641); as a reliability curve
    Dimitriadis, Gneiting & Jordan 2021 PNAS 118:e2016191118.

    Args:
        forecasts, outcomes: as for `brier`.

    Returns:
        One step for each block of forecasts.

    Raises:
        ValueError: as `brier`.

    >>> reliability_curve([0.1, 0.3, 0.4, 0.8], [0, 1, 0, 1])
    [(0.1, 0.0, 1), (0.35, 0.5, 2), (0.8, 1.0, 1)]
    """
    f, o = _checked(forecasts, outcomes)
    values, place = np.unique(f, return_inverse=True)
    sums = zip(values, np.bincount(place, o), np.bincount(place), strict=True)
    blocks: list[list[float]] = []
    for value, total, count in sums:
        blocks.append([value * count, total, count])
        while len(blocks) > 1 and blocks[-2][1] * blocks[-1][2] >= blocks[-1][1] * blocks[-2][2]:
            last = blocks.pop()
            blocks[-1] = [a + b for a, b in zip(blocks[-1], last, strict=True)]
    return [(_tidy(f / n), _tidy(o / n), int(n)) for f, o, n in blocks]


@dataclass(frozen=True)
class RankAgreement:
    """Kendall's τ_b of `n` pairs: `tau` from −1 to 1, its interval from `low` to `high`; None where they
    can't be had, with a name in `why_not`."""

    tau: float | None
    low: float | None
    high: float | None
    n: int
    why_not: str | None = None


def rank_agreement(
    a: Sequence[float], b: Sequence[float], *, confidence: float = CONFIDENCE
) -> RankAgreement:
    """Kendall's τ_b with an interval on Fisher's scale, of variance 0.437/(n − 4).

    Args:
        a, b: two rankings of the same things, in one order; any scale.
        confidence: of the interval, 0 to 1.

    Returns:
        τ from −1 to 1; its interval is None for four or fewer.

    Source: Kendall 1945 Biometrika 33:239 (ties); Fieller, Hartley & Pearson 1957 Biometrika
    44:470 (interval, n over 4).

    Raises:
        ValueError: unequal numbers.

    >>> found = rank_agreement([1, 2, 3, 4, 5, 6], [1, 3, 2, 4, 6, 5])
    >>> round(found.tau, 4), round(found.low, 4), round(found.high, 4)
    (0.7333, 0.0197, 0.9519)
    """
    x, y = array(a), array(b)
    if x.ndim != 1 or x.shape != y.shape:
        raise ValueError("give two rows of equal length")
    if np.isnan(x).any() or np.isnan(y).any():
        return RankAgreement(None, None, None, x.size, "missing-numbers")
    if x.size < 2:
        return RankAgreement(None, None, None, x.size, "too-few-pairs")
    x, y = (array(np.unique(values, return_inverse=True)[1]) for values in (x, y))
    upper = np.triu_indices(x.size, 1)
    dx, dy = (np.sign(np.subtract.outer(values, values))[upper] for values in (x, y))
    scale = np.sqrt((dx**2).sum() * (dy**2).sum())
    if not scale:
        return RankAgreement(None, None, None, x.size, "all-tied")
    tau = float(np.clip((dx * dy).sum() / scale, -1, 1))
    if x.size < 5 or abs(tau) == 1:
        return RankAgreement(tau, None, None, x.size, "too-few-pairs")
    reach = normal_quantile(confidence) * np.sqrt(0.437 / (x.size - 4))
    ends = np.tanh(np.arctanh(tau) + np.array([-reach, reach]))
    return RankAgreement(tau, float(ends[0]), float(ends[1]), x.size)


def _checked(forecasts: Sequence[float], outcomes: Sequence[float]) -> tuple[Array, Array]:
    f, o = array(forecasts), array(outcomes)
    if f.ndim != 1 or f.shape != o.shape:
        raise ValueError("give one outcome for each forecast")
    if not ((f >= 0) & (f <= 1)).all() or not np.isin(o, (0, 1)).all():
        raise ValueError("forecasts lie between 0 and 1, outcomes are 0 or 1")
    return f, o


def _tidy(value: float) -> float:
    return float(np.round(value, 15))
