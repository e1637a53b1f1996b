"""Every change of a test's days is kept: from where to where, by whom, and why."""

import datetime as dt
from collections.abc import Sequence

from backlog.models import User
from backlog.ways_in import current_way_in
from experiments.models import CalendarMove, Experiment

Days = tuple[dt.date | None, dt.date | None]


def record_move(
    experiment: Experiment,
    before: Days,
    *,
    by: User,
    reason: str = "",
    warnings: Sequence[str] = (),
    undoes: CalendarMove | None = None,
) -> CalendarMove | None:
    """Keep where it was and where it is now; None where its days are the same."""
    if before == (experiment.starts_on, experiment.ends_on):
        return None
    return CalendarMove.objects.create(
        experiment=experiment,
        by=by,
        via=current_way_in(),
        from_starts_on=before[0],
        from_ends_on=before[1],
        starts_on=experiment.starts_on,
        ends_on=experiment.ends_on,
        reason=reason.strip()[:500],
        warnings=list(warnings),
        undoes=undoes,
    )
