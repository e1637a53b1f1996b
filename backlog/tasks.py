"""The Celery tasks of this app, where Celery looks for them; each is a flow."""

from backlog.flows.clockwork import heartbeat, wake_ideas

__all__ = ["heartbeat", "wake_ideas"]
