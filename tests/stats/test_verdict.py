"""The verdict: one of seven, by a sealed rule, in plain words."""

import pytest

from experiments.stats import (
    OUTCOMES,
    Code,
    Fact,
    Finding,
    Mean,
    Proportion,
    Rule,
    Unmeasured,
    Words,
    compare,
    sample_ratio,
    verdict,
)
from experiments.stats.judging import guardrail_state

RULE = Rule(control="Reminder as it was", planned_units=14_400)
PAID = Words("Trial to paid", units="trials", did="became paying readers")
LEFT = Words("Unsubscribed", units="trials", did="unsubscribed")


def shares(control, treatment, n=5000, **options):
    return compare(
        Proportion(n, round(n * control)), Proportion(n, round(n * treatment)), **options
    )


def paid(control, treatment, variant="Hours read", **options):
    known = {"control_value": control, "treatment_value": treatment, **options}
    return Finding(variant, PAID, shares(control, treatment), **known)


def left(control, treatment, variant="Hours read", margin=0.005, n=5000):
    effect = shares(control, treatment, n, alternative="less", margin=margin)
    return Finding(variant, LEFT, effect, is_increase_good=False, margin=margin)


def judged(*primary, rule=RULE, units=15_000, is_past_end=True, **options):
    return verdict(rule, primary=primary, units=units, is_past_end=is_past_end, **options)


BETTER = paid(0.412, 0.450)
WORSE = paid(0.450, 0.412)
UNCLEAR = paid(0.412, 0.420)


def test_a_clear_gain_is_shipped_with_its_size_in_natural_frequencies():
    answer = judged(BETTER, guardrails=[left(0.0039, 0.0042)])
    assert (answer.outcome, answer.variant) == ("ship", "Hours read")
    assert answer.head == "Ship “Hours read”."
    assert answer.sentence == (
        "Of every 100 trials in “Hours read”, about 4 more became paying readers. It could be 2 "
        "to 6 more."
    )
    assert answer.reasons == (
        "“Trial to paid” is better: 45.0 % against 41.2 %, +3.8 points (1.9 to 5.7).",
        "“Unsubscribed” stays within its margin: +0.02 points (at most 0.24), 0.5 points allowed.",
    )


def test_a_clear_loss_keeps_the_control():
    answer = judged(WORSE)
    assert (answer.outcome, answer.head) == ("roll-back", "Keep “Reminder as it was”.")
    assert "about 4 fewer became paying readers" in answer.sentence


def test_fewer_is_better_where_the_metric_says_so():
    gain = Finding("B", LEFT, shares(0.05, 0.03), is_increase_good=False)
    assert judged(gain).outcome == "ship"
    assert judged(Finding("B", LEFT, shares(0.03, 0.05), is_increase_good=False)).outcome == (
        "roll-back"
    )


def test_a_mismatch_or_a_problem_comes_before_everything():
    balance = sample_ratio([5000, 5600], [1, 1])
    answer = judged(BETTER, balance=balance)
    assert (answer.outcome, answer.head) == ("fix-data", "Fix the data first.")
    assert answer.sentence == "The arms hold 5,000 and 5,600 units; planned were 5,300 and 5,300."
    other = judged(BETTER, problems=["Day 4 is missing."])
    assert (other.outcome, other.sentence) == ("fix-data", "Day 4 is missing.")


def test_a_sample_ratio_that_is_only_significant_is_not_a_mismatch():
    assert judged(BETTER, balance=sample_ratio([44700, 45489], [1, 1])).outcome == "ship"


@pytest.mark.parametrize(
    ("findings", "units"),
    [([], 0), ([BETTER], 0), ([Finding("B", PAID, shares(0, 0, n=1))], 2)],
)
def test_without_data_there_is_nothing_to_say(findings, units):
    assert judged(*findings, units=units).outcome == "no-data"


def test_a_fixed_plan_shows_nothing_of_its_results_before_the_end():
    early = judged(BETTER, units=6_200, is_past_end=False, days_left=12)
    assert (early.outcome, early.head) == ("keep-running", "About 12 days to go.")
    assert early.sentence == "6,200 of 14,400 planned units are in."
    assert early.reasons == ()
    assert early == judged(WORSE, units=6_200, is_past_end=False, days_left=12)


def test_a_sequential_plan_may_be_read_at_any_time():
    rule = Rule(control="A", planned_units=14_400, is_sequential=True)
    assert judged(BETTER, rule=rule, is_past_end=False).outcome == "ship"
    assert judged(WORSE, rule=rule, is_past_end=False).outcome == "roll-back"
    unclear = judged(UNCLEAR, rule=rule, units=6_200, is_past_end=False)
    assert (unclear.outcome, unclear.head) == ("keep-running", "Keep it running.")
    assert "Nothing is clear enough yet" in unclear.sentence


