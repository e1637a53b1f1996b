"""Plans to begin with: keep a plan as a template, and clone an experiment."""

from dataclasses import asdict
from typing import Any

from django.db import transaction

from backlog.flows.ideas import add_idea
from backlog.models import Event, Idea, Objective, Pod, User
from backlog.permissions import require
from experiments.flows.promotion import promote
from experiments.flows.sealing import arms_of, metrics_of, rules_of
from experiments.models import Experiment, PlanTemplate

COPIED = (
    "hypothesis", "owner", "launcher", "analyst", "audience", "segment", "audience_size", "channel",
    "frequency_cap", "default_variant", "units_per_week", "reading", "looks", "answers",
    "checklist", "decision_table", "template",
)  # fmt: skip

KEPT_OF_A_METRIC = ("role", "name", "kind", "direction", "smallest_effect", "margin")


def require_for(by: User, template: PlanTemplate) -> None:
    """Leads for their pod's templates, programme owners for everybody's."""
    if template.pod is None:
        require(by, "experiments.change_template_of_all")
    else:
        require(by, "experiments.change_template", template)


def content_of(experiment: Experiment) -> dict[str, Any]:
    """What a template takes from a plan: everything but title, dates, people and baselines."""
    return {
        "arms": [
            {**asdict(arm), "differs": list(arm.differs)} for arm in arms_of(experiment)
        ],
        "metrics": [
            {name: getattr(metric, name) for name in KEPT_OF_A_METRIC}
            for metric in metrics_of(experiment)
        ],
        "rules": [asdict(rule) for rule in rules_of(experiment)],
        **{name: getattr(experiment, name)
           for name in ("channel", "frequency_cap", "default_variant", "reading", "looks")},
    }  # fmt: skip


@transaction.atomic
def keep_template(
    experiment: Experiment, *, by: User, name: str, pod: Pod | None, **fields: Any
) -> PlanTemplate:
    """Keep the plan of an experiment as a template, of a pod or of every pod (None)."""
    require(by, "experiments.view_experiment", experiment)
    template = PlanTemplate(name=name, pod=pod, by=by, content=content_of(experiment), **fields)
    require_for(by, template)
    template.full_clean()
    template.save()
    sentence = f"{by} saved the plan of {experiment.key} as the template “{template}”."
    Event.record(template, "add", sentence, by=by)
    return template


@transaction.atomic
def change_template(template: PlanTemplate, *, by: User, **fields: Any) -> PlanTemplate:
    require_for(by, template)
    for name, value in fields.items():
        setattr(template, name, value)
    require_for(by, template)
    template.full_clean()
    template.save()
    Event.record(template, "change", f"{by} changed the template “{template}”.", by=by)
    return template


@transaction.atomic
def remove_template(template: PlanTemplate, *, by: User) -> None:
    """Experiments that began with it keep what they took."""
    require_for(by, template)
    Event.record(template, "remove", f"{by} removed the template “{template}”.", by=by)
    template.delete()


@transaction.atomic
def clone(experiment: Experiment, *, by: User, title: str) -> Experiment:
    """The same plan once more, as a draft without dates: on the same idea where that one is free (a
    cancelled test), else on a follow-up idea, for an idea has one test at a time.

    Raises PermissionDenied, ValidationError, Refused.
    """
    require(by, "experiments.clone_experiment", experiment)
    idea = _free_idea(experiment) or _follow_up(experiment, title, by)
    fields = {name: getattr(experiment, name) for name in COPIED}
    for name in Experiment.PARTS:
        fields[name] = User.objects.in_pod(fields[name], experiment.pod)
    content = content_of(experiment)
    metrics = [
        {**metric, "baseline": row.baseline, "baseline_sd": row.baseline_sd}
        for metric, row in zip(content["metrics"], experiment.measured, strict=True)
    ]
    made = promote(
        idea, by=by, title=title, objective=idea.objective, arms=content["arms"],
        metrics=metrics, rules=content["rules"], **fields,
    )  # fmt: skip
    Event.record(made, "clone", f"{by} cloned it from {experiment.key}.", by=by, of=experiment.pk)
    Event.record(experiment, "clone", f"{by} cloned it as {made.key}.", by=by, made=made.pk)
    return made


def _free_idea(experiment: Experiment) -> Idea | None:
    idea = experiment.idea
    taken = idea.experiments.exclude(state=Experiment.State.CANCELLED).exists()
    return None if taken or idea.state != Idea.State.OPEN else idea


def _follow_up(experiment: Experiment, title: str, by: User) -> Idea:
    idea = experiment.idea
    objective = (
        Objective.objects.open_to(experiment.pod).filter(pk=experiment.objective_id or 0).first()
    )
    names = (*Idea.HYPOTHESIS_PARTS, "lever", "channel")
    fields = {name: getattr(idea, name) for name in names}
    return add_idea(by=by, pod=experiment.pod, title=title, objective=objective, **fields)
