"""What each decided experiment gives to the evidence."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from backlog.models import Pod
from backlog.models.visibility import SeenInPods
from experiments.learning.evidence import Backing, TrialOutcome
from experiments.models.design import Experiment
from experiments.stats.tails import CONFIDENCE


class EvidenceRowQuerySet(SeenInPods["EvidenceRow"]):
    """A result counts for its pod, and for everybody once its post-mortem is published."""

    pod_path = "experiment__pod"
    for_everybody = Q(experiment__post_mortem__state="published")


class EvidenceRow(models.Model):
    """The one lift of a decided experiment, written at its decision and never changed.

    Its lever and channel are those of the experiment and its idea, its day is that of the decision.
    """

    class Outcome(models.TextChoices):
        WON = TrialOutcome.WON.value, "Won"
        LOST = TrialOutcome.LOST.value, "Lost"
        INCONCLUSIVE = TrialOutcome.INCONCLUSIVE.value, "No clear difference"
        HARMED = TrialOutcome.HARMED.value, "Harmed a guardrail"

    class Backing(models.TextChoices):
        COUNTS = Backing.COUNTS.value, "Counts"
        INTERVAL = Backing.INTERVAL.value, "A lift with its interval"
        WORDS = Backing.WORDS.value, "Only how it ended"

    experiment = models.OneToOneField(Experiment, models.CASCADE, related_name="evidence")
    outcome = models.CharField(max_length=12, choices=Outcome)
    backing = models.CharField(max_length=8, choices=Backing, default=Backing.COUNTS)
    is_imported = models.BooleanField(default=False)
    metric = models.CharField(max_length=80, blank=True)
    is_increase_good = models.BooleanField(default=True)
    matters = models.FloatField(null=True)
    lift = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    confidence = models.FloatField(default=CONFIDENCE)

    objects = EvidenceRowQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(backing="words") | Q(lift__isnull=False),
                name="evidence_has_a_lift",
                violation_error_message="Enter the lift, or only how the experiment ended.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.experiment.key}: {self.get_outcome_display()}"

    @property
    def pod(self) -> Pod:
        return self.experiment.pod
