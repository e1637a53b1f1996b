"""When a standard is due for another look: the quarter turned, or somebody it names has left. Pure."""

import datetime as dt
from collections.abc import Sequence


def why_due(
    *,
    looked_on: dt.date | None,
    since: dt.date,
    quarter: tuple[str, dt.date] | None,
    gone: Sequence[str] = (),
) -> str:
    """The sentence that says why it is due, or nothing.

    Args:
        looked_on: the day of the last look; None if nobody has looked yet.
        since: the day from which it has been in use, which counts while nobody has looked.
        quarter: name and first day of the quarter that is on; None if no quarter is open.
        gone: people it names who can't sign in any more.

    >>> day = dt.date(2026, 9, 3)
    >>> why_due(looked_on=day, since=day, quarter=("Q4 2026", dt.date(2026, 10, 1)))
    'Q4 2026 has begun since the last look.'
    >>> why_due(looked_on=day, since=day, quarter=("Q3 2026", dt.date(2026, 7, 1)))
    ''
    """
    if gone:
        return f"{gone[0]} can’t sign in any more. Name somebody else."
    if quarter is None or quarter[1] <= (looked_on or since):
        return ""
    return f"{quarter[0]} has begun " + (
        "since the last look." if looked_on else "and nobody has looked at it yet."
    )
