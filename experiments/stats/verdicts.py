"""From a sealed rule and what was measured to one of seven verdicts: a pure function of both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

from .balance import Balance
from .codes import Code, WhyNot
from .facts import Fact
from .judging import Arm, Finding, Rule, judge_arms
from .sentences import head_of, reasons_of, sentence_of

Outcome: TypeAlias = Literal[
    "fix-data", "no-data", "keep-running", "ship", "roll-back", "no-difference", "cannot-tell"
]
OUTCOMES: Final[tuple[Outcome, ...]] = get_args(Outcome)


@dataclass(frozen=True)
class Verdict:
    """An `outcome` with the `facts` that it rests on; what it says is made of those.

    `control` is the control's name, `days_left` those to the planned end where they are known.
    `variant` is the treatment that it names, if it names one, and `subject` what its sentence is
    about: the effect that counts most, or how many units there are.
    """

    outcome: Outcome
    control: str = ""
    variant: str | None = None
    subject: Fact | None = None
    facts: tuple[Fact, ...] = ()
    days_left: float | None = None

    @property
    def head(self) -> str:
        """An order in a few words."""
        return head_of(self)

    @property
    def sentence(self) -> str:
        """The size and range of the effect in plain words."""
        return sentence_of(self)

    @property
    def reasons(self) -> tuple[str, ...]:
        """One sentence for each fact."""
        return reasons_of(self)


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
        rule: what the sealed plan says about deciding.
        primary: each primary metric of each treatment.
        guardrails: each guardrail of each treatment.
        balance: the sample ratio, where it is known.
        problems: sentences about data that must be mended before anything is read.
        units: seen so far, all arms together.
        days_left: until the planned end, where it is known.
        is_past_end: the planned end has come, or the planned units.

    Returns:
        An outcome with the facts that it rests on.

    Raises:
        Nothing.

    Source: the rule that a plan seals, `docs/statistics.md`.

    >>> from .comparing import compare
    >>> from .samples import Proportion
    >>> from .sizes import Words
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
        return _fix_data(rule, balance, problems)
    if units <= 0 or not any(_has_data(finding) for finding in primary):
        return Verdict("no-data", rule.control, subject=Fact(code=Code.NO_UNITS_YET))
    if not rule.is_sequential and not is_past_end:
        return _keep_running(rule, units, days_left)
    arms = judge_arms(rule, primary, guardrails)
    decided = _decided(rule, arms)
    if decided or is_past_end:
        return decided or _undecided(rule, arms, units)
    return _keep_running(rule, units, days_left, arms)


def _has_data(finding: Finding) -> bool:
    return finding.effect.why_not not in (WhyNot.NO_UNITS, WhyNot.TOO_FEW_UNITS)


def _fix_data(rule: Rule, balance: Balance | None, problems: Sequence[str]) -> Verdict:
    facts = [Fact(code=Code.DATA_PROBLEM, text=problem) for problem in problems]
    if balance is not None and balance.is_mismatch:
        facts[:0] = [
            Fact(code=Code.SAMPLE_RATIO_MISMATCH, observed=balance.observed,
                 expected=balance.expected),
            Fact(code=Code.OFF_THE_PLAN, sample_ratio=balance.code,
                 deviation=balance.max_deviation),
        ]  # fmt: skip
    return Verdict("fix-data", rule.control, subject=facts[0], facts=tuple(facts[1:]))


def _keep_running(
    rule: Rule, units: float, days_left: float | None, arms: Sequence[Arm] = ()
) -> Verdict:
    code = Code.NOTHING_CLEAR_YET if arms else Code.UNITS_SO_FAR
    so_far = Fact(code=code, units=units, planned=rule.planned_units or None)
    return Verdict(
        "keep-running", rule.control, subject=so_far, facts=_facts(rule, arms), days_left=days_left
    )


def _decided(rule: Rule, arms: Sequence[Arm]) -> Verdict | None:
    winners = [arm for arm in arms if arm.is_winner]
    if winners:
        best = max(winners, key=lambda arm: arm.findings[0].gain)
        others = [arm for arm in arms if arm is not best]
        return _verdict("ship", rule, best.lead, [best, *others], variant=best.variant)
    if all(arm.is_loser for arm in arms):
        variant = arms[0].variant if len(arms) == 1 else None
        return _verdict("roll-back", rule, arms[0].lead, arms, variant=variant)
    return None


def _undecided(rule: Rule, arms: Sequence[Arm], units: float) -> Verdict:
    open_arms = [arm for arm in arms if not arm.is_loser]
    lead = open_arms[0].lead
    if all(arm.is_too_small_to_matter for arm in open_arms):
        return _verdict("no-difference", rule, lead, arms)
    short = []
    if units < rule.planned_units:
        short = [Fact(code=Code.FEWER_UNITS_THAN_PLANNED, units=units, planned=rule.planned_units)]
    return _verdict("cannot-tell", rule, lead, arms, *short)


def _verdict(
    outcome: Outcome, rule: Rule, lead: Finding, arms: Sequence[Arm], *more: Fact,
    variant: str | None = None,
) -> Verdict:  # fmt: skip
    code = next(code for arm in arms for finding, code in _codes(arm) if finding is lead)
    subject = _fact(rule, lead, code)
    return Verdict(outcome, rule.control, variant, subject, (*_facts(rule, arms), *more))


def _facts(rule: Rule, arms: Sequence[Arm]) -> tuple[Fact, ...]:
    return tuple(_fact(rule, finding, code) for arm in arms for finding, code in _codes(arm))


def _codes(arm: Arm) -> list[tuple[Finding, Code]]:
    """Each metric of an arm: what is clear, then guardrails, then doubts."""
    clear = (*arm.better, *arm.worse)
    return [
        *((finding, Code.BETTER) for finding in arm.better),
        *((finding, Code.WORSE) for finding in arm.worse),
        *((finding, Code.WITHIN_MARGIN if finding.margin else Code.NOT_CLEARLY_WORSE)
          for finding in arm.guarded),
        *((finding, Code.WORSE_THAN_ALLOWED) for finding in arm.broken),
        *((finding, Code.MAY_BE_WORSE_THAN_ALLOWED) for finding in arm.in_doubt),
        *((finding, _doubt(finding)) for finding in arm.findings if finding not in clear),
    ]  # fmt: skip


def _doubt(finding: Finding) -> Code:
    if finding.effect.p_value is None:
        return Code.NOT_COMPUTED
    return Code.TOO_SMALL_TO_MATTER if finding.is_too_small_to_matter else Code.NOT_CLEAR


def _fact(rule: Rule, finding: Finding, code: Code) -> Fact:
    effect, words = finding.effect, finding.words
    return Fact(
        code=code, metric=words.metric, kind=words.kind, counted=words.units, did=words.did,
        variant=finding.variant, control=rule.control, treatment_value=finding.treatment_value,
        control_value=finding.control_value, difference=effect.difference, low=effect.low,
        high=effect.high, margin=finding.margin, smallest=finding.smallest_effect,
        why_not=effect.why_not,
    )  # fmt: skip
