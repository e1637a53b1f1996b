"""The sample ratio: flagged only when it is both surprising and large enough to matter."""

import pytest

from experiments.stats import sample_ratio


@pytest.mark.parametrize(
    ("observed", "weights", "is_mismatch"),
    [
        ([44700, 45489], [1, 1], False),  # p = .0086: chance
        ([821588, 815482], [1, 1], False),  # p = 1.8e-6 but 0.4 % off
        ([10**9, 10**9 + 400_000], [1, 1], False),  # 0.02 % off at a billion
        ([5000, 5600], [1, 1], True),
        ([9000, 1200], [9, 1], True),
        ([9000, 1010], [9, 1], False),
        ([999_900, 100], [9999, 1], False),
        ([100, 100, 100, 400], [1, 1, 1, 1], True),
        ([500] * 14, [1] * 14, False),
    ],
)
def test_a_mismatch_is_surprising_and_large(observed, weights, is_mismatch):
    balance = sample_ratio(observed, weights)
    assert balance.is_mismatch == is_mismatch
    assert balance.explanation


def test_expected_counts_follow_the_designed_weights():
    balance = sample_ratio([700, 300], [3, 1])
    assert balance.expected == (750, 250)
    assert balance.observed == (700, 300)
    assert balance.max_deviation == pytest.approx(0.2)


def test_p_goes_on_in_logs_where_it_underflows():
    balance = sample_ratio([10**6, 2 * 10**6], [1, 1])
    assert 0 < balance.p_value < 1e-300
    assert balance.log10_p == pytest.approx(-72385.273, abs=1e-3)


@pytest.mark.parametrize(
    ("observed", "weights", "why_not", "is_mismatch"),
    [
        ([0, 0], [1, 1], "no-units", False),
        ([10, 0], [1, 0], "one-arm", False),
        ([10, 5], [1, 0], "unplanned-arm", True),
    ],
)
def test_what_cannot_be_tested_has_a_name(observed, weights, why_not, is_mismatch):
    balance = sample_ratio(observed, weights)
    assert (balance.why_not, balance.is_mismatch, balance.p_value) == (why_not, is_mismatch, None)


@pytest.mark.parametrize(
    ("observed", "weights"), [([1, 2], [1]), ([1, 2], [0, 0]), ([1, 2], [1, -1]), ([-1, 2], [1, 1])]
)
def test_weights_that_cannot_be_are_refused(observed, weights):
    with pytest.raises(ValueError, match=r"weight|units"):
        sample_ratio(observed, weights)
