"""Claims are read by what they turned out to mean, and stay as they are where nothing is known."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.teams import MIXED, TEAMS, Team, ideas_of
from experiments.learning.expected_value import (
    FEWEST,
    Reading,
    ValueModel,
    expected_value,
    fit_value_model,
)
from experiments.learning.records import DecidedExperiment

TEAM = {team.name: team for team in TEAMS}


def model_of(team, n=400, seed=3):
    return fit_value_model(ideas_of(team, n, np.random.default_rng(seed)).rows())


def test_without_a_model_the_claims_stand():
    expected = expected_value(claim=0.04, chance=0.5, days=10, model=ValueModel())
    assert (expected.lift, expected.chance, expected.days) == (0.04, 0.5, 10)
    assert expected.value_per_day == pytest.approx(0.002)
    parts = expected.parts
    assert (parts.claimed_lift, parts.claimed_chance, parts.claimed_days) == (0.04, 0.5, 10)
    assert (parts.experiments, parts.winners, parts.timed, parts.is_of_pod) == (0, 0, 0, False)


def test_under_twenty_experiments_the_claims_stand():
    rows = ideas_of(TEAM["all of it"], 19, np.random.default_rng(1)).rows()
    assert fit_value_model(rows).workspace == Reading()


def test_the_claims_of_a_team_without_bias_stay_nearly_as_they_are():
    reading = model_of(TEAM["without bias"]).workspace
    assert reading.lift(0.03) == pytest.approx(0.03, abs=0.004)
    assert reading.chance(0.4) == pytest.approx(0.4, abs=0.07)
    assert reading.days_factor == pytest.approx(1.0, abs=0.05)


def test_impact_that_is_too_high_is_brought_down():
    reading = model_of(TEAM["Impact 2.5 × too high"]).workspace
    assert reading.lift(0.05) == pytest.approx(0.02, rel=0.25)
    assert reading.lift_slope < 0.7


def test_impact_that_says_nothing_makes_winners_more_alike():
    """Not quite alike: of ideas with large claims only large lifts are seen to win."""
    reading = model_of(TEAM["Impact says nothing"]).workspace
    assert 0 < reading.lift_slope < 0.5
    assert reading.lift(0.03) == pytest.approx(0.042, abs=0.012)


def test_overconfidence_is_drawn_to_the_middle():
    reading = model_of(TEAM["overconfident"]).workspace
    assert reading.chance(0.8) < 0.65
    assert reading.chance(0.8) - reading.chance(0.2) < 0.45


def test_a_step_in_the_outcomes_is_followed_where_a_line_would_not_be():
    """Only what people are very sure of wins."""
    random = np.random.default_rng(1)
    rows = [
        DecidedExperiment(str(n), chance=chance, won=chance > 0.8)
        for n, chance in enumerate(random.uniform(0, 1, 300).tolist())
    ]
    reading = fit_value_model(rows).workspace
    assert reading.chance(0.7) < 0.3
    assert reading.chance(0.95) > 0.9


def test_lucky_winners_do_not_count_in_full():
    """Every true lift is 0.02, and chance is as large; those above 0.04 won."""
    lifts = np.random.default_rng(1).normal(0.02, 0.02, 300).tolist()
    rows = [
        DecidedExperiment(str(n), claim_low=0.02, claim_high=0.02, chance=0.2, won=lift > 0.04,
                          lift=lift, variance=0.0004)
        for n, lift in enumerate(lifts)
    ]  # fmt: skip
    measured = np.mean([lift for lift in lifts if lift > 0.04])
    assert measured > 0.045
    assert fit_value_model(rows).workspace.lift(0.02) == pytest.approx(0.02, abs=0.004)


def test_days_are_corrected():
    assert model_of(TEAM["slow, 1.6 × the days"]).workspace.days_factor == pytest.approx(
        1.6, rel=0.05
    )


def test_what_it_rests_on_is_counted():
    ideas = ideas_of(TEAM["all of it"], 100, np.random.default_rng(3))
    rows = [
        dataclasses.replace(row, days_taken=None if n < 40 else row.days_taken)
        for n, row in enumerate(ideas.rows())
    ]
    expected = expected_value(claim=0.05, chance=0.7, days=10, model=fit_value_model(rows))
    assert (expected.parts.experiments, expected.parts.timed) == (100, 60)
    assert expected.parts.winners == int(ideas.won.sum())


def test_a_pod_is_read_by_its_own_experiments_and_a_small_one_like_the_workspace():
    rng = np.random.default_rng(4)
    rows = [row for team in MIXED for row in ideas_of(team, 120, rng).rows()]
    small = ideas_of(Team("small", slowness=9.0), FEWEST - 1, rng).rows()
    model = fit_value_model([*rows, *small])
    assert set(model.pods) == {"A", "B", "C", "D"}
    assert model.reading("A").days_factor == pytest.approx(1.0, abs=0.12)
    assert model.reading("D").days_factor == pytest.approx(1.6, abs=0.15)
    assert model.reading("A").lift(0.05) > 1.5 * model.reading("B").lift(0.05)
    assert model.reading("small") == model.workspace
    assert expected_value(claim=0.05, chance=0.5, days=5, model=model, pod="A").parts.is_of_pod


def test_one_pod_alone_is_read_nearly_like_its_workspace():
    model = model_of(TEAM["all of it"])
    own, workspace = model.reading("all of it"), model.workspace
    assert own.days_factor == pytest.approx(workspace.days_factor, rel=0.01)
    assert own.lift(0.05) == pytest.approx(workspace.lift(0.05), rel=0.05)


@pytest.mark.parametrize("team", TEAMS, ids=lambda team: team.name)
@given(seed=st.integers(0, 10_000), n=st.integers(0, 60))
def test_chances_rise_within_0_and_1_and_lifts_are_not_below_0(team, seed, n):
    model = model_of(team, n, seed)
    for reading in (model.workspace, *model.pods.values()):
        assert all(0 <= chance <= 1 for chance in reading.chances)
        assert list(reading.chances) == sorted(reading.chances)
        assert min(reading.lift(claim) for claim in (0.0, 0.01, 0.15)) >= 0
        assert 0 < reading.days_factor < 10


def test_all_winners_with_one_claim_are_no_division_by_zero():
    rows = [
        dataclasses.replace(row, claim_low=0.03, claim_high=0.03, won=True, chance=0.5)
        for row in ideas_of(TEAM["without bias"], 30, np.random.default_rng(1)).rows()
    ]
    reading = fit_value_model(rows).workspace
    assert reading.lift_slope == 1.0
    assert reading.chance(0.5) > 0.8


@pytest.mark.parametrize("wrong", [{"days": 0}, {"days": -1}, {"chance": 1.2}, {"chance": -0.1}])
def test_impossible_claims_are_refused(wrong):
    with pytest.raises(ValueError, match="above zero"):
        expected_value(**{"claim": 0.1, "chance": 0.5, "days": 1, "model": ValueModel(), **wrong})
