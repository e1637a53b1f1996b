"""What a score claims: a lift, a chance, working days, read off the rubric's bands. Pure arithmetic.

A band of the rubric covers two scores and the range from its `low` to its `high`. Between scores
the claim is interpolated: 6.5 is the border of "5 or 6" and "7 or 8". More Ease means fewer days.
"""

import math
from collections.abc import Sequence

Band = tuple[float, float]


def claim_at(dimension: str, score: float, bands: Sequence[Band]) -> float:
    """The claim of a score (or of a mean of scores): fractions for lift and chance, else days.

    >>> impact = [(0, 0.005), (0.005, 0.01), (0.01, 0.03), (0.03, 0.06), (0.06, 0.15)]
    >>> claim_at("impact", 6.5, impact)
    0.03
    >>> ease = [(30, 60), (15, 30), (7, 14), (3, 6), (1, 2)]
    >>> claim_at("ease", 8, ease)
    3.75
    """
    at = min(max(int((score - 0.5) // 2), 0), len(bands) - 1)
    low, high = bands[at]
    share = min(max((score - (2 * at + 0.5)) / 2, 0.0), 1.0)
    return high - share * (high - low) if dimension == "ease" else low + share * (high - low)


def in_words(dimension: str, claim: float, *, is_short: bool = False) -> str:
    """Rounded to the precision of the claim; short beside a question that names what is likely.

    >>> in_words("impact", 0.031)
    'about +3 %'
    >>> in_words("impact", 0.0049)
    'about +0.5 %'
    >>> in_words("confidence", 0.3375)
    'about 35 % likely to work'
    >>> in_words("confidence", 0.3375, is_short=True)
    'about 35 %'
    >>> in_words("ease", 3.75)
    '3 to 4 working days'
    >>> in_words("ease", 1.0)
    'about 1 working day'
    """
    if dimension == "impact":
        percent = claim * 100
        return f"about +{percent:.0f} %" if percent >= 2 else f"about +{round(percent * 2) / 2:g} %"
    if dimension == "confidence":
        chance = f"about {round(claim * 20) * 5} %"
        return chance if is_short else f"{chance} likely to work"
    low, high = math.floor(claim), math.ceil(claim)
    if low == high:
        return f"about {low} working day{'s' * (low != 1)}"
    return f"{low} to {high} working days"
