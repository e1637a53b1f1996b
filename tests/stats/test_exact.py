"""Exact tests on request: Boschloo's for two proportions, permutations for tiny samples."""

import math
from itertools import product

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.stats import Proportion, compare, compare_many, permutation_test
from experiments.stats.boschloo import MOST_UNITS, boschloo
from experiments.stats.exact import fisher
from experiments.stats.permutations import DRAWN
from experiments.stats.tails import array

SIDES = ["two-sided", "greater", "less"]
TABLES = [
    (1, 20, 7, 20),
    (0, 9, 4, 11),
    (15, 19, 20, 21),
    (2, 4, 6, 7),
    (5, 6, 5, 6),
    (9, 30, 2, 55),
]


@pytest.mark.parametrize("alternative", SIDES)
@pytest.mark.parametrize("table", TABLES)
def test_boschloo_is_that_of_scipy(table, alternative):
    x_c, n_c, x_t, n_t = table
    p, log10_p = boschloo(*map(array, ([x_c], [n_c], [x_t], [n_t])), alternative)
    expected = scipy.stats.boschloo_exact(
        [[x_t, x_c], [n_t - x_t, n_c - x_c]], alternative=alternative
    ).pvalue
    assert p[0] == pytest.approx(min(expected, 1.0), rel=1e-6)
    assert log10_p[0] == pytest.approx(math.log10(p[0]))


@settings(deadline=None, max_examples=25)
@given(st.integers(2, 40), st.integers(2, 40), st.floats(0, 1), st.floats(0, 1))
def test_boschloo_finds_at_least_what_fisher_finds_and_turns_with_the_arms(n_c, n_t, c, t):
    table = [array(round(v)) for v in (c * n_c, n_c, t * n_t, n_t)]
    for side, other in (("greater", "less"), ("less", "greater"), ("two-sided",) * 2):
        p = boschloo(*table, side)[0]
        assert p == pytest.approx(boschloo(table[2], table[3], table[0], table[1], other)[0])
        if side != "two-sided":
            assert p <= fisher(*table, side)[0] * (1 + 1e-9)


@pytest.mark.parametrize("n", [7, 12])
def test_boschloo_never_errs_too_often(n):
    """Goes through all tables of two arms, at many common shares."""
    tables = np.array(list(product(range(n + 1), range(n + 1)))).T.astype(float)
    p, _ = boschloo(tables[0], array(n), tables[1], array(n), "two-sided")
    for share in np.linspace(0.02, 0.98, 25):
        chance = scipy.stats.binom.pmf(tables[0], n, share)
        chance = chance * scipy.stats.binom.pmf(tables[1], n, share)
        assert chance[p <= 0.05].sum() <= 0.05 + 1e-12


def test_it_takes_the_place_of_fisher_where_a_cell_is_small_and_only_there():
    small, large = (
        (Proportion(20, 1), Proportion(20, 7)),
        (Proportion(400, 100), Proportion(400, 90)),
    )
    assert compare(*small).method == "fisher"
    exact = compare(*small, exact="boschloo")
    assert exact.method == "boschloo"
    assert exact.p_value == pytest.approx(0.02150209532, rel=1e-9)
    assert exact.p_value < compare(*small).p_value
    assert (exact.low, exact.high) == (compare(*small).low, compare(*small).high)
    assert exact.explanation.startswith("Boschloo's exact test gives p")
    assert compare(*large, exact="boschloo").method == "pooled-z"
    with pytest.raises(ValueError, match="exact"):
        compare(*small, exact="barnard")


def test_boschloo_in_a_batch_is_the_loop():
    arms = (
        Proportion([20, 400, 0, 600], [1, 100, 0, 2]),
        Proportion([20, 400, 5, 600], [7, 90, 1, 9]),
    )
    batch = compare_many(*arms, exact="boschloo")
    assert batch.method.tolist()[:2] == ["boschloo", "pooled-z"]
    for place in range(4):
        pair = (Proportion(int(arm.n[place]), int(arm.successes[place])) for arm in arms)
        assert batch[place] == compare(*pair, exact="boschloo")


