"""Where the marks of a chart stand: x in per cent, y in px, so text keeps its size at any width.

No drawing here: the SVG is in templates/components/forest.html, curve.html and trend.html.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from backlog.templatetags.figures import effect, number, signed

# What a row of a forest plot is: (class of the mark, shape of its word).
KINDS: Mapping[str, tuple[str, str]] = {
    "won": ("won", "o-won"),
    "lost": ("lost", "o-lost"),
    "flat": ("", "o-flat"),
    "ok": ("", "check"),
    "warn": ("", "triangle-alert"),
    "pooled": ("pool", "o-flat"),
}
WORD_TONES = {"won": "won", "lost": "lost", "warn": "late"}


def nice_step(span: float, about: int = 5) -> float:
    """A step of 1, 2 or 5 times a power of ten that cuts `span` into about so many parts.

    >>> nice_step(0.42), nice_step(17)
    (0.1, 5.0)
    """
    if span <= 0 or not math.isfinite(span):
        return 1.0
    power = 10.0 ** math.floor(math.log10(span / about))
    for factor in (1, 2, 5, 10):
        if power * factor * about >= span * 0.8:
            return float(f"{power * factor:.12g}")
    return power * 10


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    step = nice_step(high - low, about)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [float(f"{n * step:.12g}") for n in range(first, last + 1)]


def decimals_of(step: float) -> int:
    """How many decimals tell the steps of an axis apart: none for 5, one for 0.5."""
    return max(0, -math.floor(math.log10(step) + 1e-9))


class Scale:
    """Values to per cent of the width; `is_turned` puts the larger value on the left."""

    def __init__(self, values: Iterable[float], *, is_turned: bool = False) -> None:
        known = [value for value in values if math.isfinite(value)] or [0.0]
        low, high = min(0.0, *known), max(0.0, *known)
        room = (high - low) * 0.06 or 0.01
        self.low, self.high, self.is_turned = low - room, high + room, is_turned

    def x(self, value: float) -> float:
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return round(100 * (1 - share if self.is_turned else share), 2)

    def marks(self, suffix: str) -> list[dict[str, Any]]:
        """Grid lines with their text; one that would hang over the edge is left out."""
        steps = ticks(self.low * 100, self.high * 100)
        places = decimals_of(nice_step((self.high - self.low) * 100))
        return [
            {"x": self.x(v / 100), "is_zero": v == 0, "text": f"{signed(v, places)}{suffix}"}
            for v in steps
            if v == 0 or 3 < self.x(v / 100) < 97
        ]


def _numbers(group: Mapping[str, Any]) -> list[float]:
    values = [row.get(part) for row in group["rows"] for part in ("low", "value", "high")]
    return [v for v in [*values, group.get("margin")] if v is not None]


def _row(row: Mapping[str, Any], scale: Scale, unit: str) -> dict[str, Any]:
    low, value, high = row.get("low"), row.get("value"), row.get("high")
    kind = str(row.get("kind", "flat"))
    mark, shape = KINDS[kind]
    ends = [] if low is None or high is None else sorted((scale.x(low), scale.x(high)))
    text = row.get("text") or effect(value, low, high, unit=unit)
    bold, _, rest = str(text).partition(" (")
    return {
        "name": row["name"],
        "bold": bold,
        "rest": f"({rest}" if rest else "",
        "word": row.get("word", ""),
        "mark": mark,
        "shape": shape,
        "tone": WORD_TONES.get(kind, "flat"),
        "x": None if value is None else scale.x(value),
        "ends": ends,
    }


def _beyond(group: Mapping[str, Any], scale: Scale) -> dict[str, float] | None:
    """The margin's line and the ground beyond it, on the worse side."""
    margin = group.get("margin")
    if margin is None:
        return None
    signed_margin = abs(margin) if group.get("fewer_is_better") else -abs(margin)
    x = scale.x(signed_margin)
    return {"x": x, "from": 0.0, "width": x}


