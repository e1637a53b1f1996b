"""From a sealed rule and what was measured to one of seven verdicts: a pure function of both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias, get_args

from .balance import Balance
from .codes import Code, WhyNot
from .facts import Fact
from .judging import Arm, Finding, Rule, Unmeasured, judge_arms
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
    unmeasured: Sequence[Unmeasured] = (),
    waiting: Sequence[Fact] = (),
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
        unmeasured: those of them that the data say nothing of. What is not known can't be fine:
            instead of ship and no difference, it can't be told.
        waiting: a fact for each metric whose outcomes are not complete yet; nothing is decided then.
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
    >>> finding = Finding("Gate at 40", Words("Day 7", units="players", did="came back"), gates)
    >>> rule = Rule(control="Gate at 30", planned_units=90000)
    >>> answer = verdict(rule, primary=[finding], units=90189, is_past_end=True)
    >>> answer.outcome, answer.head
    ('roll-back', 'Keep “Gate at 30”.')
    >>> answer.sentence
    'Of every 1,000 players in “Gate at 40”, about 8 fewer came back. It could be 3 to 13 fewer.'
    """
    if problems or (balance is not None and balance.is_mismatch):
        return _fix_data(rule, balance, problems)
    has_data = any(_has_data(finding) for finding in primary)
    if units <= 0 or not (has_data or unmeasured):
        return Verdict("no-data", rule.control, subject=Fact(code=Code.NO_UNITS_YET))
    may_decide = (rule.is_sequential or is_past_end) and not waiting
    arms = judge_arms(rule, primary, guardrails)
    if not may_decide:
        shown = arms if rule.is_sequential else ()
        return _keep_running(rule, units, days_left, shown, waiting)
    return _judged(rule, arms, unmeasured, units, days_left, is_past_end=is_past_end)


def _judged(
    rule: Rule, arms: Sequence[Arm], unmeasured: Sequence[Unmeasured], units: float,
    days_left: float | None, *, is_past_end: bool,
) -> Verdict:  # fmt: skip
    """What the rule says where it may speak."""
    if not arms:
        missing = _unmeasured(unmeasured)
        return Verdict("cannot-tell", rule.control, subject=missing[0], facts=missing)
    judged = _decided(rule, arms, units, is_past_end=is_past_end)
    if judged is None and not is_past_end:
        running = _keep_running(rule, units, days_left, arms)
        return replace(running, facts=(*running.facts, *_unmeasured(unmeasured)))
    return _with_unmeasured(judged or _undecided(rule, arms, units), unmeasured)


def _with_unmeasured(judged: Verdict, unmeasured: Sequence[Unmeasured]) -> Verdict:
    """A guardrail that nobody measured is not fine: only what is clearly worse stands without it, and
    what is shipped needs its own arm’s measurements."""
    missing = _unmeasured(unmeasured)
    blocking = [one for one in unmeasured if judged.variant in (None, one.variant)]
    if not blocking or judged.outcome == "roll-back":
        return replace(judged, facts=(*judged.facts, *missing))
    return replace(judged, outcome="cannot-tell", variant=None, facts=(*missing, *judged.facts))


def _unmeasured(unmeasured: Sequence[Unmeasured]) -> tuple[Fact, ...]:
    """One fact for each metric, or for each arm that lacks it where others have it."""
    return tuple(
        Fact(code=Code.NOT_MEASURED, metric=one.metric, variant=one.variant) for one in unmeasured
    )


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
    rule: Rule, units: float, days_left: float | None, arms: Sequence[Arm] = (),
    waiting: Sequence[Fact] = (),
) -> Verdict:  # fmt: skip
    code = Code.NOTHING_CLEAR_YET if arms and not waiting else Code.UNITS_SO_FAR
    so_far = Fact(code=code, units=units, planned=rule.planned_units or None)
    facts = (*waiting, *_facts(rule, arms))
    return Verdict("keep-running", rule.control, subject=so_far, facts=facts, days_left=days_left)


def _decided(rule: Rule, arms: Sequence[Arm], units: float, *, is_past_end: bool) -> Verdict | None:
    winners = [arm for arm in arms if arm.is_winner]
    if winners:
        best = max(winners, key=lambda arm: arm.findings[0].gain)
        others = [arm for arm in arms if arm is not best]
        short = _shortfall(rule, units) if is_past_end and rule.tells_shortfall else []
        return _verdict("ship", rule, best.lead, [best, *others], *short, variant=best.variant)
    if all(arm.is_loser for arm in arms):
        variant = arms[0].variant if len(arms) == 1 else None
        return _verdict("roll-back", rule, arms[0].lead, arms, variant=variant)
    return None


def _undecided(rule: Rule, arms: Sequence[Arm], units: float) -> Verdict:
    open_arms = [arm for arm in arms if not arm.is_loser]
    lead = open_arms[0].lead
    if all(arm.is_too_small_to_matter for arm in open_arms):
        return _verdict("no-difference", rule, lead, arms)
    return _verdict("cannot-tell", rule, lead, arms, *_shortfall(rule, units))


def _shortfall(rule: Rule, units: float) -> list[Fact]:
    if units >= rule.planned_units:
        return []
    return [Fact(code=Code.FEWER_UNITS_THAN_PLANNED, units=units, planned=rule.planned_units)]


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
