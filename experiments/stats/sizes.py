"""Sizes and ranges in plain words and natural frequencies: "of every 100 players, about 1 fewer"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .codes import WhyNot
from .facts import Range
from .language import ENGLISH, Language
from .numbers import base_for, digits_for, figure, signed
from .recorded_sizes import recorded_sentences, recorded_shares


@dataclass(frozen=True)
class Words:
    """How a `metric` of this `kind` ("proportion", "mean" or "ratio") is spoken of.

    `units` is the plural of who is counted ("players"); `did` what a proportion counts, in the
    past ("came back"). Both have a stand-in. `variant`: the arm whose effect it is.
    """

    metric: str
    kind: str = "proportion"
    units: str = "units"
    did: str = ""
    variant: str = ""


def say(effect: Range, words: Words, *, language: Language = ENGLISH) -> str:
    """One or two sentences with the size of the effect and its range, never a p-value.

    All numbers of them have the same base and the same decimals.

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
    >>> say(gates, Words("retention_7", units="players", did="came back", variant="Gate 40"))
    'Of every 1,000 players in “Gate 40”, about 8 fewer came back. It could be 3 to 13 fewer.'
    >>> say(compare(Mean(5000, 100.0, 900.0), Mean(4900, 101.5, 1024.0)), Words("Basket", "mean"))
    '“Basket” is about 1.5 higher. It could be 0.3 to 2.7 higher.'
    """
    if effect.difference is None:
        return language.why_not[WhyNot(effect.why_not or WhyNot.OUT_OF_RANGE)]
    if language.rounds_each:
        return recorded_sentences(effect, words, language)
    sentences = _of_share if words.kind == "proportion" else _of_amount
    return " ".join(part for part in sentences(effect, words, language) if part)


def _of_share(effect: Range, words: Words, language: Language) -> tuple[str, str]:
    """In natural frequencies: how many of so many, and how many it could be."""
    difference: float = effect.difference or 0.0
    base = base_for(difference, effect.low, effect.high)
    counted = words.did or language.sizes["counted"].format(metric=words.metric)
    named = {"units": words.units, "counted": counted, "where": _where(words, language)}
    if base is None:
        return language.sizes["too-few"].format(**named), ""
    scale = Scale(base, 0, "more", "fewer")
    if difference == 0:
        ends = _both_ends(effect, scale, language)
        of_so_many = language.sizes["of-so-many"].format(base=f"{base:,}", **ends) if ends else ""
        return language.sizes["as-many"].format(**named), of_so_many
    point = language.sizes["of-every"].format(
        base=f"{base:,}", number=scale.size(difference),
        more=scale.side(difference, language), **named,
    )  # fmt: skip
    return point, _range(effect, scale, language)


def _of_amount(effect: Range, words: Words, language: Language) -> tuple[str, str]:
    """In the metric's own unit."""
    difference: float = effect.difference or 0.0
    digits = digits_for(difference, effect.low, effect.high)
    scale = Scale(1, digits, "higher", "lower")
    named = {"metric": words.metric, "where": _where(words, language)}
    if difference == 0:
        return language.sizes["same"].format(**named), _range(effect, scale, language)
    point = language.sizes["about"].format(
        amount=scale.size(difference), side=scale.side(difference, language), **named
    )
    return point, _range(effect, scale, language)


@dataclass(frozen=True)
class Scale:
    """How one sentence writes its numbers: times `base`, with so many decimals, and the words for
    above and below zero."""

    base: int
    digits: int
    above: str
    below: str

    def size(self, value: float) -> str:
        return f"{abs(value) * self.base:,.{self.digits}f}"

    def is_nothing(self, value: float) -> bool:
        return not self.size(value).strip("0.,")

    def side(self, value: float, language: Language) -> str:
        return language.sizes[self.above if value > 0 else self.below]


def _range(effect: Range, scale: Scale, language: Language) -> str:
    """What it could be, where at least one end is known."""
    low, high = effect.low, effect.high
    if low is None and high is None:
        return ""
    if low is None or high is None:
        end: float = high if low is None else low  # type: ignore[assignment]
        is_outer = (low is None) == (end >= 0)  # the end is the far one, seen from zero
        key = "at-most" if is_outer else "at-least"
        return language.sizes[key].format(end=scale.size(end), side=scale.side(end, language))
    if scale.is_nothing(low) or scale.is_nothing(high) or (low > 0) == (high > 0):
        near, far = (low, high) if abs(low) <= abs(high) else (high, low)
        return language.sizes["one-side"].format(
            low=scale.size(near), high=scale.size(far), side=scale.side(far, language)
        )
    ends = _both_ends(effect, scale, language)
    return language.sizes["two-sides"].format(**ends) if ends else ""


def _both_ends(effect: Range, scale: Scale, language: Language) -> dict[str, str]:
    """Size and word of each end; nothing where one is missing."""
    if effect.low is None or effect.high is None:
        return {}
    return {
        "low": scale.size(effect.low), "low_side": scale.side(effect.low, language),
        "high": scale.size(effect.high), "high_side": scale.side(effect.high, language),
    }  # fmt: skip


def _where(words: Words, language: Language) -> str:
    return language.sizes["where"].format(variant=words.variant) if words.variant else ""


def size(value: float, kind: str = "proportion", *, language: Language = ENGLISH) -> str:
    """A size without a sign: points of a share, else the metric's own unit.

    >>> size(0.005), size(0.01), size(2.5, "mean")
    ('0.5 points', '1 point', '2.5')
    """
    if kind != "proportion":
        return figure(abs(value))
    text = figure(abs(value) * 100)
    is_one = text == "1" and "point" in language.sizes
    return language.sizes["point" if is_one else "points"].format(value=text)


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
    effect: Range | None = None, language: Language = ENGLISH,
) -> str:  # fmt: skip
    """Both arms' values side by side, with the decimals of `effect`; empty where one is not known.

    >>> shares(0.45, 0.412), shares(12.0, 11.25, "mean")
    ('45.0 % against 41.2 %', '12.00 against 11.25')
    """
    if treatment is None or control is None:
        return ""
    if language.rounds_each:
        return recorded_shares(treatment, control, kind, language)
    scale = 100 if kind == "proportion" else 1
    ends = (effect.low, effect.high) if effect else (None, None)
    digits = digits_for(treatment - control, *ends, scale=scale)
    if treatment == control and ends == (None, None):
        digits = 1 if scale == 100 else digits_for(treatment, None, None)
    values = [signed(value * scale, digits=digits) for value in (treatment, control)]
    if kind == "proportion":
        values = [language.sizes["percent"].format(value=value) for value in values]
    return language.sizes["against"].format(treatment=values[0], control=values[1])


def list_of(parts: Sequence[str], *, language: Language = ENGLISH) -> str:
    """Words in a row, the last joined by "and".

    >>> list_of(["a", "b", "c"]), list_of(["a"])
    ('a, b and c', 'a')
    """
    *first, last = parts
    return language.sizes["and"].format(first=", ".join(first), last=last) if first else last
