"""The map of Impact × Ease: where dots and their labels stand. Pure arithmetic, no Django."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

LEFT, RIGHT, TOP, BOTTOM = 5.0, 98.0, 16.0, 600.0
"""The field: from left to right in per cent of the width, from top to bottom in pixels."""
WIDTH = 900
"""Pixels that the drawing is taken to be wide when labels are placed; wider only parts them."""
LETTER = 6.2
LABELLED = 24


@dataclass(frozen=True)
class Dot:
    """An idea by its three means, 1 to 10."""

    pk: int
    title: str
    impact: float
    confidence: float
    ease: float


@dataclass(frozen=True)
class Mark:
    """A dot as it is drawn: `x` in per cent, `y` and `r` in pixels, the label beside it or "" ."""

    dot: Dot
    x: float
    y: float
    r: float
    label: str = ""
    dx: float = 0.0
    dy: float = 4.0
    anchor: str = "start"


@dataclass(frozen=True)
class Field:
    """Both axes run from `low` to 10."""

    low: int

    def x(self, ease: float) -> float:
        return LEFT + (ease - self.low) / (10 - self.low) * (RIGHT - LEFT)

    def y(self, impact: float) -> float:
        return BOTTOM - (impact - self.low) / (10 - self.low) * (BOTTOM - TOP)

    @property
    def ticks(self) -> range:
        return range(self.low, 11)

    @property
    def middle(self) -> float:
        return (self.low + 10) / 2


def field_of(dots: Sequence[Dot]) -> Field:
    """From the whole number under the smallest mean, at most 4, so that the axes start alike.

    >>> field_of([Dot(1, "", 7.2, 5, 3.1)]).low
    3
    """
    lowest = min((min(dot.impact, dot.ease) for dot in dots), default=4.0)
    return Field(max(1, min(4, math.floor(lowest))))


def radius(confidence: float) -> float:
    """Its area grows with Confidence.

    >>> round(radius(4), 1), round(radius(8), 1)
    (8.0, 11.3)
    """
    return 4.0 * math.sqrt(confidence)


def short(title: str, longest: int = 32) -> str:
    """As many whole words as fit.

    >>> short("Win-back: “pause for two months” beside “cancel”")
    'Win-back: “pause for two months”…'
    """
    if len(title) <= longest:
        return title
    cut = title[:longest].rsplit(" ", 1)[0]
    return f"{cut.rstrip(' ,:;')}…"


Box = tuple[float, float, float, float]
# Where the names of the four zones stand.
CORNERS: tuple[Box, ...] = (
    (50, 22, 180, 40), (WIDTH - 150, 22, WIDTH, 40),
    (50, 578, 180, 596), (WIDTH - 150, 578, WIDTH, 596),
)  # fmt: skip


def marks_of(dots: Sequence[Dot], field: Field) -> list[Mark]:
    """Every dot; the first ones labelled where their label meets no other dot or label."""
    bare = [
        Mark(dot, field.x(dot.ease), field.y(dot.impact), radius(dot.confidence)) for dot in dots
    ]
    taken: list[Box] = [*CORNERS, *(_around(mark) for mark in bare)]
    return [_labelled(mark, taken) if place < LABELLED else mark for place, mark in enumerate(bare)]


def _around(mark: Mark) -> Box:
    x = mark.x * WIDTH / 100
    return (x - mark.r, mark.y - mark.r, x + mark.r, mark.y + mark.r)


def _labelled(mark: Mark, taken: list[Box]) -> Mark:
    """To the right, the left, above, below: the first place that is free; no label where none is."""
    text = short(mark.dot.title)
    wide, x, gap = len(text) * LETTER, mark.x * WIDTH / 100, mark.r + 5
    places = (
        (gap, 4.0, "start", (x + gap, mark.y - 8, x + gap + wide, mark.y + 8)),
        (-gap, 4.0, "end", (x - gap - wide, mark.y - 8, x - gap, mark.y + 8)),
        (0.0, -gap, "middle", (x - wide / 2, mark.y - gap - 12, x + wide / 2, mark.y - gap + 4)),
        (0.0, gap + 9, "middle", (x - wide / 2, mark.y + gap - 3, x + wide / 2, mark.y + gap + 13)),
    )
    for dx, dy, anchor, box in places:
        inside = box[0] >= LEFT * WIDTH / 100 and box[2] <= WIDTH
        if inside and not any(_meet(box, other) for other in taken if other != _around(mark)):
            taken.append(box)
            return Mark(mark.dot, mark.x, mark.y, mark.r, text, dx, dy, anchor)
    return mark


def _meet(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
