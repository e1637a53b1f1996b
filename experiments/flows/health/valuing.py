"""Expected value beside ICE: switched by a programme owner, stored on ideas by a task.

An order of the backlog is a column (docs/decisions/0008), so what the calibration makes of the scores
is written on each idea when scores or the calibration change.
"""

from collections.abc import Iterable
from typing import Any

from celery import shared_task
from django.db import connection, transaction
from django.db.models import F

from backlog.claims import Band, claim_at
from backlog.flows.queueing import queue_on_commit
from backlog.flows.ranking import EXPECTED
from backlog.flows.rights import require_now
from backlog.models import Event, Idea, RoundIdea, RubricBand, User, Workspace
from backlog.refusals import Refused
from backlog.ways_in import coming_by
from experiments.flows.health.decided import claims_of, decided_experiments
from experiments.learning.expected_value import (
    Reading,
    ValueModel,
    expected_value,
    fit_value_model,
)
from experiments.learning.suggestions import ranking_gain
from experiments.models import ValueReading

PARTS = (
    "chances",
    "lift_at_zero",
    "lift_slope",
    "days_factor",
    "experiments",
    "winners",
    "timed",
)
Values = tuple[float, float, float, float]


@transaction.atomic
def use_expected_value(*, by: User, is_used: bool) -> bool:
    """Rank by expected value beside ICE, or stop that. Whether anything has changed.

    It can be switched on only where past experiments would have been ranked better by it, with an
    interval that excludes no gain. Raises PermissionDenied, Refused.
    """
    by = require_now(by, "experiments.use_expected_value")
    workspace = Workspace.current()
    if workspace.uses_expected_value == is_used:
        return False
    if is_used:
        _require_a_gain()
    rows = Workspace.objects.filter(pk=1, uses_expected_value=not is_used)
    if not rows.update(uses_expected_value=is_used, version=F("version") + 1):
        workspace.uses_expected_value = is_used
        workspace.save()
    verb = "turned on" if is_used else "turned off"
    Event.record(workspace, "expected", f"{by} {verb} expected value beside ICE.", by=by)
    queue_on_commit(read_claims_again)
    return True


def _require_a_gain() -> None:
    gain = ranking_gain([one.row for one in decided_experiments()])
    if gain.low is None:
        raise Refused(
            f"Expected value needs more decided experiments with scores, lifts and days: there are {gain.n}."
        )
    if gain.low <= 0:
        raise Refused(
            "Past experiments do not show that expected value ranks ideas better than ICE: "
            "the interval of the difference includes zero. Floe suggests it once it does."
        )


def tell_of_scores() -> None:
    """Scores of some ideas have changed: they are valued after the commit."""
    queue_on_commit(value_new_ideas)


@shared_task  # type: ignore[untyped-decorator]
def read_claims_again() -> int:
    """Learn from what has been decided by now, then value every idea; how many have changed.

    Safe to run twice. Where expected value is off, ideas lose theirs.
    """
    with coming_by("task"):
        if not Workspace.current().uses_expected_value:
            return _forget()
        model = fit_value_model([one.row for one in decided_experiments()])
        _keep(model)
        return _value(Idea.objects.exclude(ice=None), model)


@shared_task  # type: ignore[untyped-decorator]
def value_new_ideas() -> int:
    """Value ideas that have a score and no value yet, by the last reading; how many there were."""
    with coming_by("task"):
        if not Workspace.current().uses_expected_value:
            return 0
        waiting = Idea.objects.exclude(ice=None).filter(expected_value=None)
        return _value(waiting, stored_model())


def stored_model() -> ValueModel:
    """As it was fitted last; claims as they are before that."""
    readings = {row.pod_id: _reading(row) for row in ValueReading.objects.all()}
    workspace = readings.pop(None, Reading())
    return ValueModel(workspace, {str(pod): reading for pod, reading in readings.items()})


def _reading(row: ValueReading) -> Reading:
    values = {name: getattr(row, name) for name in PARTS}
    return Reading(**{**values, "chances": tuple(values["chances"])})


def _forget() -> int:
    ValueReading.objects.all().delete()
    valued = Idea.objects.exclude(expected_value=None)
    return valued.update(**dict.fromkeys(EXPECTED))


@transaction.atomic
def _keep(model: ValueModel) -> None:
    ValueReading.objects.all().delete()
    scopes: dict[int | None, Reading] = {None: model.workspace}
    scopes |= {int(pod): reading for pod, reading in model.pods.items() if pod}
    ValueReading.objects.bulk_create(
        ValueReading(pod_id=pod, **{name: getattr(reading, name) for name in PARTS})
        for pod, reading in scopes.items()
    )


def _value(ideas: Any, model: ValueModel) -> int:
    """Write what differs. An idea that has become blind meanwhile has no ICE, and gets no value."""
    rubric_of, bands = _rubrics(ideas)
    newest = max(bands, default=0)
    changed = []
    rows = ideas.order_by().values_list("pk", "pod", "impact", "confidence", "ease", *EXPECTED)
    for pk, pod, impact, confidence, ease, *before in rows.iterator(chunk_size=5_000):
        of_rubric = bands.get(rubric_of.get(pk, newest), {})
        scores = {"impact": impact, "confidence": confidence, "ease": ease}
        after = value_of(scores, of_rubric, model, pod=str(pod))
        if after is not None and list(after) != before:
            changed.append((*after, pk))
    _write(changed)
    return len(changed)


def value_of(
    scores: dict[str, float | None], bands: dict[str, list[Band]], model: ValueModel, *, pod: str
) -> Values | None:
    """Lift if it wins, chance, days and value per day; None where the rubric claims none of them."""
    claims = claims_of(scores, bands)
    low, high, chance = claims["claim_low"], claims["claim_high"], claims["chance"]
    if low is None or high is None or chance is None or scores["ease"] is None:
        return None
    days = claim_at("ease", scores["ease"], bands["ease"]) if bands.get("ease") else 0.0
    if days <= 0:
        return None
    one = expected_value(claim=(low + high) / 2, chance=chance, days=days, model=model, pod=pod)
    return one.lift, one.chance, one.days, one.value_per_day


def _rubrics(ideas: Any) -> tuple[dict[int, int], dict[int, dict[str, list[Band]]]]:
    """The rubric with which each idea was scored last, and what its bands claim."""
    revealed = RoundIdea.objects.filter(revealed_at__isnull=False, idea__in=ideas.values("pk"))
    rows = revealed.order_by("revealed_at", "pk").values_list("idea", "round__rubric")
    bands: dict[int, dict[str, list[Band]]] = {}
    for band in RubricBand.objects.order_by("rubric", "band"):
        of_rubric = bands.setdefault(band.rubric_id, {})
        of_rubric.setdefault(band.dimension, []).append((band.low, band.high))
    return dict(rows), bands


def _write(changed: Iterable[tuple[float | int, ...]]) -> None:
    rows = list(changed)
    if rows:
        sets = ", ".join(f"{name} = %s" for name in EXPECTED)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(
                f"UPDATE backlog_idea SET {sets} WHERE id = %s AND ice IS NOT NULL",  # noqa: S608
                rows,
            )
