"""The sign between the cells of a text table."""

import csv
from collections import Counter
from collections.abc import Iterable, Sequence

DELIMITERS = (",", ";", "\t", "|")
_IN_NUMBERS = "0123456789.,-+ "


def delimiter_of(lines: Iterable[str]) -> str:
    """The delimiter that splits most lines into the same number of cells, and into the most.

    It is a comma if none of them splits a line. Decimal commas split rows too, but not the names
    above them; a tab hardly ever stands in a text.

    >>> delimiter_of(["name;price", "Gift, wrapped;1,50", "Card;2"]), delimiter_of(["user"])
    (';', ',')
    >>> delimiter_of(["Report of November", "", "arm;users", "A;1", "B;2"])
    ';'
    >>> delimiter_of(["Report, all", "a;b;c", "1,5;2,5;3,5", "4,5;5,5;6,5"])
    ';'
    """
    lines = [line for line in lines if line.strip()]

    def fit(sign: str) -> float:
        try:
            rows = [row for row in csv.reader(lines, delimiter=sign) if row]
        except csv.Error:  # whoever reads the table says where
            return 0.0
        width = width_of([len(row) for row in rows])
        if width < 2:
            return 0.0
        alike = [row for row in rows if len(row) == width]
        has_values = any(not cell.strip(_IN_NUMBERS) and cell.strip() for cell in alike[0])
        weight = (0.5 if has_values else 1.0) * (2.5 if sign == "\t" else 1.0)
        return len(alike) / len(rows) * (width - 1) * weight

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
