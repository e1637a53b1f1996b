"""A file as it was understood, before it counts: what each column means and what was found in it."""

import datetime as dt
from collections.abc import Mapping
from functools import reduce
from operator import add
from typing import Any

from backlog.models import User
from backlog.templatetags.figures import number, with_minus
from experiments.engine.days import sample_of
from experiments.flows.confirming import Review, days_listed
from experiments.flows.veil import is_data_veiled, is_masked_for, names_outcomes
from experiments.models import Experiment, Intake
from experiments.stats.samples import value_of
from experiments.views.wording import by_arm, value_text


def rejected_for(intake: Intake, user: User) -> list[dict[str, Any]]:
    """The rejected rows; while there is a veil, only the sender sees their content."""
    rows: list[dict[str, Any]] = intake.understood.get("rejected", [])
    return [{**row, "line": ""} for row in rows] if is_data_veiled(intake, user) else rows


MEANINGS = {
    "other_count": "Number of units of the treatment",
    "second": "Arm, compared with the first column",
    "only_column": "Which experiment",
    "metric": "Which metric",
    "stratum": "Stratum",
}
SPREADS = {"sd": "standard deviation", "variance": "variance", "se": "standard error"}


def names_of_arms(intake: Intake) -> list[str]:
    return [arm.name for arm in intake.experiment.arms]


def days_text(days: list[str]) -> str:
    """How many days there are, from when to when, and how many are missing between."""
    if not days:
        return ""
    return f"{len(days)} day{'s' * (len(days) != 1)}, {span_text(days)}"


def span_text(days: list[str]) -> str:
    """From when to when, and how many days are missing between.

    >>> span_text(["2026-11-26", "2026-11-28"]), span_text(["2026-11-26"])
    ('26 Nov to 28 Nov 2026, 1 missing', '26 Nov 2026')
    """
    if not days:
        return ""
    first, last = dt.date.fromisoformat(days[0]), dt.date.fromisoformat(days[-1])
    if first == last:
        return f"{last:%-d %b %Y}"
    missing = (last - first).days + 1 - len(days)
    return f"{first:%-d %b} to {last:%-d %b %Y}, {missing or 'none'} missing"


def days_outside(days: list[str], experiment: Experiment) -> str:
    """Whether all days lie within the experiment."""
    first, end = experiment.starts_on, experiment.ends_on
    early = sum(bool(first and day < first.isoformat()) for day in days)
    late = sum(bool(end and day >= end.isoformat()) for day in days)
    parts = [f"{count} {'day' if count == 1 else 'days'} {where}" for count, where in
             ((early, "before its first day"), (late, "after its last day")) if count]  # fmt: skip
    return " and ".join(parts) or "all within the experiment"


def changes_between(
    before: Intake, after: Intake, review: Review, *, is_masked: bool = False
) -> list[dict[str, Any]]:
    """Rows of what, before, after: counts and days only, as outcomes by arm may be under the veil.

    Masked, the units of all arms together.
    """
    old, new = before.understood, after.understood
    was, now = old.get("units", {}), review.units
    counts = [("Rows", old.get("rows", 0), new["rows"])]
    counts += [("Units", sum(was.values()), sum(now.values()))]
    if not is_masked:
        units = by_arm({**was, **now}, names_of_arms(after))
        counts += [(arm, was.get(arm, 0), now.get(arm, 0)) for arm, _ in units]
    counts += [("Days", len(old.get("days", [])), len(review.days))]
    counts += [("Rejected rows", old.get("rejected_count", 0), new["rejected_count"])]
    rows = [
        {"what": what, "before": number(was), "after": number(now), "differs": was != now}
        for what, was, now in counts
        if was or now
    ]
    lost = sorted(set(old.get("days", [])) - set(review.days))
    if lost:
        rows.append({"what": "Days no longer in the data", "before": "", "after": days_listed(lost),
                     "differs": True})  # fmt: skip
    if before.digest == after.digest:
        rows.append({"what": "The file itself", "before": "", "after": "", "differs": False})
    return rows


def columns_understood(intake: Intake, user: User) -> list[dict[str, Any]]:
    """A row for each column of the file, the ignored ones last: name, examples, meaning, finds.

    While the experiment keeps a veil no value of an arm is said, and examples to the sender only.
    Where arms are masked, nothing is said of a single one.
    """
    is_masked = is_masked_for(intake.experiment, user)
    is_hidden = is_data_veiled(intake, user)
    means = _meanings(
        intake, is_masked=is_masked, names_arms=names_outcomes(intake.experiment, user)
    )
    rows = [
        {
            "name": column["name"],
            "examples": "" if is_hidden else ", ".join(column["examples"][:3]),
            "means": means.get(column["name"], ("Ignored", ""))[0],
            "content": means.get(column["name"], ("", ""))[1],
            "is_ignored": column["name"] not in means,
        }
        for column in intake.sniffed["columns"]
    ]
    return sorted(rows, key=lambda row: bool(row["is_ignored"]))


