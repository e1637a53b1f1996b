"""Days of several uploads together: a day that is sent replaces that day and leaves the others."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from experiments.engine.days import columns_of, complete_days, running_totals, units_of
from experiments.models import Intake
from experiments.stats import Proportion

Rows = list[dict[str, Any]]

_FIGURES: Final[dict[str, str]] = {
    Intake.Accumulation.TOTAL: "one total",
    Intake.Accumulation.DAILY: "each day’s own figures",
    Intake.Accumulation.CUMULATIVE: "running totals",
}


class Kept(NamedTuple):
    """What counts now beside newer data: the rows of its other days, and why they can’t stay.

    `why_not` is "" where they can, or where there is nothing to keep.
    """

    rows: Rows
    days: list[str]
    why_not: str


def other_days(
    before: Intake,
    earlier: Sequence[dict[str, Any]],
    newer: Sequence[dict[str, Any]],
    accumulation: str,
) -> Kept:
    """The days that count now and are not among the newer observations.

    `earlier` are the observations of `before`. They stay beside the newer ones only if every part
    of both can be told apart by its day.
    """
    sent = {row["day"] for row in newer if row.get("day")}
    kept = [row for row in earlier if row.get("day") and row["day"] not in sent]
    days = sorted({row["day"] for row in kept})
    is_total = not any(row.get("day") for row in earlier)
    why_not = _why_apart(before, earlier, newer, accumulation) if days or is_total else ""
    return Kept(kept, days, why_not)


def _why_apart(
    before: Intake, earlier: Sequence[dict[str, Any]], newer: Sequence[dict[str, Any]],
    accumulation: str,
) -> str:  # fmt: skip
    if not any(row.get("day") for row in earlier):
        return "the data that counts now has no days"
    if accumulation == Intake.Accumulation.TOTAL:
        return "the new data has no days"
    if before.accumulation != accumulation:
        return f"the earlier days are {_FIGURES[before.accumulation]} and these are {_FIGURES[accumulation]}"
    rows = [*earlier, *newer]
    if any(row.get("stratum") for row in rows):
        return "strata can’t be divided by day"
    if cut := sorted({row["metric"] for row in rows if row.get("is_capped")}):
        return f"the cap of “{cut[0]}” is taken over all days together"
    was, now = _with_past(earlier), _with_past(newer)
    mixed = sorted(name for name in was.keys() & now.keys() if was[name] != now[name])
    return f"only one of them has values from before for “{mixed[0]}”" if mixed else ""


def _with_past(rows: Sequence[dict[str, Any]]) -> dict[str, bool]:
    """Metric → whether its samples come with values from before the experiment."""
    return {row["metric"]: row.get("covariate_mean") is not None for row in rows}


class Joined(NamedTuple):
    """Observations by day as one: their totals, and the days at the end that don’t count yet."""

    totals: Rows
    by_day: Rows
    late: list[str]

    @property
    def warnings(self) -> list[str]:
        warnings = list(lacking_on_days(self.by_day))
        if self.late:
            listed = ", ".join(self.late)
            warnings.append(
                f"These days lack an arm or a metric, so the day before them counts: {listed}."
            )
        return warnings


def join_days(rows: Sequence[dict[str, Any]], accumulation: str) -> Joined:
    """What observations by day come to.

    Of running totals the last day counts on which every arm and metric was reported.
    """
    by_day = sorted(rows, key=lambda row: (row["day"], row["metric"], row["variant"]))
    whole, late = by_day, list[str]()
    if accumulation == Intake.Accumulation.CUMULATIVE:
        whole, late = complete_days(by_day)
    samples: Any = running_totals(whole, accumulation)[-1].samples
    totals = [
        {"metric": metric, "variant": arm, **columns_of(sample)}
        for metric, by_arm in samples.items()
        for arm, sample in by_arm.items()
    ]
    return Joined(totals, by_day, late)


def units_in(totals: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """The units of each arm in rows of totals."""
    samples: dict[str, dict[str, Any]] = {}
    for row in totals:
        samples.setdefault(row["metric"], {})[row["variant"]] = Proportion(row["n"], 0)
    return units_of(samples)


def lacking_on_days(by_day: Sequence[dict[str, Any]]) -> Iterator[str]:
    """A sentence for each metric that some of the days have and others have not."""
    days = {row["day"] for row in by_day}
    for metric in dict.fromkeys(row["metric"] for row in by_day):
        lacking = sorted(days - {row["day"] for row in by_day if row["metric"] == metric})
        if lacking:
            listed = ", ".join(lacking[:3]) + (
                f" and {len(lacking) - 3} more" if len(lacking) > 3 else ""
            )
            yield f"“{metric}” has no figures for {listed}."
