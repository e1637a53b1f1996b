"""Experiments on ways of working are exact, and called weak when they are weak."""

import itertools

import numpy as np
import pytest
from scipy import stats

from experiments.learning.process import (
    FEW,
    ProcessUnit,
    Strength,
    assign_clusters,
    process_result,
    smallest_p,
    strength_of,
)


def units_of(control, treated):
    return [
        ProcessUnit(f"{name}{n}", name == "t", float(value))
        for name, values in (("c", control), ("t", treated))
        for n, value in enumerate(values)
    ]


def test_p_is_that_of_all_relabellings():
    control, treated = [3.0, 4.1, 5.2, 4.4, 2.0], [6.0, 7.2, 5.1, 8.3, 4.0]
    result = process_result(units_of(control, treated))
    outside = stats.permutation_test(
        (treated, control), lambda x, y: np.mean(x) - np.mean(y), n_resamples=np.inf
    )
    assert result.p_value == pytest.approx(outside.pvalue)
    assert (result.permutations, result.is_exact) == (252, True)
    assert result.difference == pytest.approx(np.mean(treated) - np.mean(control))


def test_the_interval_holds_the_differences_that_are_not_rejected():
    control, treated = [3.0, 4.1, 5.2, 4.4, 2.0], [6.0, 7.2, 5.1, 8.3, 4.0]
    result = process_result(units_of(control, treated))
    for shift, is_rejected in (
        (result.low - 0.01, True), (result.low + 0.01, False),
        (result.high - 0.01, False), (result.high + 0.01, True),
    ):  # fmt: skip
        moved = [value - shift for value in treated]
        assert (process_result(units_of(control, moved)).p_value <= 0.05) == is_rejected


def test_intervals_hold_the_truth_at_least_as_often_as_they_promise():
    random = np.random.default_rng(3)
    held = 0
    for _ in range(60):
        control, treated = random.normal(0, 1, 5), random.normal(1.5, 1, 5)
        result = process_result(units_of(control, treated))
        held += result.low <= 1.5 <= result.high
    assert held >= 53


def test_a_cluster_counts_once_however_many_units_it_has():
    units = units_of([1, 2, 3, 4], [5, 6, 7, 8])
    many = [*units, *[ProcessUnit("t3", True, 8.0)] * 50]
    assert process_result(many).p_value == process_result(units).p_value
    assert process_result(many).units == 58
    spread = [*units, ProcessUnit("t3", True, 6.0), ProcessUnit("t3", True, 10.0)]
    assert process_result(spread).difference == process_result(units).difference


def test_three_units_cannot_show_anything_and_have_a_code_for_that():
    result = process_result(units_of([1.0], [100.0, 101.0]))
    assert result.strength == Strength.CANNOT_SHOW
    assert result.smallest_p == pytest.approx(2 / 3)
    assert result.p_value == pytest.approx(2 / 3)
    assert (result.low, result.high) == (None, None)


def test_an_arm_without_a_cluster_is_no_comparison():
    result = process_result(units_of([], [1.0, 2.0]))
    assert (result.strength, result.p_value) == (Strength.NO_COMPARISON, None)
    assert process_result([]).units == 0


@pytest.mark.parametrize(("control", "treated"), list(itertools.product(range(1, 6), repeat=2)))
def test_the_smallest_p_is_that_of_arms_that_do_not_overlap(control, treated):
    apart = units_of(range(control), range(100, 100 + treated))
    assert process_result(apart).p_value == pytest.approx(smallest_p(control, treated))
    assert (strength_of(control, treated) == Strength.CANNOT_SHOW) == (
        smallest_p(control, treated) > 0.05
    )


def test_few_clusters_are_weak_and_more_are_not():
    assert strength_of(FEW - 1, 20) == Strength.WEAK
    assert strength_of(FEW, FEW) == Strength.USABLE
    assert process_result(units_of([1, 2, 3, 4], [5, 6, 7, 8])).strength == Strength.WEAK


def test_many_clusters_get_welchs_interval():
    random = np.random.default_rng(1)
    control, treated = random.normal(0, 1, 30), random.normal(1, 1, 30)
    result = process_result(units_of(control, treated))
    welch = stats.ttest_ind(treated, control, equal_var=False).confidence_interval()
    assert (result.low, result.high) == pytest.approx((welch.low, welch.high))
    assert not result.is_exact


def test_a_cluster_works_in_one_way():
    with pytest.raises(ValueError, match="one way"):
        process_result([ProcessUnit("A", True, 1.0), ProcessUnit("A", False, 1.0)])


def test_a_missing_value_is_refused():
    with pytest.raises(ValueError, match="finite"):
        process_result(units_of([1.0, float("nan")], [2.0, 3.0]))


def test_the_lot_is_even_and_the_same_each_time():
    clusters = [f"pod-{n}" for n in range(9)]
    lot = assign_clusters(clusters, salt="a")
    assert sum(lot.values()) == 4
    assert assign_clusters(reversed(clusters), salt="a") == lot
    treated = [
        sum(assign_clusters(clusters, salt=str(n))[pod] for n in range(200)) for pod in clusters
    ]
    assert min(treated) > 60
    assert max(treated) < 120
