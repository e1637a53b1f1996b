"""No text that people send makes a pattern or a function run away: doubled input, at most doubled time.

The patterns are found in the code; one that is not a literal makes the test red.
"""

import ast
import contextlib
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from backlog import csv_guard, email_text, markdown, mentions, search, sheets, similarity
from backlog.file_kinds import Unreadable
from backlog.tables import dates, heading, numbers, quotes
from experiments.databases import query
from experiments.forms import guessing
from experiments.plan import arm_names
from experiments.plan.naming import FLOES_OWN
from experiments.plan.reading_names import keys_named, parse_name
from experiments.results_file import guess_labels, stacking, words

ROOT = Path(__file__).parent.parent
# A file without any of these has no pattern, and need not be parsed.
WORDS_OF_PATTERNS = re.compile(r"\bre\.[a-z]|[rR]egex|re_path")
METHODS = ("match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer")
# Four times as much input: a line gives 4, a square 16. Below this nobody waits.
LONG, MOST, UNFELT = 16_000, 9.0, 0.01
SLOWER = {"markdown": 6_000}  # a document takes time that has nothing to do with its form


def literal(node: ast.expr) -> str | None:
    """The text of a literal, with names that stand for literals left out: they are classes of signs."""
    if isinstance(node, ast.JoinedStr):
        return None
    try:
        value = ast.literal_eval(node)
    except ValueError:
        return None
    return value.decode("latin-1") if isinstance(value, bytes) else value


def patterns() -> Iterator[tuple[str, "re.Pattern[str]", set[str]]]:
    """Where it stands, the pattern, and how it is used."""
    for folder in ("backlog", "experiments", "config"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            text = path.read_text()
            if "migrations" not in path.parts and WORDS_OF_PATTERNS.search(text):
                yield from patterns_in(path, text)


def patterns_in(path: Path, text: str) -> Iterator[tuple[str, "re.Pattern[str]", set[str]]]:
    tree, where = ast.parse(text), str(path.relative_to(ROOT))
    used: dict[str, set[str]] = {}
    named: dict[int, str] = {}
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.attr in METHODS
        ):
            used.setdefault(node.value.id, set()).add(node.attr)
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and isinstance(node.value, ast.Call):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            named[id(node.value)] = getattr(target, "id", "")
        is_class_name = isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in (
            "regex", "lookup_value_regex",
        )  # fmt: skip
        if is_class_name:
            yield f"{where}:{node.lineno}", re.compile(literal(node.value) or ""), {"fullmatch"}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        is_re = isinstance(node.func, ast.Attribute) and getattr(node.func.value, "id", "") == "re"
        if not (is_re and name in (*METHODS, "compile")) and name not in (
            "RegexValidator",
            "re_path",
        ):
            continue
        at, how = f"{where}:{node.lineno}", {name}
        if name == "compile":
            how = used.get(named.get(id(node), ""), set()) or {"search"}
        elif not is_re:
            how = {"search"}
        yield at, compiled(at, node, path), how & set(METHODS)


def compiled(at: str, node: ast.Call, path: Path) -> "re.Pattern[str]":
    pattern = literal(node.args[0])
    flags = re.IGNORECASE | re.DOTALL if len(node.args) + len(node.keywords) > 1 else 0
    if pattern is None:  # put together of literals: the module has it compiled under a name
        modules = {
            "backlog/csv_guard.py": csv_guard._START,
            "backlog/tables/dates.py": dates._TIME,
            "backlog/tables/numbers.py": numbers._CELL,
        }
        known = modules.get(str(path.relative_to(ROOT)))
        assert known is not None, f"{at}: write the pattern as a literal, so that it can be tried"
        return known
    return re.compile(pattern, flags)


