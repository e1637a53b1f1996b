"""The words and ranges behind the scores. A version is written once and never changed."""

from collections.abc import Sequence
from typing import ClassVar

from django.db import models
from django.db.models import Q

from backlog.models.people import User

DIMENSIONS = ("impact", "confidence", "ease")


def listed(names: Sequence[str]) -> str:
    """Dimensions in a sentence: "Impact", "Impact and Ease", "Impact, Confidence and Ease"."""
    words = [name.capitalize() for name in names]
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


class Rubric(models.Model):
    """One version of the words behind the numbers. A round keeps the version it was scored with."""

    version = models.PositiveIntegerField(unique=True)
    note = models.CharField(max_length=200, blank=True)
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        get_latest_by = "version"
        ordering = ("-version",)

    def __str__(self) -> str:
        return f"Rubric, version {self.version}"

    def by_dimension(self) -> dict[str, list["RubricBand"]]:
        """The five bands of each dimension, lowest first."""
        bands: dict[str, list[RubricBand]] = {dimension: [] for dimension in DIMENSIONS}
        for band in self.bands.all():
            bands[band.dimension].append(band)
        return bands


class RubricBand(models.Model):
    """Two neighbouring scores (1–2 … 9–10) of a dimension: what they mean, and the range they claim."""

    class Dimension(models.TextChoices):
        IMPACT = "impact", "Impact"
        CONFIDENCE = "confidence", "Confidence"
        EASE = "ease", "Ease"

    rubric = models.ForeignKey(Rubric, models.CASCADE, related_name="bands")
    dimension = models.CharField(max_length=10, choices=Dimension)
    band = models.PositiveSmallIntegerField()
    words = models.CharField(max_length=80)
    range_words = models.CharField(max_length=40)
    low = models.FloatField(help_text="Lift and chance as a fraction, Ease in working days.")
    high = models.FloatField()

    class Meta:
        ordering = ("dimension", "band")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["rubric", "dimension", "band"], name="one_band"),
            models.CheckConstraint(condition=Q(band__gte=1, band__lte=5), name="five_bands"),
        ]

    def __str__(self) -> str:
        return f"{self.get_dimension_display()} {self.first}–{self.first + 1}: {self.words}"

    @property
    def first(self) -> int:
        return self.band * 2 - 1

    @property
    def last(self) -> int:
        return self.band * 2
