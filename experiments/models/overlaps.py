"""How many people two segments share: declared by somebody, or estimated from lists of ids."""

from typing import ClassVar, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from backlog.models import User
from experiments.models.audience import Segment


class SegmentOverlapQuerySet(models.QuerySet["SegmentOverlap"]):
    def visible_to(self, user: User) -> Self:
        """Those of two segments that this person may see."""
        seen = Segment.objects.visible_to(user)
        return self.filter(first__in=seen, second__in=seen)


class SegmentOverlap(models.Model):
    """The share of the first segment's people who are in the second, and the other way round."""

    class Source(models.TextChoices):
        DECLARED = "declared", "declared"
        ESTIMATED = "estimated", "estimated from lists"

    first = models.ForeignKey(Segment, models.CASCADE, related_name="overlaps_as_first")
    second = models.ForeignKey(Segment, models.CASCADE, related_name="overlaps_as_second")
    share_of_first = models.FloatField(validators=[MinValueValidator(0), MaxValueValidator(1)])
    share_of_second = models.FloatField(validators=[MinValueValidator(0), MaxValueValidator(1)])
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    source = models.CharField(max_length=10, choices=Source, default=Source.DECLARED)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    objects = SegmentOverlapQuerySet.as_manager()

    class Meta:
        ordering = ("first", "second")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["first", "second"], name="one_overlap_a_pair"),
            models.CheckConstraint(
                condition=Q(first__lt=F("second")), name="an_overlap_names_the_older_segment_first"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first} and {self.second}"


class SegmentSketch(models.Model):
    """A few thousand keyed hashes that stand for a list of ids. It holds no id."""

    segment = models.OneToOneField(Segment, models.CASCADE, related_name="sketch")
    content = models.BinaryField(max_length=100_000)
    ids = models.PositiveBigIntegerField()
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"Sketch of {self.segment}"
