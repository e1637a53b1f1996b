"""Leases on rows that are being worked on. Each names its holder, and a dead holder's rows are
free.

A lease runs out by the clock, or at once if its holder was a process of this machine that has
ended.
"""

import datetime as dt
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from backlog.processes import is_gone, own_name


def lease(length: dt.timedelta) -> dict[str, Any]:
    """The values of a lease that begins now and is held by this thread."""
    return {"leased_until": timezone.now() + length, "leased_by": own_name()}


NO_LEASE: dict[str, Any] = {"leased_until": None, "leased_by": ""}


def end_leases_of_the_gone(rows: "QuerySet[Any, Any]") -> int:
    """End the leases among `rows` whose holder has surely ended. Returns how many.

    A lease of this very thread is left over from failed work, as a thread does one thing at a time.
    """
    now = timezone.now()
    held = rows.filter(leased_until__gt=now).exclude(leased_by="").order_by()
    names = set(held.values_list("leased_by", flat=True))
    gone = [name for name in names if is_gone(name) or name == own_name()]
    return held.filter(leased_by__in=gone).update(leased_until=now, leased_by="") if gone else 0
