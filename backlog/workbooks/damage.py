"""Damage in a workbook as a sentence that names the part."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from backlog.file_kinds import Unreadable

AGAIN: Final = "Save it as .xlsx again, or the sheet as CSV (UTF-8)."


@contextmanager
def as_unreadable(packed: zipfile.ZipFile) -> Iterator[None]:
    """openpyxl raises all kinds of errors for damaged files. The sentence names the damaged
    part."""
    try:
        yield
    except (Unreadable, MemoryError):
        raise
    except KeyError as error:
        missing = str(error.args[0]) if error.args else ""
        part = missing.partition("'")[2].partition("'")[0]
        what = f": its part “{part[:80]}” is missing" if part else ""
        raise Unreadable(f"This workbook can’t be opened{what}. {AGAIN}") from error
    except Exception as error:
        words = " ".join(str(error).split())[:120]
        why = f" ({type(error).__name__}: {words})" if words else ""
        raise Unreadable(
            f"This workbook can’t be opened: its list of parts is wrong{why}. {AGAIN}"
        ) from error
