"""The views over the backlog's list: what everybody has, then what was saved."""

from functools import cached_property, lru_cache
from typing import NamedTuple
from urllib.parse import parse_qsl

from django.http import QueryDict
from django.urls import reverse

from backlog.models import SavedView, User

# Parts of an address that say where in the list one is, not which list it is.
PLACE = ("after", "show", "below", "view")
BUILT_IN = (
    ("All ideas", ""),
    ("Needs my score", "mine=on"),
    ("At most one scorer", "scorers_most=1"),
    ("Ready to promote", "status=scored"),
)


class Tab(NamedTuple):
    """A view over the list; `is_on` where it is looked at, changed or not."""

    name: str
    url: str
    is_on: bool


@lru_cache(maxsize=256)
def plain(query: str) -> str:
    """The normal form of a query: sorted, and without the place in the list.

    >>> plain("status=new&after=x&q=a&lever=")
    'q=a&status=new'
    """
    pairs = sorted((name, value) for name, value in parse_qsl(query) if name not in PLACE)
    query_dict = QueryDict(mutable=True)
    for name, value in pairs:
        query_dict.appendlist(name, value)
    return query_dict.urlencode()


class Views:
    """The tabs above the list, and the saved view that is looked at.

    Only what is printed is read: a part of the page reads no views unless its address names one.
    """

    def __init__(self, user: User, *, query: str, chosen: str, route: str) -> None:
        """`query` is the list's own address, `chosen` the id of a saved view in it or ""."""
        self.user, self.query, self.wanted = user, query, chosen
        self.base = reverse(f"backlog:{route}")

    @cached_property
    def _now(self) -> str:
        return plain(self.query)

    @cached_property
    def _saved(self) -> list[SavedView]:
        return list(SavedView.objects.visible_to(self.user))

    @cached_property
    def chosen(self) -> SavedView | None:
        if not self.wanted:
            return None
        return next((view for view in self._saved if str(view.pk) == self.wanted), None)

    @property
    def is_changed(self) -> bool:
        return self.chosen is not None and self.chosen.query != self._now

    @property
    def may_change(self) -> bool:
        return bool(self.chosen and self.chosen.is_changeable_by(self.user))

    @cached_property
    def tabs(self) -> list[Tab]:
        usual = [
            Tab(name, self._url(query), self.chosen is None and plain(query) == self._now)
            for name, query in BUILT_IN
        ]
        saved = [
            Tab(view.name, self._url(f"view={view.pk}&{view.query}"), view == self.chosen)
            for view in self._saved
        ]
        return usual + saved

    @property
    def can_save(self) -> bool:
        """Whether the list is filtered or sorted in a way that is not a view yet."""
        return bool(self._now) and self.chosen is None and not any(tab.is_on for tab in self.tabs)

    def _url(self, query: str) -> str:
        return f"{self.base}?{query}".rstrip("?&")
