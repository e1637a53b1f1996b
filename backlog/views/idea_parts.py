"""Parts of an idea's page: the checklist, the moves, the scores as they may be seen."""

from typing import Any, NamedTuple

from backlog.flows.ideas import IDEA_MOVES, MOVES_BY_HAND
from backlog.flows.scoring import why_no_score
from backlog.flows.transitions import Transition
from backlog.forms.ideas import move_form
from backlog.models import Idea, RoundIdea, Score, User
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
