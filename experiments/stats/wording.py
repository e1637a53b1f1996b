"""Effects in plain words and natural frequencies: "of every 100 players, about 1 fewer"."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from .effect import Effect


@dataclass(frozen=True)
class Words:
    """How a metric is spoken of.

    `units` is the plural of who is counted ("players"); `did` what a proportion counts, in the
    past ("came back"). Both have a stand-in.
    """

    metric: str
    kind: str = "proportion"
    units: str = "units"
    did: str = ""

    @property
    def counted(self) -> str:
        return self.did or f"counted for “{self.metric}”"


def say(effect: Effect, words: Words) -> str:
    """One or two sentences with the size of the effect and its range, never a p-value.

    >>> from .comparing import compare
    >>> from .samples import Mean, Proportion
    >>> gates = compare(Proportion(44700, 8502), Proportion(45489, 8279))
    >>> say(gates, Words("retention_7", units="players", did="came back"))
    'Of every 100 players, about 1 fewer came back. It could be 0.3 to 1.3 fewer.'
    >>> say(compare(Mean(5000, 100.0, 900.0), Mean(4900, 101.5, 1024.0)), Words("Basket", "mean"))
    '“Basket” is about 1.5 higher. It could be 0.3 to 2.7 higher.'
    """
    if effect.difference is None:
        return str(effect.explanation)
    point = _point_of_share(effect, words) if words.kind == "proportion" else _point(effect, words)
    return " ".join(part for part in (point, _range(effect, words)) if part)


def _point_of_share(effect: Effect, words: Words) -> str:
    difference = effect.difference
    if difference == 0:
        return f"As many {words.units} {words.counted} as in the control."
    base = base_of(difference)
    if base is None:
        return f"Fewer than 1 of a million {words.units} make the difference."
    number = f"{abs(difference) * base:.0f}"
    return f"Of every {base:,} {words.units}, about {number} {_more(difference)} {words.counted}."


def base_of(difference: float) -> int | None:
    """The smallest of 100, 1,000 … 1,000,000 units of which at least one makes the difference.

    >>> base_of(-0.0082), base_of(0.0004), base_of(1e-9)
    (100, 10000, None)
    """
    bases = (100, 1_000, 10_000, 100_000, 1_000_000)
    return next((base for base in bases if round(abs(difference) * base) >= 1), None)


def _point(effect: Effect, words: Words) -> str:
    if effect.difference == 0:
        return f"“{words.metric}” is as in the control."
    digits = _digits(effect.difference, effect.low, effect.high)
    amount, side = f"{abs(effect.difference):,.{digits}f}", _side(effect.difference)
    return f"“{words.metric}” is about {amount} {side}."


def _range(effect: Effect, words: Words) -> str:
    low: float | None = effect.low
    high: float | None = effect.high
    is_share = words.kind == "proportion"
    base = (base_of(effect.difference) or 1_000_000) if is_share else 1
    name = _more if is_share else _side
    digits = _digits(effect.difference, low, high)
    if is_share:
        digits = 0 if abs(effect.difference) * base >= 2 else 1

    def write(end: float) -> str:
        return f"{abs(end) * base:,.{digits}f}"

    if low is None and high is None:
        return ""
    if low is None or high is None:
        end = low if low is not None else high or 0.0
        return f"It is {'at most' if low is None else 'at least'} {write(end)} {name(end)}."
    near, far = (low, high) if low >= 0 else (high, low)
    if near * far >= 0 and name(near or far) == name(far):
        return f"It could be {write(near)} to {write(far)} {name(far)}."
    return f"It could be {write(low)} {name(low)} to {write(high)} {name(high)}."


def _more(difference: float) -> str:
    return "more" if difference > 0 else "fewer"


def _side(difference: float) -> str:
    return "higher" if difference > 0 else "lower"


def figure(value: float) -> str:
    """A number with three significant digits, and none invented.

    >>> figure(1234.5), figure(0.27745), figure(1.5), figure(0.0)
    ('1,234', '0.277', '1.5', '0')
    """
    if value == 0:
        return "0"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    if digits > 9:
        return f"{value:.3g}"
    text = f"{value:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def size(value: float, words: Words) -> str:
    """A size without a sign: points of a share, else the metric's own unit.

    >>> size(0.005, Words("Unsubscribed")), size(2.5, Words("Basket", "mean"))
    ('0.5 points', '2.5')
    """
    if words.kind != "proportion":
        return figure(abs(value))
    return f"{figure(abs(value) * 100)} points"


def change(effect: Effect, words: Words) -> str:
    """The difference with its sign and range, for a list of reasons.

    >>> from .comparing import compare
    >>> from .samples import Proportion
    >>> change(compare(Proportion(44700, 8502), Proportion(45489, 8279)), Words("Day 7"))
    '−0.8 points (−1.3 to −0.3)'
    """
    if effect.difference is None:
        return ""
    scale, unit = (100, " points") if words.kind == "proportion" else (1, "")
    return ranged(effect.difference, effect.low, effect.high, scale=scale, unit=unit)


def ranged(
    middle: float, low: float | None, high: float | None, *, scale: float = 1, unit: str = ""
) -> str:
    """A value with its sign and what it could be, all with as many decimals as the range calls for.

    >>> ranged(0.0921, 0.0168, 0.1731, scale=100, unit=" %")
    '+9.2 % (1.7 to 17.3)'
    >>> ranged(0.02, None, 0.42), ranged(3.0, None, None)
    ('+0.02 (at most 0.42)', '+3.0')
    """
    digits = _digits(middle, low, high, scale=scale)
    text = signed(middle * scale, plus="+", digits=digits) + unit
    ends = [None if end is None else signed(end * scale, digits=digits) for end in (low, high)]
    if ends == [None, None]:
        return text
    if None in ends:
        return f"{text} (at {f'most {ends[1]}' if ends[0] is None else f'least {ends[0]}'})"
    return f"{text} ({ends[0]} to {ends[1]})"


def shares(treatment: float | None, control: float | None, words: Words) -> str:
    """Both arms' values side by side; empty where one is not known.

    >>> shares(0.45, 0.412, Words("Trial to paid")), shares(12.0, 11.25, Words("Basket", "mean"))
    ('45 % against 41.2 %', '12 against 11.2')
    """
    if treatment is None or control is None:
        return ""
    if words.kind == "proportion":
        return f"{figure(treatment * 100)} % against {figure(control * 100)} %"
    return f"{signed(treatment)} against {signed(control)}"


def _digits(middle: float, low: float | None, high: float | None, *, scale: float = 1) -> int:
    """Decimals that show the range to two digits, or the value where there is none."""
    ends = [end for end in (low, high) if end is not None]
    reach = max((abs(end - middle) for end in ends), default=0.0) * 2
    reach = (reach or abs(middle)) * scale
    least = 0 if scale == 1 else 1  # points and per cent have a decimal, as in the tables
    return min(9, max(least, 1 - math.floor(math.log10(reach)))) if reach else 0


def signed(value: float, *, plus: str = "", digits: int | None = None) -> str:
    """A number with a real minus sign; with three significant digits, or as many decimals as asked.

    >>> signed(-0.82), signed(3.8, plus="+")
    ('−0.82', '+3.8')
    """
    text = figure(abs(value)) if digits is None else f"{abs(value):,.{digits}f}"
    if not text.strip("0.,"):
        return text
    return ("−" if value < 0 else plus) + text


def list_of(parts: Sequence[str]) -> str:
    """Words in a row, the last joined by "and".

    >>> list_of(["a", "b", "c"]), list_of(["a"])
    ('a, b and c', 'a')
    """
    *first, last = parts
    return f"{', '.join(first)} and {last}" if first else last


def say_p(p_value: float, log10_p: float | None = None) -> str:
    """A p-value as it is written in a table: for analysts, never in a verdict.

    >>> say_p(0.0744), say_p(0.001554), say_p(2.3e-308, -400.2), say_p(1.0)
    ('.074', '.0016', '< 1e-300', '1')
    """
    if p_value < 1e-300 or (log10_p is not None and log10_p < -300):
        return "< 1e-300"
    if p_value < 1e-4:
        return f"{p_value:.1e}"
    return f"{p_value:.2g}".removeprefix("0")
