"""Outcomes as people write them, as numbers. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from backlog.tables.numbers import MISSING, NumberStyle, style_of
from backlog.tables.yes_no import is_yes
from experiments.results_file.problems import FileProblem


def outcomes_in(texts: Sequence[str], *, is_yes_or_no: bool) -> NDArray[np.float64]:
    """One number for each text, NaN where nothing is given.

    >>> outcomes_in(["yes", "0", ""], is_yes_or_no=True).tolist()
    [1.0, 0.0, nan]
    >>> outcomes_in(["2,5", "3"], is_yes_or_no=False).tolist()
    [2.5, 3.0]

    Raises:
        FileProblem: something that is neither, with its row; or numbers with two readings.
    """
    style = style_of(set(texts))
    if style.unsure and not is_yes_or_no:
        example = next(text for text in texts if style.unsure in text)
        raise FileProblem(
            f"“{example[:60]}” may be a thousand or a number with three decimals. Write it without the "
            f"“{style.unsure}”, or with other decimals."
        )
    kept: dict[str, float | None] = {}
    values = np.empty(len(texts))
    for place, text in enumerate(texts):
        if text not in kept:
            kept[text] = _value(text, is_yes_or_no, style)
        value = kept[text]
        if value is None:
            what = "neither yes nor no (1 or 0)" if is_yes_or_no else "not a number"
            raise FileProblem(
                f"Row {place + 2:,}: “{text[:60]}” is {what}. Correct it in the file."
            )
        values[place] = value
    return values


def _value(text: str, is_yes_or_no: bool, style: NumberStyle) -> float | None:
    if text.lower() in MISSING:
        return float("nan")
    if is_yes_or_no:
        meant = is_yes(text)
        return None if meant is None else float(meant)
    return style.value(text)
