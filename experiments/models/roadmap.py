"""The operations roadmap: process work, learnings and data that experiments will need."""

import datetime as dt
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from backlog.models import Idea, Pod, Quarter, User
from backlog.models.belonging import OfAPod
from experiments.models.design import Experiment
from experiments.models.sharing import SharedQuerySet


class RoadmapQuerySet(SharedQuerySet["RoadmapItem"]):
    def touching(self, starts_on: dt.date, ends_on: dt.date) -> Self:
        """Those with at least one day in the half-open range; one without days has its quarter's."""
        by_days = Q(starts_on__lt=ends_on, ends_on__gt=starts_on)
        by_quarter = Q(
            starts_on=None, quarter__starts_on__lt=ends_on, quarter__ends_on__gt=starts_on
        )
        return self.filter(by_days | by_quarter)


class RoadmapItem(OfAPod):
    """Work beside the experiments, which wait for it; of a pod or of everybody."""

    class Kind(models.TextChoices):
        PROCESS = "process", "Process work"
        LEARNING = "learning", "Learning to gather"
        DATA = "data", "Data needed"

    PARTS: ClassVar[tuple[str, ...]] = ("owner",)

    kind = models.CharField(max_length=8, choices=Kind, default=Kind.PROCESS)
    title = models.CharField(max_length=120)
    note = models.CharField(max_length=500, blank=True)
    pod = models.ForeignKey(
        Pod, models.CASCADE, null=True, blank=True, related_name="roadmap", verbose_name="for"
    )
    owner = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    quarter = models.ForeignKey(
        Quarter, models.SET_NULL, null=True, blank=True, related_name="roadmap"
    )
    starts_on = models.DateField("first day", null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    idea = models.ForeignKey(
        Idea, models.SET_NULL, null=True, blank=True, related_name="roadmap",
        verbose_name="idea that needs it",
    )  # fmt: skip
    experiment = models.ForeignKey(
        Experiment, models.SET_NULL, null=True, blank=True, related_name="roadmap",
        verbose_name="experiment that needs it",
    )  # fmt: skip
    done_at = models.DateTimeField(null=True, editable=False)
    done_by = models.ForeignKey(User, models.SET_NULL, null=True, editable=False, related_name="+")
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = RoadmapQuerySet.as_manager()

    class Meta:
        ordering = ("starts_on", "pk")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("starts_on"))
                | Q(starts_on__isnull=True, ends_on__isnull=True),
                name="roadmap_item_ends_after_it_starts",
                violation_error_message="Enter the first and the last day, the first one first.",
            ),
            models.CheckConstraint(
                condition=Q(starts_on__isnull=False) | Q(quarter__isnull=False),
                name="roadmap_item_has_a_time",
                violation_error_message="Choose a quarter, or enter the first and the last day.",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"{reverse('experiments:roadmap')}#item-{self.pk}"

    @property
    def state(self) -> str:
        return "done" if self.done_at else "open"

    @property
    def last_day(self) -> dt.date | None:
        return self.ends_on - dt.timedelta(days=1) if self.ends_on else None
