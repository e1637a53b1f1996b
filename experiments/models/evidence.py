"""What we saw: intakes of data, observations, and dated readings of them."""

from typing import Any, ClassVar, Self

from django.db import models
from django.utils import timezone

from backlog.models import Pod, User
from backlog.models.texts import SENTENCE, Text
from backlog.models.visibility import SeenInPods
from experiments.engine.days import sample_of
from experiments.engine.masking import SPOKEN
from experiments.engine.results import verdict_of
from experiments.engine.ruling import Past
from experiments.models.design import Experiment
from experiments.models.plan_parts import ExperimentMetric, Variant
from experiments.stats import Code, Sample, Verdict

STATISTICS = (
    "n", "successes", "mean", "variance", "denominator", "denominator_variance",
    "covariate_mean", "covariate_variance", "covariance", "skewness",
)  # fmt: skip


class IntakeQuerySet(SeenInPods["Intake"]):
    pod_path = "experiment__pod"

    def counting(self) -> Self:
        """What counts now."""
        return self.filter(state__in=(Intake.State.COUNTED, Intake.State.ANALYSED))

    def done_with_file(self, before: Any) -> Self:
        """Files that were abandoned, failed, or replaced by newer ones, and nothing came for long."""
        states = Intake.State
        over = (states.RECEIVED, states.UNDERSTOOD, states.REPLACED, states.FAILED)
        return self.filter(state__in=over, received_at__lt=before)

    def left_behind(self, before: Any) -> Self:
        """Counted data whose analysis has not come, and whose lease (if any) ran out."""
        return self.filter(
            models.Q(leased_until=None, counted_at__lt=before)
            | models.Q(leased_until__lt=timezone.now()),
            state=Intake.State.COUNTED,
        )


class Intake(models.Model):
    """One file or API call of results: received, understood, and counted only once confirmed."""

    class State(models.TextChoices):
        RECEIVED = "received", "Received"
        READING = "reading", "Being read"
        UNDERSTOOD = "understood", "Understood"
        COUNTED = "counted", "Being analysed"
        ANALYSED = "analysed", "Analysed"
        REPLACED = "replaced", "Replaced by a newer one"
        FAILED = "failed", "Could not be analysed"
        REMOVED = "removed", "Removed"

    class Accumulation(models.TextChoices):
        """What the observations by day of this intake are, where it has any."""

        TOTAL = "total", "One total, without days"
        DAILY = "daily", "Each day’s own units"
        CUMULATIVE = "cumulative", "Running totals up to each day"

    class Source(models.TextChoices):
        FILE = "file", "File"
        API = "api", "API"

    experiment = models.ForeignKey(Experiment, models.CASCADE, related_name="intakes")
    by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    source = models.CharField(max_length=5, choices=Source, default=Source.FILE)
    file = models.FileField(upload_to="intakes/", blank=True)
    filename = models.CharField(max_length=200, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.RECEIVED)
    accumulation = models.CharField(max_length=10, choices=Accumulation, default=Accumulation.TOTAL)
    sniffed = models.JSONField(default=dict)
    mapping = models.JSONField(default=dict)
    understood = models.JSONField(default=dict)
    problem = Text(blank=True, max_length=SENTENCE)
    received_at = models.DateTimeField(default=timezone.now)
    queued_at = models.DateTimeField(null=True)
    counted_at = models.DateTimeField(null=True)
    leased_until = models.DateTimeField(null=True)
    leased_by = models.CharField(max_length=100, blank=True, default="")
    tries = models.PositiveSmallIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)

    objects = IntakeQuerySet.as_manager()

    MOST_TRIES: ClassVar[int] = 5
    """How many workers take it in hand, one after the other; data that ends every one of them is left."""

    class Meta:
        ordering = ("-received_at", "-pk")

    def __str__(self) -> str:
        return self.filename or f"Data of {self.received_at:%d %b %Y}"

    @property
    def pod(self) -> Pod:
        return self.experiment.pod


