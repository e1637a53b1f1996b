"""The Celery tasks of this app, where Celery looks for them; each is a flow."""

from backlog.flows.clockwork import count_values, heartbeat, wake_ideas
from backlog.flows.digests import write_digests
from backlog.flows.heartbeats import begin
from backlog.flows.imports.working import work_on, work_on_left_behind
from backlog.flows.outbox import send_what_waits
from backlog.flows.ranking import rank_what_changed
from backlog.flows.scoring.deadlines import remind_before_deadlines, reveal_what_is_due
from backlog.flows.sweeping import sweep_uploads

__all__ = [
    "begin",
    "count_values",
    "heartbeat",
    "rank_what_changed",
    "remind_before_deadlines",
    "reveal_what_is_due",
    "send_what_waits",
    "sweep_uploads",
    "wake_ideas",
    "work_on",
    "work_on_left_behind",
    "write_digests",
]
