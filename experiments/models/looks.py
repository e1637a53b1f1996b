"""Who looked at a result that was not decided yet, and who opened one before its planned end."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from backlog.models import Pod, User
from backlog.models.texts import Text
from experiments.models.design import Experiment
from experiments.models.evidence import Analysis


class Look(models.Model):
    """Somebody saw outcomes of an undecided experiment: one row per person, day and analysis."""

    experiment = models.ForeignKey(Experiment, models.CASCADE, related_name="looks_taken")
    analysis = models.ForeignKey(Analysis, models.CASCADE, related_name="looks")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    day = models.DateField()
    first_at = models.DateTimeField(default=timezone.now)
    is_early = models.BooleanField(default=False)
    units = models.PositiveBigIntegerField(default=0)

    class Meta:
        ordering = ("-day", "-pk")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["experiment", "user", "day", "analysis"], name="one_look_a_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} looked at {self.analysis} on {self.day}"

    @property
    def pod(self) -> Pod:
        return self.experiment.pod


class Unveiling(models.Model):
    """A result that was opened before its planned end: by whom, when, why, at how many units."""

    experiment = models.OneToOneField(Experiment, models.CASCADE, related_name="unveiling")
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    reason = Text(max_length=1000)
    units = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.experiment.key} opened early"

    @property
    def pod(self) -> Pod:
        return self.experiment.pod
