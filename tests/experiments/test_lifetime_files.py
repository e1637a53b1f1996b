"""Lifetime values in a file of units: the horizon, the discount, and who is not observed to the end."""

import datetime as dt
import math
import random
from statistics import fmean, variance

import pytest

from experiments.results_file import FileProblem, Mapping, MetricColumns, read
from experiments.stats.lifetime import is_observed, lifetime_value

LABELS = {"A": "Control", "B": "New"}
START = dt.date(2026, 3, 1)


@pytest.fixture
def write(tmp_path):
    def write_file(content):
        path = tmp_path / "flows.csv"
        path.write_text(content, encoding="utf-8")
        return path

    return write_file


def metric(**fields):
    return MetricColumns(
        "Worth", "mean", "amount",
        **{"horizon": 30, "discount": 0.1, "value_day": "paid_on", **fields},
    )  # fmt: skip


def reading_of(path, *, unit="user", day="entered", answers=None, **fields):
    mapping = Mapping(
        "units", "arm", unit, day=day, accumulation="daily" if day else "total",
        metrics=(metric(**fields),), answers=answers or {},
    )  # fmt: skip
    return read(path, mapping, labels=LABELS, control="Control")


def table(rows):
    return "user,arm,entered,paid_on,amount\n" + "\n".join(",".join(map(str, row)) for row in rows)


def is_said(reading, words):
    return any(words in warning for warning in reading.warnings)


@pytest.mark.parametrize("seed", range(4))
def test_it_is_what_the_arithmetic_says_unit_by_unit(write, seed):
    """Random payments, summed by the database and by the plain function."""
    dice = random.Random(seed)
    until, horizon, rate = START + dt.timedelta(days=90), dice.choice([1, 30, 60]), 0.12
    rows, worth = [], {"A": [], "B": []}
    left_out = {"A": 0, "B": 0}
    for user in range(300):
        arm, entered = dice.choice("AB"), START + dt.timedelta(days=dice.randrange(85))
        flows = [(dice.randrange(-3, 100), round(dice.uniform(0.5, 90), 2)) for _ in range(dice.randrange(1, 5))]  # fmt: skip
        rows += [(user, arm, entered, entered + dt.timedelta(days=day), amount) for day, amount in flows]  # fmt: skip
        if is_observed(entered, horizon=horizon, known_until=until):
            worth[arm].append(lifetime_value(flows, horizon=horizon, yearly_rate=rate))
        else:
            left_out[arm] += 1
    dice.shuffle(rows)
    reading = reading_of(
        write(table(rows)), horizon=horizon, discount=rate, known_until=until.isoformat()
    )
    for label, arm in LABELS.items():
        sample = reading.samples["Worth"][arm]
        assert sample.n == len(worth[label])
        assert math.isclose(sample.mean, fmean(worth[label]), rel_tol=1e-9)
        assert math.isclose(sample.variance, variance(worth[label]), rel_tol=1e-6)
        assert reading.horizons["Worth"].left_out[arm] == left_out[label]
    assert sum(reading.units.values()) == 300, "everybody counts for the balance of the arms"
    assert reading.missing["Worth"] == 0


def test_who_is_not_observed_to_the_end_is_counted_by_arm_and_left_out(write):
    rows = [
        (1, "A", "2026-03-01", "2026-03-02", 10), (2, "A", "2026-03-20", "2026-03-21", 99),
        (3, "B", "2026-03-02", "2026-03-02", 20), (4, "B", "2026-03-25", "2026-03-31", 99),
        (5, "B", "2026-03-30", "2026-03-31", 99),
    ]  # fmt: skip
    reading = reading_of(write(table(rows)), known_until="2026-03-31", discount=0.0)
    horizon = reading.horizons["Worth"]
    assert (horizon.left_out, horizon.units) == (
        {"Control": 1, "New": 2}, {"Control": 2, "New": 3},
    )  # fmt: skip
    assert is_said(reading, "3 of 5 units are not yet observed to the end of the 30 days of “Worth” on 31 Mar 2026.")  # fmt: skip
    assert not is_said(reading, "no value in “Worth” and count only")
    assert {arm: one.mean for arm, one in reading.samples["Worth"].items()} == {
        "Control": 10.0, "New": 20.0,
    }  # fmt: skip
    assert {row["day"] for row in reading.by_day} == {"2026-03-01", "2026-03-02"}


def test_without_a_day_the_last_day_of_the_file_is_the_last_known_one(write):
    rows = [
        (1, "A", "2026-03-01", "2026-03-30", 10), (2, "B", "2026-03-01", "2026-03-02", 10),
        (3, "A", "2026-03-02", "2026-03-03", 10), (4, "B", "2026-03-02", "2026-03-04", 10),
    ]  # fmt: skip
    horizon = reading_of(write(table(rows))).horizons["Worth"]
    assert horizon.known_until == "2026-03-30"
    assert horizon.left_out == {"Control": 1, "New": 1}


def test_amounts_outside_of_the_horizon_count_nothing_and_are_named(write):
    rows = [
        (1, "A", "2026-03-01", "2026-02-27", 500), (1, "A", "2026-03-01", "2026-03-01", 10),
        (1, "A", "2026-03-01", "2026-03-31", 500), (2, "B", "2026-03-01", "2026-03-30", 20),
    ]  # fmt: skip
    reading = reading_of(write(table(rows)), known_until="2026-12-31", discount=0.0)
    assert [one.mean for one in reading.samples["Worth"].values()] == [10.0, 20.0]
    assert is_said(reading, "2 rows have an amount from before the entry or after the 30 days")


