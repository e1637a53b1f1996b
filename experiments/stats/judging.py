"""What each arm's findings amount to under a sealed rule: better, worse, guarded or in doubt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .codes import State
from .effect import Effect
from .multiplicity import adjust_pvalues
from .sizes import Words
from .tails import ALPHA


@dataclass(frozen=True)
class Rule:
    """What the sealed plan says about deciding.

    `control` is the control's name; `planned_units` counts all arms together. A plan that
    `is_sequential` may be read at any time, because its effects are confidence sequences; any other only at its planned end. `alpha` is the error that
    primary metrics are allowed; guardrails are allowed the same where `guardrail_alpha` is None.
    `tells_shortfall`: that fewer units came than planned is told beside “ship” too.
    """

    control: str
    planned_units: float
    is_sequential: bool = False
    alpha: float = ALPHA
    guardrail_alpha: float | None = None
    tells_shortfall: bool = True


@dataclass(frozen=True)
class Unmeasured:
    """A `metric` that the rule decides by, of which the data say nothing in a treatment, the `variant`:
    no unit has a value there, or none in the control. `role` is "primary" or "guardrail"."""

    metric: str
    role: str
    variant: str


@dataclass(frozen=True)
class Finding:
    """One metric of one treatment, the `variant`, compared with the control.

    `words` say how the metric is spoken of, `is_increase_good` which way it is to go;
    `control_value` and `treatment_value` are the arms' own values. For a primary metric `effect` is two-sided (or a confidence sequence). A guardrail's may also
    be `compare(..., alternative="greater" if an increase is good else "less", margin=margin)`.
    `smallest_effect` and `margin` are differences in the metric's own unit (0.01 is one point of
    a proportion). A guardrail without a margin holds unless it is clearly worse.
    """

    variant: str
    words: Words
    effect: Effect
    is_increase_good: bool = True
    control_value: float | None = None
    treatment_value: float | None = None
    smallest_effect: float | None = None
    margin: float | None = None

    @property
    def gain(self) -> float:
        """The difference, turned so that more is better; 0 where there is none."""
        difference = self.effect.difference or 0.0
        return difference if self.is_increase_good else -difference

    @property
    def worst(self) -> float | None:
        """The bad end of the interval, turned so that more is better."""
        end: float | None = self.effect.low if self.is_increase_good else self.effect.high
        return end if end is None or self.is_increase_good else -end

    @property
    def best(self) -> float | None:
        """The good end of the interval, turned so that more is better."""
        end: float | None = self.effect.high if self.is_increase_good else self.effect.low
        return end if end is None or self.is_increase_good else -end

    @property
    def is_too_small_to_matter(self) -> bool:
        """The interval lies within ± the smallest effect that matters."""
        ends = self.worst, self.best
        if not self.smallest_effect or None in ends:
            return False
        return all(abs(end) <= self.smallest_effect for end in ends if end is not None)


@dataclass(frozen=True)
class Arm:
    """One treatment: its primary findings, then what each of its metrics amounts to."""

    variant: str
    findings: tuple[Finding, ...]
    better: tuple[Finding, ...]
    worse: tuple[Finding, ...]
    guarded: tuple[Finding, ...]
    broken: tuple[Finding, ...]
    in_doubt: tuple[Finding, ...]

    @property
    def is_winner(self) -> bool:
        return bool(self.better) and not (self.worse or self.broken or self.in_doubt)

    @property
    def is_loser(self) -> bool:
        return bool(self.worse or self.broken)

    @property
    def is_too_small_to_matter(self) -> bool:
        return not self.is_loser and all(f.is_too_small_to_matter for f in self.findings)

    @property
    def lead(self) -> Finding:
        """The finding to speak of first."""
        return (self.worse or self.broken or self.better or self.findings)[0]


def judge_arms(
    rule: Rule, primary: Sequence[Finding], guardrails: Sequence[Finding]
) -> tuple[Arm, ...]:
    """Each treatment in the order given. Primary metrics × arms are Holm-adjusted together;
    a metric is clear where the adjusted p is at most the rule's alpha."""
    adjusted = adjust_pvalues([finding.effect.p_value for finding in primary], method="holm")
    clear = [f for f, p in zip(primary, adjusted, strict=True) if p <= rule.alpha]
    allowed = rule.alpha if rule.guardrail_alpha is None else rule.guardrail_alpha
    states = [(f, guardrail_state(f, allowed)) for f in guardrails]
    arms = []
    for variant in dict.fromkeys(finding.variant for finding in primary):
        own = [f for f in clear if f.variant == variant]
        guards = [(f, state) for f, state in states if f.variant == variant]
        arms.append(
            Arm(
                variant,
                findings=tuple(f for f in primary if f.variant == variant),
                better=tuple(f for f in own if f.gain > 0),
                worse=tuple(f for f in own if f.gain < 0),
                guarded=tuple(f for f, state in guards if state is State.WITHIN),
                broken=tuple(f for f, state in guards if state is State.BEYOND),
                in_doubt=tuple(f for f, state in guards if state is State.IN_DOUBT),
            )
        )
    return tuple(arms)


def guardrail_state(finding: Finding, alpha: float) -> State:
    """Whether a guardrail stays within its margin, is worse than that, or may be.

    A one-sided effect is read by its p (that of the margin), a two-sided one by its interval.

    >>> from .comparing import compare
    >>> from .samples import Proportion
    >>> rare = compare(Proportion(5000, 20), Proportion(5000, 21), alternative="less", margin=0.005)
    >>> guardrail_state(Finding("B", Words("Unsubscribed"), rare, False, margin=0.005), 0.05)
    'within'
    """
    margin = finding.margin or 0.0
    if finding.worst is None and finding.best is None:
        is_known = finding.effect.difference is not None
        return State.WITHIN if is_known and finding.gain >= 0 else State.IN_DOUBT
    p = finding.effect.p_value
    if finding.best is None and p is not None:
        is_worse, is_within = p >= 1 - alpha, p <= alpha
    else:
        is_worse = finding.best is not None and finding.best < -margin
        is_within = finding.worst is not None and finding.worst >= -margin
    if is_worse:
        return State.BEYOND
    return State.WITHIN if is_within or not margin else State.IN_DOUBT
