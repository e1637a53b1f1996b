"""Intervals that agree with the adjusted p, and how often they miss."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr, ndtri

from experiments.stats import adjust_pvalues, adjusted_levels, cut_at_null

METHODS = ("holm", "benjamini-hochberg")


def interval(z, level):
    reach = ndtri((1 + level) / 2)
    return z - reach, z + reach


def shown(z, *, method, alpha=0.05):
    """The intervals of normal estimates with a spread of 1, as a page would draw them."""
    levels = adjusted_levels(2 * ndtr(-np.abs(z)), alpha=alpha, method=method)
    ends = [
        cut_at_null(*interval(one, level), difference=one, is_rejected=bool(rejected))
        for one, level, rejected in zip(z, levels.confidence, levels.is_rejected, strict=True)
    ]
    return levels, np.array(ends)


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=200, deadline=None)
@given(st.lists(st.floats(-6, 6), min_size=1, max_size=12), st.floats(0.001, 0.3))
def test_an_interval_leaves_the_null_out_where_the_adjusted_p_says_so(method, z, alpha):
    p = 2 * ndtr(-np.abs(np.array(z)))
    levels = adjusted_levels(p, alpha=alpha, method=method)
    assert (levels.is_rejected == (adjust_pvalues(p, method=method) <= alpha)).all()
    for one, level, rejected in zip(z, levels.confidence, levels.is_rejected, strict=True):
        low, high = interval(one, level)
        if not rejected:
            assert low <= 1e-9
            assert high >= -1e-9
        elif method == "benjamini-hochberg":
            assert low >= -1e-9 or high <= 1e-9
        low, high = cut_at_null(low, high, difference=one, is_rejected=bool(rejected))
        assert (low >= 0 or high <= 0) == rejected or 0.0 in (low, high)


def test_one_comparison_keeps_the_level_of_the_plan():
    for p in (0.001, 0.7):
        for method in METHODS:
            assert adjusted_levels([p], alpha=0.1, method=method).confidence.tolist() == [0.9]


def test_untested_comparisons_are_not_counted():
    levels = adjusted_levels([0.01, None, float("nan"), 0.9])
    assert levels.is_rejected.tolist() == [True, False, False, False]
    assert levels.confidence.tolist() == pytest.approx([0.975, np.nan, np.nan, 0.95], nan_ok=True)
    assert adjusted_levels([]).confidence.size == 0


@pytest.mark.parametrize(
    ("truth", "most"),
    [([0.0] * 4, 0.05), ([8.0] * 4, 0.05), ([0.3] * 4, 0.05), ([8.0, 8.0, 0.0, 0.0], 0.075)],
)
def test_the_intervals_of_holm_miss_as_often_as_their_page_says(truth, most):
    rng = np.random.default_rng(20261129)
    runs = 4000
    missed = 0
    for z in rng.normal(truth, 1, (runs, 4)):
        _, ends = shown(z, method="holm")
        missed += bool(((ends[:, 0] > truth) | (ends[:, 1] < truth)).any())
    assert missed / runs <= most + 2 * np.sqrt(most / runs)
    assert missed / runs >= most / 4


def test_of_the_rejected_ones_a_share_of_at_most_alpha_misses():
    rng = np.random.default_rng(20261129)
    truth = np.r_[np.zeros(12), np.full(8, 2.5)]
    shares = []
    for z in rng.normal(truth, 1, (3000, 20)):
        levels, ends = shown(z, method="benjamini-hochberg")
        missed = (ends[:, 0] > truth) | (ends[:, 1] < truth)
        count = levels.is_rejected.sum()
        shares.append((missed & levels.is_rejected).sum() / max(count, 1))
    assert np.mean(shares) <= 0.05 + 0.004
    assert np.mean(shares) >= 0.01


@pytest.mark.parametrize(
    ("p", "options"),
    [([1.5], {}), ([-0.1], {}), ([0.5], {"alpha": 0}), ([0.5], {"method": "none"}), ([[0.5]], {})],
)
def test_what_is_no_p_or_no_method_is_refused(p, options):
    with pytest.raises(ValueError, match=r"p-values|alpha|method"):
        adjusted_levels(p, **options)


@pytest.mark.parametrize(
    ("ends", "difference", "is_rejected", "null", "expected"),
    [
        ((-0.2, 3.0), 1.4, True, 0.0, (0.0, 3.0)),
        ((-3.0, 0.2), -1.4, True, 0.0, (-3.0, 0.0)),
        ((0.1, 3.0), 1.4, False, 0.0, (0.0, 3.0)),
        ((-3.0, -0.1), -1.4, False, 0.0, (-3.0, 0.0)),
        ((0.5, 3.0), 1.4, True, 0.0, (0.5, 3.0)),
        ((None, 0.2), -1.4, True, 0.0, (None, 0.0)),
        ((-2.0, None), 0.5, True, -1.0, (-1.0, None)),
    ],
)
def test_an_end_beyond_the_null_is_moved_to_it(ends, difference, is_rejected, null, expected):
    assert cut_at_null(*ends, difference=difference, is_rejected=is_rejected, null=null) == expected
