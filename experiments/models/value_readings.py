"""What past claims turned out to mean, as it was fitted last: for all pods, and for pods that differ."""

from django.db import models
from django.utils import timezone

from backlog.models import Pod


class ValueReading(models.Model):
    """One scope's reading of claims; `pod` is empty for all pods together.

    The fields are those of `learning.expected_value.Reading`.
    """

    pod = models.OneToOneField(
        Pod, models.CASCADE, null=True, related_name="value_reading", editable=False
    )
    chances = models.JSONField()
    lift_at_zero = models.FloatField()
    lift_slope = models.FloatField()
    days_factor = models.FloatField()
    experiments = models.PositiveIntegerField()
    winners = models.PositiveIntegerField()
    timed = models.PositiveIntegerField()
    fitted_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"How claims of {self.pod or 'all pods'} are read"
