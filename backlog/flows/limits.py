"""How many ideas a pod has in progress: in a round, or promoted until their experiment is over.

`backlog` knows no experiments, so the other app says which promoted ideas are done:
`register(done)`.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from backlog.models import Event, Idea, Pod, User
from backlog.permissions import require

Done = Callable[["QuerySet[Idea]"], "QuerySet[Idea]"]
_done: list[Done] = []


def register(done: Done) -> None:
    """Let `done` say which promoted ideas no longer count. Registering twice counts once."""
    if done not in _done:
        _done.append(done)


def in_progress(pod: Pod) -> int:
    """Ideas of the pod in a round, or promoted with an experiment that is not over."""
    ideas = pod.ideas.filter(state__in=(Idea.State.SCORING, Idea.State.PROMOTED))
    for done in _done:
        ideas = ideas.exclude(pk__in=done(Idea.objects.filter(pod=pod)).values("pk"))
    return ideas.count()


def has_room(idea: Idea, changes: Mapping[str, Any]) -> str | None:
    """A guard: the sentence where the pod's limit is reached.

    A page that has just read the pod hands in `pod`; a move reads its limit now.
    """
    if shown := changes.get("pod"):
        limit = shown.progress_limit
    else:
        limit = Pod.objects.values_list("progress_limit", flat=True).get(pk=idea.pod_id)
    if limit is None:
        return None
    count = in_progress(idea.pod)
    if count < limit:
        return None
    return (
        f"{idea.pod} has {count} {'idea' if count == 1 else 'ideas'} in progress (in a round or "
        f"promoted), and its limit is {limit}. Finish one first, or ask a lead to raise the limit."
    )


@transaction.atomic
def set_limit(pod: Pod, *, by: User, limit: int | None) -> Pod:
    """Set how many ideas may be in progress at once. None means unlimited. Existing ideas stay."""
    require(by, "backlog.change_pod", pod)
    pod.progress_limit = limit
    pod.full_clean()
    pod.save(update_fields=["progress_limit"])
    change = (
        f"set the limit on ideas in progress to {limit}"
        if limit
        else "removed the limit on ideas in progress"
    )
    Event.record(pod, "limit", f"{by} {change}.", by=by)
    return pod
