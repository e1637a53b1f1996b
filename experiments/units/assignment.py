"""Which arm a unit gets: a pure function of the sealed plan, the ramp and the unit's id.

docs/assignment.md says the same in words, with vectors for whoever implements it elsewhere. Nothing
here knows Django, and nothing is kept: the same unit gets the same answer for ever.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256
from typing import Final

import numpy as np
from numpy.typing import NDArray

from experiments.plan.document import Plan

METHOD: Final = "sha256-1"
BUCKETS: Final = 10_000
RAMP_STEPS: Final = (1, 5, 20, 50, 100)
WHOLE: Final = 2**64
HELD_OUT, ELSEWHERE, NOT_YET = -1, -2, -3
WHY: Final = {
    HELD_OUT: "held-out",
    ELSEWHERE: "other-experiment",
    NOT_YET: "not-yet",
}
"""Why a unit has no arm: it is in the holdout, belongs to other tests of the namespace, or its turn
in the ramp has not come."""

Ranges = Sequence[Sequence[int]]
Positions = NDArray[np.uint64]


def positions(salt: str, units: Iterable[str]) -> Positions:
    """Where each unit falls between 0 and 2⁶⁴: the first 8 bytes of SHA-256("salt:unit"), big-endian.

    >>> int(positions("s", ["reader-1"])[0])
    17220565155572177290
    """
    start = sha256(f"{salt}:".encode())
    digests = bytearray()
    for unit in units:
        one = start.copy()
        one.update(unit.encode())
        digests += one.digest()[:8]
    return np.frombuffer(bytes(digests), dtype=">u8").astype(np.uint64)


def buckets(at: Positions) -> NDArray[np.int64]:
    """The bucket of each position, 0 to 9,999: position × 10,000 ÷ 2⁶⁴, rounded down.

    >>> buckets(np.array([0, 2**63, 2**64 - 1], dtype=np.uint64)).tolist()
    [0, 5000, 9999]
    """
    high, low = at >> np.uint64(32), at & np.uint64(0xFFFFFFFF)
    many, half = np.uint64(BUCKETS), np.uint64(32)
    return ((high * many + ((low * many) >> half)) >> half).astype(np.int64)


def cuts(weights: Sequence[float]) -> list[int]:
    """The positions at which the arms after the first begin; each arm gets exactly its share.

    Weights count as the decimal numbers they are written as.

    >>> [cut * 4 // WHOLE for cut in cuts([50, 25, 25])]
    [2, 3]
    """
    parts = [Fraction(str(weight)) for weight in weights]
    total, upto, ends = sum(parts), Fraction(0), []
    for part in parts[:-1]:
        upto += part
        ends.append(int(upto * WHOLE / total))
    return ends


@dataclass(frozen=True)
class Assigner:
    """All that an assignment depends on. `ramp` and `holdout_share` are per cent of all units;
    `ranges` the buckets [from, until) that the experiment has in its namespace."""

    salt: str
    arms: tuple[str, ...]
    weights: tuple[float, ...]
    ramp: float = 100
    namespace: str = ""
    ranges: tuple[tuple[int, int], ...] = ((0, BUCKETS),)
    holdout_salt: str = ""
    holdout_share: float = 0.0

    @classmethod
    def of_plan(cls, plan: Plan, *, ramp: float) -> Assigner:
        """From a sealed plan.

        Raises:
            ValueError: it was sealed before plans held their assignment.
        """
        sealed = plan.assignment
        if sealed is None:
            raise ValueError("This plan was sealed before plans held their assignment.")
        return cls(
            salt=sealed.salt,
            arms=tuple(arm.name for arm in plan.arms),
            weights=tuple(arm.weight for arm in plan.arms),
            ramp=ramp,
            namespace=sealed.namespace or "",
            ranges=tuple((start, end) for start, end in sealed.ranges),
            holdout_salt=sealed.holdout.salt if sealed.holdout else "",
            holdout_share=sealed.holdout.share if sealed.holdout else 0.0,
        )

    def codes(self, units: Sequence[str]) -> NDArray[np.int64]:
        """For each unit the place of its arm, or why it has none: -1, -2, -3 as in `WHY`."""
        return self._codes(units, positions(f"{self.salt}:arm", units))

    def _codes(self, units: Sequence[str], at: Positions) -> NDArray[np.int64]:
        thresholds = np.array(cuts(self.weights), dtype=np.uint64)
        codes = np.searchsorted(thresholds, at, side="right").astype(np.int64)
        if self.ramp < 100:
            turn = buckets(positions(f"{self.salt}:ramp", units))
            codes[turn >= round(self.ramp * BUCKETS / 100)] = NOT_YET
        if self.namespace:
            place = buckets(positions(f"namespace:{self.namespace}", units))
            is_ours = np.zeros(len(units), dtype=bool)
            for start, end in self.ranges:
                is_ours |= (place >= start) & (place < end)
            codes[~is_ours] = ELSEWHERE
        codes[self.is_held_out(units)] = HELD_OUT
        return codes

    def is_held_out(self, units: Sequence[str]) -> NDArray[np.bool_]:
        if not self.holdout_salt:
            return np.zeros(len(units), dtype=bool)
        return held_out(self.holdout_salt, self.holdout_share, units)

    def evenly(self, units: Sequence[str], strata: Sequence[str]) -> NDArray[np.int64]:
        """As `codes`, but within each stratum the arms have their shares to the unit.

        Units go by their position, the first ones to the first arm, so the same list is split the
        same way; a list with other units is not, and single units asked for are not either.
        """
        at = positions(f"{self.salt}:arm", units)
        codes = self._codes(units, at)
        of_stratum: dict[str, list[int]] = {}
        for place in np.flatnonzero(codes >= 0).tolist():
            of_stratum.setdefault(strata[place], []).append(place)
        for stratum, places in of_stratum.items():
            quotas = self._quotas(len(places), stratum)
            codes[_in_order(places, at, units)] = np.repeat(np.arange(len(self.arms)), quotas)
        return codes

    def _quotas(self, count: int, stratum: str) -> list[int]:
        """Whole units for each arm by the largest remainder; ties go by lot, drawn from the salt."""
        parts = [Fraction(str(weight)) for weight in self.weights]
        exact = [count * part / sum(parts) for part in parts]
        lots = positions(f"{self.salt}:{stratum}", self.arms)
        quotas = [int(share) for share in exact]
        order = sorted(
            range(len(parts)), key=lambda arm: (quotas[arm] - exact[arm], int(lots[arm]))
        )
        for arm in order[: count - sum(quotas)]:
            quotas[arm] += 1
        return quotas


def _in_order(places: list[int], at: Positions, units: Sequence[str]) -> NDArray[np.int64]:
    """Places by their position, two of one position by their unit."""
    order = np.array(places)
    order = order[np.argsort(at[order], kind="stable")]
    if (at[order[1:]] == at[order[:-1]]).any():
        return np.array(sorted(places, key=lambda place: (int(at[place]), units[place])))
    return order


def held_out(salt: str, share: float, units: Sequence[str]) -> NDArray[np.bool_]:
    """Which units are in a holdout of `share` per cent.

    >>> held_out("q", 50, ["reader-1", "reader-2", "reader-3"]).tolist()
    [True, False, True]
    """
    return buckets(positions(f"holdout:{salt}", units)) < round(share * BUCKETS / 100)


def free_ranges(booked: Iterable[Ranges], wanted: int) -> list[tuple[int, int]] | None:
    """The first `wanted` buckets that nobody has booked, or None where there are too few.

    >>> free_ranges([[(0, 3000)], [(5000, 6000)]], 4000)
    [(3000, 5000), (6000, 8000)]
    >>> free_ranges([[(0, 9000)]], 2000) is None
    True
    """
    taken = sorted((start, end) for ranges in booked for start, end in ranges)
    free, at = [], 0
    for start, end in [*taken, (BUCKETS, BUCKETS)]:
        if start > at and wanted:
            part = min(start - at, wanted)
            free.append((at, at + part))
            wanted -= part
        at = max(at, end)
    return free if not wanted else None


def fingerprint_of_list(units: Iterable[str]) -> str:
    """Of a list whatever its order: the sum of the SHA-256 of its units modulo 2²⁵⁶, in hex.

    >>> fingerprint_of_list(["a", "b"]) == fingerprint_of_list(["b", "a"])
    True
    """
    total = sum(int.from_bytes(sha256(unit.encode()).digest(), "big") for unit in units)
    return f"{total % 2**256:064x}"


def counts_of(codes: NDArray[np.int64], arms: Sequence[str]) -> dict[str, int]:
    """How many units each arm got, and how many have none, by the reason."""
    by_code = Counter(codes.tolist())
    counted = {arm: by_code[place] for place, arm in enumerate(arms)}
    return counted | {why: by_code[code] for code, why in WHY.items() if by_code[code]}
