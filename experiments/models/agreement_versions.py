"""Agreements with stakeholders and technical partners. A version is written once and never changed."""

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from backlog.models import User
from backlog.models.texts import Text
from experiments.models.sharing import SeenByAll


class Agreement(models.Model):
    """What was agreed about one matter, as its newest version says."""

    class Kind(models.TextChoices):
        TURNAROUND = "turnaround", "Turnaround times"
        RISK = "risk", "Risk limits"
        CONTACT = "contact", "Contact rules"
        FINAL_EDIT = "final-edit", "Final edit dates"
        ESCALATION = "escalation", "Escalation plan"
        FORMAT = "format", "Data formats"

    kind = models.CharField(max_length=10, choices=Kind, unique=True, editable=False)
    owner = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    partner = models.CharField("with", max_length=120, blank=True)
    is_sample = models.BooleanField(default=False, editable=False)
    number = models.PositiveIntegerField(default=0, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = SeenByAll["Agreement"].as_manager()

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.get_kind_display()

    def get_absolute_url(self) -> str:
        return reverse("experiments:agreement_detail", args=[self.kind])


class AgreementVersion(models.Model):
    """The agreement as somebody wrote it on a day; `changes` are sentences on what is different."""

    agreement = models.ForeignKey(Agreement, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    partner = models.CharField(max_length=120, blank=True)
    note = models.CharField(max_length=300, blank=True)
    changes = models.JSONField(default=list)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    objects = SeenByAll["AgreementVersion"].as_manager()

    class Meta:
        ordering = ("-number",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["agreement", "number"],
                name="one_agreement_version_a_number",
                violation_error_message="Somebody saved this agreement at the same moment.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement}, version {self.number}"


class Term(models.Model):
    """One line of a version. Each kind of agreement uses its own few fields (`experiments/plan/terms.py`)."""

    class Measure(models.TextChoices):
        SHARE = "share", "Most of a segment in a first wave, in %"
        VALUE = "value", "Most value at risk"
        OTHER = "other", "Another limit"

    agreement_version = models.ForeignKey(AgreementVersion, models.CASCADE, related_name="terms")
    position = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(max_length=120, blank=True)
    measure = models.CharField(max_length=5, choices=Measure, blank=True)
    channel = models.CharField(max_length=40, blank=True)
    country = models.CharField(max_length=40, blank=True)
    number = models.FloatField(
        null=True,
        blank=True,
        validators=[
            MinValueValidator(0, "Enter 0 or more."),
            MaxValueValidator(10**12, "Enter at most 1,000,000,000,000."),
        ],
    )
    day = models.DateField(null=True, blank=True)
    person = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    role = models.CharField(max_length=80, blank=True)
    reach = models.CharField("how to reach them", max_length=160, blank=True)
    text = Text(max_length=2000, blank=True)

    class Meta:
        ordering = ("position", "pk")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(number__isnull=True) | Q(number__gte=0), name="term_not_below_zero"
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.channel or (str(self.person) if self.person else "a line")


class Drill(models.Model):
    """A trial of the escalation plan: when, what came of it, and when the next one is due."""

    agreement = models.ForeignKey(Agreement, models.CASCADE, related_name="drills")
    day = models.DateField("done on")
    outcome = models.CharField("what came of it", max_length=500)
    next_due_on = models.DateField("next one due", null=True, blank=True)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    objects = SeenByAll["Drill"].as_manager()

    class Meta:
        ordering = ("-day", "-pk")

    def __str__(self) -> str:
        return f"Drill of {self.day:%-d %b %Y}"
