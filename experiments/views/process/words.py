"""Figures and signs of Health in words."""

from collections.abc import Mapping
from typing import NamedTuple

from backlog.templatetags.figures import number, percent, signed_percent
from experiments.learning.calibration import Calibration
from experiments.learning.records import NEEDED, Estimate, Gap
from experiments.learning.suggestions import Suggestion, SuggestionCode
from experiments.models import WarningSign

NBSP = "\u00a0"


class Headline(NamedTuple):
    """The large figure of a panel, with what it means and what it could be."""

    figure: str
    words: str
    could_be: str = ""


class Missing(NamedTuple):
    """Why a figure can’t be had; `n` of `needed` where that is a matter of numbers."""

    words: str
    n: int = 0
    needed: int = 0


def missing(estimate: Estimate) -> Missing | None:
    """None where there is a figure."""
    if estimate.why_not is None:
        return None
    if estimate.why_not == Gap.TOO_FEW_SCORERS:
        return Missing(
            "Fewer than four people have scored here, so a figure would be about persons. "
            "The figures of all pods stand in."
        )
    if estimate.why_not == Gap.NOT_ENOUGH_DATA:
        return Missing(
            f"Below {NEEDED} decided experiments a curve would be a drawing of chance.",
            estimate.n, NEEDED,
        )  # fmt: skip
    if estimate.why_not == Gap.ALL_ALIKE:
        return Missing("All scores, or all outcomes, are the same, so nothing can be compared.")
    return Missing("The figures are too large or too small to be compared.")


def confidence_headline(calibration: Calibration) -> Headline | None:
    """“50 → 36 %”: the mean chance that scores claimed, and the share that won."""
    bias, brier = calibration.confidence.bias, calibration.confidence.brier
    groups = calibration.confidence.groups
    if bias.value is None or brier is None:
        return None
    n = sum(group.n for group in groups)
    claimed = sum(group.forecast * group.n for group in groups) / n
    won = sum(group.rate * group.n for group in groups) / n
    points = abs(bias.value) * 100
    if not bias.excludes(0.0):
        meaning = "claimed, and won: no clear bias"
    else:
        meaning = (
            f"claimed, and won: too {'sure' if bias.value > 0 else 'unsure'} by {points:.0f} points"
        )
    return Headline(
        f"{claimed * 100:.0f} → {won * 100:.0f}{NBSP}%", meaning,
        f"could be {_points(bias.low)} to {_points(bias.high)} points",
    )  # fmt: skip


def brier_words(calibration: Calibration) -> str:
    """The score beside that of somebody who always claims the share that won."""
    brier = calibration.confidence.brier
    if brier is None:
        return ""
    return (
        f"Brier score {brier.score:.2f}; always claiming the share that won would give "
        f"{brier.uncertainty:.2f}. Miscalibration costs {brier.reliability:.2f}, telling experiments "
        f"apart gains {brier.resolution:.2f}."
    )


def impact_headline(calibration: Calibration) -> Headline | None:
    ratio = calibration.impact.ratio
    if ratio.value is None:
        return None
    return Headline(
        f"{number(ratio.value, 1)} ×", "of the claimed lift is measured", _range(ratio, 1)
    )


def impact_words(calibration: Calibration) -> str:
    impact = calibration.impact
    parts = []
    if impact.promise.value is not None:
        parts.append(
            f"Impact says what an idea brings if it works. Against claim × chance it is "
            f"{number(impact.promise.value, 1)} × ({_range(impact.promise, 1)})."
        )
    if impact.bias.value is not None:
        parts.append(
            f"Claimed minus measured: {signed_percent(impact.bias.value)} "
            f"({signed_percent(impact.bias.low or 0)} to {signed_percent(impact.bias.high or 0)})."
        )
    if impact.hit_rate.value is not None:
        parts.append(
            f"{percent(impact.hit_rate.value)} of the bands hold the measured lift "
            f"({percent(impact.hit_rate.low or 0)} to {percent(impact.hit_rate.high or 0)})."
        )
    return " ".join(parts)


def days_headline(calibration: Calibration) -> Headline | None:
    days = calibration.days
    if days.value is None:
        return None
    return Headline(f"{number(days.value, 1)} ×", "as long as forecast", _range(days, 1))


PREDICTORS: Mapping[str, str] = {
    "ice": "ICE", "impact": "Impact", "confidence": "Confidence", "ease": "Ease",
}  # fmt: skip
TARGETS: Mapping[str, str] = {"value": "measured lift", "speed": "fewer days taken"}


class RankRow(NamedTuple):
    """One dimension against what it could foretell: Kendall’s τ with its interval."""

    predictor: str
    target: str
    tau: str
    could_be: str


def rank_rows(calibration: Calibration) -> list[RankRow]:
    """Those that can be had."""
    return [
        RankRow(
            PREDICTORS[predictor],
            TARGETS[target],
            _tau(one.value),
            f"{_tau(one.low)} to {_tau(one.high)}",
        )
        for (predictor, target), one in calibration.ranks.items()
        if one.value is not None and one.low is not None
    ]


def suggestion_words(suggestion: Suggestion) -> str:
    one = suggestion.estimate
    if suggestion.code == SuggestionCode.CORRECT_DAYS and one.value is not None:
        return (
            f"Set-up takes {number(one.value, 1)} times as long as forecast "
            f"({_range(one, 1)}). The calendar already plans with each pod’s own factor; read the Ease "
            "bands of the rubric again."
        )
    if suggestion.code == SuggestionCode.DOES_NOT_PREDICT:
        name = PREDICTORS[suggestion.dimension or "impact"]
        return (
            f"{name} did not foretell what came out: rank correlation {_tau(one.value)} "
            f"({_tau(one.low)} to {_tau(one.high)}). Talk about what its bands mean."
        )
    return (
        "Past experiments would have been ranked better by expected value (lift if it wins × chance ÷ "
        f"days) than by ICE: {_points(one.value)} points of the value won along the way "
        f"({_points(one.low)} to {_points(one.high)}), from {one.n} experiments."
    )


SENTENCES: Mapping[str, str] = {
    WarningSign.Code.LATE: "{count} milestones are more than three days late.",
    WarningSign.Code.PUSHED: "{count} of {out_of} planned experiments start later than planned.",
    WarningSign.Code.TOO_MANY: "{count} experiments run or wait for a decision, limit {out_of}.",
    WarningSign.Code.NO_STEP: "{count} experiments have waited for their next step for over two weeks.",
    WarningSign.Code.SAME_STEP: "“{name}” is late in {count} experiments.",
    WarningSign.Code.WAIVERS: "{count} of {out_of} launches this quarter departed from a standard.",
    WarningSign.Code.SILENT: "{count} of {out_of} members gave no score in the last two rounds.",
    WarningSign.Code.OUT_OF_REACH: "{count} planned {experiments} more people than the audience has.",
}


def sign_words(sign: WarningSign) -> str:
    experiments = "experiment needs" if sign.count == 1 else "experiments need"
    words = SENTENCES[sign.code].format(
        count=sign.count, out_of=sign.out_of, name=sign.name, experiments=experiments
    )
    since = f" Seen for {sign.days} day{'' if sign.days == 1 else 's'}." if sign.days else ""
    return words + since


def _range(one: Estimate, digits: int) -> str:
    return f"could be {number(one.low or 0, digits)} to {number(one.high or 0, digits)}"


def _points(share: float | None) -> str:
    return f"{(share or 0) * 100:+.0f}".replace("-", "−")


def _tau(value: float | None) -> str:
    return f"{value or 0:.2f}".replace("-", "−")
