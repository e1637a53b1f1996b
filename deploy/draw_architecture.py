"""Draw the rooms and the arrows between them into docs/architecture.md, from the imports.

`python deploy/draw_architecture.py` writes the picture. With `--check` it only says whether the
picture is up to date. A room is a package, or a few modules of `backlog` that do one thing. An
arrow leads from a room to another that it imports. Arrows that follow from others are left out.
"""

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import grimp

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "architecture.md"
MARKS = ("<!-- rooms -->", "<!-- /rooms -->")
EDGES = "edges"
# Modules of `backlog` that form a room together; all modules not named here are arithmetic.
ROOMS = {
    "urls": EDGES, "tasks": EDGES, "management": EDGES, "apps": EDGES, "hooks": "hooks",
    "views": "views", "api": "api", "errors": "web", "uploads": "web", "odd_text": "web",
    "htmx": "web", "middleware": "web", "shell": "web", "accounts": "web", "tries": "web",
    "templatetags": "web", "forms": "forms", "filters": "forms", "paging": "forms",
    "orders": "forms", "walking": "forms",
    "flows": "flows", "permissions": "permissions", "agenda": "permissions", "tried": "permissions",
    "models": "models", "stats": "stats", "plan": "plan", "quarter": "quarter", "learning": "learning", "engine": "engine", "units": "units",
    "results_file": "results_file", "file_analysis": "file_analysis", "databases": "databases",
}  # fmt: skip
DRAWN = {"backlog": "people and intent", "experiments": "evidence"}


def room_of(module: str) -> str | None:
    """`app.room`, or None for migrations and the package itself, which are not rooms."""
    app, *parts = module.split(".")
    if app not in DRAWN or not parts or parts[0] == "migrations":
        return None
    return f"{app}.{ROOMS.get(parts[0], 'arithmetic')}"


def arrows() -> dict[str, set[str]]:
    """Each room with the rooms that it imports."""
    sys.path.insert(0, str(ROOT))
    graph = grimp.build_graph(*DRAWN, cache_dir=None)
    drawn: dict[str, set[str]] = {}
    for module in sorted(graph.modules):
        if here := room_of(module):
            drawn.setdefault(here, set())
            for other in graph.find_modules_directly_imported_by(module):
                if (target := room_of(other)) and target != here:
                    drawn[here].add(target)
    return drawn


def without_shortcuts(drawn: Mapping[str, set[str]]) -> dict[str, list[str]]:
    """The arrows from which all others follow."""

    def reached(room: str, seen: frozenset[str] = frozenset()) -> set[str]:
        return {room}.union(
            *(reached(next_, seen | {room}) for next_ in drawn.get(room, ()) if next_ not in seen)
        )

    return {
        room: sorted(
            target for target in others
            if not any(target in reached(other) for other in others - {target})
        )
        for room, others in drawn.items()
    }  # fmt: skip


def picture(drawn: Mapping[str, Iterable[str]]) -> str:
    lines = ["```mermaid", "flowchart TD"]
    for app, what in reversed(DRAWN.items()):
        lines.append(f'  subgraph {app}["{app}: {what}"]')
        lines += [f'    {room}["{room.split(".")[1]}"]' for room in drawn if room.startswith(app)]
        lines.append("  end")
    lines += [f"  {room} --> {target}" for room, others in drawn.items() for target in others]
    return "\n".join([*lines, "```"])


def main() -> int:
    text = PAGE.read_text()
    before, rest = text.split(MARKS[0])
    after = rest.split(MARKS[1])[1]
    new = f"{before}{MARKS[0]}\n{picture(without_shortcuts(arrows()))}\n{MARKS[1]}{after}"
    if "--check" in sys.argv:
        if new != text:
            print("The picture in docs/architecture.md is out of date: run make map")
        return int(new != text)
    PAGE.write_text(new)
    return 0


if __name__ == "__main__":
    sys.exit(main())
