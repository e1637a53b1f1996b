"""The catalogue of metrics: write one, certify it."""

from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from backlog.flows.conflicts import write_unless_changed
from backlog.models import Event, Pod, User
from backlog.permissions import require
from backlog.refusals import Refused
from experiments.models import Experiment, Metric

# What a sealed plan has fixed: to change it would change what was promised.
FIXED_BY_A_SEAL = ("kind", "direction")


def require_for(by: User, metric: Metric) -> None:
    """Leads for their pod's metrics, programme owners for everybody's."""
    if metric.pod is None:
        require(by, "experiments.change_metric_of_all")
    else:
        require(by, "experiments.change_metric", metric)


@transaction.atomic
def add_metric(*, by: User, pod: Pod | None, **fields: Any) -> Metric:
    """Put a metric into the catalogue, of a pod or of every pod (None)."""
    metric = Metric(pod=pod, **fields)
    require_for(by, metric)
    metric.full_clean()
    metric.save()
    Event.record(metric, "add", f"{by} added the metric “{metric}”.", by=by)
    return metric


@transaction.atomic
def change_metric(metric: Metric, *, by: User, **fields: Any) -> Metric:
    """Change a metric; its certificate goes where somebody else than a programme owner does it.

    Raises PermissionDenied, ValidationError, Refused (kind and direction stay once a sealed plan
    uses them), SomebodyWasQuicker.
    """
    require_for(by, metric)
    before = {name: getattr(metric, name) for name in fields}
    changed = [name for name, value in fields.items() if before[name] != value]
    if used := _sealed_use(metric, changed):
        raise Refused(
            f"{used.key} is sealed with this metric, so its kind and direction "
            "can’t change. Add another metric instead."
        )
    for name, value in fields.items():
        setattr(metric, name, value)
    require_for(by, metric)
    metric.full_clean()
    if changed and not by.has_perm("experiments.certify_metric"):
        fields |= {"certified_by": None, "certified_at": None}
    write_unless_changed(
        metric,
        refusal="Somebody saved this metric while you were writing. Reload the page and compare.",
        **fields,
    )
    Event.record(metric, "change", f"{by} changed the metric “{metric}”.", by=by, fields=changed)
    return metric


def _sealed_use(metric: Metric, changed: list[str]) -> Experiment | None:
    if not set(changed) & set(FIXED_BY_A_SEAL):
        return None
    return Experiment.objects.filter(metrics__metric=metric).exclude(fingerprint="").first()


@transaction.atomic
def certify_metric(metric: Metric, *, by: User, is_certified: bool = True) -> Metric:
    """Vouch for a metric's definition for the whole workspace, or take that back."""
    require(by, "experiments.certify_metric")
    if is_certified and not (metric.definition or metric.numerator):
        raise Refused(
            "Write down first what it counts. Only a metric with a definition can be certified."
        )
    if metric.is_certified != is_certified:
        metric.certified_by = by if is_certified else None
        metric.certified_at = timezone.now() if is_certified else None
        metric.save(update_fields=["certified_by", "certified_at"])
        Metric.objects.filter(pk=metric.pk).update(version=F("version") + 1)
        metric.refresh_from_db(fields=["version"])
        verb = "certified" if is_certified else "withdrew the certificate of"
        Event.record(metric, "certify", f"{by} {verb} “{metric}”.", by=by)
    return metric
