"""What single cells of a sheet say: tags, scores, and titles that are no ideas."""

import re
from functools import lru_cache

from backlog.flows.imports.known import plain
from backlog.sheets import number_in

SCORES = ("impact", "confidence", "ease")
SUMS = (
    "total",
    "totals",
    "sum",
    "grand total",
    "subtotal",
    "average",
    "mean",
    "suma",
    "summe",
    "gesamt",
)
DIVIDER = re.compile(r"[-–—=*#~_. ]{2}.{0,80}[-–—=*#~_. ]{2}|[-–—=*#~_. ]{3,80}")


def no_idea_in(title: str, *, is_alone: bool) -> str:
    """Why a row is not an idea, "" where it may be one. `is_alone`: all else in it is empty.

    >>> no_idea_in("TOTAL", is_alone=False), no_idea_in("--- Parking lot ---", is_alone=True)
    ('a sum of other rows', 'a line between rows')
    >>> no_idea_in("PARKING LOT", is_alone=True), no_idea_in("FAQ", is_alone=False)
    ('a line between rows', '')
    """
    title = title.strip()
    if plain(title).rstrip(":") in SUMS:
        return "a sum of other rows"
    is_shouted = is_alone and title == title.upper() != title.lower()
    return "a line between rows" if is_shouted or DIVIDER.fullmatch(title[:200]) else ""


# Most rows of a sheet repeat the same few texts, so each is worked out once.
@lru_cache(maxsize=4096)
def words_in(text: str) -> tuple[str, ...]:
    tags = {" ".join(word.lower().split()) for word in text.replace(";", ",").split(",")}
    return tuple(sorted(word for word in tags if word))


@lru_cache(maxsize=4096)
def points_in(
    given: tuple[tuple[str, str], ...],
) -> tuple[tuple[int, int, int] | None, tuple[str, ...], str]:
    """Dimension and cell → the three scores or None, what is odd, and the cells if they say
    more."""
    whole: dict[str, int] = {}
    notes: list[str] = []
    for name, text in given:
        value = number_in(text)
        if value is None or not 1 <= value <= 10:
            notes.append(f"{name.capitalize()} “{text[:20]}” is not a number from 1 to 10")
            continue
        whole[name] = int(value + 0.5)
        if whole[name] != value:
            shown = text if len(text) <= 6 else f"{value:.2f}"
            notes.append(f"{name.capitalize()} {shown} counts as {whole[name]}")
    scores = None
    if len(whole) == len(SCORES):
        scores = (whole["impact"], whole["confidence"], whole["ease"])
    else:
        notes.append("A score needs all three values, so it is left out")
    kept = ""
    if scores is None or any(str(whole[name]) != text for name, text in given):
        kept = ", ".join(f"{name} {text}" for name, text in given)
    return scores, tuple(notes), kept
