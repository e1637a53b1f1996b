"""The calendar of a quarter: closed days, deadlines, what pods can do, and every move with its reason."""

import datetime as dt
import uuid
from typing import ClassVar, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from backlog.models import Event, Objective, Pod, Quarter, User
from backlog.models.belonging import OfAPod
from backlog.models.visibility import SeenInPods
from experiments.models.design import Experiment
from experiments.models.sharing import SharedQuerySet


class BlackoutQuerySet(SharedQuerySet["Blackout"]):
    def touching(self, starts_on: dt.date, ends_on: dt.date) -> Self:
        """Those with at least one day in the half-open range."""
        return self.filter(starts_on__lt=ends_on, ends_on__gt=starts_on)


class Blackout(OfAPod):
    """Days on which no test runs: of every pod, of one pod, or on one channel."""

    name = models.CharField(max_length=60)
    starts_on = models.DateField("first day")
    ends_on = models.DateField()
    pod = models.ForeignKey(
        Pod, models.CASCADE, null=True, blank=True, related_name="blackouts", verbose_name="for"
    )
    channel = models.CharField(
        max_length=40, blank=True, help_text="Leave it empty for every channel."
    )
    is_hard = models.BooleanField(
        "no experiment may be placed here",
        default=True,
        help_text="Without it, Floe warns and asks for a reason.",
    )
    uid = models.UUIDField(default=uuid.uuid4, editable=False)
    is_sample = models.BooleanField(default=False, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = BlackoutQuerySet.as_manager()

    class Meta:
        ordering = ("starts_on", "pk")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("starts_on")),
                name="blackout_ends_after_it_starts",
                violation_error_message="The last day is before the first. Choose a later one.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def last_day(self) -> dt.date:
        return self.ends_on - dt.timedelta(days=1)


class Deadline(OfAPod):
    """A day that pods work towards, such as the last day for edits before a campaign."""

    name = models.CharField(max_length=60)
    day = models.DateField()
    pod = models.ForeignKey(
        Pod, models.CASCADE, null=True, blank=True, related_name="deadlines", verbose_name="for"
    )
    uid = models.UUIDField(default=uuid.uuid4, editable=False)
    is_sample = models.BooleanField(default=False, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = SharedQuerySet["Deadline"].as_manager()

    class Meta:
        ordering = ("day", "pk")

    def __str__(self) -> str:
        return self.name


class PodLimits(models.Model):
    """What a pod can take on: people-days a week, and how many tests at once."""

    pod = models.OneToOneField(Pod, models.CASCADE, related_name="limits")
    people_days = models.FloatField(
        "people-days a week",
        null=True,
        blank=True,
        validators=[
            MinValueValidator(0, "Enter 0 or more days."),
            MaxValueValidator(1000, "Enter at most 1,000 days a week."),
        ],
    )
    tests_at_once = models.PositiveSmallIntegerField(
        "experiments at once",
        default=2,
        validators=[MaxValueValidator(100, "Enter at most 100 experiments.")],
    )
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = SeenInPods["PodLimits"].as_manager()

    def __str__(self) -> str:
        return f"Limits of {self.pod}"


class PodWeek(models.Model):
    """A week in which a pod has other people-days than usual, such as a holiday."""

    pod = models.ForeignKey(Pod, models.CASCADE, related_name="weeks")
    starts_on = models.DateField("week from")
    people_days = models.FloatField(
        "people-days",
        validators=[
            MinValueValidator(0, "Enter 0 or more days."),
            MaxValueValidator(1000, "Enter at most 1,000 days a week."),
        ],
    )
    reason = models.CharField(max_length=120, blank=True)

    objects = SeenInPods["PodWeek"].as_manager()

    class Meta:
        ordering = ("starts_on",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["pod", "starts_on"],
                name="one_row_a_pod_and_week",
                violation_error_message="This week is already listed.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pod}, week of {self.starts_on:%-d %b %Y}: {self.people_days:g} people-days"


class CalendarMoveQuerySet(SeenInPods["CalendarMove"]):
    pod_path = "experiment__pod"


class CalendarMove(models.Model):
    """One change of a test's dates: from where to where, by whom, and why. Never changed, never removed."""

    experiment = models.ForeignKey(Experiment, models.CASCADE, related_name="calendar_moves")
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    via = models.CharField(max_length=10, choices=Event.Via, default=Event.Via.WEB)
    from_starts_on = models.DateField(null=True)
    from_ends_on = models.DateField(null=True)
    starts_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)
    reason = models.CharField(max_length=500, blank=True)
    warnings = models.JSONField(default=list)
    undoes = models.OneToOneField(
        "self", models.SET_NULL, null=True, blank=True, related_name="undone_by"
    )

    objects = CalendarMoveQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return f"{self.experiment.key} moved"

    @property
    def pod(self) -> Pod:
        return self.experiment.pod


class BaselineQuerySet(models.QuerySet["Baseline"]):
    def visible_to(self, user: User) -> Self:
        """That a quarter was signed off is everybody's; its rows are narrowed to one's pods."""
        return self


class Baseline(models.Model):
    """The plan of a quarter as it was signed off. A later one replaces it and keeps it in history."""

    quarter = models.ForeignKey(Quarter, models.CASCADE, related_name="baselines")
    number = models.PositiveSmallIntegerField()
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    note = models.CharField(max_length=500, blank=True)

    objects = BaselineQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-pk")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["quarter", "number"], name="one_baseline_a_number"),
        ]

    def __str__(self) -> str:
        return f"Baseline {self.number} of {self.quarter}"


class BaselineRowQuerySet(SeenInPods["BaselineRow"]):
    pod_path = "experiment__pod"


class BaselineRow(models.Model):
    """Where a test stood when the quarter was signed off."""

    baseline = models.ForeignKey(Baseline, models.CASCADE, related_name="rows")
    experiment = models.ForeignKey(Experiment, models.CASCADE, related_name="baseline_rows")
    objective = models.ForeignKey(Objective, models.SET_NULL, null=True, related_name="+")
    starts_on = models.DateField()
    ends_on = models.DateField()

    objects = BaselineRowQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["baseline", "experiment"], name="one_row_a_baseline_and_test"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.experiment.key} in {self.baseline}"

    @property
    def last_day(self) -> dt.date:
        return self.ends_on - dt.timedelta(days=1)
