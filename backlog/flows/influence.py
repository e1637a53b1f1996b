"""How people influence scores in a pod, from revealed scores only, and never with names of
others."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from backlog import influence
from backlog.flows.ranking import rows_that_count
from backlog.influence import FEWEST_PEOPLE, Move, Pull, pull
from backlog.models import Idea, Membership, Pod, RoundIdea, Score, User, Workspace
from backlog.models.rubrics import DIMENSIONS
from backlog.ranking import agreement_of

TOP = 10


@dataclass(frozen=True)
class Resting:
    """A top-ten idea that would leave it without one person's score. Only they see `is_mine`."""

    idea: Idea
    people: int
    is_mine: bool


@dataclass(frozen=True)
class Influence:
    """Values are None where too few people or re-votes would make it about individuals."""

    scorers: int
    revotes: int
    lead: Pull | None
    speaker: Pull | None
    middle: Pull | None
    resting: list[Resting]

    @property
    def has_enough(self) -> bool:
        return self.scorers >= FEWEST_PEOPLE


def influence_in(pod: Pod, user: User) -> Influence:
    """What the pod may know about itself, and this person about their own scores."""
    rows = _rows_of(pod)
    scorers = len({row[1] for row in rows})
    moves = moves_in(pod) if scorers >= FEWEST_PEOPLE else []
    return Influence(
        scorers=scorers,
        revotes=len({move.idea for move in moves}),
        lead=pull(moves, "lead"),
        speaker=pull(moves, "speaker"),
        middle=pull(moves, "middle"),
        resting=_resting(rows, user) if scorers >= FEWEST_PEOPLE else [],
    )


def _rows_of(pod: Pod) -> list[influence.ScoreRow]:
    ranked = Idea.objects.in_play().filter(pod=pod, has_imported_score=False).exclude(ice=None)
    rows = rows_that_count(ranked.values_list("pk", flat=True))
    return [(row[0], row[2], row[3], row[4], row[5]) for row in rows]


def _resting(rows: list[influence.ScoreRow], user: User) -> list[Resting]:
    people_of = influence.rests_on(rows, formula=Workspace.current().ice_formula, top=TOP)
    ideas = Idea.objects.in_bulk(people_of)
    resting = [Resting(ideas[pk], len(who), user.pk in who) for pk, who in people_of.items()]
    return sorted(resting, key=lambda one: (one.idea.pod_rank or 0, one.idea.pk))


def moves_in(pod: Pod) -> list[Move]:
    """Both votes of everybody who voted twice, in ideas of the pod with a revealed re-vote."""
    items = RoundIdea.objects.filter(round__pod=pod, votes=2, stage=RoundIdea.Stage.SETTLED)
    scores = Score.objects.revealed().filter(round_idea__in=items, is_skipped=False)
    leads = set(
        Membership.objects.filter(pod=pod, role=Membership.Role.LEAD).values_list("user", flat=True)
    )
    votes: dict[tuple[int, int], list[Score]] = {}
    for score in scores.select_related("scorer").order_by("round_idea", "vote", "pk"):
        votes.setdefault((score.round_idea_id, score.vote), []).append(score)
    return [
        move
        for (item, vote), second in votes.items()
        if vote == 2
        for dimension in DIMENSIONS
        for move in _moves(item, votes.get((item, 1), []), second, dimension, leads)
    ]


def _moves(
    item: int, first: Iterable[Score], second: Iterable[Score], dimension: str, leads: set[int]
) -> list[Move]:
    stood: dict[int, int] = {
        one.scorer_id: getattr(one, dimension)
        for one in first
        if getattr(one, dimension) is not None
    }
    names = {one.scorer_id: str(one.scorer).casefold() for one in first}
    speaker = _first_to_speak(stood, names)
    senior = [stood[pk] for pk in leads if pk in stood]
    moves = []
    for one in second:
        value: Any = getattr(one, dimension)
        others = [score for pk, score in stood.items() if pk != one.scorer_id]
        if value is None or one.scorer_id not in stood or not others:
            continue
        moves.append(
            Move(
                idea=item,
                person=one.scorer_id,
                first=stood[one.scorer_id],
                second=value,
                middle=sum(others) / len(others),
                lead=sum(senior) / len(senior) if senior and one.scorer_id not in leads else None,
                speaker=stood[speaker] if speaker and speaker != one.scorer_id else None,
            )
        )
    return moves


def _first_to_speak(stood: dict[int, int], names: dict[int, str]) -> int | None:
    """The person whom the reveal asks first: the first by name of both ends. None if all are
    close."""
    if len(stood) < 2:
        return None
    low, high = min(stood.values()), max(stood.values())
    if agreement_of(high - low) != "split":
        return None
    ends = [pk for pk, value in stood.items() if value in (low, high)]
    return min(ends, key=lambda pk: (names[pk], pk))
