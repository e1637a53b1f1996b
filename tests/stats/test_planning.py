"""Sizes, detectable effects and run times: inverses of each other, and honest about the impossible."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.stats import detectable_effect, runtime, sample_size

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