def forest_groups(groups: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Groups with the places of their marks; all groups in lift that point the same way share a scale."""
    shared: list[float] = []
    for group in groups:
        if group.get("unit", "lift") == "lift" and not group.get("fewer_is_better"):
            shared += _numbers(group)
    drawn = []
    for index, group in enumerate(groups):
        is_lift = group.get("unit", "lift") == "lift"
        is_turned = bool(group.get("fewer_is_better"))
        shares = is_lift and not is_turned
        scale = Scale(shared if shares else _numbers(group), is_turned=is_turned)
        after = groups[index + 1] if index + 1 < len(groups) else None
        goes_on = after is not None and shares and after.get("unit", "lift") == "lift"
        if goes_on and after is not None and after.get("fewer_is_better"):
            goes_on = False
        drawn.append(
            {
                "name": group.get("name", ""),
                "note": group.get("note", ""),
                "unit": "lift" if is_lift else "difference in points",
                "rows": [
                    _row(r, scale, "percent" if is_lift else "bare points") for r in group["rows"]
                ],
                "marks": scale.marks("\N{NO-BREAK SPACE}%" if is_lift else ""),
                "beyond": _beyond(group, scale),
                "has_axis": not goes_on,
                "is_turned": is_turned,
            }
        )
    return drawn


# --- Curves ----------------------------------------------------------------------------------
LEFT, RIGHT = 10.0, 97.0


class Frame:
    """A plane of `height` px between LEFT and RIGHT per cent."""

    def __init__(
        self, xs: Sequence[float], ys: Sequence[float], *, top: float, height: float
    ) -> None:
        self.x_low, self.x_high = min(xs), max(xs)
        self.y_low, self.y_high = min(0.0, *ys), max(0.0, *ys)
        room = (self.y_high - self.y_low) * 0.08 or 1.0
        self.y_high += room if self.y_high > 0 else 0
        self.y_low -= room if self.y_low < 0 else 0
        self.top, self.height = top, height

    def x(self, value: float) -> float:
        span = self.x_high - self.x_low or 1.0
        return round(LEFT + (value - self.x_low) / span * (RIGHT - LEFT), 2)

    def share(self, value: float) -> float:
        """Per cent from the top, for paths in the nested 100 × 100 plane."""
        return round(100 * (self.y_high - value) / (self.y_high - self.y_low), 2)

    def y(self, value: float) -> float:
        return round(self.top + self.share(value) / 100 * self.height, 1)

    def path(self, points: Iterable[tuple[float, float]]) -> str:
        return "M" + "L".join(f"{self.x(x)} {self.share(y)}" for x, y in points)

    def y_marks(self, *, with_sign: bool) -> list[dict[str, Any]]:
        steps = ticks(self.y_low, self.y_high)
        places = decimals_of(nice_step(self.y_high - self.y_low))
        say = signed if with_sign else number
        return [{"y": self.y(v), "is_zero": v == 0, "text": say(v, places)} for v in steps]


def curve_marks(
    points: Sequence[tuple[float, float]],
    *,
    limit: float | None = None,
    chosen: float | None = None,
) -> dict[str, Any]:
    """A falling curve (smallest effect by weeks) with a limit and the point that was chosen."""
    xs, ys = [float(x) for x, _ in points], [float(y) for _, y in points]
    frame = Frame(xs, ys if limit is None else [*ys, limit], top=10, height=150)
    picked = next(((x, y) for x, y in points if chosen is not None and x == chosen), None)
    step = max(1, math.ceil(len(points) / 9))
    return {
        "height": 190,
        "base": frame.y(0),
        "path": frame.path(points),
        "y_marks": frame.y_marks(with_sign=False),
        "dots": [
            {
                "x": frame.x(x),
                "y": frame.y(y),
                "text": number(x) if i % step == 0 or x == chosen else "",
                "is_chosen": x == chosen,
            }
            for i, (x, y) in enumerate(points)
        ],
        "limit": None if limit is None else frame.y(limit),
        "limit_height": None if limit is None else round(frame.y(0) - frame.y(limit), 1),
        "chosen": None if picked is None else {"x": frame.x(picked[0]), "y": frame.y(picked[1])},
        "chosen_is_right": picked is not None and frame.x(picked[0]) > 55,
    }


def trend_marks(points: Sequence[tuple[float, float, float, float]]) -> dict[str, Any]:
    """A difference over time with its band: (day, low, value, high)."""
    frame = Frame(
        [p[0] for p in points],
        [v for p in points for v in p[1:]],
        top=8,
        height=180,
    )
    upper = [(day, high) for day, _, _, high in points]
    lower = [(day, low) for day, low, _, _ in points]
    last = points[-1]
    is_clear = last[1] > 0 or last[3] < 0
    return {
        "height": 214,
        "band": frame.path([*upper, *reversed(lower)]) + "z",
        "upper": frame.path(upper),
        "lower": frame.path(lower),
        "mid": frame.path([(day, value) for day, _, value, _ in points]),
        "y_marks": frame.y_marks(with_sign=True),
        "last": {"x": frame.x(last[0]), "y": frame.y(last[2]), "is_clear": is_clear},
        "x_marks": _ends_and_middle([p[0] for p in points], frame),
    }


def _ends_and_middle(days: Sequence[float], frame: Frame) -> list[dict[str, Any]]:
    wanted = {days[0]: "middle", days[len(days) // 2]: "middle", days[-1]: "end"}
    return [{"x": frame.x(d), "text": number(d), "anchor": a} for d, a in wanted.items()]
