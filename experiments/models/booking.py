"""What a test takes from its quarter: people, readers, messages, and the tests that come before it."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from backlog.models import Pod
from backlog.models.visibility import SeenInPods
from experiments.models.design import Experiment


class BookingQuerySet(SeenInPods["Booking"]):
    pod_path = "experiment__pod"


class Booking(models.Model):
    """Forecasts for planning, and the days that it took. An empty field is worked out from the plan.

    It is not a part of the sealed plan, so that a corrected forecast changes no result.
    """

    experiment = models.OneToOneField(Experiment, models.CASCADE, related_name="booking")
    share = models.FloatField(
        "share of the segment",
        null=True,
        blank=True,
        validators=[
            MinValueValidator(0.001, "Enter more than 0 %%."),
            MaxValueValidator(1, "Enter at most 100 %%."),
        ],
    )
    people_days = models.FloatField(
        "people-days to build it",
        null=True,
        blank=True,
        validators=[
            MinValueValidator(0, "Enter 0 or more days."),
            MaxValueValidator(1000, "Enter at most 1,000 days."),
        ],
    )
    build_days = models.PositiveSmallIntegerField(
        "working days from the start of the work to the launch",
        null=True,
        blank=True,
        validators=[
            MaxValueValidator(130, "Enter at most 130 working days, which is half a year.")
        ],
    )
    readout_days = models.PositiveSmallIntegerField(
        "days from the end to the decision",
        null=True,
        blank=True,
        validators=[MaxValueValidator(90, "Enter at most 90 days.")],
    )
    days_taken = models.FloatField(
        "people-days that it took",
        null=True,
        blank=True,
        validators=[
            MinValueValidator(0, "Enter 0 or more days."),
            MaxValueValidator(1000, "Enter at most 1,000 days."),
        ],
    )
    messages_per_week = models.FloatField(
        "messages a week for each person",
        null=True,
        blank=True,
        validators=[
            MinValueValidator(0, "Enter 0 or more messages."),
            MaxValueValidator(100, "Enter at most 100 messages a week."),
        ],
    )
    surface = models.CharField(max_length=60, blank=True)
    after = models.ManyToManyField(Experiment, blank=True, related_name="unlocks")
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = BookingQuerySet.as_manager()

    def __str__(self) -> str:
        return f"What {self.experiment.key} takes"

    @property
    def pod(self) -> Pod:
        return self.experiment.pod
