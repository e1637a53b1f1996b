"""Who sees a row of a pod: its people, programme owners and admins."""

from typing import ClassVar, Self, TypeVar

from django.db import models
from django.db.models import Q

from backlog.models.people import User

M = TypeVar("M", bound=models.Model)


class SeenInPods(models.QuerySet[M]):
    """`pod_path` leads from a row to its pod; `for_everybody` are the rows that all may see."""

    pod_path: ClassVar[str] = "pod"
    for_everybody: ClassVar[Q] = Q()

    def visible_to(self, user: User) -> Self:
        if user.stands_above_pods:
            return self
        in_own_pods = Q(**{f"{self.pod_path}__in": list(user.pod_roles)})
        return self.filter(self.for_everybody | in_own_pods)
