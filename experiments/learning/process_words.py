"""What an experiment on how people work says, in sentences; made here and nowhere else. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from experiments.learning.process import ProcessResult, Strength, smallest_p, strength_of
from experiments.stats.numbers import digits_for, figure, signed
from experiments.stats.sizes import ranged
from experiments.stats.tails import ALPHA

SPREAD: Final = 1e-7
"""Under it, for their size, two ends of an interval are one number, as bisection leaves them."""


class ProcessVerdict(StrEnum):
    """What the other way of working did, by the test at its level.

    `BETTER` and `WORSE`: the test is clear, in that direction. `NO_CLEAR_DIFFERENCE`: it is not.
    `CANNOT_TELL`: so few clusters can’t show anything, whatever they measured.
    """

    BETTER = "better"
    WORSE = "worse"
    NO_CLEAR_DIFFERENCE = "no-clear-difference"
    CANNOT_TELL = "cannot-tell"


def process_verdict(
    result: ProcessResult, *, is_increase_good: bool, alpha: float = ALPHA
) -> ProcessVerdict:
    """What a result says about the other way of working.

    Args:
        result: of `process_result`.
        is_increase_good: whether more of what was measured is better.
        alpha: the level of the test, 0 to 1.

    Returns:
        A code; never a direction where the number of clusters could not show one.

    Raises:
        Nothing.

    Source: Floe’s own rule: p at or under `alpha`.

    >>> few = ProcessResult(Strength.CANNOT_SHOW, 1, 2, 3, 0.667, 2.5, None, None, 0.667, 3, True)
    >>> str(process_verdict(few, is_increase_good=True))
    'cannot-tell'
    """
    if result.strength in (Strength.NO_COMPARISON, Strength.CANNOT_SHOW):
        return ProcessVerdict.CANNOT_TELL
    if result.p_value is None or not result.difference or result.p_value > alpha:
        return ProcessVerdict.NO_CLEAR_DIFFERENCE
    is_good = (result.difference > 0) is is_increase_good
    return ProcessVerdict.BETTER if is_good else ProcessVerdict.WORSE


def fewest_clusters(alpha: float = ALPHA) -> int:
    """The fewest clusters, split in halves, that could show a difference at all.

    Args:
        alpha: the level of the test, over 0.

    Returns:
        A number of clusters.

    Raises:
        Nothing.

    Source: `smallest_p`.

    >>> fewest_clusters()
    8
    """
    count = 2
    while smallest_p(count - count // 2, count // 2) > alpha:
        count += 1
    return count


def before_the_start(clusters: int, noun: str) -> str:
    """What so many clusters can show, for somebody who chooses them.

    Args:
        clusters: how many will be given to the two ways by lot.
        noun: what they are called, in the plural.

    Returns:
        A sentence or two.

    Raises:
        Nothing.

    Source: `strength_of`.

    >>> before_the_start(3, "weeks")
    '3 weeks are too few to show anything: even the clearest difference would have p = 0.67, and at most 0.05 is needed. Choose at least 8 weeks.'
    >>> before_the_start(0, "pods")
    'No pods are chosen yet. Choose at least 8 pods.'
    """
    least = f"Choose at least {fewest_clusters()} {noun}."
    if clusters < 2:
        count = f"One {noun.removesuffix('s')} alone" if clusters else f"No {noun}"
        return f"{count} {'can’t be compared' if clusters else 'are chosen yet'}. {least}"
    control, treated = clusters - clusters // 2, clusters // 2
    p = smallest_p(control, treated)
    strength = strength_of(control, treated)
    if strength == Strength.CANNOT_SHOW:
        return (
            f"{clusters} {noun} are too few to show anything: even the clearest difference would "
            f"have p = {p:.2g}, and at most {ALPHA:g} is needed. {least}"
        )
    if strength == Strength.WEAK:
        return (
            f"{control} {noun} will work as now and {treated} the other way. This will be weak evidence. "
            f"Only a large difference can be seen, and the smallest possible p is {figure(p)}."
        )
    return f"{control} {noun} will work as now and {treated} the other way."


def difference_text(result: ProcessResult, unit: str = "") -> str:
    """The difference with its interval, in the unit of what was measured.

    Args:
        result: of `process_result`.
        unit: such as “days”; may be empty.

    Returns:
        Text; a dash without a difference.

    Raises:
        Nothing.

    Source: none.

    >>> weak = ProcessResult(Strength.WEAK, 4, 4, 8, 0.029, -0.8, -1.52, 0.31, 0.2, 70, True)
    >>> difference_text(weak, "days")
    '−0.8 (−1.5 to 0.3) days'
    """
    if result.difference is None:
        return "–"
    ends = [end for end in (result.low, result.high) if end is not None]
    if len(ends) < 2:
        text = signed(result.difference, plus="+", digits=digits_for(result.difference, None, None))
    elif ends[1] - ends[0] < SPREAD * max(1.0, abs(result.difference)):
        same = signed(result.difference, plus="+")
        text = f"{same} ({same.removeprefix('+')} to {same.removeprefix('+')})"
    else:
        text = ranged(result.difference, result.low, result.high)
    return f"{text} {unit}".rstrip()


def result_sentences(
    result: ProcessResult, *, noun: str, unit: str = "", is_increase_good: bool = True
) -> tuple[str, str]:
    """What came out, and how much it is worth.

    Args:
        result: of `process_result`.
        noun: what the clusters are called, in the plural.
        unit: of what was measured.
        is_increase_good: whether more is better.

    Returns:
        The verdict, and a second sentence, "" where nothing has to be said.

    Raises:
        Nothing.

    Source: none.

    >>> weak = ProcessResult(Strength.WEAK, 4, 4, 8, 0.0286, -0.8, -1.52, -0.1, 0.0286, 70, True)
    >>> first, second = result_sentences(weak, noun="weeks", unit="days", is_increase_good=False)
    >>> first
    'The other way did better: −0.8 (−1.5 to −0.1) days, p = 0.029.'
    >>> second
    'This is weak: with 4 and 4 weeks only a large difference can be seen, and the smallest possible p is 0.029.'
    """
    counts = f"{result.control_clusters} and {result.treated_clusters} {noun}"
    verdict = process_verdict(result, is_increase_good=is_increase_good)
    if result.strength == Strength.NO_COMPARISON:
        return "There is nothing to compare: one of the two ways has no outcome.", ""
    if verdict == ProcessVerdict.CANNOT_TELL:
        return (
            f"{counts} are too few to show anything: even the clearest difference would have "
            f"p = {result.smallest_p:.2g}, and at most {ALPHA:g} is needed.",
            f"The difference that was measured is {difference_text(result, unit)}. It may be chance alone.",
        )
    head = {
        ProcessVerdict.BETTER: "The other way did better",
        ProcessVerdict.WORSE: "The other way did worse",
        ProcessVerdict.NO_CLEAR_DIFFERENCE: "No clear difference",
    }[verdict]
    p = f"p = {result.p_value:.2g}" if result.p_value is not None else "no p"
    first = f"{head}: {difference_text(result, unit)}, {p}."
    if result.strength != Strength.WEAK:
        return first, ""
    return first, (
        f"This is weak: with {counts} only a large difference can be seen, and the smallest possible "
        f"p is {result.smallest_p:.2g}."
    )
