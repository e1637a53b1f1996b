"""From scores to a ranking with error bars: pure arithmetic with numpy.

A scorer's three numbers belong together, so uncertainty comes from the spread between scorers:
the interval of one idea by Student's t over scorers, the range of its rank by resampling scorers.
People may score only some dimensions. Missing values are None, or NaN in an array.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

LEVEL = 0.80
DRAWS = 200
CELLS_AT_ONCE = 400_000
DIGITS = 9  # of an ICE that are told apart
Number = TypeVar("Number", float, NDArray[np.float64])
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
    """The word for how far apart the lowest and highest scores of a dimension are.

    Two points or fewer: close (high agreement). Three or four: mixed (medium). Five and more:
    split (low).

    >>> [agreement_of(points) for points in (0, 2, 3, 4, 5, 9)]
    ['close', 'close', 'mixed', 'mixed', 'split', 'split']
    """
    if spread <= 2:
        return "close"
    return "mixed" if spread <= 4 else "split"


def combine(impact: Number, confidence: Number, ease: Number, formula: str) -> Number:
    """ICE from the three dimension means; "mean" (1 to 10) or "product" (1 to 1,000).

    Rounded, so that ideas whose ICE is equal on paper are equal here: a sum in another order differs
    in its last digit, and would make a rank of it.

    >>> float(combine(19 / 3, 17 / 3, 26 / 3, "mean")), float(combine(23 / 3, 6.0, 7.0, "mean"))
    (6.888888889, 6.888888889)
    """
    is_product = formula == "product"
    ice = impact * confidence * ease if is_product else (impact + confidence + ease) / 3
    rounded: Number = np.round(ice, DIGITS)
    return rounded


def aggregate(
    scores: Sequence[tuple[float | None, float | None, float | None]], formula: str = "mean"
) -> Ice | None:
    """ICE of one idea from (impact, confidence, ease) of each scorer.

    None where a dimension has no score. The interval is the value ± t(0.9, n−1) times its standard
    error, n being the scorers of the dimension that fewest gave: each scorer's contributions to the
    three means are added up, the product linearised around its means (delta method), and the sum of
    their squares is the variance. Where everybody gave all three this is s/√n of the scorers' own
    ICE. It is cut at the ends of the scale. Without a second score in a dimension there is no
    interval.

    >>> aggregate([(7, 4, 8), (5, 4, 8)]).value
    6.0
    >>> aggregate([(7, 4, 8)]).low is None
    True
    >>> aggregate([(7, 4, None), (5, 4, 8)]).ease
    8.0
    >>> aggregate([(7, 4, None)]) is None
    True
    """
    if not scores:
        return None
    table = np.array([[np.nan if v is None else v for v in row] for row in scores], dtype=float)
    ices = aggregate_all(np.zeros(len(table), dtype=np.int64), table, formula)
    return ices[0]


def aggregate_all(
    idea: NDArray[np.int64], scores: NDArray[np.float64], formula: str = "mean"
) -> list[Ice | None]:
    """`aggregate` for many ideas at once; `idea` says whose score each row of `scores` (n × 3) is.

    `idea` holds indices from 0 without gaps, in rising order. Rows come back by that index.
    """
    starts = np.flatnonzero(np.diff(idea, prepend=-1))
    given = ~np.isnan(scores)
    means, counts = _means(scores, starts)
    highest = np.maximum.reduceat(np.where(given, scores, -np.inf), starts, axis=0)
    lowest = np.minimum.reduceat(np.where(given, scores, np.inf), starts, axis=0)
    value = _values(means, formula)
    slopes = value[:, None] / means if formula == "product" else np.full(means.shape, 1 / 3)
    scale = slopes / np.sqrt(np.maximum(counts * (counts - 1), 1))
    parts = np.where(given, (scores - means[idea]) * scale[idea], 0.0).sum(axis=1)
    error = np.sqrt(np.add.reduceat(parts**2, starts))
    fewest, people = counts.min(axis=1), np.diff(np.append(starts, len(idea)))
    half = stdtrit(np.maximum(fewest - 1, 1), (1 + LEVEL) / 2) * error
    bottom, top = SCALE[formula]
    low, high = np.maximum(bottom, value - half), np.minimum(top, value + half)
    return [
        None
        if fewest[at] == 0
        else Ice(
            value=float(value[at]),
            low=float(low[at]) if fewest[at] > 1 else None,
            high=float(high[at]) if fewest[at] > 1 else None,
            impact=float(means[at, 0]),
            confidence=float(means[at, 1]),
            ease=float(means[at, 2]),
            scorers=int(people[at]),
            agreement="alone"
            if people[at] == 1
            else agreement_of(float((highest[at] - lowest[at]).max())),
        )
        for at in range(len(starts))
    ]


def _means(
    scores: NDArray[np.float64], starts: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Means (ideas × 3) and how many scores each has; NaN where a dimension has none."""
    given = ~np.isnan(scores)
    counts = np.add.reduceat(given.astype(np.int64), starts, axis=0)
    total = np.add.reduceat(np.where(given, scores, 0.0), starts, axis=0)
    return np.divide(total, counts, out=np.full(total.shape, np.nan), where=counts > 0), counts


