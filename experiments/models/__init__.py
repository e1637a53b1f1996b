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
from experiments.models.connectors import Connector, Feed
from experiments.models.decisions import Decision, FollowUp, Learning, PostMortem, Proposal, departs
from experiments.models.design import Experiment
from experiments.models.evidence import Analysis, Intake, Observation
from experiments.models.looks import Look, Unveiling
from experiments.models.metrics import Metric
from experiments.models.plan_parts import ExperimentMetric, Variant
from experiments.models.seals import Amendment, Seal
from experiments.models.templates import PlanTemplate

__all__ = [
    "Alarm",
    "Amendment",
    "Analysis",
    "Approval",
    "AudienceRule",
    "Connector",
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
    "PostMortem",
    "Proposal",
    "Seal",
    "Segment",
    "Split",
    "StandardMilestone",
    "Tick",
    "Unveiling",
    "Variant",
    "Waiver",
    "departs",
]
