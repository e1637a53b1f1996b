"""What a result is worth a year, and what one should expect of a winner again."""

from dataclasses import asdict

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from experiments.engine.yearly import shrunk_lift, yearly_of
from experiments.models import Experiment
from experiments.plan.document import Plan, PlannedMetric
from experiments.stats import Proportion, compare, confidence_sequence
from experiments.views.worth import money
from tests.factories import analysed, launched, make_experiment, totals

PLAN = Plan(value_per_unit=4.0, units_per_week=1_000, currency="€")


@given(lift=st.floats(-0.9, 3.0), reach=st.floats(0.001, 2.0))
def test_a_lift_is_shrunk_towards_nothing_and_never_beyond(lift, reach):
    row = {"lift": lift, "lift_low": lift - reach, "lift_high": lift + reach}
    kept = shrunk_lift(row, 0.95)
    assert abs(kept) <= abs(lift)
    assert kept * lift >= 0


def test_the_less_is_known_the_more_is_shrunk():
    rows = [{"lift": 0.2, "lift_low": 0.2 - reach, "lift_high": 0.2 + reach} for reach in (0.05, 0.2, 0.6)]  # fmt: skip
    kept = [shrunk_lift(row, 0.95) for row in rows]
    assert kept == sorted(kept, reverse=True)


def test_a_wider_interval_of_the_same_data_shrinks_as_much():
    """At a planned look, or at any time, an interval reaches further and the data know no less."""
    arms = Proportion(20_000, 2_000), Proportion(20_000, 2_200)
    fixed, look = (asdict(compare(*arms, confidence=level)) for level in (0.95, 0.99999))
    sequence = asdict(confidence_sequence(*arms, planned_n=40_000, confidence=0.95))
    kept = shrunk_lift(fixed, 0.95)
    assert shrunk_lift(look, 0.95) == pytest.approx(kept, rel=0.001)
    assert shrunk_lift(sequence, 0.95) == pytest.approx(kept, rel=0.001)


def test_fewer_may_be_worth_money_too():
    row = {"difference": -0.01, "low": -0.02, "high": 0.0, "lift": None}
    fewer = Plan(value_per_unit=4.0, units_per_week=1_000,
                 metrics=(PlannedMetric(name="Left", role="primary", direction="decrease"),))  # fmt: skip
    assert yearly_of(fewer, row)[:3] == (2080.0, 0.0, 4160.0)
    assert yearly_of(PLAN, row)[:3] == (-2080.0, -4160.0, 0.0)


@pytest.mark.parametrize("lacking", [{"value_per_unit": None}, {"units_per_week": None}])
def test_without_a_value_or_a_traffic_nothing_is_projected(lacking):
    row = {"difference": 0.01, "low": 0.0, "high": 0.02, "lift": None}
    known = {"value_per_unit": 4.0, "units_per_week": 1_000, **lacking}
    assert yearly_of(Plan(**known), row) is None


@pytest.mark.parametrize(
    ("value", "currency", "text"),
    [(999.4, "€", "€999"), (-54_321, "$", "−$54,300"), (8_450_000, "Kč", "8,450,000\xa0Kč"), (-0.2, "€", "€0")],
)  # fmt: skip
def test_an_amount_has_three_digits(value, currency, text):
    assert money(value, currency) == text


def test_results_say_the_year_with_its_range(client_of, alice, bob, pod, objective):
    made = make_experiment(alice, pod, objective=objective, analyst=bob)
    Experiment.objects.filter(pk=made.pk).update(
        value_per_unit=2.5, currency="€", units_per_week=10_000
    )
    made = launched(Experiment.objects.get(pk=made.pk), alice)
    analysed(made, bob, totals())
    page = client_of(bob).get(reverse("experiments:experiment_results", args=[made.pk]))
    text = page.content.decode()
    # 0.02 × 10,000 × 52 × 2.5 = 26,000
    assert "Over a year, at 10,000 units a week: €26,000 (€16,800 to €35,2" in text
    assert "After a win, expect nearer" in text
