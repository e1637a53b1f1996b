"""The minimum-quality score: each item by a table, the score as a share of what applies."""

import datetime as dt
from dataclasses import replace
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.learning.quality import (
    ITEMS,
    QualityFacts,
    QualityItem,
    mean_quality,
    quality_items,
    quality_score,
)

DAY = dt.timedelta(days=1)
END = dt.date(2026, 11, 2)
GOOD = QualityFacts(
    decided_on=END + DAY, written_on=END + 3 * DAY, written_due=END + 11 * DAY, today=END + 20 * DAY,
    has_hypothesis=True, primary="Opened", units=10_000, planned_end=END, end_in_force=END,
    counted=10_200, recommended="ship", is_mismatch=False, guardrails=1,
)  # fmt: skip
NAMES = [name for name, _ in ITEMS]
CASES = [
    ("Hypothesis", {"has_hypothesis": False}, False),
    ("Primary metric and size", {"primary": ""}, False),
    ("Primary metric and size", {"units": 0}, False),
    ("Primary metric and size", {"days_late": 1}, False),
    ("Primary metric and size", {"is_redefined": True}, False),
    ("Planned length", {"end_in_force": END + 7 * DAY}, False),
    ("Planned length", {"decided_on": END}, True),
    ("Planned length", {"decided_on": END - DAY, "recommended": "roll-back"}, True),
    ("Planned length", {"decided_on": END - DAY, "recommended": ""}, True),
    ("Planned length", {"decided_on": END - DAY, "recommended": "", "counted": 9_999}, False),
    ("Planned length", {"planned_end": None, "end_in_force": None}, None),
    ("Balance of arms", {"is_mismatch": True}, False),
    ("Balance of arms", {"had_mismatch": True}, True),
    ("Balance of arms", {"is_mismatch": None}, None),
    ("Guardrails", {"guardrails": 0}, False),
    ("Decision rule", {"departs": True}, False),
    ("Decision rule", {"recommended": ""}, True),
    ("Decision rule", {"counted": None}, None),
    ("Peeks", {"is_opened_early": True}, False),
    ("Peeks", {"early_days": 2}, False),
    ("Peeks", {"early_days": 2, "is_read_any_day": True}, True),
    ("Post-mortem", {"written_on": END + 12 * DAY}, False),
    ("Post-mortem", {"written_on": END + 11 * DAY}, True),
    ("Post-mortem", {"written_on": None}, False),
    ("Post-mortem", {"written_on": None, "today": END + 11 * DAY}, None),
    ("Post-mortem", {"written_due": None}, None),
    ("Post-mortem", {"written_due": None, "written_on": None}, None),
]


def marks(facts):
    return {item.name: item.is_met for item in quality_items(facts)}


def test_an_experiment_run_well_has_all_of_them():
    assert marks(GOOD) == dict.fromkeys(NAMES, True)
    assert quality_score(quality_items(GOOD)) == 1


@pytest.mark.parametrize(("name", "change", "expected"), CASES)
def test_a_fact_changes_its_own_item_alone(name, change, expected):
    changed = marks(replace(GOOD, **change))
    assert changed.pop(name) is expected
    allowed = {"Balance of arms"} if "counted" in change else set()
    assert {key for key, is_met in changed.items() if is_met is not True} <= allowed


def test_sentences_count_and_name():
    sentences = {item.name: item.sentence for item in quality_items(replace(GOOD, early_days=1))}
    assert sentences["Peeks"] == "Results were seen early on 1 day."
    assert sentences["Primary metric and size"].startswith("“Opened” and 10,000 units")
    late = quality_items(replace(GOOD, written_on=END + 14 * DAY))[-1]
    assert late.sentence == "The post-mortem was published 3 days late."


def test_without_a_plan_only_what_came_after_counts():
    plain = marks(replace(GOOD, has_plan=False))
    assert {name for name, is_met in plain.items() if is_met is not None} == {
        "Balance of arms",
        "Post-mortem",
    }


@given(st.lists(st.sampled_from([True, False, None])))
def test_the_score_is_the_share_of_what_applies(values):
    score = quality_score([QualityItem("x", value, "") for value in values])
    if not [value for value in values if value is not None]:
        assert score is None
        return
    assert score == values.count(True) / (values.count(True) + values.count(False))
    more = [QualityItem("x", value, "") for value in [*values, None]]
    assert quality_score(more) == score
    assert quality_score([*more, QualityItem("x", True, "")]) >= score


FACTS = st.builds(
    replace,
    st.just(GOOD),
    has_hypothesis=st.booleans(),
    departs=st.booleans(),
    is_mismatch=st.sampled_from([True, False, None]),
    has_plan=st.booleans(),
)


@given(st.lists(FACTS, max_size=20))
def test_each_experiment_counts_once_in_the_mean(rows):
    result = mean_quality(rows)
    if not rows:
        assert result is None
        return
    assert result.n == len(rows)
    assert result.score == pytest.approx(mean(quality_score(quality_items(row)) for row in rows))
    assert mean_quality(reversed(rows)).score == pytest.approx(result.score)
