"""Lifetime value: what lies within the horizon, discounted to the day of entry."""

import datetime as dt
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.stats.lifetime import discount_factor, is_observed, lifetime_value

flows = st.lists(st.tuples(st.integers(-50, 900), st.floats(0, 1e6)), max_size=30)
DAY = dt.date(2026, 6, 1)


@given(flows, st.integers(1, 730), st.floats(0, 1), st.floats(0, 1))
def test_a_higher_rate_never_makes_it_worth_more(rows, horizon, one, other):
    low, high = sorted((one, other))
    at_low, at_high = (lifetime_value(rows, horizon=horizon, yearly_rate=r) for r in (low, high))
    assert at_high <= at_low * (1 + 1e-12)


@given(flows, st.integers(1, 730), st.integers(1, 730), st.floats(0, 1))
def test_a_longer_horizon_never_makes_it_worth_less(rows, one, other, rate):
    short, long = sorted((one, other))
    worth = [lifetime_value(rows, horizon=days, yearly_rate=rate) for days in (short, long)]
    assert worth[0] <= worth[1] * (1 + 1e-12)


@given(flows, flows, st.integers(1, 730), st.floats(0, 1))
def test_it_adds_up_over_amounts(one, other, horizon, rate):
    parts = [lifetime_value(rows, horizon=horizon, yearly_rate=rate) for rows in (one, other)]
    whole = lifetime_value([*one, *other], horizon=horizon, yearly_rate=rate)
    assert math.isclose(whole, sum(parts), rel_tol=1e-9, abs_tol=1e-6)


def test_it_is_the_present_value_of_a_known_annuity():
    """Twelve payments of 100, 30.4167 days apart at 10 % a year: against numpy's polynomial."""
    days = [round(30.4167 * month) for month in range(12)]
    expected = float(np.sum(100 * 1.1 ** (-np.array(days) / 365)))
    worth = lifetime_value([(day, 100.0) for day in days], horizon=365, yearly_rate=0.1)
    assert math.isclose(worth, expected, rel_tol=1e-12)
    assert lifetime_value([(day, 100.0) for day in days], horizon=365) == 1200


@pytest.mark.parametrize("horizon", [1, 30, 365])
def test_a_unit_is_observed_on_the_day_on_which_its_last_day_is_known(horizon):
    end = DAY + dt.timedelta(days=horizon - 1)
    assert is_observed(DAY, horizon=horizon, known_until=end)
    assert not is_observed(DAY, horizon=horizon, known_until=end - dt.timedelta(days=1))


def test_only_whole_horizons_compare_arms_without_bias():
    """An arm whose units came later looks poor by what is known so far, and not by whole horizons."""
    rng = np.random.default_rng(16)
    so_far, whole = [], []
    for share_late in (0.2, 0.8):
        late = rng.random(20_000) < share_late
        seen = np.where(late, 10, 100)  # days since the entry
        pays_on = rng.integers(0, 60, late.size)
        so_far.append(np.mean(pays_on < seen))
        whole.append(np.mean((pays_on < seen)[seen >= 60]))
    assert abs(so_far[0] - so_far[1]) > 0.3
    assert whole == [1.0, 1.0]


def test_what_cannot_be_is_refused():
    for arguments in ((-1, 0.1), (1, -0.1), (math.nan, 0.1)):
        with pytest.raises(ValueError, match="0 or more"):
            discount_factor(*arguments)
    with pytest.raises(ValueError, match="at least one day"):
        lifetime_value([], horizon=0)
