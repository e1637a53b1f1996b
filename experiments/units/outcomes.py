"""Outcomes as people write them, as numbers. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from experiments.results_file.dialect import FALSE_WORDS, MISSING, TRUE_WORDS, number
from experiments.results_file.problems import FileProblem

_YES_OR_NO = {"1": 1.0, "0": 0.0} | dict.fromkeys(TRUE_WORDS, 1.0) | dict.fromkeys(FALSE_WORDS, 0.0)


def outcomes_in(texts: Sequence[str], *, is_yes_or_no: bool) -> NDArray[np.float64]:
    """One number for each text, NaN where nothing is given.

    >>> outcomes_in(["yes", "0", ""], is_yes_or_no=True).tolist()
    [1.0, 0.0, nan]
    >>> outcomes_in(["2,5", "3"], is_yes_or_no=False).tolist()
    [2.5, 3.0]

    Raises:
        FileProblem: something that is neither, with its row.
    """
    kept: dict[str, float | None] = {}
    values = np.empty(len(texts))
    decimal = "," if any("," in text and "." not in text for text in texts[:1000]) else "."
    for place, text in enumerate(texts):
        if text not in kept:
            kept[text] = _value(text, is_yes_or_no, decimal)
        value = kept[text]
        if value is None:
            what = "neither yes nor no (1 or 0)" if is_yes_or_no else "not a number"
            raise FileProblem(
                f"Row {place + 2:,}: “{text[:60]}” is {what}. Correct it in the file."
            )
        values[place] = value
    return values


def _value(text: str, is_yes_or_no: bool, decimal: str) -> float | None:
    if text.lower() in MISSING:
        return float("nan")
    if is_yes_or_no:
        return _YES_OR_NO.get(text.lower())
    return number(text, decimal)
