"""Two arms compared on one metric, at a fixed horizon."""

from __future__ import annotations

import numpy as np

from .effect import Effect, Effects, single
from .estimates import estimate
from .proportions import compare_proportions
from .question import Question, fields
from .samples import CovariateMean, Mean, Proportion, Sample
from .tails import CONFIDENCE, Alternative
from .welch import compare_means, welch


def compare(
    control: Sample,
    treatment: Sample,
    *,
    confidence: float = CONFIDENCE,
    alternative: Alternative = "two-sided",
    interval: str = "auto",
    margin: float = 0.0,
    exact: str = "fisher",
) -> Effect:
    """How the treatment differs from the control, with its interval, its lift and p.

    Args:
        control, treatment: two samples of the same kind.
        confidence: of the intervals; 0 to 1.
        alternative: "two-sided"; or what a one-sided test is to show: the treatment is
            "greater", or "less". The interval is then open on the other side (None).
        interval: of the lift: "log", "fieller", "delta", or "auto", which is the log scale where
            both means are clearly positive and Fieller's elsewhere.
        margin: with a one-sided alternative, the loss that may be tolerated, in the metric's
            unit: "greater" then shows difference > −margin, "less" difference < margin.
        exact: the test of proportions where a cell is expected to hold fewer than 10: "fisher",
            or "boschloo", which finds more and takes up to 1,000 units.

    Returns:
        One effect. Data never raise: what can't be computed is None and `why_not` names the reason.

    Raises:
        ValueError: an option that does not exist, or a margin without a direction.
        TypeError: samples of different kinds.

    Means that know their skewness and have fewer than 355·skewness² units in an arm are tested with the
    spread and the skewness of both arms together, where the difference is skewed ("skew-corrected-t").
    `caution` is "heavy-tail-small-arm" where that is not enough, or the skewness not known.

    Source: Welch 1947 Biometrika 34:28; Fleiss, Levin & Paik 2003 ch. 3 (pooled z); Newcombe 1998
    Stat Med 17:873 (its interval); Farrington & Manning 1990 Stat Med 9:1447 (margin); Deng, Xu,
    Kohavi & Walker 2013 WSDM (CUPED); Katz et al. 1978, Fieller 1954 (lift).

    >>> from .samples import Mean
    >>> effect = compare(Mean(5000, 100.0, 900.0), Mean(4900, 101.5, 1024.0))
    >>> effect.difference, round(effect.low, 4), round(effect.high, 4), round(effect.p_value, 6)
    (1.5, 0.2775, 2.7225, 0.016188)
    >>> compare(Proportion(1000, 0), Proportion(1000, 0)).why_not
    'no-conversions'
    >>> few = Proportion(5000, 20), Proportion(5000, 21)
    >>> round(compare(*few, alternative="less", margin=0.005).p_value, 6)
    0.00044
    """
    return single(
        compare_many(
            control,
            treatment,
            confidence=confidence,
            alternative=alternative,
            interval=interval,
            margin=margin,
            exact=exact,
        )
    )


def compare_many(
    control: Sample,
    treatment: Sample,
    *,
    confidence: float = CONFIDENCE,
    alternative: Alternative = "two-sided",
    interval: str = "auto",
    margin: float = 0.0,
    exact: str = "fisher",
) -> Effects:
    """`compare` for many pairs in one call: samples whose fields are arrays of one shape.

    Args:
        control, treatment: two samples of the same kind, each field an array of one shape.
        confidence, alternative, interval, margin, exact: as for `compare`, one for all pairs.

    Returns:
        `Effects`, whose fields are arrays of that shape. An array can't hold None, so what could not
        be computed is nan, where `why_not` (None elsewhere) says why; `effects[i]` is the i-th
        comparison as `compare` gives it.

    Raises:
        ValueError, TypeError: as `compare`.

    Source: as `compare`.

    >>> pairs = compare_many(Proportion([100, 0], [20, 0]), Proportion([100, 50], [40, 5]))
    >>> pairs.difference.round(2).tolist(), pairs.why_not.tolist()
    ([0.2, nan], [None, 'no-units'])
    >>> pairs[0] == compare(Proportion(100, 20), Proportion(100, 40))
    True
    """
    question = Question(confidence, alternative, interval, margin, exact)
    with np.errstate(all="ignore"):
        estimated = estimate(control, treatment)
        if isinstance(control, Proportion) and isinstance(treatment, Proportion):
            (n_c, x_c), (n_t, x_t) = fields(control), fields(treatment)
            return compare_proportions(estimated, (x_c, n_c, x_t, n_t), question)
        if isinstance(control, Mean | CovariateMean):
            return compare_means(estimated, control, treatment, question)
        return welch(estimated, question)
