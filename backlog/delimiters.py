"""The sign between the cells of a text table."""

import csv
from collections import Counter
from collections.abc import Iterable, Sequence

DELIMITERS = (",", ";", "\t", "|")


def delimiter_of(lines: Iterable[str]) -> str:
    """The delimiter that splits most lines into the same number of cells, and into the most.

    It is a comma if none of them splits two lines alike.

    >>> delimiter_of(["name;price", "Gift, wrapped;1,50", "Card;2"]), delimiter_of(["user"])
    (';', ',')
    >>> delimiter_of(["Report of November", "", "arm;users", "A;1", "B;2"])
    ';'
    """
    lines = [line for line in lines if line.strip()]

    def fit(sign: str) -> tuple[float, int]:
        try:
            widths = [len(row) for row in csv.reader(lines, delimiter=sign) if row]
        except csv.Error:  # whoever reads the table says where
            return 0.0, 0
        width = width_of(widths)
        return (widths.count(width) / len(widths), width) if width > 1 else (0.0, 0)

    return max(DELIMITERS, key=fit)


def width_of(widths: Sequence[int]) -> int:
    """How many cells the rows of the table have: the width that holds most cells of all.

    Titles, notes and pairs above the table are narrower; one long sentence with many commas is wider,
    but alone.

    >>> width_of([1, 1, 4, 4, 4, 9]), width_of([2, 2, 2, 2, 8, 8, 8]), width_of([3]), width_of([])
    (4, 8, 3, 0)
    """
    counts = Counter(width for width in widths if width > 1)
    several = {width: count for width, count in counts.items() if count > 1} or counts
    return max(
        several, key=lambda width: several[width] * (width - 1), default=max(widths, default=0)
    )
