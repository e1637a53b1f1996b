"""How large an effect an experiment could detect, in the words of the dock and of the pairs."""

from backlog.templatetags.figures import number, percent
from experiments.models import Experiment


def unit_of(test: Experiment) -> str:
    """The kind of its primary metric."""
    rows = getattr(test, "primaries", None)
    primary = rows[0] if rows else test.primary
    return primary.metric.kind if primary else "proportion"


def size_words(points: float | None, lift: float | None, kind: str) -> str:
    """In points for a proportion, else as a lift."""
    if kind == "proportion" and points is not None:
        return f"{number(points * 100, 2 if points < 0.01 else 1)} points"
    return percent(lift) if lift is not None else "nothing"
