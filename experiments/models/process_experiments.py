"""Experiments on how people work: pods, weeks or ideas as units, never a person."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.urls import reverse

from backlog.models import Idea, Pod, User
from backlog.models.belonging import OfAPod
from backlog.models.texts import Text
from experiments.learning.process import ProcessResult, Strength
from experiments.models.metrics import Metric
from experiments.models.sharing import SharedQuerySet


class ProcessExperiment(OfAPod):
    """Two ways of working, given to units by lot. Without a pod it is one of all pods.

    `sealed` is what was fixed at the start, with the lot; `reading` is the result, once every unit
    has an outcome or a reason why it has none.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        RUNNING = "running", "Running"
        DECIDED = "decided", "Decided"
        CANCELLED = "cancelled", "Cancelled"

    class Unit(models.TextChoices):
        PODS = "pods", "Pods"
        WEEKS = "weeks", "Weeks"
        IDEAS = "ideas", "Ideas"

    class Clusters(models.TextChoices):
        UNIT = "unit", "Each unit by itself"
        POD = "pod", "All units of a pod together"
        WEEK = "week", "All pods of a week together"

    class Choice(models.TextChoices):
        ADOPT = "adopt", "Work the other way from now on"
        KEEP = "keep", "Stay with the way it is now"
        CANNOT_TELL = "cannot-tell", "The result is inconclusive"

    title = models.CharField(max_length=120)
    hypothesis = Text(max_length=1000)
    as_now = models.CharField("the way it is now", max_length=300)
    other_way = models.CharField("the other way", max_length=300)
    measure = models.CharField("what is measured", max_length=120)
    measure_unit = models.CharField("counted in", max_length=40, blank=True)
    direction = models.CharField(
        "desired direction",
        max_length=10,
        choices=Metric.Direction,
        default=Metric.Direction.INCREASE,
    )
    pod = models.ForeignKey(
        Pod, models.CASCADE, null=True, blank=True, related_name="process_experiments",
        verbose_name="for",
    )  # fmt: skip
    unit = models.CharField("units", max_length=5, choices=Unit, default=Unit.WEEKS)
    clusters = models.CharField(
        "what belongs together", max_length=4, choices=Clusters, default=Clusters.UNIT
    )
    state = models.CharField(
        max_length=9, choices=State, default=State.DRAFT, editable=False, db_index=True
    )
    by = models.ForeignKey(User, models.SET_NULL, null=True, editable=False, related_name="+")
    seed = models.CharField(max_length=32, blank=True, editable=False)
    sealed = models.JSONField(null=True, editable=False)
    fingerprint = models.CharField(max_length=64, blank=True, editable=False)
    started_at = models.DateTimeField(null=True, editable=False)
    started_by = models.ForeignKey(
        User, models.SET_NULL, null=True, editable=False, related_name="+"
    )
    reading = models.JSONField(null=True, editable=False)
    choice = models.CharField(max_length=11, choices=Choice, blank=True, editable=False)
    conclusion = Text(max_length=1000, blank=True, editable=False)
    decided_at = models.DateTimeField(null=True, editable=False)
    decided_by = models.ForeignKey(
        User, models.SET_NULL, null=True, editable=False, related_name="+"
    )
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = SharedQuerySet["ProcessExperiment"].as_manager()

    class Meta:
        ordering = ("-pk",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=~Q(unit="pods") | Q(pod=None, clusters="unit"),
                name="pods_are_units_for_all",
                violation_error_message="Pods can only be units of an experiment for every pod, each by itself.",
            ),
            models.CheckConstraint(
                condition=~Q(clusters="pod") | Q(pod=None),
                name="one_pod_is_one_cluster",
                violation_error_message="All units of one pod together are a single cluster. Choose each unit by itself.",
            ),
            models.CheckConstraint(
                condition=~Q(clusters="week") | Q(unit="weeks"),
                name="weeks_go_together_by_week",
                violation_error_message="Only weeks can go together by week.",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("running", "decided"))
                | Q(started_at__isnull=False) & ~Q(seed="") & ~Q(fingerprint=""),
                name="a_process_experiment_starts_sealed",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("experiments:process_experiment_detail", args=[self.pk])

    @property
    def is_draft(self) -> bool:
        return self.state == self.State.DRAFT

    @property
    def is_increase_good(self) -> bool:
        return self.direction == Metric.Direction.INCREASE

    @property
    def result(self) -> ProcessResult | None:
        """The reading as the arithmetic gave it."""
        kept: dict[str, Any] | None = self.reading
        return ProcessResult(**{**kept, "strength": Strength(kept["strength"])}) if kept else None


class ProcessUnitQuerySet(SharedQuerySet["ProcessExperimentUnit"]):
    """Units of a pod are for those who see the pod, also in an experiment of all pods."""

    for_everybody = Q(pod=None)


class ProcessExperimentUnit(models.Model):
    """One pod, week or idea, its cluster, its arm and its outcome."""

    experiment = models.ForeignKey(ProcessExperiment, models.CASCADE, related_name="units")
    name = models.CharField(max_length=160)
    cluster = models.CharField(max_length=160)
    pod = models.ForeignKey(Pod, models.SET_NULL, null=True, editable=False, related_name="+")
    idea = models.ForeignKey(Idea, models.SET_NULL, null=True, editable=False, related_name="+")
    starts_on = models.DateField(null=True, blank=True)
    is_treated = models.BooleanField(null=True, editable=False)
    value = models.FloatField(null=True, blank=True)
    why_missing = models.CharField(max_length=200, blank=True)

    objects = ProcessUnitQuerySet.as_manager()

    class Meta:
        ordering = ("starts_on", "name", "pk")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["experiment", "name"], name="one_unit_a_name_in_a_process_experiment"
            ),
            models.CheckConstraint(
                condition=Q(value=None) | Q(why_missing=""), name="a_unit_has_a_value_or_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def short_name(self) -> str:
        """Of an idea its key."""
        return self.name.partition(" ")[0] if self.idea_id else self.name

    @property
    def rest_of_name(self) -> str:
        return self.name.removeprefix(self.short_name)

    @property
    def is_where_it_was(self) -> bool:
        """Whether its idea still belongs to the pod of the unit, whose people see it."""
        return self.idea is not None and self.idea.pod_id == self.pod_id

    @property
    def is_in(self) -> bool:
        return self.value is not None or bool(self.why_missing)