def _meanings(intake: Intake, *, is_masked: bool, names_arms: bool) -> dict[str, tuple[str, str]]:
    """Column → what it means and what was found."""
    columns, seen = intake.mapping["columns"], intake.understood
    units = by_arm(seen["units"], names_of_arms(intake))
    arms = " · ".join(arm if is_masked else f"{arm} {number(count)}" for arm, count in units)
    total = number(sum(count for _, count in units))
    means = {columns["variant"]: ("Arm", arms)} if columns["variant"] else {}
    for name, meaning in MEANINGS.items():
        if columns.get(name):
            means[columns[name]] = (meaning, "")
    if columns.get("day"):
        text = days_text(seen.get("days", []))
        outside = days_outside(seen.get("days", []), intake.experiment)
        means[columns["day"]] = ("Day", f"{text}; {outside}" if text else "")
    if columns.get("unit"):
        means[columns["unit"]] = ("Person", f"{total} counted")
    if columns.get("count"):
        means[columns["count"]] = ("Number of units", f"{total} in all")
    parts = {row.metric.name: row for row in intake.experiment.measured}
    for metric in columns["metrics"]:
        role = parts[metric["name"]].get_role_display().lower() if metric["name"] in parts else ""
        means[metric["column"]] = (
            f"{metric['name']} · {role}",
            _found(metric, intake, is_veiled=not names_arms, is_masked=is_masked),
        )
        if metric.get("value_day"):
            means[metric["value_day"]] = (f"{metric['name']} · day of the amount", "")
        if metric.get("denominator"):
            means[metric["denominator"]] = (f"{metric['name']} · the denominator", "")
        if metric.get("covariate"):
            means[metric["covariate"]] = (f"{metric['name']} · before the experiment (CUPED)", "")
        if metric.get("other_column"):
            means[metric["other_column"]] = (f"{metric['name']} · of the treatment", "")
        for name in ("spread", "other_spread"):
            if metric.get(name):
                spread = SPREADS[columns.get("spread_kind", "sd")]
                means[metric[name]] = (f"{metric['name']} · {spread}", "")
    return means


def _found(metric: Mapping[str, Any], intake: Intake, *, is_veiled: bool, is_masked: bool) -> str:
    """The value in each arm, or over all arms behind a veil; the range over all, how many are empty."""
    parts, seen = [], intake.understood
    if is_veiled:
        pooled = over_all_arms(seen["samples"].get(metric["name"], {}))
        parts = (
            [f"{value_text(pooled, metric['kind'])} over all arms"] if pooled is not None else []
        )
    else:
        values = by_arm(seen["values"].get(metric["name"], {}), names_of_arms(intake))
        parts = [" · ".join(f"{arm} {value_text(v, metric['kind'])}" for arm, v in values)]
    ends = seen["ranges"].get(metric["name"])
    is_of_units = not is_veiled or intake.mapping["columns"].get("shape") == "units"
    if ends and metric["kind"] != "proportion" and is_of_units:
        parts.append(with_minus(f"from {ends[0]:,.6g} to {ends[1]:,.6g}"))
    if (cap := seen.get("caps", {}).get(metric["name"])) is not None:
        parts.append(f"values above {cap:,.6g} count as {cap:,.6g}, as planned")
    if horizon := seen.get("horizons", {}).get(metric["name"]):
        parts.append(_observed(horizon, names_of_arms(intake), is_masked=is_masked))
    if missing := seen["missing"].get(metric["name"]):
        parts.append(f"{number(missing)} empty")
    return "; ".join(part for part in parts if part)


def _observed(horizon: Mapping[str, Any], arms: list[str], *, is_masked: bool) -> str:
    """Of a lifetime value: who is not observed to the end, by arm where the reader may know its size."""
    left_out, units = horizon["left_out"], horizon["units"]
    known = f"known until {dt.date.fromisoformat(horizon['known_until']):%-d %b %Y}"
    if is_masked:
        counts = f"{number(sum(left_out.values()))} of {number(sum(units.values()))}"
    else:
        counts = " · ".join(
            f"{arm} {number(n)} of {number(units[arm])}" for arm, n in by_arm(left_out, arms)
        )
    return f"{known}, not observed to the end of {number(horizon['days'])} days: {counts}"


def over_all_arms(by_name: Mapping[str, dict[str, Any]]) -> float | None:
    """The share, mean or ratio of all units together; None without units.

    >>> over_all_arms({"Old": {"n": 10, "successes": 1}, "New": {"n": 30, "successes": 7}})
    0.2
    """
    samples: list[Any] = [sample_of(columns) for columns in by_name.values() if columns["n"]]
    return value_of(reduce(add, samples)) if samples else None
