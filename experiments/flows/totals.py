"""Data in over the API: sufficient statistics, one row for each arm and metric, or for each day too."""

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from backlog.models import User
from backlog.refusals import Refused
from experiments.engine.days import columns_of
from experiments.flows.analysing import observations_of
from experiments.flows.confirming import NOT_JUDGED
from experiments.flows.counting import require_open, settle, write_observations
from experiments.flows.joining import Kept, join_days, other_days, units_in
from experiments.models import Experiment, Intake
from experiments.plan.canonical import canonical_json
from experiments.stats import Mean, Proportion, Ratio

Rows = list[dict[str, Any]]
MOST_DAYS = 400


@transaction.atomic
def receive_totals(
    experiment: Experiment,
    *,
    by: User,
    observations: Sequence[Mapping[str, Any]],
    accumulation: str = Intake.Accumulation.TOTAL,
    replaces_all: bool = False,
) -> Intake:
    """Take sufficient statistics straight from the API: one row for each variant and metric.

    Each row names `variant` and `metric` and holds n with successes, or with mean and variance
    (and denominator, denominator_variance, covariance for a ratio). Where rows name a `day`,
    `accumulation` says whether each day has its own units ("daily") or holds running totals
    ("cumulative"); days that are sent again replace those days, others stay, whichever way they
    came in. `replaces_all` lets nothing stay. The same content sent twice counts once. Raises
    Refused, also where the earlier data can’t be divided by day.
    """
    require_open(experiment, by)
    rows = _checked(experiment, observations)
    if not rows:
        raise Refused("Send at least one row.")
    _check_days(rows, accumulation)
    before = experiment.intakes.counting().select_for_update().first()
    sent = {row["day"] for row in rows if row.get("day")}
    if accumulation != Intake.Accumulation.TOTAL:
        rows = _with_other_days(rows, before, accumulation, replaces_all=replaces_all)
    digest = hashlib.sha256(canonical_json([accumulation, rows]).encode()).hexdigest()
    if before and before.source == Intake.Source.API and before.digest == digest:
        return before
    kept = _kept_days(rows, sent)
    intake = Intake.objects.create(
        experiment=experiment, by=by, source=Intake.Source.API, filename="", digest=digest,
        state=Intake.State.COUNTED, counted_at=timezone.now(), accumulation=accumulation,
    )  # fmt: skip
    count_rows(intake, rows)
    if before and kept:
        _keep_parts(intake, before)
    _say_what_is_missing(intake, rows)
    settle(intake, by=by, kept_days=kept)
    return intake


def _say_what_is_missing(intake: Intake, rows: Rows) -> None:
    """Metrics of the plan that the data lacks: nothing asks over the API, so the answer says it."""
    present = {row["metric"] for row in rows}
    lacking = [
        f"“{part.metric.name}” is not in this data: {NOT_JUDGED[part.role]}."
        for part in intake.experiment.measured
        if part.metric.name not in present
    ]
    if lacking:
        intake.understood |= {"warnings": [*intake.understood["warnings"], *lacking]}
        intake.save(update_fields=["understood"])


def _kept_days(rows: Rows, sent: set[str]) -> list[str]:
    return sorted({row["day"] for row in rows if row.get("day")} - sent)


def _keep_parts(intake: Intake, before: Intake) -> None:
    """Segments and spreads of a file stay, of the units that it had; and it is said."""
    names = [name for name in ("segments", "histograms") if before.understood.get(name)]
    if not names:
        return
    came = (
        before.understood.get("parts_of")
        or f"{before}, as it came in on {before.received_at:%-d %b %Y}"
    )
    warning = f"Segments and the spread of values are those of {came}."
    intake.understood |= {name: before.understood[name] for name in names}
    intake.understood |= {"parts_of": came, "warnings": [*intake.understood["warnings"], warning]}
    intake.save(update_fields=["understood"])


def count_rows(intake: Intake, rows: Rows) -> None:
    """Write rows by day as they were given, and the total that they come to."""
    totals = [row for row in rows if not row.get("day")]
    by_day = [row for row in rows if row.get("day")]
    warnings: list[str] = []
    if by_day:
        joined = join_days(by_day, intake.accumulation)
        totals, warnings = joined.totals, joined.warnings
    write_observations(intake, [*totals, *by_day])
    days = sorted({row["day"] for row in by_day})
    intake.understood = {
        "rows": len(rows), "units": units_in(totals), "days": days, "warnings": warnings,
    }  # fmt: skip
    intake.save(update_fields=["understood"])


