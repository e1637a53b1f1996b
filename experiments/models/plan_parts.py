"""What a plan consists of: its arms, and its metrics with their parts."""

from typing import ClassVar

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from experiments.models.metrics import Metric


class Variant(models.Model):
    """One arm of an experiment; exactly one is the control. `differs` names what is changed."""

    class Difference(models.TextChoices):
        SUBJECT = "subject", "Subject"
        CONTENT = "content", "Content"
        DESIGN = "design", "Design"
        OFFER = "offer", "Offer"
        TIMING = "timing", "Timing"
        FREQUENCY = "frequency", "Frequency"
        CHANNEL = "channel", "Channel"
        SENDER = "sender", "Sender"
        AUDIENCE = "audience", "Audience"
        PROCESS = "process", "Process"

    experiment = models.ForeignKey(
        "experiments.Experiment", models.CASCADE, related_name="variants"
    )
    name = models.CharField(max_length=60)
    description = models.CharField("what differs", max_length=300, blank=True)
    differs = models.JSONField(default=list, blank=True)
    weight = models.FloatField(default=1, help_text="Its share, such as 50 and 50 or 90 and 10.")
    is_control = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("position", "pk")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["experiment", "name"],
                name="one_variant_a_name",
                violation_error_message="Two arms have the same name. Rename one of them.",
            ),
            models.UniqueConstraint(
                fields=["experiment"],
                condition=Q(is_control=True),
                name="one_control",
                violation_error_message="Only one arm can be the control.",
            ),
            models.CheckConstraint(
                condition=Q(weight__gt=0),
                name="variant_weight_is_positive",
                violation_error_message="Enter a share above 0 for each arm.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ExperimentMetric(models.Model):
    """A metric's part in an experiment, with what is expected of it.

    `baseline`, `baseline_sd` and `margin` are in the metric's own unit (a fraction for a
    proportion); `smallest_effect` is a lift, as a fraction of the baseline.
    """

    class Role(models.TextChoices):
        PRIMARY = "primary", "Primary"
        SECONDARY = "secondary", "Secondary"
        GUARDRAIL = "guardrail", "Guardrail"

    experiment = models.ForeignKey("experiments.Experiment", models.CASCADE, related_name="metrics")
    metric = models.ForeignKey(Metric, models.RESTRICT, related_name="uses")
    role = models.CharField(max_length=10, choices=Role, default=Role.PRIMARY)
    baseline = models.FloatField("now", null=True, blank=True)
    baseline_sd = models.FloatField(
        "standard deviation", null=True, blank=True, validators=[MinValueValidator(0)]
    )
    smallest_effect = models.FloatField("smallest effect that matters", null=True, blank=True)
    margin = models.FloatField(
        "margin",
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text="How much worse a guardrail may get before it stops the experiment.",
    )
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("position", "pk")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["experiment", "metric"],
                name="one_role_a_metric",
                violation_error_message="This metric is already in the experiment.",
            ),
            models.UniqueConstraint(
                fields=["experiment"],
                condition=Q(role="primary"),
                name="one_primary_metric",
                violation_error_message="Only one metric can be the primary one, because it decides.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.metric} ({self.get_role_display().lower()})"
