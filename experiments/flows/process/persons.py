"""Whose outcome a unit would be: never that of a pod with a handful of people."""

from collections.abc import Iterable

from django.db.models import Count, Q

from backlog.influence import FEWEST_PEOPLE
from backlog.models import Membership, Pod
from experiments.models import ProcessExperiment, ProcessExperimentUnit

WORK = (Membership.Role.MEMBER, Membership.Role.LEAD)


def of_single_people(
    experiment: ProcessExperiment, units: Iterable[ProcessExperimentUnit]
) -> str | None:
    """Why these units can’t be compared, if the outcome of one is that of persons. None if they can.

    Ideas by themselves always can.
    """
    is_by_idea = experiment.unit == ProcessExperiment.Unit.IDEAS
    if is_by_idea and experiment.clusters == ProcessExperiment.Clusters.UNIT:
        return None
    works = Q(memberships__role__in=WORK, memberships__user__is_active=True)
    pods = Pod.objects.filter(pk__in={unit.pod_id for unit in units if unit.pod_id})
    counted = pods.annotate(people=Count("memberships", filter=works))
    small = counted.filter(people__lt=FEWEST_PEOPLE).order_by("name").first()
    if small is None:
        return None
    return (
        f"{small} has fewer than {FEWEST_PEOPLE} people who work in it, so its outcome would be one of "
        "persons. Leave it out, or compare ideas by themselves."
    )
