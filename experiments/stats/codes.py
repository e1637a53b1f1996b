"""The words that the engine stores and decides by. `sentences.py` says them; nothing reads sentences."""

from __future__ import annotations

from enum import StrEnum


class Word(StrEnum):
    """A string of a fixed list; shown as it is stored."""

    def __repr__(self) -> str:
        return repr(self.value)


class Method(Word):
    """How a difference was tested: `Effect.method`, in results, pages and JSON alike."""

    WELCH_T = "welch-t"
    CUPED_WELCH_T = "cuped-welch-t"
    POOLED_Z = "pooled-z"
    FISHER = "fisher"
    BOSCHLOO = "boschloo"
    SCORE_Z = "score-z"
    QUANTILE = "quantile"
    CONFIDENCE_SEQUENCE = "confidence-sequence"
    POST_STRATIFIED_T = "post-stratified-t"
    POST_STRATIFIED_Z = "post-stratified-z"
    SKEW_CORRECTED_T = "skew-corrected-t"
    E_PROCESS = "e-process"


class LiftMethod(Word):
    """How the interval of a lift was made."""

    LOG = "log"
    FIELLER = "fieller"
    DELTA = "delta"
    SEQUENCE = "sequence"
    NONE = "none"


class WhyNot(Word):
    """What could not be computed. Where several fit, the first of them is given."""

    MISSING_NUMBERS = "missing-numbers"
    IMPOSSIBLE_NUMBERS = "impossible-numbers"
    NO_UNITS = "no-units"
    TOO_FEW_UNITS = "too-few-units"
    ZERO_DENOMINATOR = "zero-denominator"
    NO_CONVERSIONS = "no-conversions"
    EVERYONE_CONVERTED = "everyone-converted"
    ZERO_VARIANCE = "zero-variance"
    TOO_FEW_FOR_SEQUENCE = "too-few-for-sequence"
    TOO_FEW_FOR_QUANTILE = "too-few-for-quantile"
    TIED_AT_QUANTILE = "tied-at-quantile"
    TOO_MANY_FOR_BOSCHLOO = "too-many-for-boschloo"
    OUT_OF_RANGE = "out-of-range"
    CONTROL_MEAN_MAY_BE_ZERO = "control-mean-may-be-zero"
    LIFT_HAS_NO_INTERVAL = "lift-has-no-interval"


class SampleRatio(Word):
    """How the arms' units stand to what was designed."""

    BY_CHANCE = "by-chance"
    TOO_SMALL_TO_MATTER = "too-small-to-matter"
    MISMATCH = "mismatch"
    NO_UNITS = "no-units"
    UNPLANNED_ARM = "unplanned-arm"
    ONE_ARM = "one-arm"
    IMPOSSIBLE_NUMBERS = "impossible-numbers"


class Caution(Word):
    """What to keep in mind about a result that stands: `Effect.caution`."""

    HEAVY_TAIL_SMALL_ARM = "heavy-tail-small-arm"
    FEW_EVENTS = "few-events"
    STRATA_MERGED = "strata-merged"
    STRATA_LEFT_OUT = "strata-left-out"


class State(Word):
    """What one comparison amounts to: the first four of a metric that is to improve, the next three
    of a guardrail, which is held against its margin; the last of either, where an arm has no data."""

    BETTER = "better"
    WORSE = "worse"
    TOO_SMALL = "too-small"
    CANNOT_TELL = "cannot-tell"
    WITHIN = "within"
    IN_DOUBT = "in-doubt"
    BEYOND = "beyond"
    NOT_MEASURED = "not-measured"


class Watch(Word):
    """How a guardrail stands that is watched every day by a confidence sequence."""

    BEYOND = "beyond"
    NOT_BEYOND = "not-beyond"
    NOT_KNOWN = "not-known"


class Without(Word):
    """What another reading of the same data does without."""

    CAP = "cap"
    STRATA = "strata"
    COVARIATE = "covariate"


class Code(Word):
    """What a verdict rests on, one `Fact` for each. The last two come with a sentence: a problem that
    the caller names, and what an older engine wrote."""

    BETTER = "better"
    WORSE = "worse"
    WITHIN_MARGIN = "within-margin"
    NOT_CLEARLY_WORSE = "not-clearly-worse"
    WORSE_THAN_ALLOWED = "worse-than-allowed"
    MAY_BE_WORSE_THAN_ALLOWED = "may-be-worse-than-allowed"
    TOO_SMALL_TO_MATTER = "too-small-to-matter"
    NOT_CLEAR = "not-clear"
    NOT_COMPUTED = "not-computed"
    NOT_MEASURED = "not-measured"
    FEWER_UNITS_THAN_PLANNED = "fewer-units-than-planned"
    SAMPLE_RATIO_MISMATCH = "sample-ratio-mismatch"
    OFF_THE_PLAN = "off-the-plan"
    NO_UNITS_YET = "no-units-yet"
    UNITS_SO_FAR = "units-so-far"
    NOTHING_CLEAR_YET = "nothing-clear-yet"
    WINDOW_OPEN = "window-open"
    DATA_PROBLEM = "data-problem"
    RECORDED = "recorded"
