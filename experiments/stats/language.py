"""Every phrase that the engine says, by its code: one table for each language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from .codes import Caution, Code, LiftMethod, Method, SampleRatio, State, WhyNot, Without


@dataclass(frozen=True, repr=False)
class Language:
    """Phrases with their places in braces; what stands in those, `sentences.py` fills in.

    `rounds_each`: every number is rounded by itself, as results of before were written.
    """

    heads: Mapping[str, str]
    facts: Mapping[Code, str]
    states: Mapping[State, str]
    sample_ratios: Mapping[SampleRatio, str]
    why_not: Mapping[WhyNot, str]
    methods: Mapping[Method, str]
    lift_methods: Mapping[LiftMethod, str]
    cautions: Mapping[Caution, str]
    without: Mapping[Without, str]
    sizes: Mapping[str, str]
    rounds_each: bool = False


RECORDED: Final = Language(
    heads={
        "fix-data": "Fix the data first.",
        "no-data": "No data yet.",
        "keep-running": "Keep it running.",
        "one-day": "About 1 day to go.",
        "days": "About {days} days to go.",
        "ship": "Ship “{variant}”.",
        "roll-back": "Keep “{control}”.",
        "no-difference": "No difference that matters.",
        "cannot-tell": "Cannot tell.",
    },
    facts={
        Code.BETTER: "“{metric}” is better{where}: {measured}.",
        Code.WORSE: "“{metric}” is worse{where}: {measured}.",
        Code.WITHIN_MARGIN: "“{metric}” stays within its margin{where}: {measured}.",
        Code.NOT_CLEARLY_WORSE: "“{metric}” is not clearly worse{where}: {measured}.",
        Code.WORSE_THAN_ALLOWED: "“{metric}” is worse than allowed{where}: {measured}.",
        Code.MAY_BE_WORSE_THAN_ALLOWED: "“{metric}” may be worse than allowed{where}: {measured}.",
        Code.TOO_SMALL_TO_MATTER: "“{metric}” differs by less than {smallest}, the smallest that "
        "matters{where}: {measured}.",
        Code.NOT_CLEAR: "“{metric}” of “{variant}” cannot be told from that of “{control}”: "
        "{measured}.",
        Code.NOT_COMPUTED: "“{metric}”{where}: {why_not}",
        Code.FEWER_UNITS_THAN_PLANNED: "Fewer units came than planned: {units} of {planned}.",
        Code.SAMPLE_RATIO_MISMATCH: "The arms hold {observed} units; planned were {expected}.",
        Code.OFF_THE_PLAN: "{sample_ratio}",
        Code.NO_UNITS_YET: "Nothing can be read before units are in.",
        Code.UNITS_SO_FAR: "{units_in}",
        Code.NOTHING_CLEAR_YET: "{units_in} Nothing is clear enough yet to decide on.",
    },
    states={
        State.BETTER: "better",
        State.WORSE: "worse",
        State.CANNOT_TELL: "cannot tell",
        State.WITHIN: "within the margin",
        State.IN_DOUBT: "margin not ruled out",
        State.BEYOND: "worse than its margin",
    },
    sample_ratios={
        SampleRatio.BY_CHANCE: "The arm furthest from the plan is {off} off, which chance explains.",
        SampleRatio.TOO_SMALL_TO_MATTER: "The arm furthest from the plan is {off} off: more than "
        "chance, but too little to matter.",
        SampleRatio.MISMATCH: "The arm furthest from the plan is {off} off, which chance does not "
        "explain: units were lost or doubled on the way.",
        SampleRatio.NO_UNITS: "No arm has units yet.",
        SampleRatio.UNPLANNED_ARM: "An arm that was to get no units has some.",
        SampleRatio.ONE_ARM: "There is only one arm, so no ratio to check.",
        SampleRatio.IMPOSSIBLE_NUMBERS: "The units of an arm are missing, negative or without end, so "
        "the ratio can't be checked.",
    },
    why_not={
        WhyNot.MISSING_NUMBERS: "A number is missing: the units, the value or the spread of an arm.",
        WhyNot.IMPOSSIBLE_NUMBERS: "These numbers can't be: a count is negative, a variance is "
        "negative or more units converted than there are.",
        WhyNot.NO_UNITS: "An arm has no units yet.",
        WhyNot.TOO_FEW_UNITS: "Each arm needs at least two units before a spread can be told.",
        WhyNot.ZERO_DENOMINATOR: "The ratio's denominator adds up to zero in an arm.",
        WhyNot.NO_CONVERSIONS: "Nobody converted in either arm, so there is nothing to test yet.",
        WhyNot.EVERYONE_CONVERTED: "Everybody converted in both arms, so there is nothing to test.",
        WhyNot.ZERO_VARIANCE: "All units in both arms have the same value, so chance can't be judged.",
        WhyNot.TOO_FEW_FOR_SEQUENCE: "The smaller arm has too few units for values as skewed as these, "
        "so a reading at any time would be wrong too often. The difference holds.",
        WhyNot.TOO_FEW_FOR_QUANTILE: "So far out a quantile needs more units before its range can "
        "be told.",
        WhyNot.TIED_AT_QUANTILE: "So many units share one value at this quantile that chance can't "
        "be judged; compare the share of units above it instead.",
        WhyNot.TOO_MANY_FOR_BOSCHLOO: "Boschloo's test takes too long for more than 1,000 units; "
        "ask for Fisher's. The difference and its interval hold.",
        WhyNot.OUT_OF_RANGE: "The numbers are too large or too small to compute with.",
        WhyNot.CONTROL_MEAN_MAY_BE_ZERO: "The control's value is zero or may well be, so a lift "
        "relative to it has no meaning; the difference holds.",
        WhyNot.LIFT_HAS_NO_INTERVAL: "How far the lift may reach can't be told from a treatment "
        "without conversions, or on a log scale without positive means; the difference holds.",
    },
    methods={
        Method.WELCH_T: "Welch's t test gives p and the interval of the difference",
        Method.CUPED_WELCH_T: "Adjusted by the covariate (CUPED), then Welch's t test",
        Method.POOLED_Z: "The pooled z test gives p, Newcombe's method 10 the interval of the "
        "difference",
        Method.FISHER: "Fisher's exact test gives p, Newcombe's method 10 the interval of the "
        "difference",
        Method.BOSCHLOO: "Boschloo's exact test gives p, Newcombe's method 10 the interval of the "
        "difference",
        Method.SCORE_Z: "The score test against the margin (Farrington and Manning) gives p, "
        "Newcombe's method 10 the interval of the difference",
        Method.QUANTILE: "The units around the quantile give its interval in each arm, and both "
        "together p and the interval of the difference",
        Method.CONFIDENCE_SEQUENCE: "Asymptotic confidence sequence, which may be read at any time",
        Method.POST_STRATIFIED_T: "The strata's differences, weighed by their size, against "
        "Student's t",
        Method.POST_STRATIFIED_Z: "The strata's differences, weighed by their size, with the spread of "
        "both arms together in each stratum",
        Method.SKEW_CORRECTED_T: "A few large values weigh on the smaller arm, so the test uses the "
        "spread and the skewness of both arms together",
        Method.E_PROCESS: "An e-process for few events gives p, a score interval the range; both may be "
        "read at any time",
    },
    lift_methods={
        LiftMethod.LOG: "the interval of the lift is made on the log scale",
        LiftMethod.FIELLER: "the interval of the lift follows Fieller's theorem",
        LiftMethod.DELTA: "the interval of the lift follows the delta method",
        LiftMethod.SEQUENCE: "the interval of the lift is a confidence sequence too",
        LiftMethod.NONE: "the lift has no interval",
    },
    cautions={
        Caution.HEAVY_TAIL_SMALL_ARM: "A few large values decide the mean of the smaller arm, so its "
        "range may be too narrow. Cap the metric, or give the arms more equal shares.",
        Caution.FEW_EVENTS: "An arm has few events, so the range is rough.",
        Caution.STRATA_MERGED: "Small strata were put together.",
        Caution.STRATA_LEFT_OUT: "The strata were too small, so the arms are compared as a whole.",
    },
    without={
        Without.CAP: "not capped",
        Without.STRATA: "without strata",
        Without.COVARIATE: "without what was known before",
    },
    sizes={
        "where": " in “{variant}”",
        "percent": "{value} %",
        "points": "{value} points",
        "against": "{treatment} against {control}",
        "allowed": ", {margin} allowed",
        "and": "{first} and {last}",
        "units-in": "{units} units are in.",
        "units-of-planned": "{units} of {planned} planned units are in.",
        "counted": "counted for “{metric}”",
        "as-many": "As many {units} {counted} as in the control.",
        "too-few": "Fewer than 1 of a million {units} make the difference.",
        "of-every": "Of every {base} {units}, about {number} {more} {counted}.",
        "more": "more",
        "fewer": "fewer",
        "same": "“{metric}” is as in the control.",
        "about": "“{metric}” is about {amount} {side}.",
        "higher": "higher",
        "lower": "lower",
        "at-most": "It is at most {end} {side}.",
        "at-least": "It is at least {end} {side}.",
        "one-side": "It could be {low} to {high} {side}.",
        "two-sides": "It could be {low} {low_side} to {high} {high_side}.",
        "range": "{middle} ({low} to {high})",
        "range-at-most": "{middle} (at most {high})",
        "range-at-least": "{middle} (at least {low})",
    },
    rounds_each=True,
)
"""As the engines 1 to 3 wrote into their results. Those are computed again to the byte, so no word of
this table changes: what is said better goes into `ENGLISH`."""

ENGLISH: Final = replace(
    RECORDED,
    rounds_each=False,
    heads=dict(RECORDED.heads)
    | {
        "not-measured": "Cannot tell: {metrics} {were} not measured.",
        "margin-in-doubt": "Cannot tell: {metrics} may be worse than allowed.",
    },
    facts=dict(RECORDED.facts)
    | {
        Code.NOT_MEASURED: "“{metric}” was not measured{where}.",
        Code.WINDOW_OPEN: "“{metric}” counts what people do within {window} days of entering. The "
        "last people’s {window} days are over on {opens_on}.",
    },
    sample_ratios=dict(RECORDED.sample_ratios)
    | {
        SampleRatio.TOO_SMALL_TO_MATTER: "The arm furthest from the plan is {off} off. That is more "
        "than chance explains, but too small to matter here: were all the missing units lost on one "
        "side, they could not move the primary metric by a tenth of its smallest effect.",
    },
    states=dict(RECORDED.states)
    | {State.TOO_SMALL: "no difference that matters", State.NOT_MEASURED: "not measured"},
    sizes=dict(RECORDED.sizes)
    | {
        "as-many": "As many {units}{where} {counted} as in the control.",
        "of-so-many": "Of every {base} it could be {low} {low_side} to {high} {high_side}.",
        "too-few": "The difference{where} is less than 1 in a million {units}.",
        "of-every": "Of every {base} {units}{where}, about {number} {more} {counted}.",
        "same": "“{metric}”{where} is as in the control.",
        "about": "“{metric}”{where} is about {amount} {side}.",
        "point": "{value} point",
        "was": "was",
        "were": "were",
    },
)
"""What is said today: `RECORDED`, and what is said better since."""
