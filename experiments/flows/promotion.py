"""From an idea to an experiment, and the plan's changes until it is sealed."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max

from backlog import caps
from backlog.flows.conflicts import write_unless_changed
from backlog.flows.moves import IDEA_MOVES
from backlog.flows.notifying import tell_watchers
from backlog.flows.transitions import make_move
from backlog.models import Event, Idea, Pod, User
from backlog.permissions import require
from backlog.refusals import Refused, SomebodyWasQuicker
from experiments.flows.milestones import add_standard_milestones
from experiments.flows.moves import forget_cached
from experiments.flows.quarter.history import record_move
from experiments.flows.segmenting import write_rules
from experiments.models import Booking, Experiment, ExperimentMetric, Metric, Variant

EDITABLE_STATES = (Experiment.State.DRAFT, Experiment.State.PLANNED)


@transaction.atomic
def promote(
    idea: Idea,
    *,
    by: User,
    arms: Sequence[Mapping[str, Any]] = (),
    metrics: Sequence[Mapping[str, Any]] = (),
    rules: Sequence[Mapping[str, Any]] = (),
    **fields: Any,
) -> Experiment:
    """Make the experiment of an idea. A second call (a double click) is a refusal that names it.

    Without a `hypothesis` it has the idea's; title, objective and owner are the idea's as well.
    `arms`: name, description, differs, weight, is_control. `rules`: kind, text, reason, cost. `metrics`: role, name, kind, direction,
    baseline, baseline_sd, smallest_effect, margin; a name in the catalogue is used as it is there.
    Raises PermissionDenied, ValidationError, Refused.
    """
    require(by, "backlog.promote_idea", idea)
    existing = Experiment.objects.exclude(state=Experiment.State.CANCELLED).filter(idea=idea)
    if earlier := existing.first():
        raise Refused(f"{idea.key} was already promoted. See {earlier.key}.")
    make_move(idea, IDEA_MOVES["promote"], by=by)
    tell_watchers(idea, f"{by} promoted it to an experiment.", by=by)
    fields["hypothesis"] = fields.get("hypothesis") or idea.hypothesis_sentence
    fields.setdefault("title", idea.title)
    fields.setdefault("objective", idea.objective)
    fields.setdefault("owner", User.objects.in_pod(idea.owner, idea.pod))
    if template := fields.get("template"):
        fields.setdefault("checklist", template.checklist)
        fields["decision_table"] = fields.get("decision_table") or template.decision_table
    last = Experiment.objects.aggregate(last=Max("number"))["last"] or 0
    experiment = Experiment(pod=idea.pod, idea=idea, number=last + 1, author=by, **fields)
    experiment.full_clean()
    try:
        experiment.save()
    except IntegrityError as taken:  # somebody promoted another idea in the same moment
        raise SomebodyWasQuicker(
            "Somebody promoted an idea at the same moment. Nothing was changed. Try again."
        ) from taken
    Booking.objects.create(experiment=experiment)
    write_arms(experiment, arms)
    write_metrics(experiment, metrics, by=by)
    write_rules(rules, experiment=experiment)
    add_standard_milestones(experiment)
    record_move(experiment, (None, None), by=by)
    Event.record(experiment, "promote", f"{by} promoted {idea.key} to {experiment.key}.", by=by)
    return experiment


@transaction.atomic
def change_plan(
    experiment: Experiment,
    *,
    by: User,
    arms: Sequence[Mapping[str, Any]] | None = None,
    metrics: Sequence[Mapping[str, Any]] | None = None,
    rules: Sequence[Mapping[str, Any]] | None = None,
    **fields: Any,
) -> Experiment:
    """Change a plan that is not sealed; one that was changed since it was fetched is a refusal."""
    require(by, "experiments.change_experiment", experiment)
    if experiment.state not in EDITABLE_STATES:
        raise Refused("The plan was sealed at launch. Dates can still be moved, with a reason.")
    days = experiment.starts_on, experiment.ends_on
    changed = [name for name, value in fields.items() if getattr(experiment, name) != value]
    changed += [name for name, rows in (("arms", arms), ("metrics", metrics), ("rules", rules))
                if rows is not None]  # fmt: skip
    for name, value in fields.items():
        setattr(experiment, name, value)
    experiment.full_clean()
    write_unless_changed(
        experiment,
        states=EDITABLE_STATES,
        refusal="Somebody saved this plan while you were writing. Your entries are still in the "
        "form. Compare and save again.",
        **fields,
    )
    if arms is not None:
        write_arms(experiment, arms)
    if metrics is not None:
        write_metrics(experiment, metrics, by=by)
    if rules is not None:
        write_rules(rules, experiment=experiment)
    experiment.refresh_from_db()
    forget_cached(experiment)
    record_move(experiment, days, by=by)
    sentence = f"{by} changed the plan."
    Event.record(experiment, "change", sentence, by=by, fields=changed)
    return experiment


def write_arms(experiment: Experiment, arms: Sequence[Mapping[str, Any]]) -> None:
    """Replace the arms; raises ValidationError with the sentence for the first that is wrong."""
    caps.hold("arms", arms, caps.MOST_ARMS, "An experiment", "arms")
    names = [str(arm["name"]).strip().casefold() for arm in arms]
    if len(set(names)) < len(names):
        raise ValidationError("Two arms have the same name.")
    if sum(bool(arm.get("is_control")) for arm in arms) > 1:
        raise ValidationError("Only one arm can be the control.")
    experiment.variants.all().delete()
    for position, arm in enumerate(arms):
        variant = Variant(experiment=experiment, position=position, **arm)
        variant.full_clean()
        variant.save()
    forget_cached(experiment)


def write_metrics(
    experiment: Experiment, metrics: Sequence[Mapping[str, Any]], *, by: User
) -> None:
    """Replace the metrics' parts; a name that the catalogue lacks becomes a metric of the pod."""
    caps.hold("metrics", metrics, caps.MOST_METRICS, "An experiment", "metrics")
    if sum(row["role"] == "primary" for row in metrics) > 1:
        raise ValidationError("Only one metric can be the primary one, because it decides.")
    experiment.metrics.all().delete()
    for position, row in enumerate(metrics):
        metric = metric_named(experiment.pod, row)
        values = {
            name: row.get(name) for name in ("baseline", "baseline_sd", "smallest_effect", "margin")
        }
        if row["role"] == "guardrail" and values["margin"] is None:
            values["margin"] = metric.usual_margin
        part = ExperimentMetric(
            experiment=experiment, metric=metric, role=row["role"], position=position, **values
        )
        part.full_clean()
        part.save()
    forget_cached(experiment)


def metric_named(pod: Pod, row: Mapping[str, Any]) -> Metric:
    """The metric of that name which the pod can use, or a new one of the pod's."""
    name = str(row["name"]).strip()
    known = Metric.objects.open_to(pod).filter(name__iexact=name).order_by("pod_id").first()
    if known:
        return known
    metric = Metric(
        pod=pod,
        name=name,
        kind=row.get("kind") or Metric.Kind.PROPORTION,
        direction=row.get("direction") or Metric.Direction.INCREASE,
        unit=row.get("unit") or "",
        did=row.get("did") or "",
    )
    metric.full_clean()
    metric.save()
    return metric
