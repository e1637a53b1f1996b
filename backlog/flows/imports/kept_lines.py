"""Columns that no field is for, as lines of a description that exists."""

from collections.abc import Iterable

from backlog.flows.exported import flat


def with_kept(text: str, kept: Iterable[tuple[str, str]]) -> str:
    """A description with a line for each name and cell. A line of that name takes the new cell.

    >>> print(with_kept("Cost: 15", [("Cost", "1"), ("Link", "x")]))
    Cost: 1
    <BLANKLINE>
    Link: x
    """
    lines, missing = _lines(text), list[str]()
    before = lines.copy()
    for name, cell in kept:
        entry = _lines(f"{name}: {cell}")
        held, wanted = _flat(lines), _flat(entry)
        if any(held[at : at + len(entry)] == wanted for at in range(len(held))):
            continue
        places = [at for at, line in enumerate(held) if line.startswith(f"{name}: ")]
        if places:  # the last one, as what was kept stands at the end
            lines[places[-1] : places[-1] + 1] = entry
        else:
            missing += entry
    whole = text if lines == before else "\n".join(lines)
    return "\n\n".join(filter(None, (whole, "\n".join(missing))))


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _flat(lines: Iterable[str]) -> list[str]:
    return [flat("description", line) for line in lines]
