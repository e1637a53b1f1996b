"""Revealed scores as they are drawn: dots on ten columns, the spread in words, who is asked why."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from backlog.models import RoundIdea, Score, User
from backlog.models.scoring import DIMENSIONS, RubricBand
from backlog.ranking import agreement_of
from backlog.templatetags.figures import number

WORDS = {"close": "close", "mixed": "some way apart", "split": "we differ"}


@dataclass(frozen=True)
class Dot:
    scorer: User
    value: int
    is_mine: bool
    is_end: bool


@dataclass(frozen=True)
class Dimension:
    """One of Impact, Confidence, Ease: `columns` are the dots on 1 to 10, the axis is 0 to 100."""

    name: str
    label: str
    mean: str
    band: RubricBand | None
    columns: list[list[Dot]]
    spread: str
    differs: bool
    read_out: str
    range_x: str
    range_width: str
    mean_x: str
    asked: list[User]


@dataclass(frozen=True)
class Reveal:
    dimensions: list[Dimension]
    scorers: int
    skipped: int

    @property
    def differing(self) -> list[Dimension]:
        return [dimension for dimension in self.dimensions if dimension.differs]


def scores_of(items: Iterable[RoundIdea], user: User) -> list[Score]:
    """All that this person may see of the scores of `items`, in one query, by the scorers' names."""
    seen = Score.objects.visible_to(user).filter(round_idea__in=[item.pk for item in items])
    return list(seen.select_related("scorer").order_by("scorer__name", "vote", "pk"))


def reveal_of(item: RoundIdea, user: User, seen: Sequence[Score] | None = None) -> Reveal | None:
    """The scores that count, drawn; None where nobody's is revealed.

    `seen` are the `scores_of` the item (and others), where the page has read them already. As in
    `counting_scores`, of each person the latest revealed score counts that is no skip.
    """
    revealed = [
        score
        for score in (scores_of([item], user) if seen is None else seen)
        if score.round_idea_id == item.pk and score.vote in item.revealed_votes
    ]
    scores = list({score.scorer_id: score for score in revealed if not score.is_skipped}.values())
    if not scores:
        return None
    bands = item.round.rubric.by_dimension()
    return Reveal(
        dimensions=[_dimension(name, scores, bands[name], user) for name in DIMENSIONS],
        scorers=len(scores),
        skipped=len({score.scorer_id for score in revealed if score.is_skipped}),
    )


def _dimension(
    name: str, scores: Sequence[Score], bands: list[RubricBand], user: User
) -> Dimension:
    values = [int(getattr(score, name)) for score in scores]
    low, high, mean = min(values), max(values), sum(values) / len(values)
    word = agreement_of(high - low)
    differs = len(values) > 1 and word == "split"
    columns: list[list[Dot]] = [[] for _ in range(10)]
    for score, value in zip(scores, values, strict=True):
        is_end = differs and value in (low, high)
        dot = Dot(score.scorer, value, score.scorer_id == user.pk, is_end)
        columns[value - 1].append(dot)
    spread = f"{low} to {high}: {WORDS[word]}" if high > low else f"all {low}: {WORDS[word]}"
    return Dimension(
        name=name,
        label=name.capitalize(),
        mean=number(mean, 1),
        band=next((band for band in bands if band.first <= round(mean) <= band.last), None),
        columns=columns,
        spread=spread if len(values) > 1 else "one score, no spread",
        differs=differs,
        read_out=", ".join(
            f"{dot.scorer.first_name} {dot.value}" for column in columns for dot in column
        ),
        range_x=f"{low * 10 - 5}",
        range_width=f"{(high - low) * 10}",
        mean_x=f"{mean * 10 - 5 - 0.15:.2f}",
        asked=_both_ends(columns),
    )


def _both_ends(columns: list[list[Dot]]) -> list[User]:
    """Who stands at an end, together and alphabetically."""
    ends = [dot.scorer for column in columns for dot in column if dot.is_end]
    return sorted(ends, key=lambda person: str(person).casefold())
