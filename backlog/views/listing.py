"""What the table, the board and the map of the backlog share: filters, chips, views, quick add."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django import forms
from django.db.models import Exists
from django.urls import reverse
from django.utils.translation import get_language

from backlog.filter_fields import WordsField
from backlog.filters import STATUSES, IdeaFilter, Ideas
from backlog.models import Idea, Objective, OwnField, Pod, Workspace
from backlog.orders import BY_ICE, BY_MATCH, GROUPS, Order, orders_with
from backlog.shell import Shell
from backlog.views.asking import SignedIn, chosen_pod_id
from backlog.views.columns import Choice, ListColumn, ListLook, heading_of
from backlog.views.own_columns import fields_asked_for, own_columns
from backlog.views.tabs import Views

FORMS = (
    ("idea_list", "Table", "table-2"),
    ("idea_board", "Board", "square-kanban"),
    ("idea_map", "Map", "chart-scatter"),
)


class Chip(NamedTuple):
    """A filter that is on, in words. `raw` are its values in the address, `without` is the page
    without it."""

    name: str
    label: str
    value: str
    is_not: bool
    raw: list[str]
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


@dataclass(frozen=True)
class Listing:
    """One look at the backlog: which ideas, in what order, grouped how, with which columns."""

    request: SignedIn
    route: str = "idea_list"
    any_status: bool = False
    is_whole: bool = False  # with every own field, whether the address names it or not

    @cached_property
    def pod(self) -> int | None:
        return chosen_pod_id(self.request)

    @cached_property
    def filterset(self) -> IdeaFilter:
        query = self.request.GET.copy()
        query["status"] = "any" if self.any_status else query.get("status") or "in_play"
        ideas = Idea.objects.visible_to(self.request.user)
        if self.pod and not query.get("pod"):
            ideas = ideas.filter(pod=self.pod)
        own = self.own_fields
        return IdeaFilter(query, ideas, request=self.request, is_whole=False, own=own)

    @property
    def ideas(self) -> Ideas:
        ideas: Ideas = self.filterset.qs
        return ideas

    @property
    def sort(self) -> str:
        """The requested order. During a search the best match comes first."""
        usual = BY_MATCH if self.request.GET.get("q", "").strip() else BY_ICE
        sort = self.request.GET.get("sort", usual)
        return sort if sort in self.orders and (sort != BY_MATCH or usual == BY_MATCH) else BY_ICE

    @property
    def group(self) -> str:
        group = self.request.GET.get("group", "")
        return group if group in GROUPS else ""

    @cached_property
    def own_fields(self) -> list[OwnField]:
        return fields_asked_for(self.request, is_whole=self.is_whole)

    @cached_property
    def orders(self) -> Mapping[str, Order]:
        return orders_with(self.own_fields)

    @cached_property
    def choice(self) -> Choice:
        columns = self.request.GET.get("columns")
        written = self.request.user.idea_columns if columns is None else columns
        choice = Choice.read(written, own_columns(self.own_fields))
        return choice.with_value(self.workspace.uses_expected_value)

    @cached_property
    def workspace(self) -> Workspace:
        """With `has_namesakes`: whether any title of an objective stands in several quarters."""
        rows = Workspace.objects.annotate(has_namesakes=Exists(Objective.objects.namesakes()))
        return rows.filter(pk=1).first() or Workspace(pk=1)

    @property
    def formula(self) -> str:
        return self.workspace.ice_formula

    @cached_property
    def shell(self) -> Shell:
        return Shell(self.request, self.request.user)

    @cached_property
    def pods_to_add_to(self) -> list[Pod]:
        user = self.request.user
        return [pod for pod in self.shell.pods if user.has_perm("backlog.add_idea", pod)]

    @property
    def is_within_a_pod(self) -> bool:
        named = self.request.GET.getlist("pod")
        is_one = len(named) == 1 and "pod" not in self.request.GET.getlist("exclude")
        return is_one or bool(self.pod and not named) or len(self.shell.pods) == 1

    @cached_property
    def _route(self) -> str:
        return reverse(f"backlog:{self.route}")

    @cached_property
    def _asked(self) -> list[tuple[str, str]]:
        return [
            (name, value)
            for name, values in self.request.GET.lists()
            for value in values
            if name not in ("after", "show", "below")
        ]

    def address(self, **changes: str) -> str:
        """This list with other values in its address, from its first row."""
        pairs = [(name, value) for name, value in self._asked if name not in changes]
        pairs += [(name, value) for name, value in changes.items() if value]
        return f"{self._route}?{urlencode(pairs)}".rstrip("?")

    @cached_property
    def query(self) -> str:
        """The query of another form of the same list."""
        return self.address().partition("?")[2]

    def heading(self, column: ListColumn) -> Heading:
        following = column.second if self.sort == column.first else column.first
        now = {column.first: ("ascending", "chevron-down"),
               column.second: ("descending", "chevron-up")}  # fmt: skip
        is_shown_by_rank = column.name == "ice" and "rank" in self.choice.names
        aria, icon = ("", "") if is_shown_by_rank else now.get(self.sort, ("", ""))
        is_usual = following == BY_ICE and not self.request.GET.get("q")
        url = self.address(sort="" if is_usual else following) if column.first else ""
        text = heading_of(column, self.formula)
        return Heading(column.name, column.label, column.css, text, url, aria, icon)

    @property
    def chips(self) -> list[Chip]:
        form, query = self.filterset.form, self.request.GET
        values, excluded = form.cleaned_data, form.cleaned_data.get("exclude") or []
        return [
            Chip(
                name, str(field.label), _in_words(field, values[name]), name in excluded,
                query.getlist(name), self._without(name),
            )
            for name, field in form.fields.items()
            if name not in ("q", "status", "exclude")
            and (values.get(name) or isinstance(values.get(name), Decimal))
        ]  # fmt: skip

    def _without(self, name: str) -> str:
        pairs = [
            (one, value)
            for one, value in self._asked
            if one != name and (one, value) != ("exclude", name)
        ]
        return f"{self._route}?{urlencode(pairs)}".rstrip("?")

    @cached_property
    def look(self) -> ListLook:
        return ListLook(
            columns=self.choice.written,
            formula=self.formula,
            within_pod=self.is_within_a_pod,
            base=reverse("backlog:idea_list"),
            can_pick=bool(self.pods_to_add_to),
            language=get_language(),
            repeated=self._repeated,
            own=own_columns(self.own_fields),
            worked=frozenset(pod.name for pod in self.pods_to_add_to),
            led=self._pods_led,
        )

    @property
    def _repeated(self) -> frozenset[str]:
        is_shown = "objective" in self.choice.written
        if not is_shown or not getattr(self.workspace, "has_namesakes", True):
            return frozenset()
        return frozenset(Objective.objects.namesakes().values_list("title", flat=True))

    @cached_property
    def views(self) -> Views:
        chosen = self.request.GET.get("view", "")
        return Views(self.request.user, query=self.query, chosen=chosen, route=self.route)

    # Printed only in the head of the whole page.

    @property
    def forms(self) -> list[tuple[str, str, str, bool]]:
        return [(name, text, icon, name == self.route) for name, text, icon in FORMS]

    @property
    def groups(self) -> list[tuple[str, str, bool]]:
        return [(name, name.capitalize(), name == self.group) for name in GROUPS]

    @property
    def can_triage(self) -> bool:
        return bool(self._pods_led)

    @property
    def _pods_led(self) -> frozenset[str]:
        user = self.request.user
        return frozenset(
            pod.name for pod in self.shell.pods if user.has_perm("backlog.move_idea", pod)
        )

    @property
    def can_open_round(self) -> bool:
        return any(self.request.user.has_perm("backlog.run_round", pod) for pod in self.shell.pods)

    def context(self) -> dict[str, Any]:
        """What every form of the list shows above it. Properties are only read when printed."""
        self.filterset.form.is_valid()
        chips, query, user = self.chips, self.request.GET, self.request.user
        status = query.get("status") or "in_play"
        added = self.request.session.pop("added", None) if self.request.method == "GET" else None
        return {
            "listing": self,
            "views": self.views,
            "shell": self.shell,
            "chips": chips,
            "statuses": STATUSES,
            "status": status,
            "q": query.get("q", ""),
            "sort": self.sort,
            "formula": self.formula,
            "added": Idea.objects.visible_to(user).filter(pk=added).first() if added else None,
            "is_narrowed": bool(chips or query.get("q") or status != "in_play"),
            "pods_to_add_to": self.pods_to_add_to,
            "quick_pod": self.shell.pod.prefix if self.shell.pod else "",
        }


def _in_words(field: Any, value: Any) -> str:
    if value is True:
        return "yes"
    if isinstance(field, WordsField):
        return field.in_words(value)
    if isinstance(field, forms.ChoiceField):
        choices: Any = field.choices
        return str(dict(choices).get(value, value))
    return f"{value:f}" if hasattr(value, "as_tuple") else str(value)
