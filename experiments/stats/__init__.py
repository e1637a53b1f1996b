"""The statistics engine: pure numpy and scipy, no Django.

Samples go in, flat and immutable results come out. `docs/statistics.md` says what each method
assumes, where it comes from and when Floe shows it.
"""

from .balance import Balance, sample_ratio
from .comparing import compare, compare_many
from .effect import WHY_NOT, Effect
from .judging import Finding, Rule
from .multiplicity import adjust_pvalues
from .planning import detectable_effect, runtime, sample_size
from .samples import CovariateMean, Mean, Proportion, Ratio, Sample
from .verdicts import OUTCOMES, Verdict, verdict
from .wording import Words, say

__all__ = [
    "OUTCOMES",
    "WHY_NOT",
    "Balance",
    "CovariateMean",
    "Effect",
    "Finding",
    "Mean",
    "Proportion",
    "Ratio",
    "Rule",
    "Sample",
    "Verdict",
    "Words",
    "adjust_pvalues",
    "compare",
    "compare_many",
    "detectable_effect",
    "runtime",
    "sample_ratio",
    "sample_size",
    "say",
    "verdict",
]