class Observation(models.Model):
    """Sufficient statistics of one metric in one variant.

    The row without day and stratum, not capped, is the total that counts; rows with a day are as
    they were given (`Intake.accumulation` says how to add them up), rows with a stratum its part
    of the total, and a capped row the total once more, winsorised.

    `mean` is per unit (of the numerator, for a ratio); variances have n − 1; `covariance` is that
    with the denominator, or with the covariate; `skewness` is that of the values of a mean.
    """

    intake = models.ForeignKey(Intake, models.CASCADE, related_name="observations")
    variant = models.ForeignKey(Variant, models.CASCADE, related_name="observations")
    metric = models.ForeignKey(ExperimentMetric, models.CASCADE, related_name="observations")
    day = models.DateField(null=True)
    stratum = models.CharField(max_length=100, blank=True)
    is_capped = models.BooleanField(default=False)
    n = models.PositiveBigIntegerField()
    successes = models.PositiveBigIntegerField(null=True)
    mean = models.FloatField(null=True)
    variance = models.FloatField(null=True)
    denominator = models.FloatField(null=True)
    denominator_variance = models.FloatField(null=True)
    covariate_mean = models.FloatField(null=True)
    covariate_variance = models.FloatField(null=True)
    covariance = models.FloatField(null=True)
    skewness = models.FloatField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["intake", "variant", "metric", "day", "stratum", "is_capped"],
                name="one_observation_a_day",
            ),
            models.UniqueConstraint(
                fields=["intake", "variant", "metric", "stratum", "is_capped"],
                condition=models.Q(day=None),
                name="one_observation_in_total",
            ),
            models.CheckConstraint(
                condition=models.Q(successes=None) | models.Q(successes__lte=models.F("n")),
                name="no_more_successes_than_units",
                violation_error_message="There are more conversions than units.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.metric} in {self.variant}: n = {self.n}"

    @property
    def values(self) -> dict[str, Any]:
        """The sufficient statistics that it has, as plain values."""
        known = {name: getattr(self, name) for name in STATISTICS}
        return {name: value for name, value in known.items() if value is not None}

    @property
    def sample(self) -> Sample:
        """The frozen sample that the statistics engine reads."""
        return sample_of(self.values)


class AnalysisQuerySet(SeenInPods["Analysis"]):
    pod_path = "experiment__pod"


class Analysis(models.Model):
    """A dated, reproducible reading of the observations. It is written once and never changed."""

    experiment = models.ForeignKey(Experiment, models.CASCADE, related_name="analyses")
    intake = models.ForeignKey(Intake, models.CASCADE, related_name="analyses")
    number = models.PositiveIntegerField()
    computed_at = models.DateTimeField(default=timezone.now)
    engine_version = models.CharField(max_length=20)
    inputs = models.JSONField()
    inputs_fingerprint = models.CharField(max_length=64)
    result = models.JSONField()
    outcome = models.CharField(max_length=20)

    objects = AnalysisQuerySet.as_manager()

    class Meta:
        ordering = ("-number",)
        verbose_name_plural = "analyses"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["experiment", "number"], name="one_analysis_a_number"),
            models.UniqueConstraint(
                fields=["intake", "inputs_fingerprint", "engine_version"],
                name="same_inputs_one_analysis",
            ),
        ]

    def __str__(self) -> str:
        return f"Analysis {self.number} of {self.experiment.key}"

    @property
    def pod(self) -> Pod:
        return self.experiment.pod

    @property
    def units(self) -> int:
        return int(sum(self.result["units"].values()))

    @property
    def verdict(self) -> Verdict:
        """What it amounts to; its words are made of codes, whichever engine it is of."""
        return verdict_of(self.result)

    @property
    def head(self) -> str:
        return self.verdict.head

    @property
    def sentence(self) -> str:
        return self.verdict.sentence

    @property
    def has_spoken(self) -> bool:
        """The sealed rule has said what to do, or that nothing can be told."""
        return self.outcome in SPOKEN

    @property
    def past(self) -> Past:
        """What of it matters to which reading decides."""
        ends_on = self.experiment.ends_on
        was_over = bool(ends_on and timezone.localdate(self.computed_at) >= ends_on)
        units_are_in = (
            bool(self.result["planned_units"]) and self.units >= self.result["planned_units"]
        )
        facts = self.result["verdict"].get("facts", ())
        return Past(
            self.outcome,
            self.result.get("is_past_end", was_over or units_are_in),
            has_gap=any(fact["code"] == Code.NOT_MEASURED for fact in facts),
        )

    @property
    def is_at_planned_end(self) -> bool:
        """The date of the end has come, or the planned units, and the outcomes are complete."""
        if self.result.get("waiting"):
            return False
        planned = self.result["planned_units"]
        return self.experiment.is_over or bool(planned and self.units >= planned)

    @property
    def is_veiled(self) -> bool:
        """Its outcomes are nobody's yet: a fixed plan before its end, or between planned looks."""
        if not self.experiment.keeps_a_veil:
            return False
        reading = self.result.get("reading") or {}
        if reading.get("method") == Experiment.Reading.PLANNED_LOOKS:
            return not reading["look"]
        return not (self.is_at_planned_end or self.has_spoken)

    @property
    def headline(self) -> dict[str, Any] | None:
        """The primary metric's comparison that the verdict is about, or the first one."""
        rows = [
            {**row, "kind": metric["kind"], "metric": metric["name"]}
            for metric in self.result["metrics"]
            if metric["role"] == "primary"
            for row in metric["comparisons"]
        ]
        variant = self.result["verdict"].get("variant")
        return next((row for row in rows if row["variant"] == variant), rows[0] if rows else None)
