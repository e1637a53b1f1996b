"""Plans to begin with: templates of a pod or of everybody."""

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils import timezone

from backlog.models import Pod, User
from backlog.models.belonging import OfAPod
from backlog.models.texts import Text
from experiments.models.milestone_sets import MilestoneSet
from experiments.models.sharing import SharedQuerySet, one_of_a_name


class PlanTemplate(OfAPod):
    """What a plan starts with. `content` holds arms, metrics, rules and how it is read."""

    name = models.CharField(max_length=80)
    description = models.CharField(max_length=300, blank=True)
    pod = models.ForeignKey(
        Pod, models.CASCADE, null=True, blank=True, related_name="plan_templates"
    )
    weeks = models.PositiveSmallIntegerField(
        "run time in weeks",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(52)],
    )
    most_metrics = models.PositiveSmallIntegerField(
        "most metrics",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(20)],
        help_text="More of them need a waiver, because each further metric is a further chance to be wrong.",
    )
    milestone_set = models.ForeignKey(
        MilestoneSet,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="templates",
        verbose_name="milestones",
        help_text="What experiments with this template start with.",
    )
    decision_table = Text(
        max_length=1500,
        blank=True,
        help_text="One case per line, such as “won, guardrails fine → ship to everybody”.",
    )
    checklist = models.JSONField(default=list, blank=True)
    content = models.JSONField(default=dict)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    objects = SharedQuerySet["PlanTemplate"].as_manager()

    class Meta:
        ordering = ("name",)
        constraints: ClassVar[list[models.BaseConstraint]] = one_of_a_name("template")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("experiments:template_list")
