"""Data in over the API: sufficient statistics, one row for each arm and metric."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from backlog.models import User
from backlog.refusals import Refused
from experiments.flows.counting import columns_of, require_open, settle, write_observations
from experiments.models import Experiment, Intake
from experiments.stats import Mean, Proportion, Ratio


@transaction.atomic
def receive_totals(
    experiment: Experiment, *, by: User, observations: Sequence[Mapping[str, Any]]
) -> Intake:
    """Take sufficient statistics straight from the API: one row for each variant and metric.

    Each row names `variant` and `metric` and holds n with successes, or with mean and variance
    (and denominator, denominator_variance, covariance for a ratio). Raises Refused.
    """
    require_open(experiment, by)
    samples: dict[str, dict[str, Any]] = {}
    kinds = {row.metric.name: row.metric.kind for row in experiment.measured}
    arms = {arm.name for arm in experiment.arms}
    for number, row in enumerate(observations, start=1):
        metric, variant = str(row["metric"]), str(row["variant"])
        if metric not in kinds:
            raise Refused(f"Row {number}: “{metric}” is not a metric of {experiment.key}.")
        if variant not in arms:
            raise Refused(f"Row {number}: “{variant}” is not an arm of {experiment.key}.")
        if variant in samples.setdefault(metric, {}):
            raise Refused(f"Row {number}: “{metric}” in “{variant}” stands there twice.")
        samples[metric][variant] = _sample_of(kinds[metric], row, number)
    for metric, by_arm in samples.items():
        lacking = arms - by_arm.keys()
        if lacking:
            raise Refused(f"“{metric}” has no row for “{min(lacking)}”; send every arm at once.")
    if not samples:
        raise Refused("There is no row to count.")
    digest = hashlib.sha256(json.dumps(list(observations), default=str).encode()).hexdigest()
    intake = Intake.objects.create(
        experiment=experiment, by=by, source=Intake.Source.API, filename="", digest=digest,
        state=Intake.State.COUNTED, counted_at=timezone.now(),
    )  # fmt: skip
    first = next(iter(samples.values()))
    units = {arm: int(sample.n) for arm, sample in first.items()}
    intake.understood = {"rows": len(observations), "units": units, "warnings": []}
    intake.save(update_fields=["understood"])
    columns = {
        metric: {arm: columns_of(sample) for arm, sample in by_arm.items()}
        for metric, by_arm in samples.items()
    }
    write_observations(intake, columns)
    settle(intake, by=by, units=sum(units.values()))
    return intake


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
        raise Refused(f"Row {number}: a variance is never below 0.")
    if kind == "mean":
        return Mean(row["n"], *values)
    mean, variance, denominator, denominator_variance, covariance = values
    return Ratio(row["n"], mean, denominator, variance, denominator_variance, covariance)
