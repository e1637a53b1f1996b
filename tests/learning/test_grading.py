"""The grade of a learning follows the rule of docs/calibration.md."""

import datetime as dt

import pytest

from experiments.learning.evidence import Backing, Trial, TrialOutcome
from experiments.learning.grading import LEVELS, Direction, GradeCode, grade

DAY = dt.date(2026, 11, 2)
WON, LOST, FLAT = TrialOutcome.WON, TrialOutcome.LOST, TrialOutcome.INCONCLUSIVE


def trial(key, lift, low, high, outcome=FLAT, **fields):
    return Trial(key, outcome, DAY, lift, low, high, **fields)


def words(key, outcome):
    return Trial(key, outcome, DAY, backing=Backing.WORDS, imported=True)


BETTER = trial("better", 0.05, 0.01, 0.09)
AGAIN = trial("again", 0.06, 0.02, 0.10)
THIRD = trial("third", 0.05, 0.012, 0.088)
WIDE = trial("wide", 0.03, -0.03, 0.09)
WORSE = trial("worse", -0.06, -0.1, -0.02)
NULL = trial("null", 0.0, -0.009, 0.009)

CASES = {
    "nothing": ([], GradeCode.NONE, None),
    "only words": ([words("old", WON), words("older", WON)], GradeCode.WORDS_ONLY, None),
    "one wide": ([WIDE], GradeCode.WIDE, None),
    "two wide": ([WIDE, trial("other", -0.01, -0.06, 0.04)], GradeCode.WIDE, None),
    "one clear": ([BETTER], GradeCode.ONE_CLEAR, Direction.BETTER),
    "one clear, one the other way": (
        [BETTER, trial("other", -0.01, -0.06, 0.04)], GradeCode.ONE_CLEAR, Direction.BETTER,
    ),
    "one clear, one the same way": ([BETTER, WIDE], GradeCode.REPEATED, Direction.BETTER),
    "two clear, together wide": ([BETTER, AGAIN], GradeCode.REPEATED, Direction.BETTER),
    "three clear": ([BETTER, AGAIN, THIRD], GradeCode.REPLICATED, Direction.BETTER),
    "three wide that are clear together": (
        [trial(str(n), 0.04, -0.001, 0.081) for n in range(6)], GradeCode.REPLICATED, Direction.BETTER,
    ),
    "both ways": ([BETTER, AGAIN, WORSE], GradeCode.CONTRADICTED, None),
    "clear and without difference": ([AGAIN, NULL], GradeCode.CONTRADICTED, None),
    "without difference": ([NULL], GradeCode.ONE_CLEAR, Direction.NO_DIFFERENCE),
    "without difference, replicated": (
        [NULL, *(trial(str(n), 0.001, -0.008, 0.01) for n in range(4))],
        GradeCode.REPLICATED, Direction.NO_DIFFERENCE,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_the_rule(name):
    trials, code, direction = CASES[name]
    for order in (trials, trials[::-1]):
        graded = grade(order, matters=0.015)
        assert (graded.code, graded.direction) == (code, direction)


def test_every_reason_has_a_case():
    assert {code for _, code, _ in CASES.values()} == set(GradeCode) == set(LEVELS)


def test_without_a_smallest_lift_that_matters_nothing_shows_that_there_is_no_difference():
    assert grade([NULL]).code == GradeCode.WIDE
    assert grade([AGAIN, NULL]).direction == Direction.BETTER


def test_a_contradiction_names_both_sides_and_leaves_out_the_undecided():
    graded = grade([BETTER, WIDE, WORSE])
    assert graded.against == ("better", "worse")
    assert graded.level == 1


def test_words_to_the_contrary_are_named_and_change_no_grade():
    graded = grade([BETTER, AGAIN, THIRD, words("old", LOST), words("older", WON)])
    assert graded.code == GradeCode.REPLICATED
    assert graded.against == ("old",)
    assert graded.words_only == 2


def test_less_is_better_where_the_metric_says_so():
    fields = {"is_increase_good": False}
    graded = grade([trial("a", -0.05, -0.09, -0.01, **fields)])
    assert graded.direction == Direction.BETTER
    assert graded.supporting == ("a",)


def test_one_learning_has_one_metric():
    with pytest.raises(ValueError, match="one metric"):
        grade([BETTER, trial("other", 0.1, 0.0, 0.2, is_increase_good=False)])


def test_a_clear_mean_over_very_different_lifts_need_not_hold_for_the_next():
    spread = [0.30, 0.05, 0.22, 0.12, 0.35, 0.02, 0.18, 0.26]
    rows = [trial(str(n), lift, lift - 0.02, lift + 0.02) for n, lift in enumerate(spread)]
    graded = grade(rows)
    assert (graded.code, graded.holds_for_next) == (GradeCode.REPLICATED, False)
    alike = [trial(str(n), 0.1 + n / 1000, 0.08, 0.12) for n in range(8)]
    assert grade(alike).holds_for_next is True
    assert grade([BETTER]).holds_for_next is None
