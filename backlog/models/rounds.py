"""Scoring rounds: who is asked, who is here, and the progress of a live session."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from backlog.models.ideas import Idea
from backlog.models.people import Pod, User
from backlog.models.rubrics import DIMENSIONS, Rubric
from backlog.models.visibility import SeenInPods


class RoundQuerySet(SeenInPods["Round"]):
    def open(self) -> Self:
        return self.filter(state=Round.State.OPEN)


class Round(models.Model):
    """A set of ideas that a pod scores blind, then reveals and discusses.

    Live: a facilitator leads everybody through the agenda. `current` is the current idea, and
    `revision` counts the changes that all participants must see. On your own: until `closes_at`, if
    it is set.
    """

    class State(models.TextChoices):
        OPEN = "open", "Open"
        CLOSED = "closed", "Closed"

    class Kind(models.TextChoices):
        LIVE = "live", "Live"
        OWN = "own", "On your own"

    pod = models.ForeignKey(Pod, models.CASCADE, related_name="rounds")
    title = models.CharField(max_length=80)
    kind = models.CharField(max_length=4, choices=Kind, default=Kind.OWN)
    rubric = models.ForeignKey(Rubric, models.PROTECT, related_name="rounds")
    state = models.CharField(max_length=10, choices=State, default=State.OPEN, editable=False)
    is_imported = models.BooleanField(default=False, editable=False)
    opened_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    opened_at = models.DateTimeField(default=timezone.now, editable=False)
    closed_at = models.DateTimeField(null=True, editable=False)
    closes_at = models.DateTimeField(null=True, blank=True)
    facilitator = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    current = models.ForeignKey(
        "RoundIdea", models.SET_NULL, null=True, related_name="+", editable=False
    )
    started_at = models.DateTimeField(null=True, editable=False)
    timer_seconds = models.PositiveSmallIntegerField(default=300, editable=False)
    timer_started_at = models.DateTimeField(null=True, editable=False)
    timer_paused_at = models.DateTimeField(null=True, editable=False)
    revision = models.PositiveIntegerField(default=1, editable=False)
    scorers = models.ManyToManyField(User, through="Seat", related_name="rounds")
    ideas = models.ManyToManyField(Idea, through="RoundIdea", related_name="rounds")

    objects = RoundQuerySet.as_manager()

    class Meta:
        ordering = ("-opened_at", "-pk")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(kind="own") | Q(closes_at__isnull=True),
                name="a_live_round_has_no_deadline",
                violation_error_message="A live session has no deadline. It ends when you end it.",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("backlog:round_detail", args=[self.pk])

    @property
    def is_live(self) -> bool:
        return self.kind == self.Kind.LIVE

    @property
    def is_over(self) -> bool:
        """Closed, or past its deadline: it takes no scores."""
        has_passed = self.closes_at is not None and self.closes_at <= timezone.now()
        return self.state == self.State.CLOSED or has_passed

    @property
    def minutes(self) -> int | None:
        """How long a live session took. The time of rounds on your own is unknown."""
        if not self.is_live or self.started_at is None:
            return None
        until = self.closed_at or timezone.now()
        return max(1, round((until - self.started_at).total_seconds() / 60))


class Seat(models.Model):
    """A person who is asked for scores in a round, and for which dimensions."""

    round = models.ForeignKey(Round, models.CASCADE, related_name="seats")
    user = models.ForeignKey(User, models.CASCADE, related_name="seats")
    gives_impact = models.BooleanField(default=True)
    gives_confidence = models.BooleanField(default=True)
    gives_ease = models.BooleanField(default=True)
    reminded_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        db_table = "backlog_round_scorers"
        unique_together = [("round", "user")]

    def __str__(self) -> str:
        return f"{self.user} in {self.round}"


class Presence(models.Model):
    """When somebody's browser last polled the session. Written every few seconds at most."""

    round = models.ForeignKey(Round, models.CASCADE, related_name="presences")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    seen_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["round", "user"], name="one_presence_a_round"),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.round}"


def gives_what_is_asked(prefix: str = "") -> Q:
    """Condition on a seat: it may score a dimension that the outer round idea's vote asks for."""
    met = Q()
    for name in DIMENSIONS:
        met |= Q(**{f"{prefix}gives_{name}": True}) & Q(
            **{f"{prefix}gives_{name}": OuterRef(f"asks_{name}")}
        )
    return met
