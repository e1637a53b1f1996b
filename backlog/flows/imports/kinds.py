"""What an import can bring in: how a table of it is read, added and taken out again.

`backlog` brings in ideas. An app above it hands in what it knows when it is ready: `register`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from backlog.flows.imports.understanding import understand
from backlog.flows.imports.undoing import take_out
from backlog.flows.imports.writing import put_in
from backlog.models import Import


@dataclass(frozen=True)
class ImportKind:
    """- `call` is the function ("module:name") that reads the table in a file.
    - `permission` is what somebody needs in the pod.
    - `at_once` is how many rows are worked on before the answer; more take over a second.
    - `understand` keeps what would happen; `put_in` and `take_out` do all of it or nothing, and
      return whether ranks change.
    """

    call: str
    permission: str
    at_once: int
    understand: Callable[[Import], None]
    put_in: Callable[[Import], bool]
    take_out: Callable[[Import], bool]


KINDS: dict[str, ImportKind] = {
    Import.Kind.IDEAS: ImportKind(
        "backlog.sheets:keep_sheet", "backlog.add_idea", 2_000, understand, put_in, take_out
    )
}


def register(name: str, kind: ImportKind) -> None:
    """Let imports bring in this kind, too."""
    KINDS[name] = kind


def kind_of(name: str) -> ImportKind:
    return KINDS[name]
