"""The statistics engine: pure numpy and scipy, no Django.

Samples go in, flat and immutable results come out. `docs/statistics.md` says what each method
assumes, where it comes from and when Floe shows it.
"""

from .balance import Balance, sample_ratio, sample_ratio_sequential
from .bayes import Posterior, chance_to_win, posterior
from .calibration import Brier, RankAgreement, brier, rank_agreement, reliability_curve
from .codes import Caution, Code, LiftMethod, Method, SampleRatio, State, Watch, WhyNot, Without
from .comparing import compare, compare_many
from .covariates import fitted_scores
from .designs import Design
from .effect import WHY_NOT, Effect, Effects
from .facts import Fact
from .judging import Finding, Rule, Unmeasured
from .looks import crossing_rate, spending_bounds
from .monitoring import AnyTime, Monitoring, PlannedLooks, inflation
from .multiplicity import Levels, adjust_pvalues, adjusted_levels, cut_at_null
from .outlook import conditional_power, detectable_at_looks
from .permutations import Permutation, permutation_test
from .planning import detectable_effect, runtime, sample_size, unit_variance, units_after
from .pooling import Pooled, pool_random_effects, prior_from, shrink
from .quantiles import compare_quantiles
from .samples import CovariateMean, Mean, Proportion, Ratio, Sample
from .segments import Interaction, interaction
from .sequences import confidence_sequence, running
from .sizes import Words, say
from .strata import poststratify
from .verdicts import OUTCOMES, Verdict, verdict
from .winsorising import winsorise

__all__ = [
    "OUTCOMES",
    "WHY_NOT",
    "AnyTime",
    "Balance",
    "Brier",
    "Caution",
    "Code",
    "CovariateMean",
    "Design",
    "Effect",
    "Effects",
    "Fact",
    "Finding",
    "Interaction",
    "Levels",
    "LiftMethod",
    "Mean",
    "Method",
    "Monitoring",
    "Permutation",
    "PlannedLooks",
    "Pooled",
    "Posterior",
    "Proportion",
    "RankAgreement",
    "Ratio",
    "Rule",
    "Sample",
    "SampleRatio",
    "State",
    "Unmeasured",
    "Verdict",
    "Watch",
    "WhyNot",
    "Without",
    "Words",
    "adjust_pvalues",
    "adjusted_levels",
    "brier",
    "chance_to_win",
    "compare",
    "compare_many",
    "compare_quantiles",
    "conditional_power",
    "confidence_sequence",
    "crossing_rate",
    "cut_at_null",
    "detectable_at_looks",
    "detectable_effect",
    "fitted_scores",
    "inflation",
    "interaction",
    "permutation_test",
    "pool_random_effects",
    "posterior",
    "poststratify",
    "prior_from",
    "rank_agreement",
    "reliability_curve",
    "running",
    "runtime",
    "sample_ratio",
    "sample_ratio_sequential",
    "sample_size",
    "say",
    "shrink",
    "spending_bounds",
    "unit_variance",
    "units_after",
    "verdict",
    "winsorise",
]
