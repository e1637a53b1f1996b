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
LABEL_WIDTH = 13.0  # per cent of a plot that a label takes
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
    band = group.get("band")
    return [
        v for v in [*values, _signed_margin(group), band, -band if band else None] if v is not None
    ]


def _signed_margin(group: Mapping[str, Any]) -> float | None:
    margin: float | None = group.get("margin")
    if margin is None:
        return None
    return abs(margin) if group.get("fewer_is_better") else -abs(margin)


def _row(row: Mapping[str, Any], scale: Scale, unit: str) -> dict[str, Any]:
    low, value, high = row.get("low"), row.get("value"), row.get("high")
    kind = str(row.get("kind", "flat"))
    mark, shape = KINDS[kind]
    ends = [] if low is None or high is None else sorted((scale.x(low), scale.x(high)))
    caps = ends
    if (bound := row.get("bound")) is not None:  # what is judged: an open end on the harmless side
        ends, caps = [scale.x(bound), 100.0], [scale.x(bound)]
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
        "caps": caps,
        "chance": row.get("chance", ""),
    }


def _beyond(group: Mapping[str, Any], scale: Scale) -> dict[str, float] | None:
    """The margin's line and the ground beyond it, on the worse side, which is the left one."""
    margin = _signed_margin(group)
    if margin is None:
        return None
    x = scale.x(margin)
    return {"x": x, "from": 0.0, "width": x}


def _marks(group: Mapping[str, Any], scale: Scale, suffix: str) -> list[dict[str, Any]]:
    """The grid with its texts, but for those on which the margin's own would lie."""
    margin = _signed_margin(group)
    if margin is None:
        return scale.marks(suffix)
    at = scale.x(margin)
    return [
        {
            **mark,
            "text": ""
            if not mark["is_zero"] and abs(mark["x"] - at) < LABEL_WIDTH
            else mark["text"],
        }
        for mark in scale.marks(suffix)
    ]


def _band(group: Mapping[str, Any], scale: Scale) -> dict[str, float] | None:
    """The ground around zero where effects are too small to matter."""
    band = group.get("band")
    if not band:
        return None
    left, right = sorted((scale.x(-band), scale.x(band)))
    return {"from": left, "width": round(right - left, 2), "to": right}


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
                "unit": group.get("unit_label") or ("lift" if is_lift else "difference in points"),
                "band": _band(group, scale),
                "band_label": group.get("band_label", ""),
                "margin_label": group.get("margin_label", ""),
                "rows": [
                    _row(r, scale, "percent" if is_lift else "bare points") for r in group["rows"]
                ],
                "marks": _marks(group, scale, "\N{NO-BREAK SPACE}%" if is_lift else ""),
                "beyond": _beyond(group, scale),
                "has_axis": not goes_on,
                "is_turned": is_turned,
            }
        )
    return drawn


# --- Curves ----------------------------------------------------------------------------------
LEFT, RIGHT = 10.0, 97.0
MANY_DAYS = 6  # from which on a trend's scale leaves out its first days


class Frame:
    """A plane of `height` px between LEFT and RIGHT per cent."""

    def __init__(
        self, xs: Sequence[float], ys: Sequence[float], *, top: float, height: float,
        is_from_zero: bool = True,
    ) -> None:  # fmt: skip
        self.x_low, self.x_high = min(xs), max(xs)
        ends = [0.0, *ys] if is_from_zero else ys
        self.y_low, self.y_high = min(ends), max(ends)
        room = (self.y_high - self.y_low) * 0.08 or 1.0
        self.y_high += room if self.y_high > 0 or not is_from_zero else 0
        self.y_low -= room if self.y_low < 0 or not is_from_zero else 0
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
    settled = points[len(points) // 5 :] if len(points) > MANY_DAYS else points
    frame = Frame(
        [p[0] for p in points],
        [v for p in settled for v in p[1:]],  # the first days are wide, and are cut at the edge
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


def line_marks(lines: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A line for each arm over the same days; of many days the scale leaves out the first few."""
    days = [point[0] for line in lines for point in line["points"]]
    skipped = len(set(days)) // 5 if len(set(days)) > MANY_DAYS else 0
    settled = [value for line in lines for _, value in line["points"][skipped:]]
    frame = Frame(days, settled, top=8, height=180, is_from_zero=False)
    return {
        "height": 214,
        "lines": [
            {"name": line["name"], "is_control": line["is_control"],
             "path": frame.path(line["points"])}
            for line in lines
        ],
        "y_marks": frame.y_marks(with_sign=False),
        "x_marks": _ends_and_middle(sorted(set(days)), frame),
    }  # fmt: skip


def _ends_and_middle(days: Sequence[float], frame: Frame) -> list[dict[str, Any]]:
    wanted = {days[0]: "middle", days[len(days) // 2]: "middle", days[-1]: "end"}
    return [{"x": frame.x(d), "text": number(d), "anchor": a} for d, a in wanted.items()]
