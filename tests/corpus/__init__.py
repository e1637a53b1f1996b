"""Swelling and broken files, made by a script: `FILES` is name → maker of its bytes.

`python -m tests.corpus FOLDER` writes them all. Nothing of it is committed: some unpack to gigabytes.
"""

import functools

from tests.corpus import others, parquets, texts, workbooks

ALL = texts.FILES | workbooks.FILES | parquets.FILES | others.FILES
FILES = {name: functools.cache(make) for name, make in ALL.items()}
REFUSED = {name: make for name, make in FILES.items() if not name.startswith("odd-")}
"""All but those that are only odd: they may be taken, and must not fail."""

__all__ = ["FILES", "REFUSED", "others", "parquets", "texts", "workbooks"]
