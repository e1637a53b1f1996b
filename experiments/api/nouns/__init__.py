"""The resources: metrics, experiments with their data and decision, analyses, write-ups, calendar."""

from typing import Any

from experiments.api.nouns.calendar import (
    BlackoutViewSet,
    BookingViewSet,
    CalendarMoveViewSet,
    DeadlineViewSet,
)
from experiments.api.nouns.catalogue import MetricViewSet, PlanTemplateViewSet, SegmentViewSet
from experiments.api.nouns.evidence import AlarmViewSet, AnalysisViewSet
from experiments.api.nouns.experiments import ExperimentViewSet
from experiments.api.nouns.intakes import FileViewSet
from experiments.api.nouns.learnings import LearningViewSet, PostMortemViewSet
from experiments.api.nouns.process import ProcessExperimentViewSet

NOUNS: dict[str, type[Any]] = {
    "metrics": MetricViewSet,
    "segments": SegmentViewSet,
    "templates": PlanTemplateViewSet,
    "experiments": ExperimentViewSet,
    "files": FileViewSet,
    "analyses": AnalysisViewSet,
    "alarms": AlarmViewSet,
    "post-mortems": PostMortemViewSet,
    "learnings": LearningViewSet,
    "process-experiments": ProcessExperimentViewSet,
    "blackouts": BlackoutViewSet,
    "deadlines": DeadlineViewSet,
    "calendar-moves": CalendarMoveViewSet,
    "bookings": BookingViewSet,
}
