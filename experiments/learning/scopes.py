"""What a claim or an experiment is about: lever, channel, segment and metric. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import astuple, dataclass


@dataclass(frozen=True)
class Scope:
    """An empty part stands for any.

    `lever`: what is changed. `channel`: where. `segment`: for whom. `metric`: what is measured.
    """

    lever: str = ""
    channel: str = ""
    segment: str = ""
    metric: str = ""

    @property
    def folded(self) -> tuple[str, ...]:
        """The four parts as they are compared."""
        return tuple(fold(part) for part in astuple(self))

    def covers(self, other: Scope) -> bool:
        """Whether everything in `other` is in this scope as well.

        >>> Scope("Subject line").covers(Scope("subject  line", "e-mail", metric="Opened"))
        True
        >>> Scope("Subject line", "push").covers(Scope("subject line", "e-mail"))
        False
        """
        return all(
            not mine or mine == theirs
            for mine, theirs in zip(self.folded, other.folded, strict=True)
        )


def fold(text: str) -> str:
    """Two spellings of one name become the same text.

    Args:
        text: as people typed it.

    Returns:
        Without capitals and needless spaces.

    Raises:
        Nothing.

    Source: Unicode case folding.

    >>> fold("  Subject   LINE")
    'subject line'
    """
    return " ".join(text.split()).casefold()


def leading_metric(metrics: Iterable[str], wanted: str = "") -> str:
    """The metric whose lifts are pooled, because lifts of several metrics can’t be.

    Args:
        metrics: of the experiments, one name each; empty where there is none.
        wanted: text that may name one of them, such as what an idea is to move.

    Returns:
        The longest name within `wanted`, else the most frequent one; "" without any.

    Raises:
        Nothing.

    Source: Floe’s own rule.

    >>> leading_metric(["Opened", "Opened", "Reactivated"], "the share reactivated within a week")
    'Reactivated'
    >>> leading_metric(["Opened", "Reactivated", "Opened"])
    'Opened'
    """
    known = Counter(metric for metric in metrics if metric)
    named = [metric for metric in known if fold(metric) in fold(wanted)]
    if named:
        return max(named, key=lambda metric: (len(metric), metric))
    return max(known, key=lambda metric: (known[metric], metric), default="")
