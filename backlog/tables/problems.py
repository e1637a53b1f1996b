"""What can be wrong with a file as a whole."""

from __future__ import annotations

from backlog.file_kinds import Unreadable


class FileProblem(Unreadable):
    """Nothing of the file may count. `str(problem)` is the sentence for the user: what is wrong,
    where, and what to do."""


def listed(names: list[str] | tuple[str, ...], most: int = 12) -> str:
    """Names in quotation marks, the last ones left out where there are many.

    >>> listed(["a", "b"]), listed([str(n) for n in range(5)], most=2)
    ('“a”, “b”', '“0”, “1” and 3 more')
    """
    shown = ", ".join(f"“{name}”" for name in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most:,} more"
