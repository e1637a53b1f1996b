"""From a sealed rule and what was measured to one of seven verdicts: a pure function of both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

from .balance import Balance
from .judging import Arm, Finding, Rule, judge_arms
from .wording import change, list_of, say, shares, size

Outcome: TypeAlias = Literal[
    "fix-data", "no-data", "keep-running", "ship", "roll-back", "no-difference", "cannot-tell"
]
OUTCOMES: Final[tuple[Outcome, ...]] = get_args(Outcome)


@dataclass(frozen=True)
class Verdict:
    """`head` is an order in a few words; `sentence` the size and range of the effect in plain
    words; `reasons` one sentence each; `variant` the treatment that it names, if it names one."""

    outcome: Outcome
    head: str
    sentence: str
    reasons: tuple[str, ...] = ()
    variant: str | None = None


def verdict(
    rule: Rule,
    *,
    primary: Sequence[Finding],
    guardrails: Sequence[Finding] = (),
    balance: Balance | None = None,
    problems: Sequence[str] = (),
    units: float,
    days_left: float | None = None,
    is_past_end: bool,
) -> Verdict:
    """What the rule says of the data, in this order.

    Fix the data (a sample-ratio mismatch, or `problems`). No data. Days to go: a fixed plan
    before its end, and nothing of the results. Ship: a primary metric clearly better after
    Holm's adjustment, none clearly worse, every guardrail within its margin. Roll back: every
    treatment has a primary metric or a guardrail that is clearly worse. Then, at the end, no
    difference that matters, or cannot tell.

    Args:
        problems: sentences about data that must be mended before anything is read.
        units: seen so far, all arms together.
        days_left: until the planned end, where it is known.

    >>> from .comparing import compare
    >>> from .samples import Proportion
    >>> from .wording import Words
    >>> gates = compare(Proportion(44700, 8502), Proportion(45489, 8279))
    >>> found = Finding("Gate at 40", Words("Day 7", units="players", did="came back"), gates)
    >>> rule = Rule(control="Gate at 30", planned_units=90000)
    >>> answer = verdict(rule, primary=[found], units=90189, is_past_end=True)
    >>> answer.outcome, answer.head
    ('roll-back', 'Keep “Gate at 30”.')
    >>> answer.sentence
    'Of every 100 players, about 1 fewer came back. It could be 0.3 to 1.3 fewer.'
    """
    if problems or (balance is not None and balance.is_mismatch):
        return _fix_data(balance, problems)
    if units <= 0 or not any(_has_data(finding) for finding in primary):
        return Verdict("no-data", "No data yet.", "Nothing can be read before units are in.")
    if not rule.is_sequential and not is_past_end:
        return _keep_running(rule, units, days_left)
    arms = judge_arms(rule, primary, guardrails)
    decided = _decided(rule, arms)
    if decided or is_past_end:
        return decided or _undecided(rule, arms, units)
    return _keep_running(rule, units, days_left, arms)


def _decided(rule: Rule, arms: Sequence[Arm]) -> Verdict | None:
    winners = [arm for arm in arms if arm.is_winner]
    if winners:
        return _ship(rule, max(winners, key=lambda arm: arm.findings[0].gain), arms)
    return _roll_back(rule, arms) if all(arm.is_loser for arm in arms) else None


def _has_data(finding: Finding) -> bool:
    return finding.effect.why_not not in ("no-units", "too-few-units")


def _fix_data(balance: Balance | None, problems: Sequence[str]) -> Verdict:
    reasons = list(problems)
    if balance is not None and balance.is_mismatch:
        seen, planned = (
            list_of([f"{value:,.0f}" for value in values])
            for values in (balance.observed, balance.expected)
        )
        reasons.insert(0, f"The arms hold {seen} units; planned were {planned}.")
        reasons.insert(1, balance.explanation)
    return Verdict("fix-data", "Fix the data first.", reasons[0], tuple(reasons[1:]))


def _keep_running(
    rule: Rule, units: float, days_left: float | None, arms: Sequence[Arm] = ()
) -> Verdict:
    head = "Keep it running."
    if days_left is not None and days_left > 0:
        days = max(1, round(days_left))
        head = f"About {days} {'day' if days == 1 else 'days'} to go."
    sentence = f"{units:,.0f} units are in."
    if rule.planned_units > 0:
        sentence = f"{units:,.0f} of {rule.planned_units:,.0f} planned units are in."
    if arms:
        sentence += " Nothing is clear enough yet to decide on."
    return Verdict("keep-running", head, sentence, _reasons(rule, arms))


def _ship(rule: Rule, best: Arm, arms: Sequence[Arm]) -> Verdict:
    others = [arm for arm in arms if arm is not best]
    return Verdict(
        "ship",
        f"Ship “{best.variant}”.",
        say(best.lead.effect, best.lead.words),
        _reasons(rule, [best, *others]),
        best.variant,
    )


def _roll_back(rule: Rule, arms: Sequence[Arm]) -> Verdict:
    lead = arms[0].lead
    return Verdict(
        "roll-back",
        f"Keep “{rule.control}”.",
        say(lead.effect, lead.words),
        _reasons(rule, arms),
        arms[0].variant if len(arms) == 1 else None,
    )


def _undecided(rule: Rule, arms: Sequence[Arm], units: float) -> Verdict:
    open_arms = [arm for arm in arms if not arm.is_loser]
    lead = open_arms[0].lead
    reasons = _reasons(rule, arms)
    if all(arm.is_too_small_to_matter for arm in open_arms):
        return Verdict(
            "no-difference", "No difference that matters.", say(lead.effect, lead.words), reasons
        )
    if units < rule.planned_units:
        short = f"Fewer units came than planned: {units:,.0f} of {rule.planned_units:,.0f}."
        reasons = (*reasons, short)
    return Verdict("cannot-tell", "Cannot tell.", say(lead.effect, lead.words), reasons)


def _reasons(rule: Rule, arms: Sequence[Arm]) -> tuple[str, ...]:
    return tuple(sentence for arm in arms for sentence in _reasons_of(rule, arm, len(arms) > 1))


def _reasons_of(rule: Rule, arm: Arm, has_others: bool) -> list[str]:
    """One sentence for each metric of an arm: what is clear, then guardrails, then doubts."""
    where = f" in “{arm.variant}”" if has_others else ""
    told = [
        *((f, "is better") for f in arm.better),
        *((f, "is worse") for f in arm.worse),
        *(
            (f, "stays within its margin" if f.margin else "is not clearly worse")
            for f in arm.guarded
        ),
        *((f, "is worse than allowed") for f in arm.broken),
        *((f, "may be worse than allowed") for f in arm.in_doubt),
    ]
    said = [f"“{f.words.metric}” {what}{where}: {_measured(f)}." for f, what in told]
    clear = (*arm.better, *arm.worse)
    return said + [_doubt(rule, f, where) for f in arm.findings if f not in clear]


def _doubt(rule: Rule, finding: Finding, where: str) -> str:
    name = f"“{finding.words.metric}”"
    if finding.effect.p_value is None:
        return f"{name}{where}: {finding.effect.explanation}"
    if finding.is_too_small_to_matter:
        limit = size(finding.smallest_effect or 0.0, finding.words)
        return (
            f"{name} differs by less than {limit}, the smallest that matters{where}: "
            f"{_measured(finding)}."
        )
    return (
        f"{name} of “{finding.variant}” cannot be told from that of “{rule.control}”: "
        f"{_measured(finding)}."
    )


def _measured(finding: Finding) -> str:
    values = shares(finding.treatment_value, finding.control_value, finding.words)
    text = ", ".join(part for part in (values, change(finding.effect, finding.words)) if part)
    if finding.margin:
        text += f", {size(finding.margin, finding.words)} allowed"
    return text
