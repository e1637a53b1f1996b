"""One module per noun family; everything else imports from here."""

from experiments.models.agreements import (
    Approval,
    Milestone,
    StandardMilestone,
    Tick,
    Waiver,
)
from experiments.models.alarms import Alarm
from experiments.models.assignment import (
    Holdout,
    HoldoutReading,
    HoldoutSnapshot,
    Namespace,
    Split,
)
from experiments.models.audience import AudienceRule, Segment
from experiments.models.booking import Booking
from experiments.models.calendar import (
    Baseline,
    BaselineRow,
    Blackout,
    CalendarMove,
    Deadline,
    PodLimits,
    PodWeek,
)
from experiments.models.calendar_feeds import CalendarFeed
from experiments.models.connectors import Connector, Feed
from experiments.models.decisions import Decision, FollowUp, Learning, PostMortem, Proposal, departs
from experiments.models.design import Experiment
from experiments.models.evidence import Analysis, Intake, Observation
from experiments.models.looks import Look, Unveiling
from experiments.models.metrics import Metric
from experiments.models.overlaps import SegmentOverlap, SegmentSketch
from experiments.models.plan_parts import ExperimentMetric, Variant
from experiments.models.scenarios import Scenario, ScenarioRow
from experiments.models.seals import Amendment, Seal
from experiments.models.templates import PlanTemplate

__all__ = [
    "Alarm",
    "Amendment",
    "Analysis",
    "Approval",
    "AudienceRule",
    "Baseline",
    "BaselineRow",
    "Blackout",
    "Booking",
    "CalendarFeed",
    "CalendarMove",
    "Connector",
    "Deadline",
    "Decision",
    "Experiment",
    "ExperimentMetric",
    "Feed",
    "FollowUp",
    "Holdout",
    "HoldoutReading",
    "HoldoutSnapshot",
    "Intake",
    "Learning",
    "Look",
    "Metric",
    "Milestone",
    "Namespace",
    "Observation",
    "PlanTemplate",
    "PodLimits",
    "PodWeek",
    "PostMortem",
    "Proposal",
    "Scenario",
    "ScenarioRow",
    "Seal",
    "Segment",
    "SegmentOverlap",
    "SegmentSketch",
    "Split",
    "StandardMilestone",
    "Tick",
    "Unveiling",
    "Variant",
    "Waiver",
    "departs",
]
