"""Revealed scores as they are drawn: dots on ten columns, the spread in words, who is asked why."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from backlog.claims import claim_at, in_words
from backlog.models import RoundIdea, Score, User
from backlog.models.rubrics import DIMENSIONS, listed
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
    claim: str
    columns: list[list[Dot]]
    spread: str
    differs: bool
    read_out: str
    range_x: str
    range_width: str
    mean_x: str
    speakers: list[User]


@dataclass(frozen=True)
class Given:
    """What counts of one person: None in a dimension that they did not give."""

    scorer: User
    values: dict[str, int | None]


@dataclass(frozen=True)
class Reveal:
    item: RoundIdea
    dimensions: list[Dimension]
    given: list[Given]

    @property
    def scorers(self) -> int:
        return len(self.given)

    @property
    def skipped(self) -> int:
        """How many skipped it and gave no score in another vote."""
        skips = Score.objects.revealed().filter(round_idea=self.item, is_skipped=True)
        gave = [given.scorer.pk for given in self.given]
        return skips.exclude(scorer__in=gave).values("scorer").distinct().count()

    @property
    def differing(self) -> list[Dimension]:
        return [dimension for dimension in self.dimensions if dimension.differs]

    @property
    def differing_in_words(self) -> str:
        """What a re-vote is about: "Impact", "Impact and Ease", "all three"."""
        labels = [dimension.label for dimension in self.differing]
        return "all three" if len(labels) == len(DIMENSIONS) else listed(labels)

    @property
    def speakers(self) -> list[tuple[str, list[User]]]:
        """Who is asked about which dimensions; those with the same people stand together."""
        together: dict[tuple[int, ...], list[Dimension]] = {}
        for one in self.differing:
            together.setdefault(tuple(person.pk for person in one.speakers), []).append(one)
        return [(listed([d.label for d in same]), same[0].speakers) for same in together.values()]

    @property
    def lacking(self) -> list[str]:
        return [dimension.label for dimension in self.dimensions if not dimension.read_out]


def reveal_of(item: RoundIdea, user: User) -> Reveal | None:
    """The scores that count, drawn; None where nobody's is revealed or this person may not look."""
    if not user.stands_above_pods and item.round.pod_id not in user.pod_roles:
        return None
    rows: Any = Score.objects.that_count().filter(round_idea=item)
    columns = ("scorer", "scorer__name", "scorer__email", *(f"{name}_now" for name in DIMENSIONS))
    given = [
        Given(User(pk=pk, name=name, email=email), dict(zip(DIMENSIONS, values, strict=True)))
        for pk, name, email, *values in rows.order_by("scorer__name", "scorer").values_list(
            *columns
        )
    ]
    if not given:
        return None
    bands = item.round.rubric.by_dimension()
    return Reveal(
        item=item,
        dimensions=[
            _dimension(name, given, [(b.low, b.high) for b in bands[name]], user)
            for name in DIMENSIONS
        ],
        given=given,
    )


def _dimension(
    name: str, given: Sequence[Given], bands: list[tuple[float, float]], user: User
) -> Dimension:
    rows = [(one.scorer, value) for one in given if (value := one.values[name]) is not None]
    values = [value for _, value in rows]
    low, high = min(values, default=0), max(values, default=0)
    mean = sum(values) / len(values) if values else None
    word = agreement_of(high - low)
    differs = len(values) > 1 and word == "split"
    columns: list[list[Dot]] = [[] for _ in range(10)]
    for scorer, value in rows:
        is_end = differs and value in (low, high)
        columns[value - 1].append(Dot(scorer, value, scorer.pk == user.pk, is_end))
    return Dimension(
        name=name,
        label=name.capitalize(),
        mean=number(mean, 1) if mean else "–",
        claim=in_words(name, claim_at(name, mean, bands)) if mean else "",
        columns=columns,
        spread=_spread(values, low, high, word),
        differs=differs,
        read_out=", ".join(
            f"{dot.scorer.first_name} {dot.value}" for column in columns for dot in column
        ),
        range_x=f"{low * 10 - 5 if values else 0}",
        range_width=f"{(high - low) * 10}",
        mean_x=f"{(mean or 0) * 10 - 5 - 0.15:.2f}",
        speakers=_both_ends(columns),
    )


def _spread(values: Sequence[int], low: int, high: int, word: str) -> str:
    if len(values) < 2:
        return "one score, no spread" if values else "nobody scored it"
    return f"{low} to {high}: {WORDS[word]}" if high > low else f"all {low}: {WORDS[word]}"


def _both_ends(columns: list[list[Dot]]) -> list[User]:
    """Who stands at an end, together and alphabetically."""
    ends = [dot.scorer for column in columns for dot in column if dot.is_end]
    return sorted(ends, key=lambda person: str(person).casefold())
