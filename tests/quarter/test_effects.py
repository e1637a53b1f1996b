"""What fewer people and shorter runs do to the detectable effect."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.plan.sizing import size_of
from experiments.quarter.effects import EffectFacts, detectable_lift, effect_change, loss_of

RATE = EffectFacts(baseline=0.10, units_per_week=6000, matters=0.12)
MEAN = EffectFacts(baseline=40, kind="mean", sd=25, units_per_week=3000, reading="any-time")


@pytest.mark.parametrize("facts", [RATE, MEAN])
@given(days=st.integers(7, 80), loss=st.floats(0, 0.9), more=st.floats(0, 0.09))
def test_fewer_people_and_fewer_days_never_show_more(facts, days, loss, more):
    lift = detectable_lift(facts, days, loss)
    assert lift > 0
    assert detectable_lift(facts, days, loss + more) >= lift - 1e-9
    assert detectable_lift(facts, days - 1, loss) >= lift - 1e-9


def test_losing_half_is_like_running_half_as_long():
    assert detectable_lift(RATE, 28, 0.5) == pytest.approx(detectable_lift(RATE, 14))


def test_it_agrees_with_the_calculator_of_the_plan():
    sizing = size_of(kind="proportion", baseline=0.10, smallest_effect=0.10, units_per_week=6000)
    for point in sizing.curve:
        assert detectable_lift(RATE, 7 * point.weeks) == pytest.approx(point.lift)


def test_a_change_is_in_lifts_and_in_points_and_says_whether_it_could_miss_what_matters():
    change = effect_change(RATE, days_before=28, days_after=21, loss=0.31)
    assert change.before_points == pytest.approx(change.before * 0.1)
    assert change.after_points == pytest.approx(change.after * 0.1)
    assert change.is_worse
    assert change.could_miss
    same = effect_change(RATE, days_before=28, days_after=28)
    assert not same.is_worse
    assert not same.could_miss
    assert not effect_change(
        MEAN, days_before=28, days_after=7
    ).could_miss  # nobody said what matters


@pytest.mark.parametrize(("days", "loss", "facts"), [
    (0, 0, RATE),
    (28, 1, RATE),
    (28, 0, EffectFacts(baseline=0, units_per_week=6000)),
    (28, 0, EffectFacts(baseline=1.5, units_per_week=6000)),
    (28, 0, EffectFacts(baseline=40, kind="mean", units_per_week=6000)),
    (28, 0, EffectFacts(baseline=0.1, units_per_week=0)),
    (28, 0, EffectFacts(baseline=0.9, units_per_week=5)),
])  # fmt: skip
def test_what_cannot_be_told_is_none(days, loss, facts):
    assert detectable_lift(facts, days, loss) is None
    assert effect_change(facts, days_before=days, days_after=days, loss=loss).after is None


def test_nothing_left_is_worse_and_could_miss():
    change = effect_change(RATE, days_before=28, days_after=28, loss=1)
    assert change.is_worse
    assert change.could_miss


@given(st.lists(st.floats(0, 1), max_size=5))
def test_several_losses_lie_between_the_largest_and_their_sum(losses):
    loss = loss_of(losses)
    assert max(losses, default=0) - 1e-9 <= loss <= min(1, sum(losses)) + 1e-9
