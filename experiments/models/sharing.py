"""What belongs to one pod or, without a pod, to everybody: who sees it, who uses it, one name once."""

from typing import Self, TypeVar

from django.db import models
from django.db.models import Q

from backlog.models import Pod, User
from backlog.models.visibility import SeenInPods

M = TypeVar("M", bound=models.Model)


class SharedQuerySet(SeenInPods[M]):
    for_everybody = Q(pod=None)

    def open_to(self, pod: Pod) -> Self:
        """What an experiment of this pod can use: what is its own and what is everybody's."""
        return self.filter(Q(pod=None) | Q(pod=pod))


class SeenByAll(models.QuerySet[M]):
    def visible_to(self, user: User) -> Self:
        """Standards are everybody's."""
        return self


def one_of_a_name(noun: str) -> list[models.BaseConstraint]:
    """A name is taken once in a pod, and once among what is everybody's."""
    taken = f"There is already a {noun} of this name."
    return [
        models.UniqueConstraint(
            fields=["name", "pod"],
            name=f"one_{noun}_a_name_in_a_pod",
            violation_error_message=taken,
        ),
        models.UniqueConstraint(
            fields=["name"],
            condition=Q(pod=None),
            name=f"one_{noun}_a_name_for_all",
            violation_error_message=taken,
        ),
    ]