def _checked(experiment: Experiment, observations: Sequence[Mapping[str, Any]]) -> Rows:
    """The rows as they are kept; every arm of a metric has to be there, on each day."""
    kinds = {row.metric.name: row.metric.kind for row in experiment.measured}
    arms = {arm.name for arm in experiment.arms}
    seen: dict[tuple[str, str], set[str]] = {}
    rows = []
    for number, row in enumerate(observations, start=1):
        metric, variant, day = str(row["metric"]), str(row["variant"]), row.get("day")
        if metric not in kinds:
            raise Refused(f"Row {number}: “{metric}” is not a metric of {experiment.key}.")
        if variant not in arms:
            raise Refused(f"Row {number}: “{variant}” is not an arm of {experiment.key}.")
        listed = seen.setdefault((metric, str(day or "")), set())
        if variant in listed:
            on = f" on {day}" if day else ""
            raise Refused(
                f"Row {number}: “{metric}” in “{variant}” is there twice{on}. Send it once."
            )
        listed.add(variant)
        kept = {"metric": metric, "variant": variant}
        if day:
            kept["day"] = str(day)
        rows.append(kept | columns_of(_sample_of(kinds[metric], row, number)))
    for (metric, day), listed in seen.items():
        if lacking := arms - listed:
            on = f" on {day}" if day else ""
            raise Refused(
                f"“{metric}” has no row for “{min(lacking)}”{on}. Send every arm at once."
            )
    return rows


def _check_days(rows: Rows, accumulation: str) -> None:
    days = {row.get("day") for row in rows}
    has_days = accumulation != Intake.Accumulation.TOTAL
    if has_days and None in days:
        raise Refused("Give every row a day, or leave out accumulation to send one total.")
    if not has_days and days != {None}:
        raise Refused(
            "The rows have days. Set accumulation to “daily” if each day has its "
            "own units, or to “cumulative” if they are running totals."
        )
    latest = str(timezone.localdate() + dt.timedelta(days=1))
    if has_days and (late := max(str(day) for day in days)) > latest:
        raise Refused(f"{late} is in the future. Check the days.")


def _with_other_days(
    rows: Rows, before: Intake | None, accumulation: str, *, replaces_all: bool
) -> Rows:
    """The rows with the days that came in earlier and are not sent again."""
    kept = Kept([], [], "")
    if before and not replaces_all:
        kept = other_days(before, observations_of([before])[before.pk], rows, accumulation)
    if before and kept.why_not:
        name = f"“{before.filename}”" if before.filename else "Earlier data"
        units = sum(before.understood.get("units", {}).values())
        raise Refused(
            f"{name} counts now, with {units:,} units, and a day can’t be added to it: "
            f"{kept.why_not}. Send a file with all days, or send every day in one call with "
            "“replaces_all”: true, which drops what counts now."
        )
    rows = [*kept.rows, *rows]
    rows.sort(key=lambda row: (row["day"], row["metric"], row["variant"]))
    if len({row["day"] for row in rows}) > MOST_DAYS:
        raise Refused(f"There are more than {MOST_DAYS} days. Send weekly running totals instead.")
    return rows


def _sample_of(kind: str, row: Mapping[str, Any], number: int) -> Proportion | Mean | Ratio:
    wanted = {
        "proportion": ("successes",),
        "mean": ("mean", "variance"),
        "ratio": ("mean", "variance", "denominator", "denominator_variance", "covariance"),
    }[kind]
    lacking = [name for name in wanted if row.get(name) is None]
    if lacking:
        raise Refused(f"Row {number}: a {kind} needs {', '.join(lacking)}.")
    values = [row[name] for name in wanted]
    if kind == "proportion":
        if values[0] > row["n"]:
            raise Refused(f"Row {number}: there are more conversions than units.")
        return Proportion(row["n"], values[0])
    if any(row[name] < 0 for name in wanted if name.endswith("variance")):
        raise Refused(f"Row {number}: a variance can’t be below 0.")
    if kind == "mean":
        average, variance = values
        return Mean(row["n"], average, variance, skewness=row.get("skewness"))
    above, spread, denominator, denominator_variance, covariance = values
    return Ratio(row["n"], above, denominator, spread, denominator_variance, covariance)
