"""What the table, the board and the map of the backlog share: filters, chips, views, quick add."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from django.http import QueryDict
from django.urls import reverse

from backlog.filters import STATUSES, IdeaFilter, Ideas
from backlog.models import Idea, Pod, SavedView, Workspace
from backlog.paging import BY_ICE, BY_MATCH, GROUPS, SORTS
from backlog.shell import Shell
from backlog.views.asking import SignedIn, chosen_pod_id
from backlog.views.columns import Choice, Column, heading_of

# Parts of an address that say where in the list one is, not which list it is.
PLACE = ("after", "show", "below", "view")
FORMS = (
    ("idea_list", "Table", "table-2"),
    ("idea_board", "Board", "square-kanban"),
    ("idea_map", "Map", "chart-scatter"),
)


class Chip(NamedTuple):
    """A filter that is on: `raw` is its value in the address, `without` the page without it."""

    name: str
    label: str
    value: str
    raw: str
    without: str


class Heading(NamedTuple):
    """The head of a column: what stands there, where its link leads, how it is sorted now."""

    name: str
    label: str
    css: str
    text: str
    url: str
    aria: str
    icon: str


class Tab(NamedTuple):
    """A view over the list; `is_on` where it is looked at, changed or not."""

    name: str
    url: str
    is_on: bool


BUILT_IN = (
    ("All ideas", ""),
    ("Needs my score", "mine=on"),
    ("One scorer or none", "scorers_most=1"),
    ("Ready to promote", "status=scored"),
)


def plain(query: str) -> str:
    """The same list always has the same words: sorted, without the place in it.

    >>> plain("status=new&after=x&q=a&lever=")
    'q=a&status=new'
    """
    said = sorted((name, value) for name, value in parse_qsl(query) if name not in PLACE)
    asked = QueryDict(mutable=True)
    for name, value in said:
        asked.appendlist(name, value)
    return asked.urlencode()


@dataclass(frozen=True)
class Listing:
    """One look at the backlog: which ideas, in what order, grouped how, with which columns."""

    request: SignedIn
    route: str = "idea_list"
    any_status: bool = False

    @cached_property
    def pod(self) -> int | None:
        return chosen_pod_id(self.request)

    @cached_property
    def found(self) -> IdeaFilter:
        asked = self.request.GET.copy()
        asked["status"] = "any" if self.any_status else asked.get("status") or "in_play"
        ideas = Idea.objects.visible_to(self.request.user)
        if self.pod and not asked.get("pod"):
            ideas = ideas.filter(pod=self.pod)
        return IdeaFilter(asked, ideas, request=self.request, is_whole=False)

    @property
    def ideas(self) -> Ideas:
        found: Ideas = self.found.qs
        return found

    @property
    def sort(self) -> str:
        """The order that was asked for; while somebody searches, the best match first."""
        usual = BY_MATCH if self.request.GET.get("q", "").strip() else BY_ICE
        sort = self.request.GET.get("sort", usual)
        return sort if sort in SORTS and (sort != BY_MATCH or usual == BY_MATCH) else BY_ICE

    @property
    def group(self) -> str:
        group = self.request.GET.get("group", "")
        return group if group in GROUPS else ""

    @cached_property
    def choice(self) -> Choice:
        asked = self.request.GET.get("columns")
        return Choice.read(self.request.user.idea_columns if asked is None else asked)

    @cached_property
    def formula(self) -> str:
        return Workspace.current().ice_formula

    @cached_property
    def shell(self) -> Shell:
        return Shell(self.request, self.request.user)

    @cached_property
    def pods_to_add_to(self) -> list[Pod]:
        user = self.request.user
        return [pod for pod in self.shell.pods if user.has_perm("backlog.add_idea", pod)]

    @property
    def is_within_a_pod(self) -> bool:
        return bool(self.pod or self.request.GET.get("pod")) or len(self.shell.pods) == 1

    def address(self, **changes: str) -> str:
        """This list with other values in its address, from its first row."""
        query = self.request.GET.copy()
        for name in ("after", "show", "below"):
            query.pop(name, None)
        for name, value in changes.items():
            query[name] = value
            if not value:
                del query[name]
        return f"{reverse(f'backlog:{self.route}')}?{query.urlencode()}".rstrip("?")

    @property
    def query(self) -> str:
        """What another form of the same list is asked with."""
        return self.address().partition("?")[2]

    def heading(self, column: Column) -> Heading:
        following = column.second if self.sort == column.first else column.first
        now = {column.first: ("ascending", "chevron-down"),
               column.second: ("descending", "chevron-up")}  # fmt: skip
        is_said_by_rank = column.name == "ice" and "rank" in self.choice.names
        aria, icon = ("", "") if is_said_by_rank else now.get(self.sort, ("", ""))
        is_usual = following == BY_ICE and not self.request.GET.get("q")
        url = self.address(sort="" if is_usual else following) if column.first else ""
        text = heading_of(column, self.formula)
        return Heading(column.name, column.label, column.css, text, url, aria, icon)

    @property
    def chips(self) -> list[Chip]:
        said, asked = self.found.form.cleaned_data, self.request.GET
        return [
            Chip(name, field.label, _in_words(said[name]), asked[name], self.address(**{name: ""}))
            for name, field in self.found.form.fields.items()
            if name not in ("q", "status") and said.get(name) not in (None, "", False)
        ]

    def context(self) -> dict[str, Any]:
        """What stands above every form of the list."""
        self.found.form.is_valid()
        chips, asked, user = self.chips, self.request.GET, self.request.user
        status = asked.get("status") or "in_play"
        added = self.request.session.pop("added", None) if self.request.method == "GET" else None
        return {
            "listing": self,
            "groups": ((name, name.capitalize(), name == self.group) for name in GROUPS),
            "shell": self.shell,
            "chips": chips,
            "statuses": STATUSES,
            "status": status,
            "q": asked.get("q", ""),
            "sort": self.sort,
            "formula": self.formula,
            "forms": [(name, text, icon, name == self.route) for name, text, icon in FORMS],
            "added": Idea.objects.visible_to(user).filter(pk=added).first() if added else None,
            "is_narrowed": bool(chips or asked.get("q") or status != "in_play"),
            "pods_to_add_to": self.pods_to_add_to,
            "quick_pod": self.shell.pod.prefix if self.shell.pod else "",
            "can_triage": any(user.has_perm("backlog.move_idea", pod) for pod in self.shell.pods),
            "can_open_round": any(user.has_perm("backlog.run_round", p) for p in self.shell.pods),
            **self.views(),
        }

    def views(self) -> dict[str, Any]:
        """The tabs: what everybody has, then what was saved; the one that is looked at."""
        saved, now = list(SavedView.objects.visible_to(self.request.user)), plain(self.query)
        base = reverse(f"backlog:{self.route}")
        chosen = self.request.GET.get("view", "")
        this = next((view for view in saved if str(view.pk) == chosen), None)
        tabs = [
            Tab(name, f"{base}?{query}".rstrip("?"), this is None and plain(query) == now)
            for name, query in BUILT_IN
        ]
        tabs += [
            Tab(
                view.name,
                f"{base}?view={view.pk}{'&' * bool(view.query)}{view.query}",
                view == this,
            )
            for view in saved
        ]
        return {
            "tabs": tabs,
            "view": this,
            "is_changed": this is not None and this.query != now,
            "may_change_view": bool(this and this.is_changeable_by(self.request.user)),
            "can_save": this is None and bool(now) and not any(tab.is_on for tab in tabs),
        }


def _in_words(value: Any) -> str:
    if value is True:
        return "yes"
    return f"{value:f}" if hasattr(value, "as_tuple") else str(value)
