"""Experiments on how people work: pods, weeks or ideas as units, randomised by cluster. Pure.

What happens in one cluster (such as a pod) hangs together, so a cluster counts once, by its mean, however
many units it has. With so few of them only the labels are random, and the test goes through all ways
in which they could have fallen.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from math import comb
from statistics import fmean
from typing import Final, Literal

from experiments.stats import Mean, Permutation, compare, permutation_test
from experiments.stats.tails import ALPHA, Array, array

FEW: Final = 6
"""Clusters in an arm under which a result is called weak."""

STEPS: Final = 30
MOST_INVERTED: Final = 20_000
"""Up to so many relabellings the interval is that of the permutation test; beyond, Welch’s."""


class Strength(StrEnum):
    """What a process experiment with so many clusters can show.

    `NO_COMPARISON`: an arm has no cluster. `CANNOT_SHOW`: even the clearest result would have a p above
    the level, as with three units. `WEAK`: fewer than `FEW` clusters in an arm, so that only a large
    difference is seen. `USABLE`: more than that.
    """

    NO_COMPARISON = "no-comparison"
    CANNOT_SHOW = "cannot-show"
    WEAK = "weak"
    USABLE = "usable"


@dataclass(frozen=True)
class ProcessUnit:
    """One unit that was measured: its `cluster`, whether that `is_treated`, and the `value`."""

    cluster: str
    is_treated: bool
    value: float


@dataclass(frozen=True)
class ProcessResult:
    """The difference that a way of working made.

    `strength`: what so many clusters can show. `control_clusters`, `treated_clusters`, `units`: how many
    there are. `smallest_p`: the smallest p that they could give. `difference`: of the means of clusters,
    treated minus control, from `low` to `high` (None where the interval has no end). `p_value`: two-sided.
    `permutations`: relabellings gone through; `is_exact`: these are all that there are.
    """

    strength: Strength
    control_clusters: int
    treated_clusters: int
    units: int
    smallest_p: float
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    p_value: float | None = None
    permutations: int = 0
    is_exact: bool = False


def assign_clusters(clusters: Iterable[str], *, salt: str) -> dict[str, bool]:
    """Which clusters work in the new way: half of them, by lot.

    Args:
        clusters: their keys.
        salt: of this experiment; the same salt and clusters give the same lot.

    Returns:
        Cluster → whether it is treated; of an odd number one more is not.

    Raises:
        Nothing.

    Source: complete randomisation; the lot is the order of SHA-256 of salt and key.

    >>> sum(assign_clusters(["A", "B", "C", "D", "E"], salt="s").values())
    2
    """
    order = sorted(
        set(clusters), key=lambda cluster: sha256(f"{salt}:{cluster}".encode()).hexdigest()
    )
    return {cluster: at < len(order) // 2 for at, cluster in enumerate(order)}


def smallest_p(control: int, treated: int) -> float:
    """The smallest two-sided p that so many clusters can give.

    Args:
        control: clusters that work as before.
        treated: clusters that work in the new way.

    Returns:
        2 over the number of ways to choose the treated ones, at most 1.

    Raises:
        ValueError: a negative number.

    Source: Fisher 1935 Design of Experiments §21.

    >>> round(smallest_p(1, 2), 3), round(smallest_p(4, 4), 3)
    (0.667, 0.029)
    """
    return min(1.0, 2 / comb(control + treated, treated))


def strength_of(control: int, treated: int, *, alpha: float = ALPHA) -> Strength:
    """What a process experiment with so many clusters can show; ask before it starts.

    Args:
        control: clusters that work as before.
        treated: clusters that work in the new way.
        alpha: the level of the test, 0 to 1.

    Returns:
        A code for the sentence.

    Raises:
        ValueError: a negative number.

    Source: `smallest_p`; the bound of `WEAK` is Floe’s own.

    >>> [str(strength_of(*pair)) for pair in ((0, 3), (1, 2), (4, 4), (6, 6))]
    ['no-comparison', 'cannot-show', 'weak', 'usable']
    """
    if not min(control, treated):
        return Strength.NO_COMPARISON
    if smallest_p(control, treated) > alpha:
        return Strength.CANNOT_SHOW
    return Strength.WEAK if min(control, treated) < FEW else Strength.USABLE


def process_result(units: Iterable[ProcessUnit], *, alpha: float = ALPHA) -> ProcessResult:
    """Whether a way of working makes a difference, by an exact permutation test over clusters.

    Args:
        units: everything that was measured, in any order.
        alpha: the level; the interval has the confidence 1 − `alpha`.

    Returns:
        The difference with p and interval; where the experiment can’t show anything, the difference
        alone with the p that it has.

    Raises:
        ValueError: a cluster in both arms, or a value that is not finite.

    Source: `permutation_test` (Fisher 1935); clusters by their means: Gail, Mark, Carroll, Green & Pee
    1996 Stat Med 15:1069; the interval by inverting the test, Ernst 2004 Stat Sci 19:676.

    >>> three = [ProcessUnit("A", False, 4.0), ProcessUnit("B", True, 6.0), ProcessUnit("C", True, 7.0)]
    >>> result = process_result(three)
    >>> str(result.strength), result.difference, round(result.smallest_p, 2), result.low
    ('cannot-show', 2.5, 0.67, None)
    """
    rows = list(units)
    values: dict[tuple[bool, str], list[float]] = {}
    for unit in rows:
        values.setdefault((unit.is_treated, unit.cluster), []).append(unit.value)
    if len({cluster for _, cluster in values}) < len(values):
        raise ValueError("each cluster works in one way")
    control, treated = (
        array(
            [fmean(group) for (is_treated, _), group in sorted(values.items()) if is_treated is arm]
        )
        for arm in (False, True)
    )
    counts = control.size, treated.size
    facts = (strength_of(*counts, alpha=alpha), *counts, len(rows), smallest_p(*counts))
    if facts[0] == Strength.NO_COMPARISON:
        return ProcessResult(*facts)
    test = permutation_test(control, treated)
    if test.why_not is not None:
        raise ValueError("values are finite numbers")
    low, high = (
        (None, None)
        if facts[0] == Strength.CANNOT_SHOW
        else _interval(control, treated, test, alpha)
    )
    return ProcessResult(
        *facts, test.difference, low, high, test.p_value, test.permutations, test.is_exact
    )


def _interval(
    control: Array, treated: Array, test: Permutation, alpha: float
) -> tuple[float | None, float | None]:
    """Differences that the test does not reject."""
    if not test.is_exact or test.permutations > MOST_INVERTED:
        arms = (Mean(arm.size, arm.mean(), arm.var(ddof=1)) for arm in (control, treated))
        effect = compare(*arms, confidence=1 - alpha)
        return effect.low, effect.high
    lowest = float(treated.min() - control.max())
    highest = float(treated.max() - control.min())
    slack = 1e-6 * ((highest - lowest) or 1.0)
    middle = float(treated.mean() - control.mean())
    return (
        _end(control, treated, "greater", lowest - slack, middle, alpha),
        _end(control, treated, "less", highest + slack, middle, alpha),
    )


def _end(
    control: Array,
    treated: Array,
    alternative: Literal["greater", "less"],
    outside: float,
    inside: float,
    alpha: float,
) -> float:
    """Where the one-sided test begins to reject, by bisection."""
    for _ in range(STEPS):
        shift = (outside + inside) / 2
        test = permutation_test(control, treated - shift, alternative=alternative)
        if test.p_value is not None and test.p_value <= alpha / 2:
            outside = shift
        else:
            inside = shift
    return outside
