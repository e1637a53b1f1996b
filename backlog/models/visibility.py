"""Who sees a row of a pod: its people, programme owners and admins."""

from typing import ClassVar, Self, TypeVar

from django.db import models
from django.db.models import Q

from backlog.models.people import User

M = TypeVar("M", bound=models.Model)


class SeenInPods(models.QuerySet[M]):
    """`pod_path` leads from a row to its pod; `for_everybody` are the rows that all may see.

    `other_paths` lead there from rows to which `pod_path` does not apply.
    """

    pod_path: ClassVar[str] = "pod"
    other_paths: ClassVar[tuple[str, ...]] = ()
    for_everybody: ClassVar[Q] = Q()

    def visible_to(self, user: User) -> Self:
        if user.stands_above_pods:
            return self
        pods, seen = list(user.pod_roles), self.for_everybody
        for path in (self.pod_path, *self.other_paths):
            seen |= Q(**{f"{path}__in": pods})
        return self.filter(seen)