def _values(means: NDArray[np.float64], formula: str) -> NDArray[np.float64]:
    return combine(means[:, 0], means[:, 1], means[:, 2], formula)


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
    row by how often its scorer was drawn; where nobody was drawn who gave some dimension of an idea,
    its own value stands. The seed is fixed, so the same scores give the same ranges. Ties go to the earlier idea.
    """
    if not len(idea):
        return []
    people, ideas = int(scorer.max()) + 1, int(idea.max()) + 1
    everybody_once = np.ones((people, 1))
    point = _ice(idea, scorer, scores, everybody_once, formula)
    order = np.argsort(idea, kind="stable")
    starts = np.flatnonzero(np.diff(idea[order], prepend=-1))
    ranks = _ranks(_values(_means(scores[order], starts)[0], formula)[None])[0]
    random = np.random.default_rng(seed)
    times = random.multinomial(people, np.full(people, 1 / people), size=draws).T.astype(float)
    values = _ice(idea, scorer, scores, times, formula)
    values = np.where(np.isnan(values), point, values)
    drawn = np.empty((draws, ideas), dtype=np.int32)
    at_once = max(1, CELLS_AT_ONCE // ideas)
    for first in range(0, draws, at_once):
        drawn[first : first + at_once] = _ranks(values[first : first + at_once])
    low, high = np.quantile(
        drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0, method="closest_observation"
    )
    fewest = np.stack(
        [np.bincount(idea[~np.isnan(column)], minlength=ideas) for column in scores.T]
    ).min(axis=0)
    return [
        Place(int(rank), None, None)
        if count < 2
        else Place(int(rank), int(min(lowest, rank)), int(max(highest, rank)))
        for rank, count, lowest, highest in zip(ranks, fewest, low, high, strict=True)
    ]


def _ice(
    idea: NDArray[np.int64],
    scorer: NDArray[np.int64],
    scores: NDArray[np.float64],
    times: NDArray[np.float64],
    formula: str,
) -> NDArray[np.float32]:
    """ICE (draws × ideas) where each scorer counts `times` (people × draws); NaN where nobody does.

    An idea's row of people times the draws is a matrix product, a block of ideas at a time.
    """
    people, ideas = len(times), int(idea.max()) + 1
    ranks = np.empty((times.shape[1], ideas), dtype=np.float32)
    block = max(1, CELLS_AT_ONCE // people)
    order = np.argsort(idea, kind="stable")
    bounds = np.searchsorted(idea[order], np.arange(0, ideas + block, block))
    for number, (start, stop) in enumerate(itertools.pairwise(bounds)):
        rows = order[start:stop]
        first, size = number * block, min(block, ideas - number * block)
        means = [
            _weighed(idea[rows] - first, scorer[rows], scores[rows, dimension], times, size)
            for dimension in range(3)
        ]
        ranks[:, first : first + size] = combine(means[0], means[1], means[2], formula).T
    return ranks


def _weighed(
    idea: NDArray[np.int64],
    scorer: NDArray[np.int64],
    values: NDArray[np.float64],
    times: NDArray[np.float64],
    size: int,
) -> NDArray[np.float64]:
    """Means (ideas × draws) of one dimension."""
    given = ~np.isnan(values)
    sums, counts = np.zeros((2, size, len(times)))
    sums[idea[given], scorer[given]] = values[given]
    counts[idea[given], scorer[given]] = 1
    total = counts @ times
    means: NDArray[np.float64] = np.divide(
        sums @ times, total, out=np.full(total.shape, np.nan), where=total > 0
    )
    return means


def _ranks(values: NDArray[np.floating[Any]]) -> NDArray[np.int32]:
    """1 for the largest of each row; equal values in their given order."""
    order = np.argsort(-values, axis=1, kind="stable")
    ranks = np.empty(values.shape, dtype=np.int32)
    np.put_along_axis(ranks, order, np.arange(1, values.shape[1] + 1, dtype=np.int32)[None], axis=1)
    return ranks
