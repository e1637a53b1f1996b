"""A column whose numbers can’t be added up, because they are of two kinds."""

from __future__ import annotations

from .problems import FileProblem, listed


def check_mixture(column: str, pair: tuple[str, str] | None) -> None:
    """Raises FileProblem where a column has per cents beside plain numbers, or two currencies."""
    if pair is None:
        return
    if "%" in pair[0] or "٪" in pair[0] or "pct" in pair[0].lower():
        other = (
            "plain numbers" if pair[1] == "plain numbers" else f"plain numbers such as “{pair[1]}”"
        )
        raise FileProblem(
            f"“{column}” holds per cents such as “{pair[0]}” beside {other}. Write all of them in one "
            "way, and send the file again."
        )
    raise FileProblem(
        f"“{column}” holds amounts in two currencies, such as {listed(list(pair))}. Convert them to "
        "one, and send the file again."
    )
