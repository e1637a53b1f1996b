"""A reading of the data: pure, the same bytes for the same inputs, guardrails one-sided."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.engine.reading import ENGINES, read_all, read_evidence
from experiments.engine.results import balance_in
from experiments.plan.canonical import canonical_json
from experiments.stats import Proportion, compare, confidence_sequence


def inputs(**changes):
    metrics = [
        {"name": "Paid", "kind": "proportion", "direction": "increase", "role": "primary",
         "unit": "trials", "did": "paid", "baseline": 0.1, "baseline_sd": None,
         "smallest_effect": 0.1, "margin": None},
        {"name": "Left", "kind": "proportion", "direction": "decrease", "role": "guardrail",
         "unit": "trials", "did": "left", "baseline": 0.01, "baseline_sd": None,
         "smallest_effect": None, "margin": 0.005},
    ]  # fmt: skip
    counts = changes.pop("counts", {"A": (10_000, 1_000, 100), "B": (10_000, 1_200, 101)})
    rows = [
        {"metric": metric, "variant": arm, "n": n, "successes": successes, "mean": None,
         "variance": None, "denominator": None, "denominator_variance": None, "covariance": None}
        for arm, (n, paid, left) in counts.items()
        for metric, successes in (("Paid", paid), ("Left", left))
    ]  # fmt: skip
    return {
        "plan": {
            "variants": [
                {"name": "A", "weight": 1, "is_control": True},
                {"name": "B", "weight": 1, "is_control": False},
            ],
            "metrics": metrics,
            "planned_units_per_arm": 10_000,
            "statistics": {"confidence": 0.95},
        },
        "units": {arm: n for arm, (n, _, _) in counts.items()},
        "units_in_two_variants": 0, "repeated_units": 0, "rejected": 0, "is_over": True,
        "observations": rows, **changes,
    }  # fmt: skip


def row_of(result, name):
    return next(m for m in result["metrics"] if m["name"] == name)["comparisons"][0]


def test_the_same_inputs_give_the_same_bytes():
    assert canonical_json(read_evidence(inputs())) == canonical_json(read_evidence(inputs()))
    json.dumps(read_evidence(inputs()), allow_nan=False)


def test_the_primary_metric_is_tested_two_sided_and_adjusted():
    row = row_of(read_evidence(inputs()), "Paid")
    effect = compare(Proportion(10_000, 1_000), Proportion(10_000, 1_200))
    assert row["p_value"] == effect.p_value == row["adjusted_p"]
    assert (row["low"], row["high"], row["state"]) == (effect.low, effect.high, "better")


def test_a_guardrail_is_asked_whether_it_is_worse_by_less_than_its_margin():
    row = row_of(read_evidence(inputs()), "Left")
    one_sided = compare(
        Proportion(10_000, 100), Proportion(10_000, 101), alternative="less", margin=0.005
    )
    assert row["p_value"] == one_sided.p_value
    assert row["adjusted_p"] is None
    assert row["low"] is not None  # the interval is drawn two-sided
    assert row["high"] is not None
    assert row["state"] == "within"


@pytest.mark.parametrize(
    ("counts", "outcome", "state"),
    [
        ({"A": (10_000, 1_000, 100), "B": (10_000, 1_200, 101)}, "ship", "within"),
        ({"A": (10_000, 1_000, 100), "B": (10_000, 1_200, 300)}, "roll-back", "beyond"),
        ({"A": (10_000, 1_000, 100), "B": (10_000, 1_200, 140)}, "cannot-tell", "in-doubt"),
        ({"A": (10_000, 1_200, 100), "B": (10_000, 1_000, 100)}, "roll-back", "within"),
        ({"A": (10_000, 1_000, 100), "B": (10_000, 1_005, 100)}, "no-difference", "within"),
        ({"A": (10_000, 1_000, 100), "B": (8_000, 800, 80)}, "fix-data", "within"),
        ({"A": (0, 0, 0), "B": (0, 0, 0)}, "no-data", "not-measured"),
    ],
)  # fmt: skip
def test_every_verdict_has_its_data(counts, outcome, state):
    result = read_evidence(inputs(counts=counts))
    assert (result["verdict"]["outcome"], row_of(result, "Left")["state"]) == (outcome, state)


def test_before_its_planned_end_a_fixed_plan_keeps_running():
    early = inputs(counts={"A": (100, 10, 1), "B": (100, 20, 1)}, is_over=False)
    assert read_evidence(early)["verdict"]["outcome"] == "keep-running"


def test_nothing_comparable_leaves_a_reading_without_comparisons():
    lone = inputs(counts={"A": (100, 10, 1)})
    result = read_evidence(lone)
    assert result["metrics"][0]["comparisons"] == []
    assert result["verdict"]["outcome"] in ("fix-data", "no-data")


def sequential(method, *, n=10_000, counts=None, over=False, **statistics):
    evidence = inputs(is_over=over, **({"counts": counts} if counts else {}))
    evidence["plan"]["statistics"] |= {"method": method, **statistics}
    evidence["plan"] |= {"planned_units_per_arm": n}
    return evidence


BETTER = {"A": (5_000, 500, 50), "B": (5_000, 700, 10)}
ALIKE = {"A": (5_000, 500, 50), "B": (5_000, 520, 50)}
HARMFUL = {"A": (5_000, 500, 50), "B": (5_000, 520, 250)}


def test_an_any_time_plan_is_decided_by_its_sequence_long_before_its_end():
    result = read_evidence(sequential("any-time", counts=BETTER))
    row = row_of(result, "Paid")
    look = confidence_sequence(
        Proportion(5_000, 500), Proportion(5_000, 700), planned_n=20_000, confidence=0.95
    )
    assert (row["low"], row["high"], row["p_value"]) == (look.low, look.high, look.p_value)
    assert result["verdict"]["outcome"] == "ship"
    early = read_evidence(sequential("any-time", counts=ALIKE))
    assert early["verdict"]["outcome"] == "keep-running"
    at_end = read_evidence(sequential("any-time", counts=ALIKE, over=True))
    assert at_end["verdict"]["outcome"] == "cannot-tell"


@pytest.mark.parametrize("method", ["any-time", "planned-looks"])
def test_a_guardrail_beyond_its_margin_rolls_a_sequential_plan_back(method):
    result = read_evidence(sequential(method, counts=HARMFUL, looks=2))
    assert result["verdict"]["outcome"] == "roll-back"
    assert row_of(result, "Left")["state"] == "beyond"
    assert row_of(result, "Left")["p_value"] > 0.99


def test_a_plan_with_looks_speaks_at_its_looks_only():
    between = {arm: (n - 500, paid, left) for arm, (n, paid, left) in BETTER.items()}
    waits = read_evidence(sequential("planned-looks", counts=between, looks=2))
    assert waits["verdict"]["outcome"] == "keep-running"
    assert waits["reading"] == {
        "method": "planned-looks", "look": None, "next_look": {"number": 1, "units": 10_000},
    }  # fmt: skip
    first = read_evidence(sequential("planned-looks", counts=BETTER, looks=2))
    assert first["reading"]["look"]["number"] == 1
    assert first["verdict"]["outcome"] == "ship"
    had = sequential("planned-looks", counts=BETTER, looks=2) | {"looks": [10_000]}
    assert read_evidence(had)["verdict"]["outcome"] == "ship"  # the same data: the same look


def test_what_is_clear_to_a_single_test_is_not_at_a_first_look():
    counts = {"A": (5_000, 500, 50), "B": (5_000, 570, 50)}
    fixed = row_of(read_evidence(sequential("fixed-horizon", counts=counts)), "Paid")
    looked = row_of(read_evidence(sequential("planned-looks", counts=counts, looks=2)), "Paid")
    assert fixed["p_value"] < 0.05 < looked["p_value"]
    assert looked["low"] < 0 < fixed["low"]
    assert looked["low"] == pytest.approx(0.014 - 2.96259 * 0.0061779, abs=2e-4)


def test_an_engine_of_before_reads_as_it_did():
    old = read_evidence(inputs(), engine="1")
    assert old["engine"] == "1"
    assert set(read_evidence(inputs())) - set(old) == {
        "is_past_end", "is_read_again", "reading", "sample_ratio_sequential", "waiting", "watched",
    }  # fmt: skip


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_reads_the_same_to_a_last_bit(engine):
    """Engines differ in what they tell and in how they call the arithmetic, never in a number."""
    before, now = (row_of(read_evidence(inputs(), engine=e), "Left") for e in (engine, ENGINES[-1]))
    assert before["method"] == now["method"] == "score-z"
    for name in ("difference", "low", "high", "lift_low", "p_value", "log10_p"):
        assert before[name] == pytest.approx(now[name], rel=1e-13)


def test_many_read_together_are_the_same_bytes_as_each_alone():
    every = [
        inputs(), inputs(counts=ALIKE), inputs(counts=HARMFUL, is_over=False),
        inputs(counts={"A": (40, 4, 0), "B": (41, 9, 1)}), inputs(counts={"A": (0, 0, 0)}),
        *(sequential(method, counts=BETTER, looks=2) for method in ("any-time", "planned-looks")),
        sequential("any-time", counts=HARMFUL) | {"rejected": 3}, mean_inputs(),
    ]  # fmt: skip
    together = read_all([*every, *reversed(every)])
    alone = [read_evidence(one) for one in (*every, *reversed(every))]
    assert [canonical_json(one) for one in together] == [canonical_json(one) for one in alone]


def mean_inputs():
    """A metric with a covariate and a cap, in strata: each other reading is told as well."""
    evidence = inputs()
    evidence["plan"]["metrics"][0] |= {"kind": "mean"}
    known = {"covariate_mean": 9.0, "covariate_variance": 16.0, "covariance": 12.0}
    rows = [
        {"metric": "Paid", "variant": arm, "n": 500, "mean": mean, "variance": 25.0,
         **known, **extra}
        for arm, mean in (("A", 10.0), ("B", 10.8))
        for extra in ({}, {"is_capped": True}, {"stratum": "new"}, {"stratum": "old"})
    ]  # fmt: skip
    return evidence | {"observations": rows}


def test_a_guardrail_is_watched_from_the_first_day():
    early = sequential("fixed-horizon", counts=HARMFUL)
    assert read_evidence(early)["watched"] == [
        {"metric": "Left", "variant": "B", "state": "beyond"}
    ]
    assert read_evidence(early)["verdict"]["outcome"] == "keep-running"
    assert read_evidence(inputs(counts=ALIKE))["watched"][0]["state"] == "not-beyond"


def without(evidence, metric, *arms):
    kept = [row for row in evidence["observations"]
            if row["metric"] != metric or (arms and row["variant"] not in arms)]  # fmt: skip
    return evidence | {"observations": kept}


@pytest.mark.parametrize("arms", [(), ("A",), ("B",)])
def test_a_guardrail_without_data_is_never_fine(arms):
    full, lacking = read_evidence(inputs()), read_evidence(without(inputs(), "Left", *arms))
    assert full["verdict"]["outcome"] == "ship"
    assert lacking["verdict"]["outcome"] == "cannot-tell"
    assert lacking["verdict"]["facts"][0]["code"] == "not-measured"
    assert [metric["name"] for metric in lacking["metrics"]] == ["Paid", "Left"]


def test_an_arm_with_no_value_of_a_guardrail_is_not_measured():
    counts = {"A": (10_000, 1_000, 100), "B": (10_000, 1_200, 100)}
    evidence = inputs(counts=counts)
    evidence["observations"][-1] |= {"n": 0, "successes": 0}
    result = read_evidence(evidence)
    assert row_of(result, "Left")["state"] == "not-measured"
    assert result["verdict"]["outcome"] == "cannot-tell"


def test_engines_of_before_passed_over_what_was_not_measured():
    result = read_evidence(without(inputs(), "Left"), engine="4")
    assert (result["engine"], result["verdict"]["outcome"]) == ("4", "ship")


@pytest.mark.parametrize("method", ["fixed-horizon", "any-time", "planned-looks"])
def test_outcomes_that_are_still_to_come_keep_it_running(method):
    waiting = [{"metric": "Paid", "window_days": 30, "opens_on": "2026-12-30"}]
    evidence = sequential(method, counts=BETTER, over=True, looks=2) | {"waiting": waiting}
    result = read_evidence(evidence)
    assert (result["verdict"]["outcome"], result["is_past_end"]) == ("keep-running", False)
    assert read_evidence(evidence | {"waiting": []})["verdict"]["outcome"] == "ship"


def many_arms(confidence, hits, secondary):
    """A control and several treatments on a primary and a secondary metric."""
    arms = [f"Arm {place}" for place in range(len(hits))]
    evidence = inputs()
    metrics = [{**evidence["plan"]["metrics"][0], "name": name, "role": role, "margin": None}
               for name, role in (("Paid", "primary"), ("Opened", "secondary"))]  # fmt: skip
    evidence["plan"] |= {
        "variants": [{"name": arm, "weight": 1, "is_control": arm == "Arm 0"} for arm in arms],
        "metrics": metrics, "statistics": {"confidence": confidence},
    }  # fmt: skip
    rows = [
        {"metric": name, "variant": arm, "n": 2_000, "successes": counts[place]}
        for place, arm in enumerate(arms)
        for name, counts in (("Paid", hits), ("Opened", secondary))
    ]
    return evidence | {"observations": rows, "units": dict.fromkeys(arms, 2_000)}


counts = st.lists(st.integers(150, 280), min_size=4, max_size=4)


@given(confidence=st.sampled_from([0.8, 0.9, 0.95, 0.99]), hits=counts, secondary=counts)
def test_what_is_drawn_is_what_is_decided(confidence, hits, secondary):
    """M3: an interval without zero beside an adjusted p of .18."""
    result = read_evidence(many_arms(confidence, hits, secondary))
    for row in (row for metric in result["metrics"] for row in metric["comparisons"]):
        is_clear = row["adjusted_p"] <= 1 - confidence
        assert is_clear == (row["low"] >= 0 or row["high"] <= 0) or 0 in (row["low"], row["high"])
        assert row["low"] <= row["difference"] <= row["high"]
        assert (row["state"] in ("better", "worse")) == is_clear
        assert row["alone"]["high"] - row["alone"]["low"] <= row["high"] - row["low"] + 1e-12 or (
            0 in (row["low"], row["high"])
        )


def test_one_comparison_is_drawn_as_it_is_alone():
    row = row_of(read_evidence(inputs()), "Paid")
    assert (row["level"], row["alone"]["low"], row["alone"]["high"]) == (
        pytest.approx(0.95), row["low"], row["high"],
    )  # fmt: skip


@given(left=st.integers(60, 220), margin=st.sampled_from([0.002, 0.005]))
def test_a_guardrail_is_drawn_by_the_bound_that_it_is_judged_by(left, margin):
    """M4: “within the margin” beside a whisker that reached beyond it."""
    evidence = inputs(counts={"A": (10_000, 1_000, 100), "B": (10_000, 1_000, left)})
    evidence["plan"]["metrics"][1]["margin"] = margin
    row = row_of(read_evidence(evidence), "Left")
    assert (row["state"] == "within") == (row["bound"] <= margin) or row["bound"] == margin
    assert row["state"] != "beyond" or row["low"] > margin - 1e-3


def test_the_chance_to_win_is_that_of_the_better_side():
    result = read_evidence(inputs(counts={"A": (1_000, 100, 20), "B": (1_000, 120, 10)}))
    assert row_of(result, "Paid")["chance_to_win"] == pytest.approx(0.923183, abs=1e-6)
    assert row_of(result, "Left")["chance_to_win"] > 0.9  # fewer left


def test_data_that_came_again_are_judged_by_what_allows_for_it():
    counts = {"A": (10_000, 1_000, 100), "B": (9_500, 950, 95)}
    once = read_evidence(inputs(counts=counts))
    again = read_evidence(inputs(counts=counts) | {"readings_before": 3})
    assert balance_in(once)["p_value"] == once["sample_ratio"]["p_value"]
    assert balance_in(again)["p_value"] == again["sample_ratio_sequential"]["p_value"]
    for result in (once, again):
        is_off = balance_in(result)["is_mismatch"]
        assert (result["verdict"]["outcome"] == "fix-data") == is_off
