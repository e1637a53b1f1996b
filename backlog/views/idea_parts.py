"""Parts of the pages about ideas: the filter bar, the checklist, the scores as they may be seen."""

from typing import Any, NamedTuple

from django.urls import reverse

from backlog.filters import BY_ICE, STATUSES, IdeaFilter
from backlog.flows.ideas import IDEA_MOVES, MOVES_BY_HAND
from backlog.flows.scoring import why_no_score
from backlog.flows.transitions import Transition
from backlog.forms.ideas import move_form
from backlog.models import Idea, RoundIdea, Score, User, Workspace
from backlog.shell import Shell
from backlog.views.asking import SignedIn
from backlog.views.reveal import Reveal, reveal_of, scores_of

NAMED = (
    ("objective", "objective"),
    ("observation", "observation"),
    ("change", "change"),
    ("audience", "audience"),
    ("outcome", "metric"),
    ("expected_effect", "effect"),
    ("owner", "owner"),
    ("scores", "scores"),
)


class Chip(NamedTuple):
    """A filter that is on: `raw` is its value in the address, `without` the page without it."""

    name: str
    label: str
    value: str
    raw: str
    without: str


class Heading(NamedTuple):
    """A column to sort by: where its link leads, and how the table is sorted now."""

    text: str
    url: str
    aria: str
    icon: str


# Column → its name, the order that a first click gives, the order that a second click gives.
COLUMNS = {
    "ice": ("Rank", "-ice", "ice"),
    "title": ("Idea", "title", "-title"),
    "pod": ("Pod", "pod", "-pod"),
    "status": ("Status", "status", "-status"),
    "age": ("Age", "age", "-age"),
}


def _address(request: SignedIn, **changes: str) -> str:
    """This list with other values in its address, from its first row."""
    query = request.GET.copy()
    query.pop("after", None)
    for name, value in changes.items():
        query[name] = value
        if not value:
            del query[name]
    return f"{reverse('backlog:idea_list')}?{query.urlencode()}".rstrip("?")


def headings(request: SignedIn, sort: str) -> dict[str, Heading]:
    heads = {}
    for name, (text, first, second) in COLUMNS.items():
        following = second if sort == first else first
        aria = {first: "ascending", second: "descending"}.get(sort, "")
        icon = {first: "chevron-down", second: "chevron-up"}.get(sort, "")
        url = _address(request, sort="" if following == BY_ICE else following)
        heads[name] = Heading(text, url, aria, icon)
    return heads


def _chips(request: SignedIn, found: IdeaFilter) -> list[Chip]:
    said = found.form.cleaned_data
    return [
        Chip(name, field.label, str(said[name]), request.GET[name], _address(request, **{name: ""}))
        for name, field in found.form.fields.items()
        if name not in ("q", "status") and said.get(name)
    ]


def _is_narrowed(request: SignedIn, chips: list[Chip]) -> bool:
    status = request.GET.get("status") or "in_play"
    return bool(chips or request.GET.get("q") or status != "in_play")


def list_bar(request: SignedIn, found: IdeaFilter, sort: str) -> dict[str, Any]:
    """What stands above the table: the filters that are on, the search, the idea just added."""
    found.form.is_valid()
    chips, user = _chips(request, found), request.user
    added = request.session.pop("added", None) if request.method == "GET" else None
    shell = Shell(request, user)
    return {
        "shell": shell,
        "chips": chips,
        "statuses": STATUSES,
        "status": found.form.cleaned_data.get("status") or "in_play",
        "q": request.GET.get("q", ""),
        "sort": sort,
        "heads": headings(request, sort),
        "formula": Workspace.current().ice_formula,
        "added": Idea.objects.visible_to(user).filter(pk=added).first() if added else None,
        "is_narrowed": _is_narrowed(request, chips),
        "pods_to_add_to": [pod for pod in shell.pods if user.has_perm("backlog.add_idea", pod)],
        "quick_pod": shell.pod.prefix if shell.pod else "",
        "can_open_round": any(user.has_perm("backlog.run_round", pod) for pod in shell.pods),
    }


def checklist(idea: Idea) -> dict[str, Any]:
    """What is missing before it can be promoted, and the names of what is there."""
    missing = idea.missing
    lacking = {field for field, _ in missing}
    there = [name for field, name in NAMED if field not in lacking]
    return {
        "missing": missing,
        "there": ", ".join(there).capitalize(),
        "aside": f"{len(there)} of {len(NAMED)} there",
    }


class Move(NamedTuple):
    """A move by hand that is possible now, with its form for the dialog."""

    row: Transition
    form: Any
    title: str


def moves_now(idea: Idea, user: User) -> list[Move]:
    rows = [IDEA_MOVES[name] for name in MOVES_BY_HAND]
    return [
        Move(row, move_form(row.name, by=user), f"{row.label}: {idea.key}")
        for row in rows
        if idea.state in row.sources and user.has_perm(row.permission, idea)
    ]


def scoring_of(idea: Idea, user: User) -> dict[str, Any]:
    """While blind how many have scored and one's own; else the revealed scores of the last round."""
    items: list[Any] = _rounds_of(idea, user)
    item = next((item for item in items if item.stage != RoundIdea.Stage.SETTLED), None)
    revealed = None if idea.is_blind else _last_revealed(items)
    shown = [item for item in (item, revealed) if item]
    seen = scores_of(shown, user) if shown else []
    own: Score | None = None
    can_score = False
    if item and item.takes_scores:
        mine = (item.pk, user.pk, item.votes)
        own = next((s for s in seen if (s.round_idea_id, s.scorer_id, s.vote) == mine), None)
        why_not = why_no_score(item, user, is_scorer=item.is_scorer)
        can_score = user.has_perm("backlog.score_round", idea) and not why_not
    reveal: Reveal | None = reveal_of(revealed, user, seen) if revealed else None
    return {
        "item": item,
        "own": own,
        "can_score": can_score,
        "reveal": reveal,
        "revealed": revealed,
    }


def _rounds_of(idea: Idea, user: User) -> list[RoundIdea]:
    """Every time that the idea was on an agenda, the latest first, with what its page shows of it."""
    items = RoundIdea.objects.filter(idea=idea).with_progress().with_is_scorer(user)
    rows = items.with_has_scores().select_related("round__pod", "round__rubric", "idea")
    return list(rows.order_by("-revealed_at", "-pk"))


def _last_revealed(items: list[Any]) -> RoundIdea | None:
    """As `last_revealed` of the ranking, from the rows that the page has read already."""
    blind = RoundIdea.Stage.BLIND
    return next((item for item in items if item.stage != blind and item.has_scores), None)
