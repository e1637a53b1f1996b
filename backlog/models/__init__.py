"""One module per noun family; everything else imports from here."""

from backlog.models.access import ApiToken, Invitation, KeptAnswer, Tries
from backlog.models.attachments import Attachment
from backlog.models.history import Event
from backlog.models.ideas import Idea, Tag
from backlog.models.imports import Import, ImportedChange
from backlog.models.listed import ListedIdea
from backlog.models.listing import BulkChange, SavedView
from backlog.models.outbox import Mail
from backlog.models.own_fields import IdeaValue, OwnField
from backlog.models.people import Membership, Pod, User, Workspace
from backlog.models.planning import Objective, Quarter
from backlog.models.rounds import Presence, Round, Seat
from backlog.models.rubrics import Rubric, RubricBand
from backlog.models.running import Heartbeat, RanksDue
from backlog.models.scoring import RoundIdea, Score
from backlog.models.talk import Comment, Notification, Watch, Wish

__all__ = [
    "ApiToken",
    "Attachment",
    "BulkChange",
    "Comment",
    "Event",
    "Heartbeat",
    "Idea",
    "IdeaValue",
    "Import",
    "ImportedChange",
    "Invitation",
    "KeptAnswer",
    "ListedIdea",
    "Mail",
    "Membership",
    "Notification",
    "Objective",
    "OwnField",
    "Pod",
    "Presence",
    "Quarter",
    "RanksDue",
    "Round",
    "RoundIdea",
    "Rubric",
    "RubricBand",
    "SavedView",
    "Score",
    "Seat",
    "Tag",
    "Tries",
    "User",
    "Watch",
    "Wish",
    "Workspace",
]
