"""Credit that a touch model gives to a channel, held against what experiments measured there. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from experiments.learning.evidence import Evidence


class TouchModel(StrEnum):
    """How a touch model gives its credit.

    `FIRST` and `LAST`: all of it to one contact. `OTHER`: by any other rule, such as in equal parts.
    None of them compares people with others who were not reached.
    """

    FIRST = "first-touch"
    LAST = "last-touch"
    OTHER = "other"


class CreditVerdict(StrEnum):
    """What the experiments say of a credit.

    `CONFIRMED`: the pooled lift is above zero with its whole interval. `NOT_CONFIRMED`: it is not, or
    lies below zero. `NO_TEST`: no decided experiment measured this metric here with a lift.
    """

    CONFIRMED = "confirmed"
    NOT_CONFIRMED = "not-confirmed"
    NO_TEST = "no-test"


@dataclass(frozen=True)
class CreditCheck:
    """What experiments confirm in one segment and channel.

    `verdict`: what they say. `tests`: decided experiments with a lift. `lift` with `low` and `high`:
    pooled, None where there is none or an end is open. `share` from `share_low` to `share_high`: the part
    of the conversions of people who were reached that would not have happened with what the control got;
    None without an experiment.
    """

    verdict: CreditVerdict
    tests: int = 0
    lift: float | None = None
    low: float | None = None
    high: float | None = None
    share: float | None = None
    share_low: float | None = None
    share_high: float | None = None

    @property
    def is_harm(self) -> bool:
        """Whether the whole interval lies below zero."""
        return self.high is not None and self.high < 0


class Confirmed(NamedTuple):
    """Conversions out of the credited ones that the experiments confirm, with their interval."""

    value: float
    low: float
    high: float


def incremental_share(lift: float) -> float:
    """The part of the treated people’s conversions that the treatment caused.

    Args:
        lift: of treated over control, as a fraction above −1.

    Returns:
        A fraction under 1; negative where the treatment cost conversions.

    Raises:
        ValueError: a lift of −1 or less.

    Source: the attributable fraction among the exposed, (RR − 1)/RR: Greenland & Robins 1988 Am J
    Epidemiol 128:1185, equation 1.

    >>> incremental_share(0.25), incremental_share(0.0)
    (0.2, 0.0)
    """
    if lift <= -1:
        raise ValueError("a lift of −1 or less leaves no conversions")
    return lift / (1 + lift)


def check_credit(evidence: Evidence) -> CreditCheck:
    """Whether experiments confirm that a channel brings conversions in a segment.

    The touch model plays no part: the answer is the same for first touch, last touch and any other.

    Args:
        evidence: pooled over the experiments in this segment and channel on the metric that was
            credited, of which more is better.

    Returns:
        The verdict with the pooled lift and the share it amounts to.

    Raises:
        Nothing.

    Source: Floe’s own rule. That touch models and experiments disagree, and by how much: Gordon,
    Zettelmeyer, Bhargava & Chapsky 2019 Marketing Sci 38:193.

    >>> from experiments.learning.evidence import EvidenceState
    >>> check = check_credit(Evidence(EvidenceState.POOLED, 4, lift=0.25, low=0.1, high=0.42))
    >>> str(check.verdict), check.share, round(check.share_low, 3)
    ('confirmed', 0.2, 0.091)
    >>> wide = check_credit(Evidence(EvidenceState.POOLED, 4, lift=0.05, low=-0.1, high=0.2))
    >>> str(wide.verdict), str(check_credit(Evidence(EvidenceState.NONE, 0)).verdict)
    ('not-confirmed', 'no-test')
    """
    lift = evidence.lift
    tests = evidence.trials - evidence.words_only
    if lift is None or not lift > -1:
        return CreditCheck(CreditVerdict.NO_TEST, tests)
    is_clear = evidence.low is not None and evidence.low > 0
    return CreditCheck(
        CreditVerdict.CONFIRMED if is_clear else CreditVerdict.NOT_CONFIRMED,
        tests,
        lift,
        evidence.low,
        evidence.high,
        incremental_share(lift),
        None if evidence.low is None or evidence.low <= -1 else incremental_share(evidence.low),
        1.0 if evidence.high is None else incremental_share(evidence.high),
    )


def confirmed_conversions(credited: float, check: CreditCheck) -> Confirmed | None:
    """How many of the credited conversions the experiments confirm.

    Right as far as credited conversions are like those of everybody who was reached, and the channel
    does now what it did in the experiments.

    Args:
        credited: conversions by the touch model, 0 or more.
        check: of the same segment, channel and metric.

    Returns:
        None unless the credit is confirmed: nothing is confirmed by an interval that holds zero.

    Raises:
        ValueError: a negative number.

    Source: `incremental_share`.

    >>> check = CreditCheck(CreditVerdict.CONFIRMED, 4, 0.25, 0.1, 0.42, 0.2, 0.09, 0.3)
    >>> confirmed_conversions(1000, check)
    Confirmed(value=200.0, low=90.0, high=300.0)
    """
    if not credited >= 0:
        raise ValueError("credited conversions are 0 or more")
    if check.verdict != CreditVerdict.CONFIRMED:
        return None
    share, low, high = check.share or 0.0, check.share_low or 0.0, check.share_high or 0.0
    return Confirmed(credited * share, credited * low, credited * high)


@dataclass(frozen=True)
class CreditSum:
    """How much of what one touch model credits stands on what: sums of credited conversions.

    `credited`: all of them. `confirmed`, `not_confirmed` and `no_test`: the parts by their verdict.
    """

    credited: float
    confirmed: float
    not_confirmed: float
    no_test: float


def sum_credit(rows: Iterable[tuple[float, CreditCheck]]) -> CreditSum:
    """The credit of one touch model by verdict.

    Args:
        rows: credited conversions with their check, of one model.

    Returns:
        Sums; the three parts add up to `credited`.

    Raises:
        Nothing.

    Source: none.

    >>> sum_credit([(30, CreditCheck(CreditVerdict.NO_TEST)), (10, CreditCheck(CreditVerdict.CONFIRMED))])
    CreditSum(credited=40, confirmed=10, not_confirmed=0, no_test=30)
    """
    parts: dict[CreditVerdict, float] = dict.fromkeys(CreditVerdict, 0)
    for credited, check in rows:
        parts[check.verdict] += credited
    return CreditSum(
        sum(parts.values()), parts[CreditVerdict.CONFIRMED], parts[CreditVerdict.NOT_CONFIRMED],
        parts[CreditVerdict.NO_TEST],
    )  # fmt: skip
