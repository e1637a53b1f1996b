"""Who is in which test: namespaces, what was split, and who is kept out of everything."""

import secrets
from typing import Any, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

from backlog.models import Quarter, User
from experiments.models.metrics import Metric


def new_salt() -> str:
    """Makes one split independent of every other; it is not a secret."""
    return secrets.token_hex(8)


class Namespace(models.Model):
    """Experiments that must not meet in one unit share a namespace: each has buckets of its own."""

    name = models.SlugField(max_length=40, unique=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class HoldoutQuerySet(models.QuerySet["Holdout"]):
    def visible_to(self, user: User) -> Self:
        """What the programme is worth is everybody's to see."""
        return self


class Holdout(models.Model):
    """A small share of all units, kept out of every experiment of a quarter."""

    quarter = models.OneToOneField(Quarter, models.CASCADE, related_name="holdout")
    share = models.FloatField(
        "share held out, in per cent",
        validators=[
            MinValueValidator(0.1, "Enter at least 0.1 %. Fewer units could not show anything."),
            MaxValueValidator(20, "Enter at most 20 %. The programme needs the rest."),
        ],
    )
    salt = models.CharField(max_length=32, default=new_salt, editable=False)
    by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    opened_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = HoldoutQuerySet.as_manager()

    class Meta:
        ordering = ("-quarter__starts_on",)

    def __str__(self) -> str:
        return f"Holdout of {self.quarter}"


class ListCheck(models.Model):
    """A list of units that was split or told apart: counts and a fingerprint, never an id."""

    fingerprint = models.CharField(max_length=64)
    rows = models.PositiveIntegerField()
    counts = models.JSONField(default=dict)
    repeated = models.PositiveIntegerField(default=0)
    by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True


class Split(ListCheck):
    """A list that was given out with an arm for each of its units."""

    experiment = models.ForeignKey("experiments.Experiment", models.CASCADE, related_name="splits")
    strata = models.CharField(max_length=200, blank=True)
    ramp = models.PositiveSmallIntegerField(default=100)

    class Meta:
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return f"{self.rows:,} units of {self.experiment.key}"


class HoldoutSnapshot(ListCheck):
    """Which units a holdout held out on a day, by the fingerprint of those that it did."""

    holdout = models.ForeignKey(Holdout, models.CASCADE, related_name="snapshots")

    class Meta:
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return f"{self.holdout}: {self.counts}"


class HoldoutReading(ListCheck):
    """What everybody else did against those held out, on one metric: what the programme is worth."""

    holdout = models.ForeignKey(Holdout, models.CASCADE, related_name="readings")
    metric = models.ForeignKey(Metric, models.RESTRICT, related_name="+")
    result = models.JSONField()

    class Meta:
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return f"{self.metric} in the {self.holdout}"

    @property
    def effect(self) -> dict[str, Any]:
        effect: dict[str, Any] = self.result["effect"]
        return effect
