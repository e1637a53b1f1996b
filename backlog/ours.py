"""The mark of controls that stand in our templates: htmx obeys no element without it.

What people wrote can not carry it, as it is known to the server and to the person's own pages only.
Should a text ever come out as markup, its `hx-post` is as good as any other unknown attribute.
"""

from functools import lru_cache
from typing import Any

from django.utils.crypto import salted_hmac


def mark_of(user: Any) -> str:
    """The same for a person on every page and in every part that is put into one.

    A letter stands in front, so that it needs no quotation marks in a selector.
    """
    return _mark(str(getattr(user, "pk", None)))


@lru_cache(maxsize=4096)
def _mark(who: str) -> str:
    return f"k{salted_hmac('backlog.ours', who).hexdigest()[:20]}"
