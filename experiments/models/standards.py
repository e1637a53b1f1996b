"""The standards of the workspace as one room: who owns each kind, and when it was last looked at."""

from django.db import models
from django.utils import timezone

from backlog.models import User
from experiments.models.agreement_versions import Agreement
from experiments.models.sharing import SeenByAll


class StandardKind(models.TextChoices):
    METRICS = "metrics", "Metrics"
    SEGMENTS = "segments", "Segments"
    TEMPLATES = "templates", "Templates"
    RUBRIC = "rubric", "Rubric"
    MILESTONES = "milestones", "Milestones"
    NAMING = "naming", "Naming"
    AGREEMENTS = "agreements", "Agreements"
    HOLDOUTS = "holdouts", "Holdouts"
    WAIVERS = "waivers", "Waivers"


class StandardOwner(models.Model):
    """The person who looks after one kind of standards. A kind without a row has no owner yet."""

    kind = models.CharField(max_length=10, choices=StandardKind, unique=True, editable=False)
    owner = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = SeenByAll["StandardOwner"].as_manager()

    def __str__(self) -> str:
        return self.get_kind_display()


class StandardReview(models.Model):
    """Somebody looked at a kind of standards, or at one agreement, and let it stand."""

    kind = models.CharField(max_length=10, choices=StandardKind)
    agreement = models.ForeignKey(
        Agreement, models.CASCADE, null=True, blank=True, related_name="reviews"
    )
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    note = models.CharField(max_length=500, blank=True)

    objects = SeenByAll["StandardReview"].as_manager()

    class Meta:
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return f"{self.agreement or self.get_kind_display()}: looked at by {self.by or 'somebody'}"
