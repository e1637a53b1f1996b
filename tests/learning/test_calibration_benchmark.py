"""A small version of what `benchmarks/calibration.py` proves, so that its promises are kept in between."""

import numpy as np
import pytest

from benchmarks.calibration import coverage, gain, pooled_intervals, quarters, suggested
from benchmarks.teams import MIXED, TEAMS

RUNS = 40


@pytest.mark.parametrize("team", TEAMS, ids=lambda team: team.name)
def test_biases_are_within_their_intervals(team):
    """Of 40 intervals at 95 %, 34 or more hold the truth in 99.6 % of cases."""
    for name, (share, _, _) in coverage(team, 40, RUNS).items():
        assert share >= 34 / RUNS, name


def test_biases_are_what_the_teams_are_made_of():
    _, _, ratio = coverage(TEAMS[1], 40, 1)["Impact × Confidence"]
    assert ratio == pytest.approx(1 / 2.5, rel=0.03)
    assert coverage(TEAMS[3], 40, 1)["days, factor"][2] == pytest.approx(1.6, rel=0.02)


def test_the_calibrated_ranking_captures_more_where_pods_err_differently():
    points = quarters(MIXED, 160, 120)
    for over in (0, 1):
        more, error = gain(points, over)
        assert more - error > 0


def test_a_team_without_bias_is_not_harmed():
    points = quarters(TEAMS[:1], 60, 120)
    more, error = gain(points, 0)
    assert more + error > 0
    assert gain(points, 1)[0] > -0.03
    assert np.all(points[:, 3].mean() > points[:, :3].mean(axis=0))


def test_a_slow_team_is_told_and_one_without_bias_rarely():
    assert suggested(TEAMS[3:4], 60, 10)["correct-days"] == pytest.approx(1.0)
    assert suggested(TEAMS[:1], 60, 10).get("correct-days", 0) <= 0.3


def test_pooled_intervals_hold_the_mean():
    held, _ = pooled_intervals(5, 100)
    assert held >= 0.9
