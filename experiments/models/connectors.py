"""Databases that results are read from, and the queries that read them by the clock."""

import datetime as dt
from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

from backlog.models import Pod, User
from backlog.models.texts import SENTENCE, Text
from backlog.models.visibility import SeenInPods
from experiments.models.design import Experiment


class ConnectorQuerySet(models.QuerySet["Connector"]):
    def visible_to(self, user: User) -> Self:
        """Names of databases are for those who stand above pods."""
        return self if user.stands_above_pods else self.none()


class Connector(models.Model):
    """A database that an admin made known. Its address holds a password, so it is kept sealed."""

    name = models.CharField(
        max_length=60,
        unique=True,
        error_messages={"unique": "There is already a database of this name."},
    )
    sealed_address = Text(editable=False, max_length=SENTENCE)
    place = models.CharField(max_length=300, editable=False)
    seconds = models.PositiveIntegerField(
        "longest query, in seconds",
        default=60,
        validators=[MinValueValidator(1), MaxValueValidator(600)],
    )
    most_rows = models.PositiveIntegerField(
        "most rows",
        default=1_000_000,
        validators=[MinValueValidator(1), MaxValueValidator(2_000_000)],
    )
    by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    added_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ConnectorQuerySet.as_manager()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class FeedQuerySet(SeenInPods["Feed"]):
    pod_path = "experiment__pod"

    def due(self, now: dt.datetime) -> Self:
        """Of running experiments, those that are due today and were not queried since."""
        start = now.replace(hour=0, minute=0, second=0, microsecond=0)
        return self.filter(
            models.Q(asked_at=None) | models.Q(asked_at__lt=start),
            is_paused=False,
            hour__lte=now.hour,
            experiment__state=Experiment.State.RUNNING,
        )


class Feed(models.Model):
    """What is asked of a database for one experiment, each day at an hour."""

    experiment = models.OneToOneField(Experiment, models.CASCADE, related_name="feed")
    connector = models.ForeignKey(Connector, models.RESTRICT, related_name="feeds")
    sql = Text(
        "query", max_length=20_000, help_text="One SELECT with the columns that a file would have."
    )
    hour = models.PositiveSmallIntegerField(
        "each day at this hour", default=5, validators=[MaxValueValidator(23)]
    )
    is_paused = models.BooleanField("paused", default=False)
    by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    asked_at = models.DateTimeField(null=True, editable=False)
    message = Text(blank=True, editable=False, max_length=SENTENCE)
    has_failed = models.BooleanField(default=False, editable=False)

    objects = FeedQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.connector} for {self.experiment.key}"

    @property
    def pod(self) -> Pod:
        return self.experiment.pod