def test_an_interval_within_what_matters_is_no_difference_that_matters():
    tiny = compare(Proportion(200_000, 40_000), Proportion(200_000, 40_150))
    finding = Finding("B", PAID, tiny, smallest_effect=0.01)
    answer = judged(finding)
    assert (answer.outcome, answer.head) == ("no-difference", "No difference that matters.")
    assert "differs by less than 1 point," in answer.reasons[0]
    wide = Finding("B", PAID, tiny, smallest_effect=0.002)
    assert judged(wide).outcome == "cannot-tell"


def test_an_open_end_cannot_be_told_and_says_what_was_missing():
    answer = judged(UNCLEAR, units=9_000)
    assert (answer.outcome, answer.head) == ("cannot-tell", "Cannot tell.")
    assert answer.sentence == (
        "Of every 1,000 trials in “Hours read”, about 8 more became paying readers. It could be 11 "
        "fewer to 27 more."
    )
    assert answer.reasons[0].startswith(
        "“Trial to paid” of “Hours read” cannot be told from that of “Reminder as it was”"
    )
    assert answer.reasons[-1] == "Fewer units came than planned: 9,000 of 14,400."


@pytest.mark.parametrize(
    ("rates", "margin", "state"),
    [
        ((0.004, 0.004), 0.005, "within"),
        ((0.004, 0.008), 0.005, "in-doubt"),
        ((0.004, 0.030), 0.005, "beyond"),
        ((0.004, 0.004), 0.0, "within"),
        ((0.004, 0.030), 0.0, "beyond"),
    ],
)
def test_a_guardrail_is_within_its_margin_worse_or_in_doubt(rates, margin, state):
    assert guardrail_state(left(*rates, margin=margin), 0.05) == state
    two_sided = Finding("B", LEFT, shares(*rates), is_increase_good=False, margin=margin)
    assert guardrail_state(two_sided, 0.05) == state


def test_a_gain_with_a_guardrail_in_doubt_is_not_shipped():
    answer = judged(BETTER, guardrails=[left(0.004, 0.008)])
    assert answer.outcome == "cannot-tell"
    assert any("may be worse than allowed" in reason for reason in answer.reasons)


def test_a_gain_with_a_broken_guardrail_is_rolled_back():
    answer = judged(BETTER, guardrails=[left(0.004, 0.030)])
    assert answer.outcome == "roll-back"
    assert answer.sentence.startswith(
        "Of every 100 trials in “Hours read”, about 3 more unsubscribed."
    )


def test_a_guardrail_without_events_holds():
    nobody = Finding("Hours read", LEFT, shares(0, 0), is_increase_good=False)
    assert judged(BETTER, guardrails=[nobody]).outcome == "ship"


def test_of_two_winners_the_larger_is_shipped_and_the_others_are_told():
    answer = judged(BETTER, paid(0.412, 0.470, "Hours read and a series"))
    assert answer.head == "Ship “Hours read and a series”."
    assert "is better in “Hours read”" in answer.reasons[1]


def test_one_losing_arm_does_not_roll_back_the_others():
    answer = judged(WORSE, paid(0.450, 0.455, "Other"))
    assert answer.outcome == "cannot-tell"
    assert "about 5 more" in answer.sentence


def test_primary_metrics_and_arms_are_adjusted_together():
    edge = paid(0.412, 0.4325)
    assert 0.025 < edge.effect.p_value < 0.05
    assert judged(edge).outcome == "ship"
    assert judged(edge, paid(0.412, 0.413, "Other")).outcome == "cannot-tell"


def test_any_false_alarm_counts_so_two_edges_do_not_make_a_ship():
    edges = [paid(0.412, 0.4325), paid(0.412, 0.4327, "Other")]
    assert all(0.025 < edge.effect.p_value < 0.05 for edge in edges)
    assert judged(*edges).outcome == "cannot-tell"


def test_two_primary_metrics_that_disagree_are_not_shipped():
    other = Finding("Hours read", LEFT, shares(0.03, 0.05), is_increase_good=False)
    assert judged(BETTER, other).outcome == "roll-back"


def test_means_are_said_in_their_own_unit():
    basket = Finding(
        "B", Words("Basket", "mean"), compare(Mean(5000, 100.0, 900.0), Mean(4900, 101.5, 1024.0))
    )
    assert judged(basket).sentence == (
        "“Basket” in “B” is about 1.5 higher. It could be 0.3 to 2.7 higher."
    )


def test_what_cannot_be_tested_gives_its_sentence_as_the_reason():
    nobody = Finding("B", PAID, shares(0, 0))
    answer = judged(nobody)
    assert answer.outcome == "cannot-tell"
    assert "Nobody converted in either arm" in answer.reasons[0]


