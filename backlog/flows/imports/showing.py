"""The change of an idea as the page shows it: each cell as it is and as it would be."""

from typing import Any

from backlog.flows.imports.rows import ImportRow

WINDOW = 160  # characters of a cell that are shown, around what differs
BEFORE = 30


def shown_change(row: ImportRow) -> dict[str, Any]:
    cells = row.edit.cells if row.edit else []
    return {
        "number": row.number,
        "key": row.key,
        "idea": row.edit.idea.pk if row.edit else None,
        "title": row.values.get("title", "")[:120],
        "fate": row.fate,
        "notes": row.notes,
        "can_be_added": row.can_be_added,
        "cells": [_shown(cell.label, cell.old, cell.new, cell.is_theirs) for cell in cells],
    }


def _shown(label: str, old: str, new: str, is_theirs: bool) -> dict[str, Any]:
    start = _first_difference(old, new)
    return {
        "label": label, "old": excerpt(old, start), "new": excerpt(new, start), "theirs": is_theirs,
    }  # fmt: skip


def _first_difference(old: str, new: str) -> int:
    return next(
        (at for at, (a, b) in enumerate(zip(old, new, strict=False)) if a != b),
        min(len(old), len(new)),
    )


def excerpt(text: str, start: int) -> str:
    """A long text around the place where it differs.

    >>> excerpt("short", 3), excerpt("x" * 300 + "end", 300)[:4], len(excerpt("x" * 303, 300))
    ('short', '…xxx', 34)
    """
    if len(text) <= WINDOW:
        return text
    first = max(0, start - BEFORE) if start > BEFORE else 0
    last = first + WINDOW
    return "…" * (first > 0) + text[first:last] + "…" * (last < len(text))
