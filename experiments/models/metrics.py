"""What can be measured: the catalogue of metrics."""

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse

from backlog.models import Pod, User
from backlog.models.belonging import OfAPod
from experiments.models.sharing import SharedQuerySet, one_of_a_name


class Metric(OfAPod):
    """A reusable definition of something measured on each unit."""

    class Kind(models.TextChoices):
        PROPORTION = "proportion", "Proportion (did it or not)"
        MEAN = "mean", "Mean (a number per unit)"
        RATIO = "ratio", "Ratio (one total over another)"

    class Direction(models.TextChoices):
        INCREASE = "increase", "More is better"
        DECREASE = "decrease", "Fewer is better"

    class UsualRole(models.TextChoices):
        PRIMARY = "primary", "Primary"
        SECONDARY = "secondary", "Secondary"
        GUARDRAIL = "guardrail", "Guardrail"

    PARTS = ("owner",)

    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.PROPORTION)
    direction = models.CharField(
        "desired direction", max_length=10, choices=Direction, default=Direction.INCREASE
    )
    unit = models.CharField(
        "counted",
        max_length=60,
        blank=True,
        help_text="What a unit is, in the plural, such as readers.",
    )
    did = models.CharField(
        "what they did",
        max_length=80,
        blank=True,
        help_text="In the past, for sentences: “came back within 7 days”.",
    )
    definition = models.CharField(max_length=300, blank=True)
    numerator = models.CharField(
        "counts",
        max_length=120,
        blank=True,
        help_text="What is counted or added up, in words or as a column: “paid orders”.",
    )
    denominator = models.CharField(
        "out of",
        max_length=120,
        blank=True,
        help_text="For a share or a ratio, such as “delivered mails”. A mean is always per unit.",
    )
    window_days = models.PositiveSmallIntegerField(
        "counted for",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(730)],
        help_text="Days from when a unit enters the experiment. Leave it empty to count as long as the experiment runs.",
    )
    cap_percentile = models.FloatField(
        "cap at percentile",
        null=True,
        blank=True,
        validators=[MinValueValidator(50), MaxValueValidator(99.99)],
        help_text="For a mean or a ratio: values above this percentile count as that percentile, such as 99.",
    )
    is_lifetime_value = models.BooleanField(
        "lifetime value",
        default=False,
        help_text="An amount per unit over all the days to count. Units whose days are not over are left out.",
    )
    discount_rate = models.FloatField(
        "discount per year",
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
        help_text="Of a lifetime value, as a fraction: 0.08 for 8 % a year.",
    )
    season_months = models.PositiveSmallIntegerField(
        "season",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
        help_text="Months after which a learning about it has to be tried again. Leave it empty for a year.",
    )
    usual_role = models.CharField(
        max_length=10,
        blank=True,
        choices=UsualRole,
        help_text="Its value when a plan names it.",
    )
    usual_margin = models.FloatField(
        "usual margin",
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text="How much worse it may get as a guardrail.",
    )
    owner = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="metrics_owned"
    )
    certified_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    certified_at = models.DateTimeField(null=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    pod = models.ForeignKey(
        Pod,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="metrics",
        help_text="Leave it empty for every pod.",
    )

    objects = SharedQuerySet["Metric"].as_manager()

    class Meta:
        ordering = ("name",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *one_of_a_name("metric"),
            models.CheckConstraint(
                condition=Q(is_lifetime_value=False) | Q(kind="mean", window_days__isnull=False),
                name="a_lifetime_value_is_a_mean_with_a_horizon",
                violation_error_message="A lifetime value is a mean with days to count. Choose the kind “mean”, and enter its days, such as 180.",
            ),
            models.CheckConstraint(
                condition=Q(discount_rate=None) | Q(is_lifetime_value=True),
                name="only_lifetime_values_are_discounted",
                violation_error_message="Only a lifetime value is discounted. Tick “Lifetime value”, or leave the discount empty.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("experiments:metric_detail", args=[self.pk])

    @property
    def margin_shown(self) -> str:
        """The usual margin as people type it: in points of a share, else in its unit."""
        if self.usual_margin is None:
            return ""
        per = 100 if self.kind == self.Kind.PROPORTION else 1
        return f"{self.usual_margin * per:.4g}"

    @property
    def is_certified(self) -> bool:
        return self.certified_at is not None
