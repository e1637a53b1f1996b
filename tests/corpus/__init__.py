"""Swelling and broken files, made by code: `FILES` maps a name to the maker of its bytes.

`python -m tests.corpus FOLDER` writes them all. None is committed: some unpack to gigabytes.
"""

import functools

from tests.corpus import others, parquets, texts, workbooks

ALL = texts.FILES | workbooks.FILES | parquets.FILES | others.FILES
FILES = {name: functools.cache(make) for name, make in ALL.items()}
REFUSED = {name: make for name, make in FILES.items() if not name.startswith("odd-")}
"""All except the odd ones, which may be accepted and must not fail."""

__all__ = ["FILES", "REFUSED", "others", "parquets", "texts", "workbooks"]
