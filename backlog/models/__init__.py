"""One module per noun family; everything else imports from here."""

from backlog.models.access import ApiToken, Invitation
from backlog.models.history import Event
from backlog.models.ideas import Idea, Tag
from backlog.models.listing import BulkChange, SavedView
from backlog.models.people import Membership, Pod, User, Workspace
from backlog.models.planning import Objective, Quarter
from backlog.models.running import Heartbeat
from backlog.models.scoring import Round, RoundIdea, Rubric, RubricBand, Score

__all__ = [
    "ApiToken",
    "BulkChange",
    "Event",
    "Heartbeat",
    "Idea",
    "Invitation",
    "Membership",
    "Objective",
    "Pod",
    "Quarter",
    "Round",
    "RoundIdea",
    "Rubric",
    "RubricBand",
    "SavedView",
    "Score",
    "Tag",
    "User",
    "Workspace",
]
