"""What is wrong with a running test, or waits to be done: few, with evidence, muted with a reason."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from backlog.models import Pod, User
from backlog.models.visibility import SeenInPods
from experiments.models.design import Experiment


class AlarmQuerySet(SeenInPods["Alarm"]):
    pod_path = "experiment__pod"

    def open(self) -> Self:
        return self.filter(resolved_at=None)

    def loud(self) -> Self:
        """Open, and not muted today."""
        today = timezone.localdate()
        return self.open().filter(Q(muted_until=None) | Q(muted_until__lte=today))


class Alarm(models.Model):
    """At most one open alarm of a kind; its sentence names no arm and no outcome's size."""

    class Kind(models.TextChoices):
        SAMPLE_RATIO = "sample-ratio", "The arms are not as large as planned"
        GUARDRAIL = "guardrail", "A guardrail is worse than its margin"
        STALE = "stale", "Data is late"
        OVERDUE = "overdue", "The planned end has passed"
        FULL = "full", "The planned units are in"

    experiment = models.ForeignKey(Experiment, models.CASCADE, related_name="alarms")
    kind = models.CharField(max_length=12, choices=Kind)
    sentence = models.CharField(max_length=400)
    raised_at = models.DateTimeField(default=timezone.now)
    resolved_at = models.DateTimeField(null=True, editable=False)
    muted_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    muted_until = models.DateField(null=True)
    mute_reason = models.CharField(max_length=300, blank=True)

    objects = AlarmQuerySet.as_manager()

    class Meta:
        ordering = ("-raised_at", "-pk")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["experiment", "kind"],
                condition=Q(resolved_at=None),
                name="one_open_alarm_a_kind",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.experiment.key}"

    @property
    def pod(self) -> Pod:
        return self.experiment.pod

    @property
    def is_muted(self) -> bool:
        return self.muted_until is not None and self.muted_until > timezone.localdate()
