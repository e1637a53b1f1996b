"""What the evidence says in one sentence, made here and nowhere else. Pure."""

from __future__ import annotations

from experiments.learning.evidence import Evidence, EvidenceState
from experiments.learning.grading import GradeCode
from experiments.learning.scopes import Scope
from experiments.stats.sizes import ranged

SPACE = "\N{NO-BREAK SPACE}"


def lift_text(lift: float | None, low: float | None, high: float | None) -> str:
    """A lift with its interval, as it is shown everywhere.

    Args:
        lift, low, high: as fractions; None where there is none.

    Returns:
        Text; a dash without a lift.

    Raises:
        Nothing.

    Source: none.

    >>> lift_text(0.008, -0.004, 0.021).replace(SPACE, " ")
    '+0.8 % (−0.4 to 2.1)'
    """
    if lift is None:
        return "–"
    return ranged(lift, low, high, scale=100, unit="percent").replace(" %", f"{SPACE}%")


def about(scope: Scope) -> str:
    """What the experiments are about, such as “on “subject line” in e-mail”.

    Args:
        scope: its metric is not named.

    Returns:
        Text that goes after “experiments”; "" for an empty scope.

    Raises:
        Nothing.

    Source: none.

    >>> about(Scope("subject line", "e-mail", "Lapsed"))
    ' on “subject line” in “e-mail” with “Lapsed”'
    """
    parts = (("on", scope.lever), ("in", scope.channel), ("with", scope.segment))
    return "".join(f" {word} “{name}”" for word, name in parts if name)


def evidence_sentence(evidence: Evidence, scope: Scope, *, measured: Evidence | None = None) -> str:
    """What past experiments say, for somebody who writes, scores or promotes an idea.

    Args:
        evidence: of all experiments in the scope, for the share that won.
        scope: what they are about; its metric is the one of `measured`.
        measured: of those with that metric, for the pooled lift; None if it is the same.

    Returns:
        One or two sentences.

    Raises:
        Nothing.

    Source: none.

    >>> evidence_sentence(Evidence(EvidenceState.NONE, 0), Scope("price"))
    'No evidence yet: no experiment on “price” has been decided.'
    """
    if evidence.state == EvidenceState.NONE:
        return f"No evidence yet: no experiment{about(scope)} has been decided."
    count = "One experiment" if evidence.trials == 1 else f"{evidence.trials} experiments"
    return (
        f"{count}{about(scope)}: {_won(evidence)}. {_lift(evidence, measured or evidence, scope)}"
    )


def _won(evidence: Evidence) -> str:
    if evidence.trials == 1:
        return "it won" if evidence.won else "it did not win"
    share = evidence.share_won or 0.0
    low, high = evidence.share_low or 0.0, evidence.share_high or 1.0
    return f"{share:.0%} won ({low:.0%} to {high:.0%})".replace("%", f"{SPACE}%")


def _lift(evidence: Evidence, measured: Evidence, scope: Scope) -> str:
    if measured.lift is None:
        return "There is no lift to pool." if evidence.trials > 1 else "Its lift is not known."
    text = lift_text(measured.lift, measured.low, measured.high)
    if evidence.trials == 1:
        return f"Its lift of “{scope.metric}”: {text}."
    rows = len(measured.rows)
    if rows == 1:
        return f"The one lift of “{scope.metric}”: {text}."
    some = "" if rows == evidence.trials else f" from {rows} of them"
    return f"Pooled lift of “{scope.metric}”{some}: {text}."


GRADES = {
    GradeCode.NONE: ("No evidence", "No experiment stands behind it."),
    GradeCode.WORDS_ONLY: ("Outcome only", "Only the outcome is known, and no lift."),
    GradeCode.CONTRADICTED: (
        "Contradicted",
        "Two experiments clearly show different things, and their intervals have no lift in common.",
    ),
    GradeCode.WIDE: ("Measured, wide", "Measured, and no direction is clear."),
    GradeCode.ONE_CLEAR: (
        "One experiment, clear",
        "The interval of one experiment excludes zero, or lies within what is too small to matter. No other points the same way.",
    ),
    GradeCode.REPEATED: (
        "Repeated",
        "One experiment is clear and another points the same way, but together they are not clear.",
    ),
    GradeCode.REPLICATED: (
        "Replicated",
        "At least two experiments point the same way, and their pooled interval excludes zero, or lies within what is too small to matter.",
    ),
}
"""The name of each grade, and its rule in words."""

AS_ENTERED = ("As entered", "Somebody typed this grade before Floe worked grades out.")
