"""Quarters and their objectives."""

import datetime as dt
from typing import Any, ClassVar, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

from backlog.models.belonging import OfAPod
from backlog.models.people import Pod, User
from backlog.models.visibility import SeenInPods


class QuarterQuerySet(models.QuerySet["Quarter"]):
    def visible_to(self, user: User) -> Self:
        """Quarters are everybody's."""
        return self

    def around(self, day: dt.date) -> Self:
        return self.filter(starts_on__lte=day, ends_on__gt=day)


class Quarter(models.Model):
    """The planning period; `ends_on` is the first day after it."""

    name = models.CharField(
        max_length=20,
        unique=True,
        error_messages={"unique": "There is already a quarter with this name."},
    )
    starts_on = models.DateField(unique=True)
    ends_on = models.DateField()
    tests_at_once = models.PositiveSmallIntegerField(
        "experiments at once, over all pods",
        default=8,
        validators=[MaxValueValidator(1000, "Enter at most 1,000 experiments.")],
    )
    share_limit = models.FloatField(
        "share of a segment that may be booked",
        default=0.8,
        validators=[
            MinValueValidator(0.01, "Enter at least 1 %%."),
            MaxValueValidator(1, "Enter at most 100 %%."),
        ],
    )
    tests_per_objective = models.PositiveSmallIntegerField(
        "experiments for each objective, at least",
        default=0,
        validators=[MaxValueValidator(20, "Enter at most 20 experiments.")],
    )
    closed_at = models.DateTimeField(null=True, editable=False)
    closed_by = models.ForeignKey(
        User, models.SET_NULL, null=True, editable=False, related_name="+"
    )
    is_sample = models.BooleanField(default=False, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = QuarterQuerySet.as_manager()

    class Meta:
        ordering = ("-starts_on",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(ends_on__gt=models.F("starts_on")),
                name="quarter_ends_after_it_starts",
                violation_error_message="A quarter must end after it starts.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def last_day(self) -> dt.date:
        return self.ends_on - dt.timedelta(days=1)

    @property
    def turns_from(self) -> dt.date:
        """The day from which it can be turned: a week before its end."""
        return self.ends_on - dt.timedelta(days=7)

    @property
    def can_be_turned(self) -> bool:
        return self.closed_at is None and self.turns_from <= timezone.localdate()

    @property
    def is_current(self) -> bool:
        return self.starts_on <= timezone.localdate() < self.ends_on


class ObjectiveQuerySet(SeenInPods["Objective"]):
    """Objectives of one's pods, and those that hold for every pod."""

    for_everybody = models.Q(pod=None)

    def open_to(self, pod: Pod) -> Self:
        """The objectives for an idea of this pod: its own and everybody's, this quarter or
        later."""
        return self.filter(
            models.Q(pod=None) | models.Q(pod=pod), quarter__ends_on__gt=timezone.localdate()
        )

    def with_labels(self) -> Self:
        """Each knows whether another quarter has an objective with its title, and says which it is."""
        others = Objective.objects.filter(title=models.OuterRef("title"))
        repeated = models.Exists(others.exclude(pk=models.OuterRef("pk")))
        return self.select_related("pod", "quarter").annotate(is_repeated=repeated)

    def namesakes(self) -> Any:
        """Titles that stand in several quarters, as `title` with its `count`."""
        by_title = self.order_by().values("title").annotate(count=models.Count("pk"))
        return by_title.filter(count__gt=1)


class Objective(OfAPod):
    """A business goal of a quarter, with the metric that shows whether it was reached."""

    quarter = models.ForeignKey(Quarter, models.CASCADE, related_name="objectives")
    pod = models.ForeignKey(
        Pod,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="objectives",
        help_text="Leave it empty for an objective of every pod.",
    )
    title = models.CharField(max_length=80)
    metric = models.CharField("target metric", max_length=120, blank=True)
    target = models.CharField(
        max_length=60, blank=True, help_text="For example “from 4.2 % to 5 %”."
    )

    objects = ObjectiveQuerySet.as_manager()

    class Meta:
        ordering = ("title",)
        indexes: ClassVar[list[models.Index]] = [models.Index("title", name="objective_by_title")]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["quarter", "title"],
                name="one_objective_a_title",
                violation_error_message="This quarter already has an objective with this title.",
            ),
        ]

    def __str__(self) -> str:
        """Its title; with its quarter where it is known to stand in several (`with_labels`)."""
        return (
            f"{self.title} · {self.quarter}" if getattr(self, "is_repeated", False) else self.title
        )

    @property
    def full_title(self) -> str:
        """Its title with its quarter, since a goal often stands in several."""
        return f"{self.title} · {self.quarter}"
