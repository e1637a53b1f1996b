"""The sealed plan as frozen types: JSON and back without loss, and plans of every age."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.flows.sealing import plan_of
from experiments.plan.canonical import canonical_json
from experiments.plan.document import Arm, Plan, PlannedMetric, Rule, Statistics
from tests.factories import make_experiment

TEXTS = st.text(max_size=8)
PLANS = st.builds(
    Plan,
    title=TEXTS,
    objective=st.none() | TEXTS,
    arms=st.lists(st.builds(Arm, name=TEXTS, weight=st.floats(0.1, 9)), max_size=3).map(tuple),
    metrics=st.lists(
        st.builds(PlannedMetric, name=TEXTS, margin=st.none() | st.floats(0, 1)), max_size=3
    ).map(tuple),
    rules=st.lists(st.builds(Rule, text=TEXTS, cost=st.none() | st.integers(0)), max_size=2).map(tuple),
    people=st.dictionaries(TEXTS, st.none() | TEXTS, max_size=3),
    starts_on=st.none() | st.dates(),
    ends_on=st.none() | st.dates(),
    planned_units=st.none() | st.integers(0),
    statistics=st.builds(Statistics, confidence=st.floats(0.5, 0.99), looks=st.none() | st.just(3)),
)  # fmt: skip


@given(PLANS)
def test_a_plan_is_the_same_after_its_json_was_stored(plan):
    assert Plan.from_json(json.loads(json.dumps(plan.to_json()))) == plan


def test_the_json_of_a_launched_plan_keeps_its_fingerprint(launched_plan):
    assert canonical_json(Plan.from_json(launched_plan).to_json()) == canonical_json(launched_plan)


@pytest.fixture
def launched_plan(alice, bob, pod, objective):
    draft = make_experiment(alice, pod, objective=objective, analyst=bob)
    return json.loads(json.dumps(plan_of(draft).to_json()))


def test_the_names_in_the_json_are_those_of_every_seal_before(launched_plan):
    assert launched_plan.keys() == {
        "experiment", "title", "hypothesis", "objective", "variants", "metrics", "audience",
        "segment", "audience_size", "channel", "frequency_cap", "default_variant", "excluded",
        "rules", "units_per_week", "people", "answers", "risks", "starts_on", "ends_on",
        "planned_units_per_arm", "planned_units", "assignment", "statistics", "decision_rule",
        "decision_table",
    }  # fmt: skip
    assert launched_plan["statistics"].keys() == {
        "method", "confidence", "power", "alternative", "primary", "secondary", "guardrails",
    }  # fmt: skip


def test_a_plan_that_was_sealed_before_arms_could_differ_in_size_is_read():
    arms = [{"name": "A", "weight": 1, "is_control": True}, {"name": "B", "weight": 1}]
    plan = Plan.from_json(
        {"variants": arms, "planned_units_per_arm": 10, "statistics": {"confidence": 0.9}}
    )
    assert (plan.units, plan.control, plan.treatments) == (20, "A", ["B"])
    assert (plan.statistics.method, plan.statistics.alpha) == ("fixed-horizon", 0.1)
    assert plan.assignment is None


@pytest.mark.parametrize("value", [{"planned_units": 1.5}, {"variants": [{}]}, {"starts_on": "x"}])
def test_what_is_no_plan_is_refused_and_never_rounded(value):
    with pytest.raises((KeyError, ValueError)):
        Plan.from_json(value)
