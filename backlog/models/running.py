"""Whether the parts of the installation are alive, and what they have to do."""

from typing import Any

from django.db import models
from django.utils import timezone


class Heartbeat(models.Model):
    """The last sign of life of the worker, and of beat through a worker. Read by readiness."""

    name = models.CharField(max_length=30, unique=True)
    seen_at = models.DateTimeField()
    doing = models.CharField(max_length=60, blank=True, default="")
    doing_since = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.name} seen {self.seen_at:%H:%M:%S}"

    @classmethod
    def beat(cls, name: str, **values: Any) -> None:
        values["seen_at"] = timezone.now()
        if not cls.objects.filter(name=name).update(**values):
            cls.objects.update_or_create(name=name, defaults=values)


class RanksDue(models.Model):
    """The ideas whose rank ranges must be calculated again: all ("") or a pod's (its id).

    A durable job: `wanted` counts changes of scores, `done` those included in the ranges.
    """

    scope = models.CharField(max_length=20, unique=True)
    wanted = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    done_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"Ranks of {self.scope or 'everything'}: {self.done} of {self.wanted}"
