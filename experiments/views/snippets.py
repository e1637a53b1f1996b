"""Calls of the API that an experiment would take as they stand, to copy: for a shell and for Python."""

import json
from typing import Any

from django.utils import timezone

from experiments.models import Experiment

_STATISTICS: dict[str, dict[str, Any]] = {
    "proportion": {"n": 1000, "successes": 100},
    "mean": {"n": 1000, "mean": 4.2, "variance": 9.1},
    "ratio": {"n": 1000, "mean": 4.2, "variance": 9.1, "denominator": 2.0,
              "denominator_variance": 1.5, "covariance": 0.8},
}  # fmt: skip


def rows_of(experiment: Experiment) -> list[dict[str, Any]]:
    """One day of every metric of the plan, a row for each arm; the figures are made up.

    The day is today, or the last day once the experiment is over.
    """
    today = timezone.localdate()
    day = min(today, experiment.last_day or today).isoformat()
    return [
        {"variant": arm.name, "metric": part.metric.name, "day": day,
         **_STATISTICS[part.metric.kind]}
        for part in experiment.measured
        for arm in experiment.arms
    ]  # fmt: skip


def shell_call(experiment: Experiment, site: str) -> str:
    """For curl; an apostrophe in a name leaves and enters the quotation marks of the shell."""
    rows = ",\n    ".join(_json(row) for row in rows_of(experiment)).replace("'", "'\\''")
    return (
        f"curl {_address(experiment, site)} \\\n"
        f'  -H "Authorization: Bearer $TOKEN" \\\n'
        f'  -H "Content-Type: application/json" \\\n'
        f'  -H "Idempotency-Key: $(date +%F)-1" \\\n'
        f'  -d \'{{"accumulation": "daily", "observations": [\n    {rows}]}}\''
    )


def python_call(experiment: Experiment, site: str) -> str:
    """For Python's own library, nothing to install."""
    rows = ",\n    ".join(repr(row) for row in rows_of(experiment))
    return (
        "import json, os, urllib.request\n\n"
        f"rows = [\n    {rows},\n]\n"
        "request = urllib.request.Request(\n"
        f"    {_address(experiment, site)!r},\n"
        '    json.dumps({"accumulation": "daily", "observations": rows}).encode(),\n'
        '    {"Authorization": "Bearer " + os.environ["TOKEN"],\n'
        '     "Content-Type": "application/json"},\n'
        ")\n"
        "print(urllib.request.urlopen(request).read().decode())\n"
    )


def _address(experiment: Experiment, site: str) -> str:
    return f"{site}api/v1/experiments/{experiment.pk}/observations/"


def _json(row: dict[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False)
