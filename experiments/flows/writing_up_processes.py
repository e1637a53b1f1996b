"""Begin the post-mortem of a process: of a quarter, a slip, a session, or a process experiment."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from backlog.models import Event, Pod, Quarter, Round, User
from backlog.permissions import require
from backlog.refusals import Refused
from experiments.flows.drafting_processes import draft_process_summary
from experiments.flows.writing_up_opening import due_day
from experiments.models import PostMortem, ProcessExperiment, Slip

ENDED = (ProcessExperiment.State.DECIDED, ProcessExperiment.State.CANCELLED)

THINGS: dict[str, tuple[type[Any], tuple[str, ...]]] = {
    "slip": (Slip, ("experiment__pod", "quarter")),
    "round": (Round, ("pod",)),
    "process_experiment": (ProcessExperiment, ("pod",)),
}
"""What says itself whose it is, by its name in addresses and the API, with what it is joined to."""


@dataclass(frozen=True)
class ProcessSubject:
    """What is written about: one of the four. `of_pod` is its pod; without it, it is of every pod."""

    quarter: Quarter | None = None
    slip: Slip | None = None
    round: Round | None = None
    process_experiment: ProcessExperiment | None = None
    of_pod: Pod | None = None

    @property
    def row(self) -> PostMortem:
        """A post-mortem of it that is not kept yet."""
        return PostMortem(**vars(self))

    @property
    def why_not(self) -> str:
        """Why there is nothing to write about yet, or ""."""
        if self.quarter and self.quarter.starts_on > timezone.localdate():
            return f"{self.quarter} has not begun. Write about it once it has."
        if self.round and self.round.state != Round.State.CLOSED:
            return (
                "The session is still open. Close it first, so that nothing blind is written down."
            )
        if self.process_experiment and self.process_experiment.state not in ENDED:
            return "The process experiment has no decision yet. Decide or cancel it first."
        if self.process_experiment and not self.process_experiment.started_at:
            return "The process experiment never started, so there is nothing to write about."
        return ""


def subject_of(*, of_pod: Pod | None = None, **chosen: Any) -> ProcessSubject:
    """A slip, a session and a process experiment say themselves whose they are."""
    own = chosen.get("slip") or chosen.get("round") or chosen.get("process_experiment")
    return ProcessSubject(**chosen, of_pod=own.pod if own else of_pod)


def _needed(subject: ProcessSubject) -> list[tuple[str, PostMortem | None]]:
    """What somebody must be allowed who writes about it; of every pod is for few."""
    of_all = [("experiments.write_postmortem_of_all", None)] if subject.of_pod is None else []
    return [*of_all, ("experiments.write_postmortem", subject.row)]


def may_write(subject: ProcessSubject, user: User) -> bool:
    """Whether this person may write about it."""
    return all(user.has_perm(perm, row) for perm, row in _needed(subject))


def require_writing(subject: ProcessSubject, by: User) -> None:
    """Raise PermissionDenied unless this person may write about it."""
    for perm, row in _needed(subject):
        require(by, perm, row)


@transaction.atomic
def start_process_post_mortem(subject: ProcessSubject, *, by: User) -> PostMortem:
    """Begin it, drafted from what Floe knows. The second call returns the first's.

    Raises PermissionDenied, Refused.
    """
    require_writing(subject, by)
    if subject.why_not:
        raise Refused(subject.why_not)
    written, is_new = PostMortem.objects.get_or_create(
        **vars(subject), defaults={"author": by, "due_on": due_day(timezone.localdate())}
    )
    if is_new:
        summary = draft_process_summary(written, by)
        PostMortem.objects.filter(pk=written.pk).update(summary=summary)
        written.refresh_from_db()
        sentence = f"{by} started {written.in_history}."
        Event.record(written.has_history_in, "post_mortem", sentence, by=by)
    return written
