"""What the engines 1 to 4 computed stays as it was."""

import pytest

from experiments.stats import sample_ratio, superseded


@pytest.mark.parametrize(
    ("observed", "weights", "p_value", "code"),
    [
        ([821588, 815482], [1, 1], 1.8217928726191814e-06, "too-small-to-matter"),
        ([3, 9], [1, 1], 0.08326451666355042, "by-chance"),
        ([199, 1], [9999, 1], 3.999935e-12, "mismatch"),
    ],
)
def test_the_old_sample_ratio_is_kept(observed, weights, p_value, code):
    old = superseded.sample_ratio(observed, weights)
    assert old.p_value == pytest.approx(p_value, rel=1e-3)
    assert old.code == code
    assert sample_ratio(observed, weights).code != code or code == "by-chance"


def test_the_old_sequential_ratio_has_one_bayes_factor():
    old = superseded.sample_ratio_sequential([821588, 815482], [1, 1])
    assert old.p_value == pytest.approx(0.0014555554907708)
    assert not old.is_mismatch
