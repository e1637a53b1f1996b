"""The Celery tasks of this app, where Celery looks for them; each is a flow."""

from backlog.flows.clockwork import heartbeat, wake_ideas
from backlog.flows.ranking import rank_what_changed

__all__ = ["heartbeat", "rank_what_changed", "wake_ideas"]
