"""Sizes and ranges in plain words and natural frequencies: "of every 100 players, about 1 fewer"."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .codes import WhyNot
from .facts import Range
from .language import ENGLISH, Language
from .numbers import base_of, digits_for, figure, signed


@dataclass(frozen=True)
class Words:
    """How a `metric` of this `kind` ("proportion", "mean" or "ratio") is spoken of.

    `units` is the plural of who is counted ("players"); `did` what a proportion counts, in the
    past ("came back"). Both have a stand-in.
    """

    metric: str
    kind: str = "proportion"
    units: str = "units"
    did: str = ""


def say(effect: Range, words: Words, *, language: Language = ENGLISH) -> str:
    """One or two sentences with the size of the effect and its range, never a p-value.

    Args:
        effect: one comparison, no batch; of it the difference with its ends is read.
        words: how the metric is spoken of.
        language: the phrases to use.

    Returns:
        Text; where there is no difference, why.

    Raises:
        Nothing.

    Source: natural frequencies, Gigerenzer & Hoffrage 1995 Psychol Rev 102:684.

    >>> from .comparing import compare
    >>> from .samples import Mean, Proportion
    >>> gates = compare(Proportion(44700, 8502), Proportion(45489, 8279))
    >>> say(gates, Words("retention_7", units="players", did="came back"))
    'Of every 100 players, about 1 fewer came back. It could be 0.3 to 1.3 fewer.'
    >>> say(compare(Mean(5000, 100.0, 900.0), Mean(4900, 101.5, 1024.0)), Words("Basket", "mean"))
    '“Basket” is about 1.5 higher. It could be 0.3 to 2.7 higher.'
    """
    if effect.difference is None:
        return language.why_not[WhyNot(effect.why_not or WhyNot.OUT_OF_RANGE)]
    point = _point_of_share if words.kind == "proportion" else _point
    parts = point(effect, words, language), _range(effect, words, language)
    return " ".join(part for part in parts if part)


def _point_of_share(effect: Range, words: Words, language: Language) -> str:
    difference: float = effect.difference or 0.0
    counted = words.did or language.sizes["counted"].format(metric=words.metric)
    named = {"units": words.units, "counted": counted}
    if difference == 0:
        return language.sizes["as-many"].format(**named)
    base = base_of(difference)
    if base is None:
        return language.sizes["too-few"].format(**named)
    return language.sizes["of-every"].format(
        base=f"{base:,}", number=f"{abs(difference) * base:.0f}",
        more=_more(difference, language), **named,
    )  # fmt: skip


def _point(effect: Range, words: Words, language: Language) -> str:
    difference: float = effect.difference or 0.0
    if difference == 0:
        return language.sizes["same"].format(metric=words.metric)
    digits = digits_for(difference, effect.low, effect.high)
    return language.sizes["about"].format(
        metric=words.metric, amount=f"{abs(difference):,.{digits}f}",
        side=_side(difference, language),
    )  # fmt: skip


def _range(effect: Range, words: Words, language: Language) -> str:
    difference: float = effect.difference or 0.0
    low: float | None = effect.low
    high: float | None = effect.high
    is_share = words.kind == "proportion"
    base = (base_of(difference) or 1_000_000) if is_share else 1
    name = _more if is_share else _side
    digits = digits_for(difference, low, high)
    if is_share:
        digits = 0 if abs(difference) * base >= 2 else 1

    def write(end: float) -> str:
        return f"{abs(end) * base:,.{digits}f}"

    if low is None or high is None:
        return _one_end(low, high, write, name, language)
    near, far = (low, high) if low >= 0 else (high, low)
    if near * far >= 0 and name(near or far, language) == name(far, language):
        return language.sizes["one-side"].format(
            low=write(near), high=write(far), side=name(far, language)
        )
    return language.sizes["two-sides"].format(
        low=write(low), low_side=name(low, language),
        high=write(high), high_side=name(high, language),
    )  # fmt: skip


def _one_end(
    low: float | None,
    high: float | None,
    write: Callable[[float], str],
    name: Callable[[float, Language], str],
    language: Language,
) -> str:
    if low is None and high is None:
        return ""
    end, key = (low, "at-least") if low is not None else (high or 0.0, "at-most")
    return language.sizes[key].format(end=write(end), side=name(end, language))


def _more(difference: float, language: Language) -> str:
    return language.sizes["more" if difference > 0 else "fewer"]


def _side(difference: float, language: Language) -> str:
    return language.sizes["higher" if difference > 0 else "lower"]


def size(value: float, kind: str = "proportion", *, language: Language = ENGLISH) -> str:
    """A size without a sign: points of a share, else the metric's own unit.

    >>> size(0.005), size(2.5, "mean")
    ('0.5 points', '2.5')
    """
    if kind != "proportion":
        return figure(abs(value))
    return language.sizes["points"].format(value=figure(abs(value) * 100))


def change(effect: Range, kind: str = "proportion", *, language: Language = ENGLISH) -> str:
    """The difference with its sign and range, for a list of reasons; empty where there is none.

    >>> from .comparing import compare
    >>> from .samples import Proportion
    >>> change(compare(Proportion(44700, 8502), Proportion(45489, 8279)))
    '−0.8 points (−1.3 to −0.3)'
    """
    if effect.difference is None:
        return ""
    scale, unit = (100, "points") if kind == "proportion" else (1, "")
    return ranged(
        effect.difference, effect.low, effect.high, scale=scale, unit=unit, language=language
    )


def ranged(
    middle: float, low: float | None, high: float | None, *, scale: float = 1, unit: str = "",
    language: Language = ENGLISH,
) -> str:  # fmt: skip
    """A value with its sign and what it could be, all with as many decimals as the range calls for.

    Args:
        unit: "points", "percent" or none, as `Language.sizes` names them.

    >>> ranged(0.0921, 0.0168, 0.1731, scale=100, unit="percent")
    '+9.2 % (1.7 to 17.3)'
    >>> ranged(0.02, None, 0.42), ranged(3.0, None, None)
    ('+0.02 (at most 0.42)', '+3.0')
    """
    digits = digits_for(middle, low, high, scale=scale)
    text = signed(middle * scale, plus="+", digits=digits)
    if unit:
        text = language.sizes[unit].format(value=text)
    if low is None and high is None:
        return text
    key = "range-at-most" if low is None else "range-at-least" if high is None else "range"
    ends = {name: "" if end is None else signed(end * scale, digits=digits)
            for name, end in (("low", low), ("high", high))}  # fmt: skip
    return language.sizes[key].format(middle=text, **ends)


def shares(
    treatment: float | None, control: float | None, kind: str = "proportion", *,
    language: Language = ENGLISH,
) -> str:  # fmt: skip
    """Both arms' values side by side; empty where one is not known.

    >>> shares(0.45, 0.412), shares(12.0, 11.25, "mean")
    ('45 % against 41.2 %', '12 against 11.2')
    """
    if treatment is None or control is None:
        return ""
    if kind == "proportion":
        percent = language.sizes["percent"]
        ends = [percent.format(value=figure(value * 100)) for value in (treatment, control)]
    else:
        ends = [signed(treatment), signed(control)]
    return language.sizes["against"].format(treatment=ends[0], control=ends[1])


def list_of(parts: Sequence[str], *, language: Language = ENGLISH) -> str:
    """Words in a row, the last joined by "and".

    >>> list_of(["a", "b", "c"]), list_of(["a"])
    ('a, b and c', 'a')
    """
    *first, last = parts
    return language.sizes["and"].format(first=", ".join(first), last=last) if first else last
