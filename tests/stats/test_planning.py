"""Sizes, detectable effects and run times: inverses of each other, and honest about the impossible."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.stats import Proportion, compare_many, detectable_effect, runtime, sample_size

sides = st.sampled_from(["two-sided", "greater"])


@settings(deadline=None)
@given(st.floats(0.001, 0.6), st.floats(0.005, 0.5), st.floats(0.5, 0.99), sides, st.integers(2, 8))
def test_size_and_detectable_effect_of_shares_are_inverses(baseline, effect, power, side, arms):
    plan = {"power": power, "alternative": side, "arms": arms}
    units = sample_size(baseline, relative_effect=effect, exact=True, **plan)
    if units > 2:
        found = detectable_effect(baseline, units_per_arm=units, **plan)
        assert found == pytest.approx(effect, rel=1e-6)


@settings(deadline=None, max_examples=40)
@given(
    st.floats(-100, 100).filter(lambda x: abs(x) > 0.1),
    st.floats(0.001, 1.0),
    st.floats(0.1, 1e4),
    sides,
    st.integers(2, 5),
)
def test_size_and_detectable_effect_of_means_are_inverses(baseline, effect, variance, side, arms):
    plan = {"variance": variance, "alternative": side, "arms": arms}
    units = sample_size(baseline, relative_effect=effect, exact=True, **plan)
    if units > 2:
        found = detectable_effect(baseline, units_per_arm=units, **plan)
        assert found == pytest.approx(effect, rel=1e-6)


def test_a_fall_is_planned_for_too():
    units = sample_size(0.1, relative_effect=-0.1, exact=True)
    assert detectable_effect(0.1, units_per_arm=units, alternative="two-sided") > 0
    one_sided = sample_size(0.1, relative_effect=-0.1, alternative="less", exact=True)
    assert detectable_effect(0.1, units_per_arm=one_sided, alternative="less") == pytest.approx(
        -0.1
    )


def test_more_arms_power_or_certainty_cost_more_units():
    plan = {"baseline": 0.2, "relative_effect": 0.05}
    least = sample_size(**plan)
    assert sample_size(**plan, arms=3) > least
    assert sample_size(**plan, power=0.9) > least
    assert sample_size(**plan, alpha=0.01) > least
    assert sample_size(**plan, alternative="greater") < least


def test_three_arms_are_planned_for_the_first_step_of_holm():
    assert sample_size(0.2, relative_effect=0.05, arms=3, exact=True) == pytest.approx(
        sample_size(0.2, relative_effect=0.05, alpha=0.025, exact=True)
    )


@pytest.mark.parametrize(
    "plan",
    [
        {"baseline": 0.0, "relative_effect": 0.1},
        {"baseline": 1.0, "relative_effect": 0.1},
        {"baseline": 0.6, "relative_effect": 1.0},
        {"baseline": 0.1, "relative_effect": 0.0},
        {"baseline": 10.0, "relative_effect": 0.1, "variance": 0.0},
        {"baseline": 0.1, "relative_effect": 0.1, "power": 1.0},
        {"baseline": 0.1, "relative_effect": 0.1, "alpha": 0.9},
        {"baseline": 0.1, "relative_effect": 0.1, "arms": 1},
    ],
)
def test_plans_that_cannot_be_are_refused_with_a_sentence(plan):
    with pytest.raises(ValueError, match=r"\w+ \w+ \w+"):
        sample_size(**plan)


def test_too_few_units_detect_nothing_that_is_possible():
    assert detectable_effect(0.9, units_per_arm=20) is None
    assert detectable_effect(10.0, units_per_arm=1, variance=4.0) is None


def test_runtime_is_weeks_of_traffic():
    assert runtime(14751, arms=2, units_per_week=6000) == pytest.approx(4.917)
    assert runtime(14751, arms=2, units_per_week=6000, share=0.5) == pytest.approx(9.834)
    with pytest.raises(ValueError, match="the audience brings no units"):
        runtime(100, units_per_week=0)


def test_unequal_arms_cost_more_in_all_and_are_inverses():
    for plan in ({}, {"variance": 4.0}):
        even = sample_size(0.2, relative_effect=0.2, exact=True, **plan)
        skewed = sample_size(0.2, relative_effect=0.2, allocation=4.0, exact=True, **plan)
        assert skewed < even
        assert skewed * 5 > even * 2
        found = detectable_effect(0.2, units_per_arm=skewed, allocation=4.0, **plan)
        assert found == pytest.approx(0.2, rel=1e-6)


@pytest.mark.parametrize("allocation", [0.25, 1.0, 3.0])
def test_the_power_of_unequal_arms_is_as_planned(allocation):
    rng = np.random.default_rng(17)
    n = sample_size(0.1, relative_effect=0.3, allocation=allocation)
    k = round(n * allocation)
    x, y = rng.binomial(n, 0.1, 20_000), rng.binomial(k, 0.13, 20_000)
    effect = compare_many(Proportion(np.full(20_000, n), x), Proportion(np.full(20_000, k), y))
    assert (effect.p_value <= 0.05).mean() == pytest.approx(0.8, abs=0.02)


def test_the_power_against_a_margin_is_as_planned():
    rng = np.random.default_rng(18)
    n = sample_size(0.1, relative_effect=0.0, alternative="greater", margin=0.02)
    x = rng.binomial(n, 0.1, (2, 20_000))
    arms = [Proportion(np.full(20_000, n), arm) for arm in x]
    effect = compare_many(*arms, alternative="greater", margin=0.02)
    assert (effect.p_value <= 0.05).mean() == pytest.approx(0.8, abs=0.015)


def test_a_margin_for_means_is_an_effect_to_be_seen():
    against = sample_size(
        10, relative_effect=0.0, variance=4.0, alternative="greater", margin=0.5, exact=True
    )
    plain = sample_size(10, relative_effect=0.05, variance=4.0, alternative="greater", exact=True)
    assert against == pytest.approx(plain)


def test_a_margin_without_a_direction_is_refused():
    with pytest.raises(ValueError, match="direction"):
        sample_size(0.1, relative_effect=0.0, margin=0.01)
    with pytest.raises(ValueError, match="above zero"):
        sample_size(0.1, relative_effect=0.1, allocation=0.0)
