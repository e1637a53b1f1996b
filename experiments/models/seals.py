"""What was promised and when: the chain of seals, and amendments to a sealed plan."""

from typing import Any, ClassVar

from django.db import models
from django.utils import timezone

from backlog.models import Pod, User
from experiments.models.design import Experiment


class Seal(models.Model):
    """One link of the workspace's chain: the fingerprint of a plan or of an amendment.

    It holds names, not rows, so that it stays whole when an experiment or a person is removed.
    """

    class Kind(models.TextChoices):
        PLAN = "plan", "Plan"
        AMENDMENT = "amendment", "Amendment"

    number = models.PositiveIntegerField(unique=True)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.PLAN)
    experiment = models.ForeignKey(
        Experiment, models.SET_NULL, null=True, blank=True, related_name="seals"
    )
    key = models.CharField(max_length=12)
    fingerprint = models.CharField(max_length=64)
    previous = models.CharField(max_length=64, blank=True)
    chain = models.CharField(max_length=64, unique=True)
    by_name = models.CharField(max_length=80, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("number",)

    def __str__(self) -> str:
        return f"Seal {self.number}: {self.key}"


class Amendment(models.Model):
    """A dated, reasoned change of a sealed plan, and the whole plan as it holds from then on."""

    experiment = models.ForeignKey(Experiment, models.CASCADE, related_name="amendments")
    number = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=1000)
    is_after_first_look = models.BooleanField(default=False)
    changes = models.JSONField()
    plan = models.JSONField()
    fingerprint = models.CharField(max_length=64)
    by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("number",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["experiment", "number"], name="one_amendment_a_number"),
        ]

    def __str__(self) -> str:
        return f"Amendment {self.number} of {self.experiment.key}"

    @property
    def pod(self) -> Pod:
        return self.experiment.pod

    @property
    def content(self) -> dict[str, Any]:
        """What its fingerprint is of."""
        return {
            "amends": self.experiment.fingerprint,
            "number": self.number,
            "reason": self.reason,
            "is_after_first_look": self.is_after_first_look,
            "changes": self.changes,
            "plan": self.plan,
        }
