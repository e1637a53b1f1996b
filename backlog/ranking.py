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
    ideas = int(idea.max()) + 1 if len(idea) else 0
    if not ideas:
        return []
    counts = np.bincount(idea, minlength=ideas)
    point = _ice(idea, scores, np.ones(len(idea)), counts.astype(float), ideas, formula)
    ranks = _ranks(point)
    drawn = _drawn_ranks(idea, scorer, scores, point, formula=formula, draws=draws, seed=seed)
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
    idea: NDArray[np.int64],
    scorer: NDArray[np.int64],
    scores: NDArray[np.float64],
    point: NDArray[np.float64],
    *,
    formula: str,
    draws: int,
    seed: int,
) -> NDArray[np.int32]:
    """Ranks (draws × ideas) under resampled scorers."""
    random = np.random.default_rng(seed)
    people = int(scorer.max()) + 1
    drawn = np.empty((draws, len(point)), dtype=np.int32)
    for draw in range(draws):
        times = np.bincount(random.integers(people, size=people), minlength=people)
        weights = times[scorer].astype(float)
        total = np.bincount(idea, weights, minlength=len(point))
        value = _ice(idea, scores, weights, np.maximum(total, 1), len(point), formula)
        drawn[draw] = _ranks(np.where(total > 0, value, point))
    return drawn


def _ice(
    idea: NDArray[np.int64],
    scores: NDArray[np.float64],
    weights: NDArray[np.float64],
    total: NDArray[np.float64],
    ideas: int,
    formula: str,
) -> NDArray[np.float64]:
    means = [
        np.bincount(idea, weights * scores[:, dimension], minlength=ideas) / total
        for dimension in range(3)
    ]
    result: NDArray[np.float64] = (
        means[0] * means[1] * means[2] if formula == "product" else sum(means) / 3  # type: ignore[assignment]
    )
    return result


def _ranks(values: NDArray[np.float64]) -> NDArray[np.int32]:
    """1 for the largest; equal values in their given order."""
    order = np.argsort(-values, kind="stable")
    ranks = np.empty(len(values), dtype=np.int32)
    ranks[order] = np.arange(1, len(values) + 1)
    return ranks
