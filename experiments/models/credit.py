"""What a touch model credits to a channel in a segment, as somebody brought it in."""

import datetime as dt
from typing import ClassVar, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from backlog.models import Pod, User
from backlog.models.belonging import OfAPod
from experiments.learning.credit import TouchModel
from experiments.models.audience import Segment
from experiments.models.metrics import Metric
from experiments.models.sharing import SharedQuerySet

MOST_CONVERSIONS = 1e12


class CreditImport(OfAPod):
    """A table of credit; its rows count until it is undone."""

    class State(models.TextChoices):
        COUNTED = "counted", "Counted"
        UNDONE = "undone", "Undone"

    pod = models.ForeignKey(
        Pod,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="credit_imports",
        verbose_name="for",
    )
    metric = models.ForeignKey(
        Metric, models.CASCADE, related_name="credit_imports", verbose_name="conversions are"
    )
    by = models.ForeignKey(User, models.SET_NULL, null=True, editable=False, related_name="+")
    imported_at = models.DateTimeField(default=timezone.now, editable=False)
    state = models.CharField(
        max_length=7, choices=State, default=State.COUNTED, editable=False, db_index=True
    )

    objects = SharedQuerySet["CreditImport"].as_manager()

    class Meta:
        ordering = ("-imported_at", "-pk")

    def __str__(self) -> str:
        return f"Credit of {self.metric}, {timezone.localtime(self.imported_at):%-d %b %Y}"

    def get_absolute_url(self) -> str:
        return reverse("experiments:library_credit")


class CreditRowQuerySet(models.QuerySet["CreditRow"]):
    def visible_to(self, user: User) -> Self:
        """Rows whose import and whose segment this person sees."""
        return self.filter(
            credit__in=CreditImport.objects.visible_to(user),
            segment__in=Segment.objects.visible_to(user),
        )

    def counted(self) -> Self:
        return self.filter(credit__state=CreditImport.State.COUNTED)


class CreditRow(models.Model):
    """Conversions that a touch model gives to one channel in one segment, in some days."""

    class TouchModel(models.TextChoices):
        FIRST = TouchModel.FIRST.value, "First touch"
        LAST = TouchModel.LAST.value, "Last touch"
        OTHER = TouchModel.OTHER.value, "Other"

    credit = models.ForeignKey(CreditImport, models.CASCADE, related_name="rows")
    segment = models.ForeignKey(Segment, models.CASCADE, related_name="credit")
    channel = models.CharField(max_length=60)
    model = models.CharField(max_length=11, choices=TouchModel)
    model_name = models.CharField(max_length=60, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField()
    conversions = models.FloatField(
        validators=[MinValueValidator(0), MaxValueValidator(MOST_CONVERSIONS)]
    )

    objects = CreditRowQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("starts_on")),
                name="credit_ends_after_it_starts",
                violation_error_message="The last day is before the first.",
            ),
            models.CheckConstraint(
                condition=Q(conversions__gte=0),
                name="credited_conversions_are_not_negative",
                violation_error_message="Conversions are 0 or more.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel}, {self.segment}"

    @property
    def last_day(self) -> dt.date:
        return self.ends_on - dt.timedelta(days=1)

    @property
    def model_words(self) -> str:
        """The touch model as people call it."""
        return self.model_name or self.get_model_display()
