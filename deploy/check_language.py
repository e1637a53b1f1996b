"""Find words and patterns that docs/style.md rules out, in what people read.

Looks at the text of templates, at the strings, docstrings and comments of Python files, and at the
docs. A line that must keep such a word says why in a comment that begins with `language:`.
"""

import ast
import io
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
# The page of before and after, the record of what changed, and this table itself.
# Phrases of the engine are frozen: results that hold them are computed again to the byte.
FROZEN = ("experiments/stats/",)
LEFT_OUT = ("docs/style.md", "deploy/check_language.py", "docs/openapi.yaml")
PER = "idea|arm|plan|experiment|template|pod|file|row|day|page|round|person|metric|key|name"
# What is wrong, and what to write; for everything that is read, code included.
EVERYWHERE = {
    r"(?<![Tt]here )\b(?:is|are) none\b(?!\.?`)": "say what is missing or wrong",
    r"(?<!there )(?<!There )\bis no (?!longer|more|less|better|worse|matter|one\b|other\b)[a-z]+": "write “is not a …”",
    rf"\b[Oo]ne [a-z-]+ an? (?:{PER})\b": "write “one … per …”",
    r"\blikest\b": "write “most similar”",
    r"\bfor whom (?:sent|made|wrote|asked)\b": "name the person: the sender, the author",
    r"\b(?:only|Only) who (?:is|was|has|can|may)\b": "write “only people who …”",
    r"\bwhose hour has come\b": "write “due”",
    r"\bwere had\b": "write “were taken”",
    r"\btells? nobody of\b": "write “sends no mail about”",
    r"\banew\b": "write “again” or “new”",
    r"\bthat (?:is|are|was|were) there\b": "write “present” or “existing”",
}
# … and on screens, in mail and in answers of the API.
ON_SCREENS = {
    r"\}\}[a-z]{2,}": "put a space after the value",
    r"(?<!\{)\b[Vv]ariants?\b(?!\})": "write “arm”",
    r"[a-z]'(?:t|s|re|ll)\b": "write ’",
    r"\b[Ww]hoever\b": "write “people who …” or name them",
    r"\b(?:[Tt]he|[Aa]|[Tt]his|[Ee]ach|[Nn]o|[Oo]ne|[Aa]nother|[Oo]ther|[Oo]f|[Ii]ts) tests?\b(?! of (?:the )?(?:difference|proportion))": "write “experiment”",
}  # fmt: skip
KEPT = "language:"


def texts(path: Path) -> Iterator[tuple[int, str, bool]]:
    """The line, the text, and whether it may be on a screen."""
    source = path.read_text()
    if path.suffix == ".py":
        yield from _of_python(source, is_shown=_is_shown(path))
    elif path.suffix == ".html":
        glued = re.finditer(r"\}\}[a-z]{2,}", source)
        yield from ((source.count("\n", 0, at.start()) + 1, at.group(), True) for at in glued)
        bare = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<[^>]*>", " ", source)
        yield from ((number, line, True) for number, line in enumerate(bare.splitlines(), 1))
    else:
        yield from ((number, line, False) for number, line in enumerate(source.splitlines(), 1))


def _is_shown(path: Path) -> bool:
    name = path.as_posix()
    return name.startswith(("backlog/", "experiments/")) and not name.startswith(FROZEN)


def _of_python(source: str, *, is_shown: bool) -> Iterator[tuple[int, str, bool]]:
    tree = ast.parse(source)
    docstrings = {
        id(node.value) for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }  # fmt: skip
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
            yield node.lineno, node.value, is_shown and id(node) not in docstrings
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT and KEPT not in token.string:
            yield token.start[0], token.string, False


def findings(path: Path) -> Iterator[str]:
    lines = path.read_text().splitlines()
    for number, text, is_shown in texts(path):
        if KEPT in lines[number - 1]:
            continue
        for pattern, remedy in {**EVERYWHERE, **(ON_SCREENS if is_shown else {})}.items():
            for match in re.finditer(pattern, text):
                yield f"{path}:{number}: “{match.group()}”: {remedy}"


def main() -> int:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "*.py", "*.html", "*.md"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split("\0")  # fmt: skip
    paths = [Path(name) for name in listed if name and name not in LEFT_OUT]
    wrong = [line for path in paths if "migrations" not in path.parts for line in findings(path)]
    print("\n".join(wrong))
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
