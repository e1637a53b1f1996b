"""A file as it was understood, before it counts: what each column means and what was found in it."""

from collections.abc import Mapping
from typing import Any

from backlog.templatetags.figures import number
from experiments.models import Intake
from experiments.views.wording import value_text


def columns_understood(intake: Intake) -> list[dict[str, Any]]:
    """A row for each column of the file, the ignored ones last: name, examples, meaning, finds."""
    means = _meanings(intake)
    rows = [
        {
            "name": column["name"],
            "examples": ", ".join(column["examples"][:3]),
            "means": means.get(column["name"], ("Ignored", ""))[0],
            "found": means.get(column["name"], ("", ""))[1],
            "is_ignored": column["name"] not in means,
        }
        for column in intake.sniffed["columns"]
    ]
    return sorted(rows, key=lambda row: bool(row["is_ignored"]))


def _meanings(intake: Intake) -> dict[str, tuple[str, str]]:
    """Column → what it means and what was found."""
    columns, seen = intake.mapping["columns"], intake.understood
    units = seen["units"]
    arms = " · ".join(f"{arm} {number(count)}" for arm, count in units.items())
    total = number(sum(units.values()))
    means = {columns["variant"]: ("Arm", arms)}
    if columns.get("unit"):
        means[columns["unit"]] = ("Person", f"{total} who count")
    if columns.get("count"):
        means[columns["count"]] = ("Number of units", f"{total} in all")
    parts = {row.metric.name: row for row in intake.experiment.measured}
    for metric in columns["metrics"]:
        role = parts[metric["name"]].get_role_display().lower() if metric["name"] in parts else ""
        means[metric["column"]] = (f"{metric['name']} · {role}", _found(metric, seen))
        if metric.get("denominator"):
            means[metric["denominator"]] = (f"{metric['name']} · counted over", "")
        if metric.get("spread"):
            means[metric["spread"]] = (f"{metric['name']} · standard deviation", "")
    return means


def _found(metric: Mapping[str, Any], seen: Mapping[str, Any]) -> str:
    """The value in each arm, the range it lies in, how many are empty."""
    values = seen["values"].get(metric["name"], {})
    said = [
        " · ".join(f"{arm} {value_text(value, metric['kind'])}" for arm, value in values.items())
    ]
    ends = seen["ranges"].get(metric["name"])
    if ends and metric["kind"] != "proportion":
        said.append(f"from {value_text(ends[0], 'mean')} to {value_text(ends[1], 'mean')}")
    if missing := seen["missing"].get(metric["name"]):
        said.append(f"{number(missing)} empty")
    return "; ".join(part for part in said if part)