def test_too_many_units_for_boschloo_are_said():
    arms = Proportion(MOST_UNITS, 2), Proportion(5, 3)
    effect = compare(*arms, exact="boschloo")
    assert (effect.p_value, effect.log10_p, effect.why_not) == (None, None, "too-many-for-boschloo")
    assert effect.low == compare(*arms).low
    assert "1,000 units" in effect.explanation
    assert f"{MOST_UNITS:,}" == "1,000"
    just = compare(Proportion(MOST_UNITS - 5, 2), Proportion(5, 3), exact="boschloo")
    assert just.p_value < 1e-4


SAMPLES = [
    ([3, 4, 5, 4], [6, 7, 5, 8]),
    ([1.5, 2.5, 2.5], [2.5, 0.5, 9.0, 1.0, 7.5]),
    ([1, 2, 3], [3, 1, 2]),
    ([5, 6], [7, 8, 9, 1e9]),
]


def of_scipy(control, treatment, alternative, kind):
    return scipy.stats.permutation_test(
        (treatment, control),
        lambda t, c: np.mean(t) - np.mean(c),
        permutation_type=kind,
        alternative=alternative,
        n_resamples=np.inf,
    )


@pytest.mark.parametrize("alternative", SIDES)
@pytest.mark.parametrize("sample", SAMPLES)
def test_a_permutation_test_of_two_groups_is_that_of_scipy(sample, alternative):
    expected = of_scipy(*sample, alternative, "independent")
    result = permutation_test(*sample, alternative=alternative)
    assert result.is_exact
    assert result.permutations == math.comb(sum(map(len, sample)), len(sample[0]))
    assert result.difference == pytest.approx(expected.statistic)
    assert result.p_value == pytest.approx(expected.pvalue, rel=1e-12)


@pytest.mark.parametrize("alternative", SIDES)
def test_a_permutation_test_of_pairs_is_that_of_scipy(alternative):
    sample = [2.5, 3.0, 1.0, 4.0, 2.0, 2.2], [3.5, 3.0, 2.5, 4.1, 1.5, 3.9]
    expected = of_scipy(*sample, alternative, "samples")
    result = permutation_test(*sample, alternative=alternative, paired=True)
    assert (result.is_exact, result.permutations) == (True, 64)
    assert result.p_value == pytest.approx(expected.pvalue, rel=1e-12)


@pytest.mark.parametrize("paired", [False, True])
def test_beyond_the_limit_relabellings_are_drawn_and_p_is_never_zero(paired):
    rng = np.random.default_rng(8)
    control, treatment = rng.normal(0, 1, 30), rng.normal(0.7, 1, 30)
    result = permutation_test(control, treatment, paired=paired)
    assert (result.is_exact, result.permutations) == (False, DRAWN)
    test = scipy.stats.ttest_rel if paired else scipy.stats.ttest_ind
    assert result.p_value == pytest.approx(test(treatment, control).pvalue, rel=0.12)
    assert result == permutation_test(control, treatment, paired=paired)
    assert result != permutation_test(control, treatment, paired=paired, seed=1)
    far = permutation_test(control, treatment + 9, paired=paired, alternative="greater")
    assert far.p_value == 1 / (DRAWN + 1)


def test_what_cannot_be_permuted_is_named_or_refused():
    nobody = permutation_test([], [1.0])
    assert (nobody.p_value, nobody.difference, nobody.why_not) == (None, None, "no-units")
    with pytest.raises(ValueError, match="as many values"):
        permutation_test([1, 2], [1], paired=True)
    assert permutation_test([1, math.nan], [1]).why_not == "missing-numbers"
    assert permutation_test([1, math.inf], [1]).why_not == "out-of-range"
    with pytest.raises(ValueError, match="alternative"):
        permutation_test([1], [2], alternative="up")
