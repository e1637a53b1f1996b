"""What columns are called that name the arm, the unit or the number of units: letters and digits only."""

from __future__ import annotations

import re
from typing import Final

VARIANT_WORDS: Final = (
    "variant",
    "version",
    "arm",
    "group",
    "bucket",
    "treatment",
    "test",
    "cell",
    "variantid",
    "variation",
)
UNIT_WORDS: Final = (
    "userid",
    "unit",
    "customerid",
    "readerid",
    "subscriberid",
    "email",
    "user",
    "id",
)
COUNT_WORDS: Final = (
    "n",
    "units",
    "users",
    "count",
    "sent",
    "recipients",
    "delivered",
    "total",
    "visitors",
    "usuarios",
    "clientes",
    "destinatarios",
    "enviados",
)


def letters_of(name: str) -> str:
    """A name as it stands in these lists.

    >>> letters_of("User ID")
    'userid'
    """
    return re.sub(r"[^a-z0-9]", "", name.lower())
