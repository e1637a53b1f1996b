"""What a calibration suggests to change, and only where chance is excluded. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

import numpy as np

from experiments.learning.calibration import Calibration
from experiments.learning.expected_value import expected_value, fit_value_model
from experiments.learning.records import (
    NEEDED,
    DecidedExperiment,
    Estimate,
    Gap,
    no_estimate,
    shrunk_lifts,
)
from experiments.stats.tails import CONFIDENCE, Array, array, normal_quantile

USEFUL: Final = 0.1
"""The least τ of a dimension that foretells something. Even forecasts that are right on average reach
only 0.15 to 0.25 with value, because most of what makes one experiment win is chance."""

FOLDS: Final = 10
AT_ONCE: Final = 250  # rows of the table of pairs

PURPOSE: Final[Mapping[str, str]] = {"impact": "value", "confidence": "value", "ease": "speed"}
"""What each dimension is there to foretell."""


class SuggestionCode(StrEnum):
    """What to look at.

    `DOES_NOT_PREDICT`: the whole interval of a dimension’s τ lies under `USEFUL`. `CORRECT_DAYS`: days
    taken differ from days forecast, by a factor whose interval excludes 1. `USE_EXPECTED_VALUE`: past
    experiments would have been ranked better by expected value than by ICE.
    """

    DOES_NOT_PREDICT = "does-not-predict"
    CORRECT_DAYS = "correct-days"
    USE_EXPECTED_VALUE = "use-expected-value"


@dataclass(frozen=True)
class Suggestion:
    """A `code` with the `estimate` that it rests on, and the `dimension`, or None for the other codes."""

    code: SuggestionCode
    estimate: Estimate
    dimension: str | None = None


def suggestions(
    calibration: Calibration, ranking: Estimate | None = None
) -> tuple[Suggestion, ...]:
    """What a calibration suggests; nothing where an interval leaves room for “no effect”.

    Impact and Confidence are held against value, Ease against speed.

    Args:
        calibration: of the workspace or a pod.
        ranking: of `ranking_gain`, or None.

    Returns:
        Suggestions in a fixed order; empty if there is none, or too few data.

    Raises:
        Nothing.

    Source: Floe’s own rule (docs/calibration.md).

    >>> from experiments.learning.calibration import calibrate
    >>> suggestions(calibrate([]))
    ()
    """
    result = [
        Suggestion(SuggestionCode.DOES_NOT_PREDICT, estimate, dimension)
        for dimension, target in PURPOSE.items()
        if (estimate := calibration.ranks[dimension, target]).high is not None
        and estimate.high < USEFUL
    ]
    if calibration.days.excludes(1.0):
        result.append(Suggestion(SuggestionCode.CORRECT_DAYS, calibration.days))
    if ranking is not None and ranking.low is not None and ranking.low > 0:
        result.append(Suggestion(SuggestionCode.USE_EXPECTED_VALUE, ranking))
    return tuple(result)


def ranking_gain(
    rows: Sequence[DecidedExperiment], *, needed: int = NEEDED, confidence: float = CONFIDENCE
) -> Estimate:
    """How much better expected value would have ranked past experiments than ICE did.

    Take past experiments one after the other in the order of a ranking, and draw the share of all their
    worth that is in against the share of all their days that is spent: the larger the area under this
    curve, the better the ranking. Worth is the shrunk lift of what won, and 0 of the rest. Each
    experiment is valued by a model that is fitted without it and without a tenth of the others.

    Args:
        rows: decided experiments of the whole workspace.
        needed: experiments with ICE, all claims, an outcome, a lift and days that it asks for.
        confidence: of the interval, 0 to 1.

    Returns:
        The area by expected value minus the area by ICE, −1 to 1; above 0 expected value is better.

    Raises:
        ValueError: as `fit_value_model`.

    Source: the area as a U-statistic of order 2, Hoeffding 1948 Ann Math Stat 19:293, given the totals;
    cross-validation Stone 1974 JRSS-B 36:111.

    >>> ranking_gain([]).why_not
    <Gap.NOT_ENOUGH_DATA: 'not-enough-data'>
    """
    shrunk = shrunk_lifts(rows)
    cases = [case for row in rows if (case := _case(row, shrunk))]
    if len(cases) < needed:
        return no_estimate(len(cases))
    worth = array([case.worth for case in cases])
    if not worth.any():
        return no_estimate(len(cases), Gap.ALL_ALIKE)
    rankings = array(_values_without_themselves(cases, rows)), array([case.ice for case in cases])
    return _area_gain(worth, array([case.days_taken for case in cases]), rankings, confidence)


class _Case(NamedTuple):
    """An experiment with everything that a comparison of rankings needs."""

    key: str
    pod: str
    ice: float
    claim: float
    chance: float
    days: float
    worth: float
    days_taken: float


def _case(row: DecidedExperiment, shrunk: Mapping[str, float]) -> _Case | None:
    if row.ice is None or row.claim is None or row.chance is None or row.won is None:
        return None
    if not row.days_forecast or not row.days_taken or row.key not in shrunk:
        return None
    worth = max(shrunk[row.key], 0.0) if row.won else 0.0
    return _Case(
        row.key, row.pod, row.ice, row.claim, row.chance, row.days_forecast, worth, row.days_taken
    )


def _values_without_themselves(
    cases: Sequence[_Case], rows: Sequence[DecidedExperiment]
) -> list[float]:
    """The expected value per day of each case, by a model of the other nine tenths."""
    fold_of = {key: at % FOLDS for at, key in enumerate(sorted(case.key for case in cases))}
    models = [
        fit_value_model([row for row in rows if fold_of.get(row.key) != fold], needed=0)
        for fold in range(FOLDS)
    ]
    return [
        expected_value(
            claim=case.claim,
            chance=case.chance,
            days=case.days,
            model=models[fold_of[case.key]],
            pod=case.pod,
        ).value_per_day
        for case in cases
    ]


def _area_gain(
    worth: Array, days: Array, rankings: tuple[Array, Array], confidence: float
) -> Estimate:
    """The difference of two areas, with the variance of its projection on single experiments."""
    n = worth.size
    scale = 4 * worth.mean() * days.mean() * n
    parts = []
    for first in range(0, n, AT_ONCE):
        rows = slice(first, first + AT_ONCE)
        gain = np.outer(worth[rows], days) - np.outer(days[rows], worth)
        one, other = (np.sign(np.subtract.outer(values[rows], values)) for values in rankings)
        parts.append((gain * (one - other)).sum(axis=1) / scale)
    each = np.concatenate(parts)
    middle = float(each.mean())
    reach = normal_quantile(confidence) * 2 * float(each.std(ddof=1)) / n**0.5
    return Estimate(middle, middle - reach, middle + reach, n)
