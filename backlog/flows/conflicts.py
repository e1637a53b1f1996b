"""Two people change one thing at the same time: the first write counts, the second is refused."""

from collections.abc import Collection
from typing import Any, TypeVar

from django.db.models import F, Model

from backlog.refusals import SomebodyWasQuicker

M = TypeVar("M", bound=Model)


def write_unless_changed(obj: M, *, refusal: str, states: Collection[str] = (), **fields: Any) -> M:
    """Write `fields` where the row still has the version of `obj`, and one of `states`; reload it.

    Raises SomebodyWasQuicker with `refusal` where it has another version or state by now.
    """
    rows = type(obj)._default_manager.filter(pk=obj.pk, version=obj.version)  # type: ignore[attr-defined]
    if states:
        rows = rows.filter(state__in=states)
    if not rows.update(**fields, version=F("version") + 1):
        raise SomebodyWasQuicker(refusal)
    obj.refresh_from_db()
    return obj
