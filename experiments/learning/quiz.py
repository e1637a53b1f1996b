"""A newcomer’s quiz: predict some past experiments, and see how they went. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from experiments.stats import brier


@dataclass(frozen=True)
class Guess:
    """A prediction of one past experiment: the `chance` that it won, whether it `won`, the `lift` that
    was guessed, and the interval that was measured, from `low` to `high`; None where there is none."""

    chance: float
    won: bool
    lift: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class QuizResult:
    """How a quiz went: of `n` guesses, `right` were on the right side of one half. `score`: Brier’s, 0 is
    perfect; `base_score`: that of always claiming the share that won in the workspace. `hits`: guessed
    lifts within the measured interval, of `lifts`. Numbers are None without a guess."""

    n: int
    right: int = 0
    score: float | None = None
    base_score: float | None = None
    hits: int = 0
    lifts: int = 0


def choose(keys: Iterable[str], *, person: str, quarter: str, count: int = 3) -> tuple[str, ...]:
    """Past experiments for one person’s quiz of a quarter.

    Args:
        keys: of experiments that the person may see and had no part in.
        person: whose quiz it is.
        quarter: of the quiz; each has other questions.
        count: how many questions.

    Returns:
        Keys in the order of the questions; the same for the same arguments.

    Raises:
        Nothing.

    Source: a lot by SHA-256.

    >>> choose(["EXP-1", "EXP-2", "EXP-3"], person="7", quarter="2026-q4", count=2)
    ('EXP-3', 'EXP-2')
    """

    def lot(key: str) -> str:
        return sha256(f"{quarter}:{person}:{key}".encode()).hexdigest()

    return tuple(sorted(set(keys), key=lot)[:count])


def mark(guesses: Sequence[Guess], *, base_rate: float) -> QuizResult:
    """How the guesses held against what happened.

    Args:
        guesses: of one quiz, or of all of one person.
        base_rate: the share of past experiments that won, 0 to 1.

    Returns:
        Counts and scores; a chance of exactly one half is on neither side.

    Raises:
        ValueError: a chance outside 0 to 1.

    Source: `brier`.

    >>> mark([Guess(0.8, True), Guess(0.4, True)], base_rate=0.5)
    QuizResult(n=2, right=1, score=0.2, base_score=0.25, hits=0, lifts=0)
    """
    won = [float(guess.won) for guess in guesses]
    own = brier([guess.chance for guess in guesses], won)
    base = brier([base_rate] * len(won), won)
    lifts = [
        (guess.low, guess.lift, guess.high)
        for guess in guesses
        if guess.lift is not None and guess.low is not None and guess.high is not None
    ]
    return QuizResult(
        n=len(guesses),
        right=sum((guess.chance - 0.5) * (guess.won - 0.5) > 0 for guess in guesses),
        score=own.score if own else None,
        base_score=base.score if base else None,
        hits=sum(low <= lift <= high for low, lift, high in lifts),
        lifts=len(lifts),
    )
