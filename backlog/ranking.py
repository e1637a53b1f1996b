"""From scores to a ranking with error bars: pure arithmetic, numpy only.

A scorer's three numbers belong together, so uncertainty comes from the spread between scorers:
the interval of one idea by Student's t over scorers, the range of its rank by resampling scorers.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

LEVEL = 0.80
DRAWS = 400
CELLS_AT_ONCE = 100_000
SCALE = {"mean": (1.0, 10.0), "product": (1.0, 1000.0)}


@dataclass(frozen=True)
class Ice:
    """The score of one idea. Without a spread (one scorer) `low` and `high` are None."""

    value: float
    low: float | None
    high: float | None
    impact: float
    confidence: float
    ease: float
    scorers: int
    agreement: str


@dataclass(frozen=True)
class Place:
    """A rank with the range that holds 80 % of the resampled ranks; no range for one scorer."""

    rank: int
    low: int | None
    high: int | None


def agreement_of(spread: float) -> str:
    """The word for how far apart the two ends are on one dimension.

    Two points or fewer: close. Three or four: mixed. Five and more: split.

    >>> [agreement_of(points) for points in (0, 2, 3, 4, 5, 9)]
    ['close', 'close', 'mixed', 'mixed', 'split', 'split']
    """
    if spread <= 2:
        return "close"
    return "mixed" if spread <= 4 else "split"


def combine(impact: float, confidence: float, ease: float, formula: str) -> float:
    """ICE from the three dimension means; "mean" (1 to 10) or "product" (1 to 1,000)."""
    if formula == "product":
        return impact * confidence * ease
    return (impact + confidence + ease) / 3


def aggregate(scores: Sequence[tuple[int, int, int]], formula: str = "mean") -> Ice | None:
    """ICE of one idea from (impact, confidence, ease) of each scorer; None where nobody scored.

    The interval is mean ± t(0.9, n−1)·s/√n of the scorers' own contributions, where the product is
    linearised around its means (delta method), and is cut at the ends of the scale.

    >>> aggregate([(7, 4, 8), (5, 4, 8)]).value
    6.0
    >>> aggregate([(7, 4, 8)]).low is None
    True
    """
    if not scores:
        return None
    table = np.asarray(scores, dtype=float)
    means = table.mean(axis=0)
    impact, confidence, ease = means
    value = combine(impact, confidence, ease, formula)
    spread = float((table.max(axis=0) - table.min(axis=0)).max())
    count = len(scores)
    low = high = None
    if count > 1:
        slopes = value / means if formula == "product" else np.full(3, 1 / 3)
        contributions = (table - means) @ slopes
        half = stdtrit(count - 1, (1 + LEVEL) / 2) * contributions.std(ddof=1) / np.sqrt(count)
        bottom, top = SCALE[formula]
        low, high = max(bottom, float(value - half)), min(top, float(value + half))
    return Ice(
        value=float(value),
        low=low,
        high=high,
        impact=float(impact),
        confidence=float(confidence),
        ease=float(ease),
        scorers=count,
        agreement="alone" if count == 1 else agreement_of(spread),
    )


def places(
    idea: NDArray[np.int64],
    scorer: NDArray[np.int64],
    scores: NDArray[np.float64],
    *,
    formula: str = "mean",
    draws: int = DRAWS,
    seed: int = 20_261,
) -> list[Place]:
    """Rank every idea, best first, with the range that resampling the scorers gives.

    `idea` and `scorer` hold, for each row of `scores` (n × 3), whose score it is, as indices from
    0 without gaps. Each draw takes as many scorers as there are, with replacement, and weighs a
    row by how often its scorer was drawn; where none of an idea's scorers was drawn its own mean
    stands. The seed is fixed, so the same scores give the same ranges. Ties go to the earlier idea.
    """
    if not len(idea):
        return []
    order = np.argsort(idea, kind="stable")
    idea, scorer, scores = idea[order], scorer[order], scores[order]
    starts = np.flatnonzero(np.diff(idea, prepend=-1))
    counts = np.diff(np.append(starts, len(idea)))
    point = _ice(np.ones((1, len(idea))), scores, starts, formula)
    ranks = _ranks(point)[0]
    drawn = _drawn_ranks(scorer, scores, starts, point, formula=formula, draws=draws, seed=seed)
    low, high = np.quantile(
        drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0, method="closest_observation"
    )
    return [
        Place(int(rank), None, None)
        if count == 1
        else Place(int(rank), int(min(lowest, rank)), int(max(highest, rank)))
        for rank, count, lowest, highest in zip(ranks, counts, low, high, strict=True)
    ]


def _drawn_ranks(
    scorer: NDArray[np.int64],
    scores: NDArray[np.float64],
    starts: NDArray[np.intp],
    point: NDArray[np.float64],
    *,
    formula: str,
    draws: int,
    seed: int,
) -> NDArray[np.int32]:
    """Ranks (draws × ideas) under resampled scorers, a few draws at a time to keep memory flat."""
    random = np.random.default_rng(seed)
    people = int(scorer.max()) + 1
    times = random.multinomial(people, np.full(people, 1 / people), size=draws)
    drawn = np.empty((draws, len(starts)), dtype=np.int32)
    at_once = max(1, CELLS_AT_ONCE // len(scorer))
    for first in range(0, draws, at_once):
        weights = times[first : first + at_once, scorer].astype(float)
        value = _ice(weights, scores, starts, formula)
        drawn[first : first + at_once] = _ranks(np.where(np.isnan(value), point, value))
    return drawn


def _ice(
    weights: NDArray[np.float64],
    scores: NDArray[np.float64],
    starts: NDArray[np.intp],
    formula: str,
) -> NDArray[np.float64]:
    """ICE (draws × ideas) from rows weighed by `weights` (draws × rows); NaN where none counts."""
    total = np.add.reduceat(weights, starts, axis=1)
    total[total == 0] = np.nan
    impact, confidence, ease = (
        np.add.reduceat(weights * scores[:, dimension], starts, axis=1) / total
        for dimension in range(3)
    )
    result: NDArray[np.float64] = (
        impact * confidence * ease if formula == "product" else (impact + confidence + ease) / 3
    )
    return result


def _ranks(values: NDArray[np.float64]) -> NDArray[np.int32]:
    """1 for the largest of each row; equal values in their given order."""
    order = np.argsort(-values, axis=1, kind="stable")
    ranks = np.empty(values.shape, dtype=np.int32)
    np.put_along_axis(ranks, order, np.arange(1, values.shape[1] + 1, dtype=np.int32)[None], axis=1)
    return ranks
