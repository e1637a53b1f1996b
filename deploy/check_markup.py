"""Text from people is never markup: find every place that could make it so without a stated reason.

`make check` calls it. It reads templates, Python and our JavaScript. It fails on every such place
that is not in ALLOWED, and on entries of ALLOWED that match no place any more.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# file, and the function in Python or the pattern elsewhere → why it is allowed
ALLOWED = {
    ("backlog/markdown.py", "render"): "nh3 cleans it in the line above",
    ("backlog/templatetags/floe.py", "component"): "our own template, which escapes by itself",
    ("backlog/templatetags/shapes.py", "icon"): "our own drawing, a class from a template",
    ("backlog/templatetags/states.py", "seats"): "two literals, repeated",
    ("backlog/views/card.py", "scale_of"): "numbers; the rubric's words are escaped",
    ("backlog/views/columns.py", "_title"): "key and title are escaped",
    ("backlog/views/columns.py", "row_html"): "cells that their columns have escaped",
    ("backlog/views/qr.py", "qr_of"): "a drawing made of numbers",
    ("backlog/views/rows.py", "rows_of"): "rows by row_html and format_html",
    ("static/js/section-comments.js", "DOMParser"): "our own part of the page, cleaned when drawn",
}
SAFE_BY_HAND = {"mark_safe", "SafeString", "SafeText", "html_safe"}
IN_TEMPLATES = {
    "|safe": r"\|\s*safe(?:seq)?\b",
    "autoescape": r"\{%\s*autoescape\s+off",
    "hx-vals": r"(?:data-)?hx-vals\s*=",
    "hx-headers": r"(?:data-)?hx-headers\s*=",
    "hx-vars": r"(?:data-)?hx-vars\s*=",
    "hx-inherit": r"(?:data-)?hx-inherit\s*=",
    "hx-on": r"(?:data-)?hx-on[:\w-]*\s*=",
    "hx control without {% ours %}": r"(?<!\{% ours %\} )(?<![\w-])hx-(?:get|post|put|patch|delete|swap-oob)\s*=",
    "event handler": r"\son[a-z]+=[\"'{]",
    "style": r"\sstyle\s*=",
    "no quotes around a value": r"\s[\w-]+=\{[{%]",
    "script with a value in it": r"<script\b[^<>]*>[^<]*\{\{",
}
IN_SCRIPTS = {
    "innerHTML": r"\.(?:inner|outer)HTML\b",
    "insertAdjacentHTML": r"insertAdjacentHTML|createContextualFragment|setHTMLUnsafe",
    "document.write": r"document\.write",
    "eval": r"\beval\s*\(|new Function\b|setTimeout\s*\(\s*[\"'`]",
    "DOMParser": r"DOMParser",
}


def in_text(path: Path, marks: dict[str, str]) -> Iterator[tuple[str, int]]:
    text = path.read_text()
    for mark, pattern in marks.items():
        for match in re.finditer(pattern, text):
            yield mark, text.count("\n", 0, match.start()) + 1


def name_of(call: ast.Call) -> str:
    return getattr(call.func, "id", getattr(call.func, "attr", ""))


def is_literal(call: ast.Call) -> bool:
    return bool(call.args) and isinstance(call.args[0], ast.Constant)


def in_python(path: Path) -> Iterator[tuple[str, int]]:
    """Markup made by hand: of anything except a literal, or with a format that is not a literal."""

    def walk(node: ast.AST, function: str) -> Iterator[tuple[str, int]]:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            function = node.name
            if node.name == "__html__":
                yield function, node.lineno
            for mark in node.decorator_list:
                if getattr(mark, "id", getattr(mark, "attr", "")) in SAFE_BY_HAND:
                    yield function, node.lineno
        if isinstance(node, ast.Call):
            by_hand = name_of(node) in SAFE_BY_HAND
            formats = name_of(node) in {"format_html", "format_html_join"}
            if (by_hand or formats) and not is_literal(node):
                yield function, node.lineno
        for child in ast.iter_child_nodes(node):
            yield from walk(child, function)

    yield from walk(ast.parse(path.read_text()), "<module>")


def findings() -> Iterator[tuple[str, str, int]]:
    for folder in ("backlog", "experiments", "config"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for function, line in in_python(path):
                yield str(path.relative_to(ROOT)), function, line
    kinds = (("templates", "*", IN_TEMPLATES), ("static/js", "*.js", IN_SCRIPTS))
    for folder, ending, marks in kinds:
        for path in sorted(path for path in (ROOT / folder).rglob(ending) if path.is_file()):
            for mark, line in in_text(path, marks):
                yield str(path.relative_to(ROOT)), mark, line


def main() -> int:
    marks = list(findings())
    wrong = [
        f"{path}:{line}: {mark}: text from people could become markup here. Escape it, or give the "
        "reason in deploy/check_markup.py."
        for path, mark, line in marks
        if (path, mark) not in ALLOWED
    ]
    present = {(path, mark) for path, mark, _ in marks}
    wrong += [
        f"{path}: {mark} is allowed but does not occur" for path, mark in ALLOWED.keys() - present
    ]
    print("\n".join(wrong) or f"Markup: {len(marks)} places, each with its reason.")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
