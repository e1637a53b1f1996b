"""What is to run: experiments, their variants and the parts that metrics play in them."""

import datetime as dt
from dataclasses import replace
from typing import Any, ClassVar, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from backlog.models import Idea, Objective, Pod, User
from backlog.models.belonging import OfAPod
from backlog.models.texts import Text
from backlog.models.visibility import SeenInPods
from experiments.engine.masking import SPOKEN
from experiments.engine.ruling import ruling_of
from experiments.models.assignment import Namespace, new_salt
from experiments.models.audience import Segment
from experiments.models.plan_parts import ExperimentMetric, Variant
from experiments.models.templates import PlanTemplate
from experiments.plan.document import Plan
from experiments.units.assignment import BUCKETS, RAMP_STEPS


def all_buckets() -> list[list[int]]:
    """What an experiment without a namespace has."""
    return [[0, BUCKETS]]


class ExperimentQuerySet(SeenInPods["Experiment"]):
    def touching(self, starts_on: dt.date, ends_on: dt.date) -> Self:
        """Experiments with at least one day in the half-open range."""
        return self.filter(starts_on__lt=ends_on, ends_on__gt=starts_on)

    def run_here(self) -> Self:
        """Without those of a spreadsheet, which took nothing of the calendar and of its plans."""
        return self.filter(is_imported=False)

    def for_list(self) -> Self:
        return self.select_related(
            "pod", "objective__quarter", "owner", "decision__analysis", "idea"
        )


