"""A reading in words: the reasons of its verdict, how it was read, ranges as text."""

import math
from typing import Any

from backlog.templatetags.figures import number, with_minus
from experiments.plan.document import Statistics
from experiments.stats import Code, Verdict
from experiments.stats.numbers import signed
from experiments.views.wording import number_text

# The icon before a reason of the verdict: good news, bad news; of all others it cannot be told.
ICONS = {
    Code.BETTER: "check",
    Code.WITHIN_MARGIN: "check",
    Code.NOT_CLEARLY_WORSE: "check",
    Code.WORSE: "triangle-alert",
    Code.WORSE_THAN_ALLOWED: "triangle-alert",
    Code.MAY_BE_WORSE_THAN_ALLOWED: "triangle-alert",
    Code.NOT_MEASURED: "triangle-alert",
    Code.WINDOW_OPEN: "clock",
}
ROLES = ("primary", "secondary", "guardrail")
P_DIGITS = 5  # of a p in an analyst’s table


def reasons_of(verdict: Verdict) -> list[tuple[str, str]]:
    """Each reason of the verdict, after its icon."""
    icons = (ICONS.get(fact.code, "o-flat") for fact in verdict.facts)
    return list(zip(icons, verdict.reasons, strict=True))


def interval_label(statistics: Statistics) -> str:
    """What stands above a column of intervals.

    >>> interval_label(Statistics(confidence=0.9)).replace("\N{NO-BREAK SPACE}", " ")
    '90 % interval'
    """
    levels = {role: share_text(statistics.confidence_of(role)) for role in ROLES}
    label = f"{levels['primary']} interval"
    others = [f"{role} {level}" for role, level in levels.items() if level != levels["primary"]]
    return f"{label} ({', '.join(others)})" if others else label


def share_text(share: float) -> str:
    """A level as it is spoken of: 95 %, 99.9 %."""
    return f"{share * 100:.4g}\N{NO-BREAK SPACE}%"


def how_read(result: dict[str, Any], statistics: Statistics) -> str:
    """By which method these figures may be read, and when, in an analyst's words."""
    level, error = share_text(statistics.confidence_of("primary")), share_text(statistics.alpha)
    reading = result.get("reading") or {"method": "fixed-horizon", "look": None}
    look = reading["look"]
    if reading["method"] == "any-time":
        return (
            f"Any-time reading: intervals are {level} asymptotic confidence sequences "
            "tuned to the planned units (Waudby-Smith and others, eq. 9), so looking early costs "
            "nothing."
        )
    if look:
        share = f"{look['fractions'][-1] * 100:.0f}\N{NO-BREAK SPACE}%"
        return (
            f"Look {look['number']} of {look['of']}, at {share} of the planned "
            "units: group-sequential, error spent after O’Brien and Fleming (Lan and DeMets), "
            f"{error} over all looks; repeated intervals."
        )
    if reading["method"] == "planned-looks":
        return "Between two planned looks: nothing is decided on these figures."
    return f"Two-sided tests at {error}, {level} intervals, read once at the planned end."


def figure_text(value: float | None) -> str:
    """A value in the metric’s own unit; a dash where there is none."""
    return "–" if value is None else number_text(value)


def _range(low: float | None, high: float | None, *, share: bool) -> str:
    """Both ends without their unit, which stands in the cell before."""
    if low is None and high is None:
        return "–"
    if share or low is None or high is None or low == high:
        ends = [number(end * 100, 2) if share and end is not None else figure_text(end)
                for end in (low, high)]  # fmt: skip
    else:
        digits = max(0, 2 - math.floor(math.log10(abs(high - low))))
        ends = [signed(end, digits=min(digits, 9)) for end in (low, high)]
    return f"{ends[0]} to {ends[1]}"


def three_digits(value: float | None) -> str:
    """A difference with its sign; a dash where it has none."""
    return "–" if value is None else with_minus(f"{value:+.3g}")


def range_text(low: float | None, high: float | None, *, share: bool, single: bool = False) -> str:
    """Two ends, or one figure with its sign, in points or per cent where it is of a share."""
    if not single:
        return _range(low, high, share=share)
    if low is None:
        return "–"
    return with_minus(f"{low * 100:+.3f}") if share else number_text(low, is_signed=True)
