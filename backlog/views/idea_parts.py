"""Parts of an idea's page: the checklist, the moves, the scores as they may be seen."""

from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, QuerySet

from backlog.flows.moves import IDEA_MOVES, MOVES_BY_HAND
from backlog.flows.scoring import why_no_score
from backlog.flows.transitions import Transition
from backlog.forms.ideas import move_form
from backlog.models import Idea, RoundIdea, Score, User
from backlog.views.reveal import reveal_of

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


def checklist(idea: Idea) -> dict[str, Any]:
    """What is missing before it can be promoted, and what is done."""
    missing = idea.missing
    lacking = {field for field, _ in missing}
    present = [name for field, name in NAMED if field not in lacking]
    return {
        "missing": missing,
        "there": ", ".join(present).capitalize(),
        "aside": f"{len(present)} of {len(NAMED)} done",
    }


def with_what_came_of_it(ideas: QuerySet[Idea]) -> QuerySet[Idea]:
    """Adds `is_tested`, `is_follow_up`, `has_citations`, `is_tagged` and `is_attached`, which save further queries for most
    ideas."""
    this = Idea.objects.filter(pk=OuterRef("pk"))
    return ideas.annotate(
        is_tested=Exists(this.exclude(experiments=None)),
        is_follow_up=Exists(this.exclude(came_from=None)),
        has_citations=Exists(this.exclude(citations=None)),
        is_tagged=Exists(this.exclude(tags=None)),
        is_attached=Exists(this.exclude(attachments=None)),
    )


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
    """While blind: how many have scored, and one's own score. Otherwise the revealed scores that
    count."""
    items = RoundIdea.objects.filter(idea=idea).with_progress().with_is_scorer(user).with_own(user)
    rows: list[Any] = list(
        items.with_counts().select_related("round__pod", "round__rubric", "idea")
    )
    item = next((row for row in rows if row.stage in RoundIdea.IN_HAND), None)
    revealed = None if idea.is_blind else next((row for row in rows if row.counts), None)
    own: Score | None = None
    can_score = False
    if item and item.takes_scores:
        own = item.own
        can_score = user.has_perm("backlog.score_round", idea) and not why_no_score(item, user)
    return {
        "item": item,
        "own": own,
        "can_score": can_score,
        "reveal": reveal_of(revealed, user) if revealed else None,
        "revealed": revealed,
    }
