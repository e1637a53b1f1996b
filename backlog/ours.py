"""The mark of controls in our own templates: htmx ignores every element without it.

Text by people can't have it, because only the server and the person's own pages know it. If a text
ever became markup, its `hx-post` would do nothing.
"""

from functools import lru_cache
from typing import Any

from django.utils.crypto import salted_hmac


def mark_of(user: Any) -> str:
    """The mark of a person, the same on every page and in every part of a page.

    A letter stands in front, so that it needs no quotation marks in a selector.
    """
    return _mark(str(getattr(user, "pk", None)))


@lru_cache(maxsize=4096)
def _mark(who: str) -> str:
    return f"k{salted_hmac('backlog.ours', who).hexdigest()[:20]}"
