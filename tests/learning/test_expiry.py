"""A learning expires a season of its metric after its newest evidence."""

import datetime as dt

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from experiments.learning.expiry import days_left, expires_on

DAYS = st.dates(dt.date(2000, 1, 1), dt.date(2100, 1, 1))


def test_a_year_without_a_season():
    assert expires_on(dt.date(2024, 2, 29)) == dt.date(2025, 2, 28)


@example(dt.date(2026, 1, 30), 2)
@example(dt.date(2026, 1, 31), 3)
@given(DAYS, st.integers(1, 60))
def test_it_is_that_many_months_on_and_the_same_day_or_the_last(day, season):
    expiry = expires_on(day, season)
    months = (expiry.year - day.year) * 12 + expiry.month - day.month
    assert months == season
    is_last = (expiry + dt.timedelta(days=1)).day == 1
    assert expiry.day == day.day or (is_last and expiry.day < day.day)


@given(DAYS, DAYS)
def test_days_left_are_zero_on_the_day_of_expiry(expiry, today):
    assert today + dt.timedelta(days=days_left(expiry, today)) == expiry


def test_a_season_of_no_month_is_refused():
    with pytest.raises(ValueError, match="one month"):
        expires_on(dt.date(2026, 1, 1), 0)
