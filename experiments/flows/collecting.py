"""Collections: learnings put together under a name, in an order that people choose."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max

from backlog.flows.conflicts import write_unless_changed
from backlog.flows.holding import held
from backlog.models import Event, Pod, User
from backlog.permissions import require
from backlog.refusals import Refused
from experiments.models import Collection, CollectionItem, Learning

MOST_ITEMS = 100


def require_for(by: User, pod: Pod | None) -> None:
    """Members for their pod's collections, programme owners for everybody's."""
    if pod is None:
        require(by, "experiments.change_collection_of_all")
    else:
        require(by, "experiments.change_collection", Collection(pod=pod))


def may_change(user: User, collection: Collection) -> bool:
    try:
        require_for(user, collection.pod)
    except PermissionDenied:
        return False
    return True


@transaction.atomic
def save_collection(
    collection: Collection, *, by: User, pod: Pod | None, **fields: Any
) -> Collection:
    """Name a collection and say what it is for. Raises PermissionDenied, SomebodyWasQuicker."""
    is_new = collection.pk is None
    if is_new:
        collection.by = by
    else:
        require_for(by, Collection.objects.select_related("pod").get(pk=collection.pk).pod)
        write_unless_changed(
            collection,
            refusal="Somebody saved this collection while you were writing. Reload and compare.",
        )
    for name, value in {**fields, "pod": pod}.items():
        setattr(collection, name, value)
    require_for(by, pod)
    collection.full_clean()
    collection.save()
    verb = "added" if is_new else "changed"
    Event.record(collection, verb, f"{by} {verb} the collection “{collection}”.", by=by)
    return collection


@transaction.atomic
def remove_collection(collection: Collection, *, by: User) -> None:
    """The learnings themselves stay in the library."""
    require_for(by, collection.pod)
    Event.record(collection, "remove", f"{by} removed the collection “{collection}”.", by=by)
    collection.delete()


@transaction.atomic
def collect(
    learning: Learning, collection: Collection, *, by: User, why: str = ""
) -> CollectionItem:
    """Put a published learning at the end of a collection. Twice is once.

    Raises PermissionDenied, Refused, ValidationError.
    """
    collection = held(collection)
    require_for(by, collection.pod)
    if not learning.post_mortem.is_published:
        raise Refused("It is not published yet. A collection holds what everybody can read.")
    known = collection.items.filter(learning=learning).first()
    if known:
        return known
    if collection.items.count() >= MOST_ITEMS:
        raise Refused(f"A collection holds at most {MOST_ITEMS} learnings. Remove one first.")
    last = collection.items.aggregate(last=Max("place"))["last"] or 0
    item = CollectionItem(
        collection=collection, learning=learning, place=last + 1, why=why.strip(), by=by
    )
    item.full_clean()
    item.save()
    Event.record(collection, "collect", f"{by} added “{learning}”.", by=by)
    return item


@transaction.atomic
def take_out(item: CollectionItem, *, by: User) -> None:
    """Take a learning out of a collection."""
    require_for(by, item.collection.pod)
    Event.record(item.collection, "take_out", f"{by} took out “{item.learning}”.", by=by)
    item.delete()


@transaction.atomic
def move_item(item: CollectionItem, *, by: User, is_up: bool) -> None:
    """Change places with the neighbour; at the end of the list nothing happens."""
    collection = held(item.collection)
    require_for(by, collection.pod)
    rows = list(collection.items.order_by("place", "pk"))
    at = next((n for n, row in enumerate(rows) if row.pk == item.pk), None)
    if at is None:
        return
    to = at - 1 if is_up else at + 1
    if 0 <= to < len(rows):
        rows[at], rows[to] = rows[to], rows[at]
    for place, row in enumerate(rows, 1):
        row.place = place
    CollectionItem.objects.bulk_update(rows, ["place"])
