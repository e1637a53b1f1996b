"""The smallest effect as people type and read it: in points or per cent, and from where to where."""

import re

from experiments.models import Metric
from experiments.plan.sizing import decimals_of

# What a smallest effect is typed in; it is kept as a lift.
EFFECT_IN = [("lift", "% of the baseline"), ("points", "points, or its unit")]
# An effect that can be read in one way only: “+0.5 points”. “+10 %” can be a lift or points.
_POINTS = re.compile(
    r"[+−-]?(?P<size>\d{1,3}(?:[.,]\d{1,3})?) ?(?:points?|percentage points?|pp)", re.I
)


def points_in(text: str) -> str:
    """The size of an effect that is given in points; empty where the text can be read otherwise.

    >>> points_in("+0,5 points"), points_in("+10 %")
    ('0.5', '')
    """
    match = _POINTS.fullmatch(" ".join(text.split()))
    return match["size"].replace(",", ".") if match else ""


def echo_of(kind: str, baseline: float, change: float) -> str:
    """Such as 4.0 % → 4.5 %, with as many decimals as tell both apart.

    >>> echo_of("proportion", 4.0, 0.5), echo_of("mean", 12.5, -2)
    ('4.0\\xa0% → 4.5\\xa0%', '12.5 → 10.5')
    """
    digits = decimals_of(change)
    unit = "\N{NO-BREAK SPACE}%" if kind == Metric.Kind.PROPORTION else ""
    before, after = (f"{value:,.{digits}f}{unit}" for value in (baseline, baseline + change))
    return f"{before} → {after}".replace("-", "−")
