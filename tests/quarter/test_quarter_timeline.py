"""Whole weeks around any range: quarters of every month, each first weekday, and no clock in sight."""

import datetime as dt
import os
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backlog.calendar_days import months_later, quarter_around
from experiments.quarter.timeline import WEEK, six_weeks, timeline_of, week_start, weeks_of

FIRSTS = st.builds(dt.date, st.integers(1990, 2090), st.integers(1, 12), st.just(1))
WEEKDAYS = st.integers(0, 6)
DAYS = st.dates(dt.date(1990, 1, 1), dt.date(2090, 1, 1))


@given(FIRSTS, st.sampled_from([3, 6]), WEEKDAYS)
def test_a_quarter_of_any_month_and_a_half_year_are_whole_weeks_that_hold_all_their_days(
    first, months, weekday
):
    end = months_later(first, months)
    line = timeline_of(first, end, today=first, first_weekday=weekday)
    assert line.starts_on.weekday() == line.ends_on.weekday() == weekday
    assert first - line.starts_on < WEEK
    assert line.starts_on <= first
    assert dt.timedelta(0) <= line.ends_on - end < WEEK
    assert line.days == 7 * len(line.weeks)
    assert [week.starts_on for week in line.weeks] == list(
        weeks_of(first, end, first_weekday=weekday)
    )


@given(DAYS, st.integers(1, 12), WEEKDAYS)
def test_quarters_that_follow_each_other_share_at_most_the_week_on_their_border(
    day, start_month, weekday
):
    first, end = quarter_around(day, start_month=start_month)
    here = weeks_of(first, end, first_weekday=weekday)
    after = weeks_of(end, months_later(end, 3), first_weekday=weekday)
    assert set(here) & set(after) <= {week_start(end, first_weekday=weekday)}
    assert sorted({*here, *after}) == [here[0] + n * WEEK for n in range(len({*here, *after}))]


@given(FIRSTS, WEEKDAYS, st.integers(-30, 130), st.integers(-10, 130))
def test_a_span_covers_the_days_of_a_bar_that_are_seen_and_no_other(first, weekday, start, days):
    line = timeline_of(first, months_later(first, 3), today=first, first_weekday=weekday)
    begin = first + dt.timedelta(days=start)
    end = begin + dt.timedelta(days=days)
    seen = [
        n for n in range(line.days) if begin <= line.starts_on + dt.timedelta(days=n) < end
    ]  # fmt: skip
    span = line.span(begin, end)
    if not seen:
        assert span is None
        return
    assert (span.column, span.days) == (seen[0] + 1, len(seen))
    assert span.starts_before == (begin < line.starts_on)
    assert span.ends_after == (end > line.ends_on)


@given(DAYS, WEEKDAYS)
def test_today_is_in_exactly_one_week_of_its_range_and_in_none_of_another(day, weekday):
    first, end = six_weeks(day, first_weekday=weekday)
    line = timeline_of(first, end, today=day, first_weekday=weekday)
    assert [week.is_current for week in line.weeks] == [True] + 5 * [False]
    assert line.weeks[0].starts_on <= day <= line.weeks[0].last_day
    assert line.today_column == (day - first).days + 1
    assert timeline_of(first, end, today=end, first_weekday=weekday).today_column is None


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/Sao_Paulo", "Pacific/Apia", "UTC"])
def test_a_night_in_which_the_clocks_change_moves_nothing(zone, monkeypatch):
    """Each week of spring and autumn has seven days, whatever zone the machine is in."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = zone
    time.tzset()
    try:
        line = timeline_of(dt.date(2026, 3, 1), dt.date(2026, 12, 1), today=dt.date(2026, 3, 29))
        steps = {
            after.starts_on - week.starts_on
            for week, after in zip(line.weeks, line.weeks[1:], strict=False)
        }
        assert steps == {WEEK}
        assert line.today_column == 35
    finally:
        os.environ.pop("TZ") if before is None else os.environ.update(TZ=before)
        time.tzset()


def test_a_range_without_a_day_has_no_weeks_and_no_timeline():
    day = dt.date(2026, 10, 1)
    assert weeks_of(day, day) == ()
    with pytest.raises(ValueError, match="at least one day"):
        timeline_of(day, day, today=day)
