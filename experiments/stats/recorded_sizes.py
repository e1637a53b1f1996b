"""Sizes in words as the engines 1 to 3 wrote them into their results, each number rounded by itself.

Those results are computed again to the byte, so nothing here changes; `sizes.py` says it better.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from .facts import Range
from .language import Language
from .numbers import base_of, digits_for, figure, signed

if TYPE_CHECKING:
    from .sizes import Words


def recorded_sentences(effect: Range, words: Words, language: Language) -> str:
    """What `sizes.say` said of an effect that has a difference."""
    point = _point_of_share if words.kind == "proportion" else _point
    parts = point(effect, words, language), _range(effect, words, language)
    return " ".join(part for part in parts if part)


def recorded_shares(treatment: float, control: float, kind: str, language: Language) -> str:
    """What `sizes.shares` said of both arms' values."""
    if kind == "proportion":
        percent = language.sizes["percent"]
        ends = [percent.format(value=figure(value * 100)) for value in (treatment, control)]
    else:
        ends = [signed(treatment), signed(control)]
    return language.sizes["against"].format(treatment=ends[0], control=ends[1])


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
