"""Proposals of “Plan my quarter”: what was asked for, how far the solver is, and where each test would go."""

from typing import ClassVar, Self

from django.db import models
from django.urls import reverse
from django.utils import timezone

from backlog.models import Pod, Quarter, User
from backlog.models.texts import SENTENCE, Text
from experiments.models.design import Experiment


class ScenarioQuerySet(models.QuerySet["Scenario"]):
    def visible_to(self, user: User) -> Self:
        """Those of one's pod, one's own, and for programme owners all."""
        if user.stands_above_pods:
            return self
        return self.filter(models.Q(pod__in=list(user.pod_roles)) | models.Q(by=user))

    def left_behind(self) -> Self:
        """Those that no worker solves: its lease ran out, or nobody was told."""
        return self.filter(state=Scenario.State.SOLVING).filter(
            models.Q(leased_until=None) | models.Q(leased_until__lt=timezone.now())
        )


class Scenario(models.Model):
    """One proposal for a quarter. Nothing of it is on the calendar until it is accepted."""

    class State(models.TextChoices):
        SOLVING = "solving", "Being worked out"
        SOLVED = "solved", "Ready"
        FAILED = "failed", "Failed"
        DISCARDED = "discarded", "Discarded"

    MOST_TRIES: ClassVar[int] = 3

    quarter = models.ForeignKey(Quarter, models.CASCADE, related_name="scenarios")
    pod = models.ForeignKey(
        Pod, models.CASCADE, null=True, blank=True, related_name="scenarios",
        help_text="Only this pod’s tests are placed; empty: those of every pod that `by` leads.",
    )  # fmt: skip
    name = models.CharField(max_length=60)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="scenarios")
    made_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=10, choices=State, default=State.SOLVING, editable=False)
    limits = models.JSONField(default=dict)
    progress = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    problem = Text(blank=True, max_length=SENTENCE)
    is_to_stop = models.BooleanField(default=False)
    queued_at = models.DateTimeField(null=True)
    leased_until = models.DateTimeField(null=True)
    leased_by = models.CharField(max_length=100, blank=True, default="")
    tries = models.PositiveSmallIntegerField(default=0)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = ScenarioQuerySet.as_manager()

    class Meta:
        ordering = ("-made_at", "-pk")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("experiments:scenario_detail", args=[self.pk])


class ScenarioRowQuerySet(models.QuerySet["ScenarioRow"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(scenario__in=Scenario.objects.visible_to(user))


class ScenarioRow(models.Model):
    """One test in a proposal: where it would go and why, or what stopped it."""

    class Answer(models.TextChoices):
        OPEN = "open", "Proposed"
        ACCEPTED = "accepted", "Accepted"
        LEFT_OUT = "left-out", "Left out by hand"

    scenario = models.ForeignKey(Scenario, models.CASCADE, related_name="rows")
    experiment = models.ForeignKey(Experiment, models.CASCADE, related_name="scenario_rows")
    starts_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)
    value = models.FloatField(default=0)
    why = models.JSONField(default=list)
    answer = models.CharField(max_length=10, choices=Answer, default=Answer.OPEN)

    objects = ScenarioRowQuerySet.as_manager()

    class Meta:
        ordering = ("starts_on", "-value", "pk")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["scenario", "experiment"], name="one_row_a_scenario_and_test"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.experiment.key} in {self.scenario}"

    @property
    def pod(self) -> Pod | None:
        return self.scenario.pod

    @property
    def is_placed(self) -> bool:
        return self.starts_on is not None and self.answer != self.Answer.LEFT_OUT