class Experiment(OfAPod):
    """A test of an idea. Its plan is sealed at launch; what follows is evidence."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        PLANNED = "planned", "Planned"
        RUNNING = "running", "Running"
        ANALYSING = "analysing", "Analysing"
        DECIDED = "decided", "Decided"
        CLOSED = "closed", "Closed"
        CANCELLED = "cancelled", "Cancelled"

    class Reading(models.TextChoices):
        FIXED = "fixed-horizon", "Once, at the planned end"
        ANY_TIME = "any-time", "On any day"
        PLANNED_LOOKS = "planned-looks", "At a few planned looks"

    PARTS = ("owner", "launcher", "analyst")
    launched_on: dt.date | None = None
    """Set on an object that is launched as of an earlier day, as those of the sample are; not stored."""

    pod = models.ForeignKey(Pod, models.CASCADE, related_name="experiments")
    idea = models.ForeignKey(Idea, models.RESTRICT, related_name="experiments")
    objective = models.ForeignKey(
        Objective, models.SET_NULL, null=True, blank=True, related_name="experiments"
    )
    number = models.PositiveIntegerField(unique=True, editable=False)
    title = models.CharField(max_length=200)
    hypothesis = Text(max_length=2500, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT, editable=False)
    author = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    owner = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="experiments_owned"
    )
    launcher = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="experiments_launched"
    )
    analyst = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="experiments_analysed"
    )
    answers = models.JSONField(default=dict, blank=True)
    risks = models.JSONField(default=dict, blank=True)
    checklist = models.JSONField(default=list, blank=True)
    template = models.ForeignKey(
        PlanTemplate, models.SET_NULL, null=True, blank=True, related_name="experiments"
    )
    decision_table = Text(
        max_length=1500,
        blank=True,
        help_text="One case per line, such as “won, guardrails fine → ship to everybody”.",
    )

    audience = models.CharField("who", max_length=200, blank=True)
    segment = models.ForeignKey(
        Segment, models.SET_NULL, null=True, blank=True, related_name="experiments"
    )
    audience_size = models.PositiveBigIntegerField(
        "size of the audience", null=True, blank=True, validators=[MinValueValidator(1)]
    )
    channel = models.CharField(max_length=40, blank=True)
    frequency_cap = models.CharField(
        max_length=120, blank=True, help_text="For example, at most 2 messages a week."
    )
    default_variant = models.CharField(
        "if a field is empty",
        max_length=200,
        blank=True,
        help_text="What to send where a name or another field is empty.",
    )
    units_per_week = models.PositiveBigIntegerField(
        "units per week",
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="How many new units the experiment reaches each week, over all arms.",
    )
    value_per_unit = models.FloatField(
        "what one more is worth",
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text="Of the primary metric: per unit that converts, or per unit of a mean. Results then show the value of a year.",
    )
    currency = models.CharField(max_length=8, blank=True, help_text="For example €.")
    confidence = models.FloatField(default=0.95, editable=False)
    power = models.FloatField(default=0.8, editable=False)
    reading = models.CharField(
        "when results are read", max_length=15, choices=Reading, default=Reading.FIXED
    )
    looks = models.PositiveSmallIntegerField(
        "how many looks",
        default=3,
        validators=[MinValueValidator(2), MaxValueValidator(10)],
        help_text="For planned looks only. They are spread evenly over the planned units.",
    )
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)

    salt = models.CharField(max_length=32, default=new_salt, editable=False)
    namespace = models.ForeignKey(
        Namespace, models.RESTRICT, null=True, blank=True, related_name="experiments",
        editable=False,
    )  # fmt: skip
    buckets = models.JSONField(default=all_buckets, editable=False)
    ramp = models.PositiveSmallIntegerField(
        default=100, choices=[(step, f"{step} %") for step in RAMP_STEPS], editable=False
    )

    sealed_plan = models.JSONField(null=True, editable=False)
    fingerprint = models.CharField(max_length=64, blank=True, editable=False)
    sealed_at = models.DateTimeField(null=True, editable=False)
    sealed_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    # It ran before Floe or elsewhere: no plan was sealed, and nothing of it was seen here.
    is_imported = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = ExperimentQuerySet.as_manager()

    class Meta:
        ordering = ("-number",)
        indexes: ClassVar[list[models.Index]] = [
            models.Index("pod", "state", name="experiment_by_state"),
            models.Index("starts_on", "ends_on", name="experiment_by_dates"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["idea"],
                condition=~Q(state="cancelled"),
                name="one_experiment_an_idea",
                violation_error_message="This idea already has an experiment.",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gt=models.F("starts_on"))
                | Q(starts_on__isnull=True)
                | Q(ends_on__isnull=True),
                name="experiment_ends_after_it_starts",
                violation_error_message="The last day is before the first. Choose a later one.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("experiments:experiment_detail", args=[self.pk])

    @property
    def key(self) -> str:
        return f"EXP-{self.number:03d}"

    @property
    def last_day(self) -> dt.date | None:
        return self.ends_on - dt.timedelta(days=1) if self.ends_on else None

    @property
    def began_before(self) -> int:
        """How many days before its launch the first day was: of a launched one as it was sealed."""
        if self.is_sealed:
            return self.plan_at_launch.began_before
        if self.state not in (self.State.DRAFT, self.State.PLANNED) or not self.starts_on:
            return 0
        return max((timezone.localdate() - self.starts_on).days, 0)

    @property
    def is_sealed(self) -> bool:
        return bool(self.fingerprint)

    @cached_property
    def json_in_force(self) -> dict[str, Any] | None:
        """The sealed plan as the latest amendment left it, as it was written; None before the launch."""
        amendments = self.amendments.all() if self.is_sealed else ()
        latest = max(amendments, key=lambda amendment: amendment.number, default=None)
        return latest.plan if latest else self.sealed_plan

    @property
    def plan_in_force(self) -> Plan | None:
        """The sealed plan as the latest amendment left it; None before the launch."""
        return Plan.from_json(self.json_in_force) if self.json_in_force else None

    @cached_property
    def plan_at_launch(self) -> Plan:
        """The plan as it was sealed; an empty one before."""
        return Plan.from_json(self.sealed_plan or {})

    @property
    def is_over(self) -> bool:
        """Its planned end has come."""
        return self.ends_on is not None and self.ends_on <= timezone.localdate()

    @property
    def sealed_reading(self) -> str:
        """When it may be read, as it was sealed."""
        return self.plan_at_launch.statistics.method

    @property
    def is_undecided(self) -> bool:
        return self.state in (self.State.RUNNING, self.State.ANALYSING)

    @property
    def keeps_a_veil(self) -> bool:
        """Outcomes are hidden until they may be read, and nobody has opened them before."""
        may_be_read_now = self.sealed_reading == self.Reading.ANY_TIME
        return self.is_undecided and not may_be_read_now and not hasattr(self, "unveiling")

    @property
    def outcomes_open_on(self) -> dt.date | None:
        """The day from which the outcomes of everybody count, where that is after its planned end."""
        plan = replace(self.plan_at_launch, ends_on=self.ends_on)
        waits = plan.waiting_on(self.ends_on) if self.ends_on else ()
        return max((opens_on for _, opens_on in waits), default=None)

    @property
    def is_overdue(self) -> bool:
        """Over, its outcomes are in, and nobody has decided it."""
        if not self.is_over or not self.is_undecided:
            return False
        opens_on = self.outcomes_open_on if self.state == self.State.RUNNING else None
        return opens_on is None or opens_on <= timezone.localdate()

    @property
    def status(self) -> str:
        """The word of lists and bars; a decided experiment is known by its outcome."""
        if self.state in (self.State.DECIDED, self.State.CLOSED):
            return self.decision.outcome if hasattr(self, "decision") else self.state
        return "analysing" if self.is_overdue else self.state

    @cached_property
    def arms(self) -> list[Variant]:
        """The control first, then the others in their order."""
        return sorted(self.variants.all(), key=lambda arm: (not arm.is_control, arm.position))

    @cached_property
    def control(self) -> Variant | None:
        return next((arm for arm in self.arms if arm.is_control), None)

    @cached_property
    def measured(self) -> list[ExperimentMetric]:
        """Primary first, then secondary, then guardrails."""
        order = list(ExperimentMetric.Role.values)
        rows = self.metrics.select_related("metric")
        return sorted(rows, key=lambda row: (order.index(row.role), row.position))

    @property
    def primary(self) -> ExperimentMetric | None:
        return next((row for row in self.measured if row.role == "primary"), None)

    @cached_property
    def vouched(self) -> list[Any]:
        """Approvals, the newest first."""
        return list(self.approvals.select_related("by"))

    @cached_property
    def waived(self) -> set[str]:
        """The standards that are waived."""
        return {row.standard for row in self.waivers_given}

    @cached_property
    def waivers_given(self) -> list[Any]:
        """The newest first."""
        return list(self.waivers.select_related("by"))

    @cached_property
    def ticked(self) -> dict[str, Any]:
        """Ticks of the checklist by their line."""
        return {row.item: row for row in self.ticks.select_related("by")}

    @cached_property
    def has_spoken(self) -> bool:
        """The sealed rule has said what to do at some reading, or that nothing can be told."""
        return self.analyses.filter(outcome__in=SPOKEN).exists()

    @cached_property
    def ruling_analysis(self) -> Any:
        """The reading that the sealed rule decides by; None while none may."""
        latest = self.latest_analysis
        if latest is None:
            return None
        newest: dict[int, Any] = {}
        rows = self.analyses.select_related("intake").defer("inputs").order_by("number")
        for analysis in rows if latest.number > 1 else [latest]:
            analysis.experiment = self
            if analysis.intake.state not in ("removed", "failed"):
                newest[analysis.intake_id] = analysis
        readings = sorted(newest.values(), key=lambda analysis: analysis.intake_id)
        place = ruling_of([analysis.past for analysis in readings], self.sealed_reading)
        return None if place is None else readings[place]

    @property
    def deciding_analysis(self) -> Any:
        """What the decision rests on: the reading that it was made on, else that which rules, else the
        newest one."""
        decision = getattr(self, "decision", None)
        if decision is not None and decision.analysis is not None:
            return decision.analysis
        return self.ruling_analysis or self.latest_analysis

    @property
    def may_be_decided(self) -> bool:
        """Its rule has decided, or its end has come and there is something to decide on."""
        if not self.is_undecided or self.latest_analysis is None:
            return False
        if self.latest_analysis.result.get("waiting"):
            return self.state == self.State.ANALYSING
        return bool(self.ruling_analysis) or self.is_over or self.state == self.State.ANALYSING

    @cached_property
    def latest_analysis(self) -> Any:
        return self.analyses.select_related("intake").order_by("-number").first()
