"""When data is late: judged by the pace at which it came so far, after a grace. Pure."""

import datetime as dt
import itertools
import statistics
from collections.abc import Sequence

GRACE = dt.timedelta(days=3)
MOST = dt.timedelta(days=14)


def late_after(starts_on: dt.date, received: Sequence[dt.datetime]) -> dt.datetime:
    """The moment from which the next data is late.

    Nothing is late within three days of the start or of the newest data; where data comes in more
    slowly, after twice its usual pause, at most two weeks.

    >>> start, day = dt.date(2026, 11, 2), dt.timedelta(days=1)
    >>> at = [dt.datetime(2026, 11, 3, 6, tzinfo=dt.UTC) + day * n for n in (0, 7, 14)]
    >>> late_after(start, []).date().isoformat(), late_after(start, at).date().isoformat()
    ('2026-11-05', '2026-12-01')
    """
    if not received:
        return dt.datetime.combine(starts_on, dt.time(), dt.UTC) + GRACE
    times = sorted(received)
    pauses = [(later - earlier).total_seconds() for earlier, later in itertools.pairwise(times)]
    usual = dt.timedelta(seconds=statistics.median(pauses) if pauses else 0)
    return times[-1] + max(GRACE, min(2 * usual, MOST))
