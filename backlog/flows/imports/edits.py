"""What a row would change of an idea."""

from dataclasses import dataclass, field
from typing import Any

from backlog.flows.exported import HEADERS
from backlog.models import Idea
from backlog.versions import mark_of

TEXTS = (
    "title", "observation", "change", "audience", "outcome", "expected_effect", "lever", "channel",
    "description",
)  # fmt: skip
# What is compared together, as one part says little without the others.
GROUPS: dict[str, tuple[str, ...]] = {
    **{name: (name,) for name in (*TEXTS, "owner", "tags")},
    "objective": ("objective", "quarter"),
    "status": ("status", "snoozed_until", "reason"),
}


@dataclass(slots=True)
class Cell:
    """What a cell would change. `is_theirs`: somebody else has changed it, too, so it stays unless
    the answer takes the sheet’s side."""

    name: str
    old: str
    new: str
    is_theirs: bool = False
    title: str = ""

    @property
    def label(self) -> str:
        return self.title or HEADERS[self.name]


@dataclass(slots=True)
class Edit:
    """The change of an idea: what to write, and a mark of what the page has shown of it."""

    idea: Idea
    cells: list[Cell] = field(default_factory=list)
    fields: dict[str, Any] = field(default_factory=dict)
    tags: list[str] | None = None
    move: tuple[str, dict[str, Any]] | None = None
    own: dict[str, Any] = field(default_factory=dict)

    def add_own(self, slug: str, name: str, texts: tuple[str, str], *, is_theirs: bool) -> None:
        self.cells.append(Cell(slug, *texts, is_theirs, name))

    @property
    def is_empty(self) -> bool:
        return not self.fields and not self.own and self.tags is None and self.move is None

    @property
    def mark(self) -> str:
        return mark_of([[one.name, one.old, one.new, one.is_theirs] for one in self.cells])
