"""The operations roadmap: write an item, mark it as done, remove it."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from backlog.models import Event, Pod, User
from backlog.permissions import require
from experiments.models import RoadmapItem


def require_for(by: User, pod: Pod | None) -> None:
    """Members for their pod's items, programme owners for everybody's."""
    if pod is None:
        require(by, "experiments.change_roadmap_of_all")
    else:
        require(by, "experiments.change_roadmap", pod)


@transaction.atomic
def save_roadmap_item(item: RoadmapItem, *, by: User, **fields: Any) -> RoadmapItem:
    """Write an item. Raises PermissionDenied, ValidationError."""
    is_new = item.pk is None
    if not is_new:
        require_for(by, item.pod)
    for name, value in fields.items():
        setattr(item, name, value)
    require_for(by, item.pod)
    item.version += not is_new
    item.full_clean()
    item.save()
    verb = "added" if is_new else "changed"
    Event.record(item, verb, f"{by} {verb} “{item}” on the operations roadmap.", by=by)
    return item


@transaction.atomic
def finish_roadmap_item(item: RoadmapItem, *, by: User, is_done: bool = True) -> RoadmapItem:
    """Mark an item as done, or open it again. Raises PermissionDenied."""
    require_for(by, item.pod)
    if bool(item.done_at) != is_done:
        item.done_at, item.done_by = (timezone.now(), by) if is_done else (None, None)
        item.version += 1
        item.save(update_fields=["done_at", "done_by", "version"])
        verb = "finished" if is_done else "opened again"
        Event.record(item, "finish", f"{by} {verb} “{item}”.", by=by)
    return item


@transaction.atomic
def remove_roadmap_item(item: RoadmapItem, *, by: User) -> None:
    require_for(by, item.pod)
    Event.record(item, "remove", f"{by} removed “{item}” from the roadmap.", by=by)
    item.delete()
