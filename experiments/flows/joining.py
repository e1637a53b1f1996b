"""Days of several uploads together: a day that is sent replaces that day and leaves the others."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from experiments.engine.days import columns_of, complete_days, running_totals
from experiments.models import Intake

Rows = list[dict[str, Any]]


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
        return f"the earlier days are {before.accumulation} and these are {accumulation}"
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


def joined_totals(by_day: Sequence[dict[str, Any]], accumulation: str) -> tuple[Rows, list[str]]:
    """The totals that observations by day come to, and the days that are not complete.

    Of running totals the last day counts on which every arm and metric was reported.
    """
    whole, late = list(by_day), list[str]()
    if accumulation == Intake.Accumulation.CUMULATIVE:
        whole, late = complete_days(by_day)
    samples: Any = running_totals(whole, accumulation)[-1].samples
    totals = [
        {"metric": metric, "variant": arm, **columns_of(sample)}
        for metric, by_arm in samples.items()
        for arm, sample in by_arm.items()
    ]
    return totals, late


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
