"""Sentences from codes and their numbers; nothing is decided by what stands in a sentence afterwards.

Each function takes the `language` to speak; another one is a table as those of `language.py`.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

from .codes import Caution, Code, LiftMethod, Method, SampleRatio, State, WhyNot, Without
from .facts import Decided, Fact
from .language import ENGLISH, Language
from .sizes import Words, change, list_of, say, shares, size

OF_AN_EFFECT: Final = ("ship", "roll-back", "no-difference", "cannot-tell")
"""Outcomes whose sentence is the size of an effect."""


def word_of(state: State | str, *, language: Language = ENGLISH) -> str:
    """The word beside a comparison's numbers.

    >>> word_of(State.CANNOT_TELL)
    'cannot tell'
    """
    return language.states[State(state)]


def without_words(without: Without | str, *, language: Language = ENGLISH) -> str:
    """What another reading of the same data does without.

    >>> without_words("cap")
    'not capped'
    """
    return language.without[Without(without)]


def explanation_of(
    method: Method | str, lift_method: LiftMethod | str, why_not: WhyNot | str | None,
    caution: Caution | str | None = None, *, language: Language = ENGLISH,
) -> str:  # fmt: skip
    """How an effect was computed, or what of it could not be.

    >>> explanation_of("pooled-z", "log", "no-units")
    'An arm has no units yet.'
    """
    if why_not:
        return language.why_not[WhyNot(why_not)]
    text = f"{language.methods[Method(method)]}; {language.lift_methods[LiftMethod(lift_method)]}."
    return f"{text} {language.cautions[Caution(caution)]}" if caution else text


def sample_ratio_of(
    code: SampleRatio, deviation: float | None, *, language: Language = ENGLISH
) -> str:
    """What a sample ratio says; `deviation` is the largest of an arm, as a share.

    >>> sample_ratio_of(SampleRatio.BY_CHANCE, 0.0044)
    'The arm furthest from the plan is 0.44 % off, which chance explains.'
    """
    off = language.sizes["percent"].format(value=f"{(deviation or 0.0) * 100:.2f}")
    return language.sample_ratios[code].format(off=off)


def head_of(verdict: Decided, *, language: Language = ENGLISH) -> str:
    """An order in a few words."""
    key: str = verdict.outcome
    days = 0
    metrics: list[str] = []
    if key == "cannot-tell" and not language.rounds_each:
        key, metrics = _doubt_of(verdict)
    if key == "keep-running" and verdict.days_left is not None and verdict.days_left > 0:
        days = max(1, round(verdict.days_left))
        key = "one-day" if days == 1 else "days"
    named = {"variant": verdict.variant, "control": verdict.control, "days": days}
    if metrics:
        named |= {"metrics": list_of([f"“{metric}”" for metric in metrics], language=language),
                  "were": language.sizes["was" if len(metrics) == 1 else "were"]}  # fmt: skip
    return language.heads[key].format(**named)


def _doubt_of(verdict: Decided) -> tuple[str, list[str]]:
    """The head of “cannot tell” and the metrics that it names, where they are the reason for it."""
    unmeasured = [fact.metric for fact in verdict.facts if fact.code == Code.NOT_MEASURED]
    if unmeasured:
        return "not-measured", list(dict.fromkeys(unmeasured))
    subject = verdict.subject
    if subject is not None and subject.code == Code.BETTER:
        in_doubt = [fact.metric for fact in verdict.facts
                    if fact.code == Code.MAY_BE_WORSE_THAN_ALLOWED
                    and fact.variant == subject.variant]  # fmt: skip
        if in_doubt:
            return "margin-in-doubt", in_doubt
    return "cannot-tell", []


def sentence_of(verdict: Decided, *, language: Language = ENGLISH) -> str:
    """The size and range of the effect in plain words, or what stands in the way of it."""
    subject = verdict.subject
    if subject is None:
        return ""
    if verdict.outcome in OF_AN_EFFECT and subject.code not in (Code.RECORDED, Code.NOT_MEASURED):
        words = Words(subject.metric, subject.kind, subject.counted, subject.did, subject.variant)
        return say(subject, words, language=language)
    return reason_of(subject, language=language)


def reasons_of(verdict: Decided, *, language: Language = ENGLISH) -> tuple[str, ...]:
    """One sentence for each fact; where there are several treatments, each is named."""
    has_others = len({fact.variant for fact in verdict.facts if fact.variant}) > 1
    return tuple(
        reason_of(fact, has_others=has_others, language=language) for fact in verdict.facts
    )


def reason_of(fact: Fact, *, has_others: bool = False, language: Language = ENGLISH) -> str:
    """The sentence of one fact; `text`, where there is one, is that sentence already.

    >>> reason_of(Fact(code=Code.FEWER_UNITS_THAN_PLANNED, units=9000, planned=14400))
    'Fewer units came than planned: 9,000 of 14,400.'
    """
    if fact.text:
        return fact.text
    units_in = "units-of-planned" if fact.planned else "units-in"
    counts = {"units": f"{fact.units or 0:,.0f}", "planned": f"{fact.planned or 0:,.0f}"}
    return language.facts[fact.code].format(
        metric=fact.metric,
        variant=fact.variant,
        control=fact.control,
        where=language.sizes["where"].format(variant=fact.variant) if has_others else "",
        measured=_measured(fact, language),
        smallest=size(fact.smallest or 0.0, fact.kind, language=language),
        why_not=language.why_not[fact.why_not] if fact.why_not else "",
        window=fact.window or 0,
        opens_on=f"{dt.date.fromisoformat(fact.opens_on):%-d %b}" if fact.opens_on else "",
        units_in=language.sizes[units_in].format(**counts),
        observed=_counts(fact.observed, language),
        expected=_counts(fact.expected, language),
        sample_ratio=_sample_ratio(fact, language),
        **counts,
    )


def _measured(fact: Fact, language: Language) -> str:
    values = shares(
        fact.treatment_value, fact.control_value, fact.kind, effect=fact, language=language
    )
    difference = change(fact, fact.kind, language=language)
    text = ", ".join(part for part in (values, difference) if part)
    if not fact.margin:
        return text
    margin = size(fact.margin, fact.kind, language=language)
    return text + language.sizes["allowed"].format(margin=margin)


def _counts(values: tuple[float, ...], language: Language) -> str:
    return list_of([f"{value:,.0f}" for value in values], language=language) if values else ""


def _sample_ratio(fact: Fact, language: Language) -> str:
    if fact.sample_ratio is None:
        return ""
    return sample_ratio_of(fact.sample_ratio, fact.deviation, language=language)
