"""Floe’s own names of arms, wherever in a text they are. `naming.py` makes names. Pure."""

import re
import unicodedata

LONGEST = 40
NAME = re.compile(r"(?P<key>EXP-\d{3,})_[a-z0-9-]*_(?P<letter>[A-Z])(?![A-Za-z0-9])", re.IGNORECASE)


def slug(text: str) -> str:
    """Plain letters, digits and hyphens.

    >>> slug("Paywall copy: “zwei Größen”")
    'paywall-copy-zwei-grossen'
    """
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss"))
    plain = plain.encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST].strip("-")


def keys_in(text: str) -> list[str]:
    """The keys of all experiments whose arms are named in a text, in the order they come in.

    >>> keys_in("arm,n\\nEXP-088_win-back_A,9\\nEXP-088_win-back_B,8\\nother,7")
    ['EXP-088']
    """
    return list(dict.fromkeys(match["key"].upper() for match in NAME.finditer(text)))


def read_back(name: str) -> tuple[str, int] | None:
    """Key and position of the arm that a name stands for, wherever in a longer text it is.

    >>> read_back("2026-11 EXP-088_win-back-two-steps_B (copy).csv"), read_back("EXP-088")
    (('EXP-088', 1), None)
    """
    match = NAME.search(name)
    return (match["key"].upper(), ord(match["letter"].upper()) - ord("A")) if match else None
