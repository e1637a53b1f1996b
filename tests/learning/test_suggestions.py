"""Nothing is suggested where chance could explain it."""

import dataclasses

import numpy as np
import pytest

from benchmarks.teams import TEAMS, Team, ideas_of
from experiments.learning.calibration import calibrate
from experiments.learning.expected_value import ValueModel
from experiments.learning.records import DecidedExperiment, Estimate, Gap, shrunk_lifts
from experiments.learning.suggestions import (
    USEFUL,
    Suggestion,
    SuggestionCode,
    ranking_gain,
    suggestions,
)

CODES = SuggestionCode


def rows_of(team, n, seed=2):
    return ideas_of(team, n, np.random.default_rng(seed)).rows()


def codes_of(rows, ranking=None):
    return {(item.code, item.dimension) for item in suggestions(calibrate(rows), ranking)}


def test_too_few_experiments_suggest_nothing():
    rows = rows_of(TEAMS[-1], 19)
    assert suggestions(calibrate(rows), ranking_gain(rows)) == ()


def test_a_team_without_bias_gets_no_suggestion():
    assert codes_of(rows_of(TEAMS[0], 200)) == set()


def test_a_slow_team_gets_a_factor_with_its_interval():
    calibration = calibrate(rows_of(Team("slow", slowness=1.6), 60))
    assert suggestions(calibration) == (Suggestion(CODES.CORRECT_DAYS, calibration.days),)
    assert calibration.days.low > 1


def test_a_factor_whose_interval_holds_1_is_not_suggested():
    calibration = dataclasses.replace(calibrate([]), days=Estimate(1.2, 0.99, 1.4, 40))
    assert suggestions(calibration) == ()


@pytest.mark.parametrize("dimension", ["impact", "confidence", "ease"])
def test_a_dimension_that_says_nothing_is_named(dimension):
    rows = rows_of(TEAMS[0], 600)
    noise = np.random.default_rng(3).permutation(len(rows)).tolist()
    spoilt = [dataclasses.replace(row, **{dimension: noise[n]}) for n, row in enumerate(rows)]
    assert (CODES.DOES_NOT_PREDICT, dimension) in codes_of(spoilt)


def test_the_threshold_is_the_upper_end():
    calibration = calibrate([])
    for high, count in ((USEFUL - 0.01, 1), (USEFUL + 0.01, 0)):
        ranks = {**calibration.ranks, ("impact", "value"): Estimate(0.0, -0.1, high, 400)}
        assert len(suggestions(dataclasses.replace(calibration, ranks=ranks))) == count


def test_expected_value_is_suggested_where_it_would_have_ranked_better():
    rows = rows_of(TEAMS[4], 600)
    gain = ranking_gain(rows)
    assert gain.low > 0
    assert suggestions(calibrate(rows), gain)[-1] == Suggestion(CODES.USE_EXPECTED_VALUE, gain)
    in_doubt = Estimate(0.01, -0.01, 0.03, 60)
    assert (CODES.USE_EXPECTED_VALUE, None) not in codes_of(rows, in_doubt)


def test_no_experiment_is_valued_by_a_model_that_knows_it(monkeypatch):
    rows = rows_of(TEAMS[0], 40)
    known = []

    def fit(rest, *, needed):
        known.append({row.key for row in rest})
        return ValueModel()

    monkeypatch.setattr("experiments.learning.suggestions.fit_value_model", fit)
    ranking_gain(rows)
    missing = [{row.key for row in rows} - keys for keys in known]
    assert set().union(*missing) == {row.key for row in rows}
    assert [len(keys) for keys in missing] == [4] * 10


def by_hand(order, worth, days):
    """The area under the curve, one experiment after the other."""
    area = in_so_far = 0.0
    for at in order:
        area += days[at] / days.sum() * (in_so_far + worth[at] / 2) / worth.sum()
        in_so_far += worth[at]
    return area


def test_the_gain_is_the_difference_of_the_areas_under_two_curves(monkeypatch):
    rows = rows_of(TEAMS[0], 40)
    forecasts = np.random.default_rng(5).permutation(40).astype(float)
    monkeypatch.setattr(
        "experiments.learning.suggestions._values_without_themselves",
        lambda cases, rows: forecasts.tolist(),
    )
    monkeypatch.setattr("experiments.learning.suggestions.AT_ONCE", 7)
    worth = np.array([max(lift, 0.0) if row.won else 0.0 for row, lift in zip(
        rows, shrunk(rows), strict=True)])  # fmt: skip
    days = np.array([row.days_taken for row in rows])
    ice = np.array([row.ice for row in rows])
    wanted = by_hand(np.argsort(-forecasts), worth, days) - by_hand(np.argsort(-ice), worth, days)
    assert ranking_gain(rows).value == pytest.approx(wanted)


def shrunk(rows):
    return list(shrunk_lifts(rows).values())


def test_no_worth_at_all_cannot_be_ranked():
    rows = [dataclasses.replace(row, won=False) for row in rows_of(TEAMS[0], 30)]
    assert ranking_gain(rows).why_not == Gap.ALL_ALIKE


def test_rows_without_what_it_needs_are_left_out_and_counted():
    rows = [*rows_of(TEAMS[0], 30), DecidedExperiment("old", chance=0.5, won=True)]
    assert ranking_gain(rows).n == 30
