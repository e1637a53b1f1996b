"""One module per noun family; everything else imports from here."""

from experiments.models.agreement_versions import Agreement, AgreementVersion, Drill, Term
from experiments.models.agreements import Approval, Milestone, Tick, Waiver
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
from experiments.models.credit import CreditImport, CreditRow
from experiments.models.decisions import Decision, FollowUp, PostMortem, Proposal, departs
from experiments.models.design import Experiment
from experiments.models.evidence import Analysis, Intake, Observation
from experiments.models.evidence_rows import EvidenceRow
from experiments.models.learnings import Citation, Learning, LearningLink, LeverFollow
from experiments.models.library import Collection, CollectionItem, WriteUpWords
from experiments.models.looks import Look, Unveiling
from experiments.models.metrics import Metric
from experiments.models.milestone_sets import MilestoneSet, StandardMilestone
from experiments.models.naming import NamingConvention, NamingToken
from experiments.models.overlaps import SegmentOverlap, SegmentSketch
from experiments.models.past import PastRecord
from experiments.models.plan_parts import ExperimentMetric, Variant
from experiments.models.process_experiments import ProcessExperiment, ProcessExperimentUnit
from experiments.models.quizzes import QuizAnswer
from experiments.models.report_links import ReportLink
from experiments.models.roadmap import RoadmapItem
from experiments.models.scenarios import Scenario, ScenarioRow
from experiments.models.seals import Amendment, Seal
from experiments.models.standards import StandardKind, StandardOwner, StandardReview
from experiments.models.templates import PlanTemplate
from experiments.models.turns import CarryOver, Slip
from experiments.models.value_readings import ValueReading
from experiments.models.warning_signs import WarningSign
from experiments.models.writing import (
    DiscussionHighlight,
    DraftReading,
    PostMortemAction,
    PostMortemImage,
    PostMortemNote,
    Section,
    SectionComment,
    SectionConflict,
    SectionVersion,
)

__all__ = [
    "Agreement",
    "AgreementVersion",
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
    "CarryOver",
    "Citation",
    "Collection",
    "CollectionItem",
    "Connector",
    "CreditImport",
    "CreditRow",
    "Deadline",
    "Decision",
    "DiscussionHighlight",
    "DraftReading",
    "Drill",
    "EvidenceRow",
    "Experiment",
    "ExperimentMetric",
    "Feed",
    "FollowUp",
    "Holdout",
    "HoldoutReading",
    "HoldoutSnapshot",
    "Intake",
    "Learning",
    "LearningLink",
    "LeverFollow",
    "Look",
    "Metric",
    "Milestone",
    "MilestoneSet",
    "Namespace",
    "NamingConvention",
    "NamingToken",
    "Observation",
    "PastRecord",
    "PlanTemplate",
    "PodLimits",
    "PodWeek",
    "PostMortem",
    "PostMortemAction",
    "PostMortemImage",
    "PostMortemNote",
    "ProcessExperiment",
    "ProcessExperimentUnit",
    "Proposal",
    "QuizAnswer",
    "ReportLink",
    "RoadmapItem",
    "Scenario",
    "ScenarioRow",
    "Seal",
    "Section",
    "SectionComment",
    "SectionConflict",
    "SectionVersion",
    "Segment",
    "SegmentOverlap",
    "SegmentSketch",
    "Slip",
    "Split",
    "StandardKind",
    "StandardMilestone",
    "StandardOwner",
    "StandardReview",
    "Term",
    "Tick",
    "Unveiling",
    "ValueReading",
    "Variant",
    "Waiver",
    "WarningSign",
    "WriteUpWords",
    "departs",
]
