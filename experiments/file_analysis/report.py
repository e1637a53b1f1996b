"""A file's analysis as a page of plain text that can be read without knowing statistics."""

from __future__ import annotations

from collections.abc import Iterator

from experiments.file_analysis.analyse import Comparison, FileAnalysis, MetricResult
from experiments.stats import Words, say
from experiments.stats.numbers import say_p, signed
from experiments.stats.sizes import change, list_of, ranged


def as_text(analysis: FileAnalysis, *, name: str) -> str:
    """The whole page: what was read, whether the arms are as planned, then metric by metric."""
    parts = [
        "\n".join(_what_was_read(analysis, name)),
        "\n".join(_health(analysis)),
        *("\n".join(_metric(metric, analysis.alpha)) for metric in analysis.metrics),
        _footnote(analysis),
    ]
    return "\n\n".join(parts)


def _what_was_read(analysis: FileAnalysis, name: str) -> Iterator[str]:
    total, arms = sum(analysis.units.values()), len(analysis.units)
    yield f"{name}: {total:,} units in {arms} arms."
    yield ""
    width = max(map(len, analysis.units)) + len(" (control)")
    for place, (arm, units) in enumerate(analysis.units.items()):
        label = arm if place else f"{arm} (control)"
        yield f"  {label:<{width}}  {units:>12,}"


def _health(analysis: FileAnalysis) -> Iterator[str]:
    balance = analysis.balance
    state = "NOT as planned: fix this first" if balance.is_mismatch else "as planned"
    p = f" (p {say_p(balance.p_value, balance.log10_p)})" if balance.p_value is not None else ""
    yield f"Sample ratio: {state}{p}. {balance.explanation}"
    for problem in analysis.problems:
        yield f"Problem: {problem}"
    for warning in analysis.warnings:
        yield f"Note: {warning}"


def _metric(metric: MetricResult, alpha: float) -> Iterator[str]:
    kind = {"proportion": "share of units", "mean": "mean per unit", "ratio": "ratio"}
    yield f"{metric.name} ({kind[metric.kind]})"
    width = max(len(arm.name) for arm in metric.variants)
    for arm in metric.variants:
        yield f"  {arm.name:<{width}}  {_value(arm.value, metric.kind):>10}"
    for comparison in metric.comparisons:
        yield ""
        yield from _comparison(metric, comparison, alpha)


def _comparison(metric: MetricResult, comparison: Comparison, alpha: float) -> Iterator[str]:
    effect, words = comparison.effect, Words(metric.name, metric.kind)
    yield f"  {comparison.variant}: {_answer(comparison, alpha)} {say(effect, words)}"
    if effect.difference is None:
        return
    facts = [f"difference {change(effect, words.kind)}"]
    if effect.lift is not None:
        lift = ranged(effect.lift, effect.lift_low, effect.lift_high, scale=100, unit="percent")
        facts.append(f"lift {lift}")
    if effect.p_value is not None:
        facts.append(f"p {say_p(effect.p_value, effect.log10_p)}")
    if comparison.adjusted_p is not None and comparison.adjusted_p != effect.p_value:
        facts.append(f"adjusted {say_p(comparison.adjusted_p)}")
    yield f"    {'; '.join(facts)}."
    if effect.why_not:
        yield f"    {effect.explanation}"


def _answer(comparison: Comparison, alpha: float) -> str:
    effect, p = comparison.effect, comparison.adjusted_p
    if p is None or p > alpha or effect.difference is None:
        return "cannot be told from the control."
    return "clearly higher." if effect.difference > 0 else "clearly lower."


def _value(value: float | None, kind: str) -> str:
    if value is None:
        return "no value"
    return f"{value * 100:.2f} %" if kind == "proportion" else signed(value)


def _footnote(analysis: FileAnalysis) -> str:
    """How to read the page: what a range is, "clearly", each number in the small print, the test."""
    compared = sum(len(metric.comparisons) for metric in analysis.metrics if not metric.is_copy)
    methods = list(
        dict.fromkeys(
            comparison.effect.method
            for metric in analysis.metrics
            for comparison in metric.comparisons
        )
    )
    reading = (
        "Ranges hold whenever they are read"
        if "confidence-sequence" in methods
        else f"Ranges are {analysis.confidence * 100:g} % intervals, to be read once, at the planned end"
    )
    p = "adjusted p" if compared > 1 else "p"
    notes = [
        f"{reading}.",
        f"“Clearly” means that chance alone hardly explains it ({p} at most {say_p(analysis.alpha)}).",
        "In the small print, lift: the difference as a share of the control; p: how often chance "
        "alone would show as much.",
    ]
    if compared > 1:
        notes.append(f"p is also shown adjusted (Holm), because {compared} questions were asked of "
                    "this file.")  # fmt: skip
    if any(metric.is_copy for metric in analysis.metrics):
        notes.append("Metrics with their largest values cut down stand beside the plain ones; "
                    "capped copies are adjusted on their own.")  # fmt: skip
    return " ".join([*notes, f"Tests: {list_of(methods)}."])