def test_no_verdict_speaks_of_p():
    answers = [
        judged(*findings, **options)
        for findings in ([BETTER], [WORSE], [UNCLEAR], [BETTER, WORSE])
        for options in ({}, {"is_past_end": False}, {"guardrails": [left(0.004, 0.008)]})
    ]
    assert {answer.outcome for answer in answers} < set(OUTCOMES)
    for answer in answers:
        text = " ".join((answer.head, answer.sentence, *answer.reasons))
        assert "p-value" not in text
        assert " p " not in text


def unmeasured(variant="Hours read", role="guardrail", metric="Unsubscribed"):
    return Unmeasured(metric, role, variant)


@pytest.mark.parametrize("finding", [BETTER, UNCLEAR])
@pytest.mark.parametrize("role", ["guardrail", "primary"])
def test_what_was_not_measured_cannot_be_fine(finding, role):
    answer = judged(finding, unmeasured=[unmeasured(role=role)])
    assert (answer.outcome, answer.variant) == ("cannot-tell", None)
    assert answer.head == "Cannot tell: “Unsubscribed” was not measured."
    assert answer.reasons[0] == "“Unsubscribed” was not measured."


def test_several_gaps_are_named_together():
    gaps = [unmeasured(), unmeasured(metric="Complained")]
    assert judged(BETTER, unmeasured=gaps).head == (
        "Cannot tell: “Unsubscribed” and “Complained” were not measured."
    )


def test_a_clear_loss_stands_without_the_other_measurements():
    answer = judged(WORSE, unmeasured=[unmeasured()])
    assert (answer.outcome, answer.reasons[-1]) == (
        "roll-back", "“Unsubscribed” was not measured.",
    )  # fmt: skip


def test_an_arm_is_shipped_by_its_own_measurements():
    other = paid(0.412, 0.415, "Other")
    ships = judged(BETTER, other, unmeasured=[unmeasured("Other")])
    assert (ships.outcome, ships.variant) == ("ship", "Hours read")
    assert ships.reasons[-1] == "“Unsubscribed” was not measured in “Other”."
    assert judged(BETTER, other, unmeasured=[unmeasured()]).outcome == "cannot-tell"


def test_no_primary_metric_measured_is_not_the_same_as_no_units():
    gap = unmeasured(role="primary", metric="Trial to paid")
    answer = judged(unmeasured=[gap])
    assert (answer.head, answer.sentence) == (
        "Cannot tell: “Trial to paid” was not measured.", "“Trial to paid” was not measured.",
    )  # fmt: skip
    assert judged(unmeasured=[gap], units=0).outcome == "no-data"


def test_a_gain_beside_a_guardrail_in_doubt_names_the_guardrail():
    answer = judged(BETTER, guardrails=[left(0.004, 0.008)])
    assert answer.head == "Cannot tell: “Unsubscribed” may be worse than allowed."


def test_nothing_is_decided_while_outcomes_are_still_to_come():
    waiting = [Fact(code=Code.WINDOW_OPEN, metric="Trial to paid", window=30,
                    opens_on="2026-12-30")]  # fmt: skip
    early = judged(BETTER, waiting=waiting)
    assert (early.outcome, early.sentence) == (
        "keep-running", "15,000 of 14,400 planned units are in.",
    )  # fmt: skip
    assert early.reasons == (
        "“Trial to paid” counts what people do within 30 days of entering. The last people’s 30 "
        "days are over on 30 Dec.",
    )


def test_ship_says_that_fewer_units_came_than_planned():
    assert judged(BETTER, units=9_000).reasons[-1] == (
        "Fewer units came than planned: 9,000 of 14,400."
    )


@pytest.mark.parametrize(
    ("alternative", "control", "treatment", "sentence"),
    [
        ("greater", 0.10, 0.08, "It is at most 3 fewer."),
        ("greater", 0.08, 0.13, "It is at least 3 more."),
        ("less", 0.10, 0.08, "It is at least 1 fewer."),
        ("less", 0.08, 0.13, "It is at most 7 more."),
    ],
)
def test_the_only_end_is_at_most_or_at_least_as_seen_from_zero(
    alternative, control, treatment, sentence
):
    finding = Finding(
        "B", LEFT, shares(control, treatment, 2_000, alternative=alternative, margin=0.01)
    )
    assert judged(finding).sentence.endswith(sentence)


def test_a_sentence_writes_all_its_numbers_with_one_base():
    nobody = Finding("B", LEFT, shares(0, 0))
    assert judged(nobody).sentence == (
        "As many trials in “B” unsubscribed as in the control. Of every 10,000 it could be 8 fewer "
        "to 8 more."
    )
