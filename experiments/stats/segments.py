"""Whether an effect differs between segments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy

from .codes import WhyNot
from .effect import Effect
from .tails import SMALLEST, array, chi_square_test


@dataclass(frozen=True)
class Interaction:
    """Cochran's Q of `k` segments as `statistic`, with its `degrees_of_freedom`, `p_value` and `log10_p`;
    None with a name in `why_not` where fewer than two segments have an effect with a spread."""

    k: int
    statistic: float | None
    degrees_of_freedom: float | None
    p_value: float | None
    log10_p: float | None
    why_not: WhyNot | None = None


def interaction(effects: Sequence[Effect]) -> Interaction:
    """Whether the differences of several segments are further apart than chance puts them.

    Q = Σ w(d − d̄)² with w = 1/s² against χ² with k − 1 degrees; with few units (finite degrees of freedom)
    Q/(k − 1) over 1 + 2(k − 2)Λ/(k² − 1) against F with k − 1 and (k² − 1)/(3Λ) degrees,
    Λ = Σ(1 − w/W)²/df. A segment without a spread is left out.

    Args:
        effects: one of `compare` for each segment, of the same metric and arms; disjoint units.

    Returns:
        p of no difference between the segments.

    Raises:
        Nothing.

    Source: Cochran 1954 Biometrics 10:101; Welch 1951 and James 1951 Biometrika 38:330 and 324.

    >>> from .comparing import compare
    >>> from .samples import Mean
    >>> segments = [(10.0, 11.0), (10.0, 11.1), (10.0, 9.0)]
    >>> effects = [compare(Mean(900, c, 25.0), Mean(900, t, 25.0)) for c, t in segments]
    >>> round(interaction(effects).p_value, 8)
    0.0
    """
    known = [
        (e.difference, e.standard_error, e.degrees_of_freedom or np.inf)
        for e in effects
        if e.difference is not None and e.standard_error
    ]
    if len(known) < 2:
        return Interaction(len(known), None, None, None, None, WhyNot.TOO_FEW_UNITS)
    d, s, df = array(known).T
    k = d.size
    with np.errstate(all="ignore"):
        weight = (s.min() / s) ** 2
        mean = (weight * d).sum() / weight.sum()
        q = float((((d - mean) / s) ** 2).sum())
        slack = float(((1 - weight / weight.sum()) ** 2 / df).sum())
    if not np.isfinite(q):
        return Interaction(k, None, None, None, None, WhyNot.OUT_OF_RANGE)
    if slack == 0:
        p_value, log10_p = chi_square_test(q, k - 1)
        return Interaction(k, q, k - 1.0, p_value, log10_p)
    f = q / (k - 1) / (1 + 2 * (k - 2) * slack / (k**2 - 1))
    p_value = max(float(scipy.special.fdtrc(k - 1, (k**2 - 1) / (3 * slack), f)), SMALLEST)
    return Interaction(k, q, k - 1.0, p_value, float(np.log10(p_value)))