def hostile(pattern: str) -> Iterator[Callable[[int], str]]:
    """Runs of every sign and word that the pattern names, and of each class, with a bad end."""
    signs = set(re.sub(r"\\[a-zA-Z]|[\[\](){}|?*+^$\\]", "", pattern)) | set(
        "aZ9 _-'\"<>/.,:;\n\t(=*"
    )
    runs = {*signs, "ab", "a ", "a.", "1,", "1,111", "' ", "''", "/*", '"" ', "\n\n\n", "- "}
    runs |= {
        word + sign for word in re.findall(r"[a-z]{2,}", pattern)[:12] for sign in ("", " ", ":")
    }
    starts = {"", "---", "on ", "EXP-", "sent from my ", "re:", "'", "1", "a"}
    for run in sorted(runs):
        for start in sorted(starts):
            for end in ("", "\x01", "!"):
                yield (
                    lambda n, run=run, start=start, end=end: (
                        (start + run * (n // len(run)))[:n] + end
                    )
                )


def seconds(act: Callable[[str], object], text: str) -> float:
    best = float("inf")
    for _ in range(3):
        start = time.thread_time()
        act(text)
        best = min(best, time.thread_time() - start)
        if best < UNFELT:
            break
    return best


def runs_away(act: Callable[[str], object], make: Callable[[int], str], long: int = LONG) -> bool:
    spent = seconds(act, make(long))
    if spent < UNFELT:
        return False
    return spent / max(seconds(act, make(long // 4)), 1e-6) > MOST


def uses(pattern: "re.Pattern[str]", how: set[str]) -> Iterator[Callable[[str], object]]:
    for name in sorted(how):
        if name in ("sub", "subn"):
            yield lambda text: pattern.sub(" ", text)
        elif name == "finditer":
            yield lambda text: list(pattern.finditer(text))
        else:
            yield getattr(pattern, name)


FOUND = list(patterns())


def test_the_patterns_are_found():
    where = {at.partition(":")[0] for at, _, _ in FOUND}
    assert len(FOUND) > 30
    assert {
        "backlog/email_text.py",
        "backlog/sheets.py",
        "backlog/models/people.py",
        "backlog/addresses.py",
    } <= where


@pytest.mark.parametrize("item", FOUND, ids=[at for at, _, _ in FOUND])
def test_a_pattern_is_linear(item):
    _, pattern, how = item
    for act in uses(pattern, how):
        for make in hostile(pattern.pattern):
            assert not runs_away(act, make), (pattern.pattern, make(40))


PEOPLE = [(number, f"Ana{number} Ruiz") for number in range(30)]
READERS: dict[str, Callable[[str], object]] = {
    "mail": email_text.read_mail,
    "pasted table": lambda text: tried(lambda: sheets.read_sheet(text), Unreadable),
    "formula guard": lambda text: csv_guard.unformula(csv_guard.formula_safe(text)),
    "headers": lambda text: sheets.guess([text]),
    "number": sheets.number_in,
    "letters": similarity.grams,
    "search words": search.words_of,
    "mentions": lambda text: mentions.mentioned_in(text, PEOPLE),
    "marked mentions": lambda text: mentions.marked(text, PEOPLE),
    "markdown": markdown.render,
    "sql": lambda text: tried(
        lambda: query.checked_sql(text), query.SourceProblem
    ),
    "name of an arm": arm_names.read_back,
    "names of arms": arm_names.keys_in,
    "slug": arm_names.slug,
    "keys of names": lambda text: keys_named(text, FLOES_OWN),
    "a name": lambda text: parse_name(text, FLOES_OWN),
    "day": dates.DateStyle().date,
    "number in a file": numbers.POINT.value,
    "name of a column": heading.folded_name,
    "line with quotation marks": lambda text: quotes.cells_of(text, ","),
    "line that may be open": lambda text: quotes.scanned(text, ",", is_inside=False),
    "arms of labels": lambda text: guess_labels([text, "a"], ["A", text], "A"),
    "column": words.letters_of,
    "columns side by side": lambda text: stacking.sides_in([text, text + "_a", text + "_b"]),
    "columns of arms": lambda text: guessing.side_by_side([{"name": text}, {"name": text + "_c"}]),
}  # fmt: skip
UNITS = [
    "-", "'", '"', "<", ">", "[", "]", "![", "[a](", "*", "**", "*a_ ", "_", "`", "`` ` ", "~~", "> ",
    "- ", "1. ", "<!--", "&", "\\", "|", "a|b\n", "[x]: y\n", "[x][", "#", "a\n=\n", "\n", "\t", "\r",
    "@", "@ana ", "@Ana1 Ruiz", "to: x\n", "re: ", "--", "on a ", ";'=", "'=", " ", "\u200b", "=", ",",
    "/*", "--\n", "EXP-111_", "a", "é", "1", "1.", "(", ")", "_a", "http://a ", "a@b.c ", "-\n  ",
]  # fmt: skip


def tried(act: Callable[[], object], refusal: type[Exception]) -> None:
    with contextlib.suppress(refusal):
        act()


@pytest.mark.parametrize("reader", READERS)
def test_what_reads_peoples_text_is_linear(reader):
    for unit in UNITS:
        make = lambda n, unit=unit: (unit * (n // len(unit) + 1))[:n]  # noqa: E731
        assert not runs_away(READERS[reader], make, SLOWER.get(reader, LONG)), (reader, unit)


@pytest.mark.parametrize("pattern", [r"^-{3,}.*(original).*$", r"('*)(?==)", r"\d+\.?\d*"])
def test_a_pattern_that_runs_away_is_seen(pattern):
    compiled = re.compile(pattern)
    assert any(
        runs_away(act, make, 6_000)
        for act in uses(compiled, {"fullmatch", "search"})
        for make in hostile(pattern)
    )