def test_the_entry_of_a_unit_is_its_first_day(write):
    """A file of payments may repeat the entry, or name the day of each visit."""
    rows = [
        (1, "A", "2026-03-01", "2026-03-02", 10), (1, "A", "2026-03-20", "2026-04-05", 500),
        (2, "B", "2026-03-01", "2026-03-02", 20),
    ]  # fmt: skip
    reading = reading_of(write(table(rows)), known_until="2026-12-31", discount=0.0)
    assert reading.samples["Worth"]["Control"].mean == 10.0


def test_who_pays_nothing_is_worth_nothing_and_needs_no_day(write):
    rows = [
        (1, "A", "2026-03-01", "2026-03-02", 10), (2, "A", "2026-03-01", "", 0),
        (3, "B", "2026-03-01", "", 0), (4, "B", "2026-03-01", "2026-03-02", 20),
    ]  # fmt: skip
    reading = reading_of(write(table(rows)), known_until="2026-12-31", discount=0.0)
    assert {arm: (one.n, one.mean) for arm, one in reading.samples["Worth"].items()} == {
        "Control": (2, 5.0), "New": (2, 10.0),
    }  # fmt: skip
    assert reading.rejected_count == 0


def test_an_amount_without_its_day_is_rejected(write):
    rows = [
        (1, "A", "2026-03-01", "", 10), (2, "A", "2026-03-01", "soon", 10),
        (3, "A", "2026-03-01", "2026-03-02", 10), (4, "B", "2026-03-01", "2026-03-02", 20),
    ]  # fmt: skip
    reading = reading_of(write(table(rows)), known_until="2026-12-31")
    assert reading.rejected_count == 2
    assert {row.reason for row in reading.rejected} == {
        "“” in “paid_on” is not a day.", "“soon” in “paid_on” is not a day.",
    }  # fmt: skip


def test_shares_that_differ_by_more_than_chance_are_named(write):
    rows = [
        (user, "AB"[user % 2], f"2026-03-{1 if user % 2 or user % 4 else 25:02d}", "2026-03-31", 5)
        for user in range(400)
    ]
    assert is_said(reading_of(write(table(rows))), "differs between the arms by more than chance")
    even = [(u, "AB"[u % 2], f"2026-03-{1 if u % 4 < 2 else 25:02d}", "2026-03-31", 5) for u in range(400)]  # fmt: skip
    reading = reading_of(write(table(even)))
    assert not is_said(reading, "more than chance")
    assert reading.horizons["Worth"].left_out == {"Control": 100, "New": 100}


def test_without_the_day_of_entry_nothing_is_read(write):
    with pytest.raises(FileProblem, match="on which day each unit entered"):
        reading_of(write(table([(1, "A", "2026-03-01", "2026-03-01", 1)])), day="")


def test_without_the_day_of_the_amounts_it_says_what_is_taken_for_granted(write):
    rows = [(1, "A", "2026-03-01", "x", 10), (2, "B", "2026-03-01", "x", 20)]
    reading = reading_of(write(table(rows)), value_day="", known_until="2026-12-31")
    assert is_said(reading, "all of them count as within the 30 days, and nothing is discounted")
    assert [one.mean for one in reading.samples["Worth"].values()] == [10.0, 20.0]


def test_dates_with_two_readings_are_a_question(write):
    rows = [(1, "A", "2026-03-01", "03/04/2026", 10), (2, "B", "2026-03-01", "04/03/2026", 20)]
    reading = reading_of(write(table(rows)), known_until="2026-12-31", discount=0.0, horizon=60)
    assert [question.key for question in reading.open_questions] == ["dates:paid_on"]
    answered = reading_of(
        write(table(rows)), known_until="2026-12-31", answers={"dates:paid_on": "mdy"}
    )
    assert not answered.open_questions


def test_nobody_observed_to_the_end_is_said(write):
    rows = [(1, "A", "2026-03-01", "2026-03-02", 10), (2, "B", "2026-03-01", "2026-03-02", 20)]
    reading = reading_of(write(table(rows)))
    assert is_said(reading, "2 of 2 units are not yet observed")
    assert is_said(reading, "“Control” has no value in “Worth”, so it can’t be compared there.")


def test_without_a_column_of_units_each_row_is_one(write):
    rows = [("", "A", "2026-03-01", "2026-03-31", 10), ("", "A", "2026-03-01", "2026-03-30", 30), ("", "B", "2026-03-01", "2026-03-01", 20)]  # fmt: skip
    reading = reading_of(write(table(rows)), unit="", known_until="2026-12-31", discount=0.0)
    assert reading.samples["Worth"]["Control"].mean == 15.0


def test_totals_are_told_what_they_cannot_show(write):
    text = "arm,users,mean,sd\nA,100,10,3\nB,100,11,3\n"
    worth = MetricColumns("Worth", "mean", "mean", spread="sd", horizon=180)
    mapping = Mapping("totals", "arm", count="users", metrics=(worth,))
    reading = read(write(text), mapping, labels=LABELS, control="Control")
    assert is_said(reading, "Totals can’t show who is observed to the end of the 180 days")
