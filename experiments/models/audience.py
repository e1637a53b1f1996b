"""Who gets it and who must not: named segments, and the rules of a segment or of an experiment."""

from typing import ClassVar

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse

from backlog.models import Pod
from backlog.models.belonging import OfAPod
from experiments.models.sharing import SharedQuerySet, one_of_a_name


class Segment(OfAPod):
    """A named audience with an estimated size; its rules are copied into a plan that uses it."""

    class Stage(models.TextChoices):
        ANY = "", "Any"
        NEW = "new", "New"
        ACTIVE = "active", "Active"
        LAPSED = "lapsed", "Lapsed"

    name = models.CharField(max_length=120)
    description = models.CharField(max_length=300, blank=True)
    stage = models.CharField(
        max_length=10,
        choices=Stage,
        blank=True,
        default=Stage.ANY,
        help_text="Keep new, active and lapsed customers in different segments.",
    )
    size = models.PositiveBigIntegerField(
        "estimated size", null=True, blank=True, validators=[MinValueValidator(1)]
    )
    units_per_week = models.PositiveBigIntegerField(
        "units a week", null=True, blank=True, validators=[MinValueValidator(1)]
    )
    pod = models.ForeignKey(Pod, models.CASCADE, null=True, blank=True, related_name="segments")
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = SharedQuerySet["Segment"].as_manager()

    class Meta:
        ordering = ("name",)
        constraints: ClassVar[list[models.BaseConstraint]] = one_of_a_name("segment")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"{reverse('experiments:segment_list')}#segment-{self.pk}"


class AudienceRule(models.Model):
    """One rule: who else has to hold, or who must not receive; with its reason and what it costs."""

    class Kind(models.TextChoices):
        EXCLUDE = "exclude", "must not receive"
        INCLUDE = "include", "only those who"

    experiment = models.ForeignKey(
        "experiments.Experiment", models.CASCADE, null=True, blank=True, related_name="rules"
    )
    segment = models.ForeignKey(
        Segment, models.CASCADE, null=True, blank=True, related_name="rules"
    )
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.EXCLUDE)
    text = models.CharField(max_length=200)
    reason = models.CharField(max_length=200, blank=True)
    cost = models.PositiveBigIntegerField(
        null=True, blank=True, help_text="How many units it removes."
    )
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("position", "pk")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(experiment=None) ^ Q(segment=None),
                name="a_rule_is_of_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.text}"
