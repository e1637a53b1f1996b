"""What a quarter leaves behind: what slipped and why, and what was carried over."""

from typing import ClassVar, TypeVar

from django.db import models
from django.utils import timezone

from backlog.models import Pod, Quarter, User
from backlog.models.visibility import SeenInPods
from experiments.models.design import Experiment

M = TypeVar("M", bound=models.Model)


class OfExperiments(SeenInPods[M]):
    pod_path = "experiment__pod"


class Slip(models.Model):
    """Why an experiment of a quarter ended later than planned, did not start or was cancelled."""

    class Cause(models.TextChoices):
        WAITED = "waited", "Waited for others"
        LARGER = "larger", "The work was larger than forecast"
        PUSHED = "pushed", "Pushed aside by other work"
        AUDIENCE = "audience", "The audience was not free"
        DATA = "data", "Data were late"
        UNWANTED = "unwanted", "No longer wanted"
        OTHER = "other", "Something else"

    quarter = models.ForeignKey(Quarter, models.CASCADE, related_name="slips")
    experiment = models.ForeignKey(Experiment, models.CASCADE, related_name="slips")
    cause = models.CharField(max_length=8, choices=Cause)
    note = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    objects = OfExperiments["Slip"].as_manager()

    class Meta:
        ordering = ("experiment__number",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["quarter", "experiment"], name="one_slip_a_quarter"),
        ]

    def __str__(self) -> str:
        return f"{self.experiment.key}: {self.get_cause_display()}"

    @property
    def pod(self) -> Pod:
        return self.experiment.pod


class CarryOver(models.Model):
    """What was done with an experiment that the quarter left unfinished, with the dates it had."""

    class Choice(models.TextChoices):
        KEEP = "keep", "Carry over with its dates"
        CLEAR = "clear", "Carry over without dates"
        CANCEL = "cancel", "Cancel it"

    quarter = models.ForeignKey(Quarter, models.CASCADE, related_name="carried")
    experiment = models.ForeignKey(Experiment, models.CASCADE, related_name="carried")
    choice = models.CharField(max_length=6, choices=Choice)
    starts_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    objects = OfExperiments["CarryOver"].as_manager()

    class Meta:
        ordering = ("experiment__number",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["quarter", "experiment"],
                name="one_carry_over_a_quarter",
                violation_error_message="Somebody has already settled this experiment.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.experiment.key}: {self.get_choice_display()}"

    @property
    def pod(self) -> Pod:
        return self.experiment.pod
