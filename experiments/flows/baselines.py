"""Where a metric stands, learnt from the control arms of tests that were decided."""

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from django.utils import timezone

from backlog.models import User
from experiments.models import Experiment, Metric, Observation
from experiments.stats import Proportion, Ratio

# A test that still runs is left out: its plan may be read only at its end.
DECIDED = (Experiment.State.DECIDED, Experiment.State.CLOSED)
NOT_OLDER_THAN = dt.timedelta(days=550)
MOST_TESTS = 6


class Learnt(NamedTuple):
    """Mean and standard deviation in the metric's unit, over `n` units of control arms."""

    mean: float
    sd: float
    n: int
    keys: tuple[str, ...]
    newest: dt.date | None

    @property
    def source(self) -> str:
        """Where it comes from, for people: EXP-003, EXP-007: 12,000 units."""
        return f"{', '.join(self.keys)}: {self.n:,} units in control arms"


def learnt_baselines(metrics: Collection[Metric], *, seen_by: User) -> dict[int, Learnt]:
    """By metric id; a metric that no decided test of this person's pods measured is left out."""
    by_metric: dict[int, list[Observation]] = defaultdict(list)
    for row in _control_rows(metrics, seen_by):
        if len(by_metric[row.metric.metric_id]) < MOST_TESTS:
            by_metric[row.metric.metric_id].append(row)
    kinds = {metric.pk: metric.kind for metric in metrics}
    baselines = ((pk, _learnt(kinds[pk], rows)) for pk, rows in by_metric.items())
    return {pk: learnt for pk, learnt in baselines if learnt}


def _control_rows(metrics: Collection[Metric], seen_by: User) -> Sequence[Observation]:
    tests = Experiment.objects.visible_to(seen_by).filter(
        state__in=DECIDED, ends_on__gt=timezone.localdate() - NOT_OLDER_THAN
    )
    return list(
        Observation.objects.filter(
            day=None,
            variant__is_control=True,
            metric__metric__in=list(metrics),
            metric__experiment__in=tests,
            intake__state="analysed",
            n__gt=1,
        )
        .select_related("metric__experiment")
        .order_by("-metric__experiment__ends_on", "-pk")
    )


def _learnt(kind: str, rows: Sequence[Observation]) -> Learnt | None:
    """All the control arms as one sample."""
    rows = [row for row in rows if _is_of(kind, row)]
    if not rows:
        return None
    whole: Any = rows[0].sample
    for row in rows[1:]:
        whole = whole + row.sample
    mean, sd = _moments(whole)
    if not math.isfinite(mean) or not math.isfinite(sd):
        return None
    tests = [row.metric.experiment for row in rows]
    return Learnt(mean, sd, int(whole.n), tuple(t.key for t in tests), tests[0].last_day)


def _is_of(kind: str, row: Observation) -> bool:
    has = (row.successes is not None, row.denominator is not None)
    return has == {"proportion": (True, False), "ratio": (False, True)}.get(kind, (False, False))


def _moments(sample: Any) -> tuple[float, float]:
    if isinstance(sample, Proportion):
        share = float(sample.successes / sample.n)
        return share, math.sqrt(share * (1 - share))
    if isinstance(sample, Ratio):
        if sample.denominator == 0:
            return math.nan, math.nan
        ratio = float(sample.numerator / sample.denominator)
        spread = float(
            sample.numerator_variance
            - 2 * ratio * sample.covariance
            + ratio**2 * sample.denominator_variance
        )
        return ratio, math.sqrt(max(spread, 0.0)) / abs(float(sample.denominator))
    return float(sample.mean), math.sqrt(sample.variance)
