"""A quiz asks the same questions again, and marks chances as well as sides."""

from collections import Counter

import pytest

from experiments.learning.quiz import Guess, QuizResult, choose, mark

KEYS = [f"EXP-{n}" for n in range(10)]


def test_questions_are_the_same_in_any_order_and_others_for_others():
    mine = choose(KEYS, person="7", quarter="2026-q4")
    assert len(set(mine)) == 3
    assert choose(reversed(KEYS), person="7", quarter="2026-q4") == mine
    others = [choose(KEYS, person=str(n), quarter="2026-q4") for n in range(200)]
    counts = Counter(key for keys in others for key in keys)
    assert min(counts.values()) > 35
    assert choose(KEYS[:2], person="7", quarter="2026-q4", count=3) in (
        tuple(KEYS[:2]), tuple(KEYS[1::-1]),
    )  # fmt: skip


def test_a_chance_of_one_half_is_on_neither_side():
    assert mark([Guess(0.5, True), Guess(0.5, False)], base_rate=0.3).right == 0


def test_guesses_are_held_against_the_share_that_wins_anyway():
    result = mark([Guess(0.9, True), Guess(0.2, False), Guess(0.7, False)], base_rate=0.3)
    assert result.right == 2
    assert result.score == pytest.approx((0.01 + 0.04 + 0.49) / 3)
    assert result.base_score == pytest.approx((0.49 + 0.09 + 0.09) / 3)


def test_lifts_count_where_there_is_an_interval():
    guesses = [
        Guess(0.5, True, 0.03, 0.01, 0.05), Guess(0.5, True, 0.09, 0.01, 0.05),
        Guess(0.5, True, 0.03), Guess(0.5, True, None, 0.01, 0.05),
    ]  # fmt: skip
    result = mark(guesses, base_rate=0.5)
    assert (result.hits, result.lifts) == (1, 2)


def test_an_empty_quiz_has_no_score():
    assert mark([], base_rate=0.3) == QuizResult(0)
