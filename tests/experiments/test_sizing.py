"""The calculator beside a plan: units, weeks and the curve, for any split and way of reading."""

import pytest

from experiments.plan.sizing import size_of
from experiments.stats import AnyTime, Design, inflation, sample_size


def test_the_calculator_plans_more_units_for_a_plan_that_may_be_read_at_any_time():
    figures = {"kind": "mean", "baseline": 50, "baseline_sd": 30, "smallest_effect": 0.05}
    fixed = size_of(**figures, units_per_week=4000)
    free = size_of(**figures, units_per_week=4000, design=Design(monitoring=AnyTime()))
    assert free.units_per_arm / fixed.units_per_arm == pytest.approx(inflation(AnyTime()), rel=1e-3)
    assert free.curve[3].lift > fixed.curve[3].lift


def test_the_calculator_knows_unequal_arms():
    figures = {
        "kind": "proportion",
        "baseline": 0.1,
        "smallest_effect": 0.1,
        "units_per_week": 9000,
    }
    sizing = size_of(**figures, design=Design(arms=3, weights=[2, 1, 1]))
    expected = sample_size(0.1, relative_effect=0.1, weights=[2, 1, 1])
    assert (sizing.units_per_arm, sizing.units) == (expected, 2 * expected)
    assert sizing.weeks == -(-2 * expected // 9000)
    curve = {point.weeks: point.lift for point in sizing.curve}
    assert curve[sizing.weeks] <= 0.1 < curve[sizing.weeks - 1]
