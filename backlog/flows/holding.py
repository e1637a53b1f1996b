"""Lock a row while two people's changes to it are compared, for pages and API alike."""

from typing import Any, TypeVar

from django.db.models import Model

from backlog.refusals import SomebodyWasQuicker

GONE = "Somebody removed this while you were editing it. What you typed is still here. Copy what you need."
M = TypeVar("M", bound=Model)


def held(obj: M) -> M:
    """The row as it is now, locked until the transaction ends. Raises SomebodyWasQuicker."""
    rows: Any = obj._meta.model._base_manager.select_for_update()
    fresh: M | None = rows.filter(pk=obj.pk).first()
    if fresh is None:
        raise SomebodyWasQuicker(GONE)
    return fresh
