"""Everything in the house is used: styles, templates, definitions; and no sentence shows a name in braces."""

import ast
import importlib.util
import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
APPS = ("backlog", "experiments")
WORD = re.compile(r"\w+")
# Django, Celery and drf-spectacular find these by themselves.
FOUND_BY_A_FRAMEWORK = {
    "BacklogConfig", "ExperimentsConfig", "TokenScheme", "note_the_failure", "note_what_begins",
    "note_what_ends", "end_with_the_supervisor",
}  # fmt: skip


def files(*patterns):
    return [path for pattern in patterns for path in sorted(ROOT.glob(pattern))]


SOURCES = files(
    *(f"{app}/**/*.py" for app in (*APPS, "config")), "templates/**/*.html", "static/js/*.js"
)
WORDS = Counter(word for path in SOURCES for word in re.findall(r"\w+", path.read_text()))
# With hyphens, as classes have them.
CLASSES = {word for path in SOURCES for word in re.findall(r"[\w-]+", path.read_text())}
# `class="g-{{ look.edge }}"` and the class that htmx itself gives.
MADE_BY_THE_PAGE = re.compile(r"g-\w+|htmx-request")


@pytest.mark.parametrize("sheet", files("static/css/*.css"), ids=lambda path: path.name)
def test_every_class_of_a_stylesheet_is_used(sheet):
    text = re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.DOTALL)
    heads = re.findall(r"([^{}]+)\{", text)
    names = {name for head in heads for name in re.findall(r"\.(-?[a-zA-Z_][\w-]*)", head)}
    assert not [n for n in names - CLASSES if not MADE_BY_THE_PAGE.fullmatch(n)]


def test_every_template_is_used():
    texts = [path.read_text() for path in SOURCES]
    views = {word for word in WORDS if WORDS[word] > 1}
    for path in files("templates/backlog/*.html", "templates/experiments/*.html"):
        name = str(path.relative_to(ROOT / "templates"))
        assert path.stem in views or any(name in text for text in texts), name


def defined(tree):
    """Functions, classes and constants of a module."""
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))


@pytest.mark.parametrize("app", APPS)
def test_every_definition_of_a_module_is_used(app):
    """A name that stands nowhere else, not even in a test, is dead."""
    tests = Counter(
        word for path in files("tests/**/*.py", "benchmarks/*.py", "deploy/*.py")
        for word in re.findall(r"\w+", path.read_text())
    )  # fmt: skip
    dead = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in files(f"{app}/**/*.py")
        if "migrations" not in path.parts and "templatetags" not in path.parts
        for name in defined(ast.parse(path.read_text()))
        if WORDS[name] + tests[name] < 2 and name not in FOUND_BY_A_FRAMEWORK
    ]
    assert not [line for line in dead if "/commands/" not in line]


def parts_of_f_strings(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield from (id(part) for part in ast.walk(node))


@pytest.mark.parametrize("app", APPS)
def test_no_sentence_has_lost_the_prefix_that_fills_it(app):
    """`{NAME}` or `{_name}` of the module in a string that is not an f-string is shown as it is."""
    lost = []
    for path in files(f"{app}/**/*.py"):
        tree = ast.parse(path.read_text())
        names = set(defined(tree)) | {
            node.id for node in ast.walk(tree)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
        }  # fmt: skip
        filled = set(parts_of_f_strings(tree))
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                in_braces = re.findall(r"\{([A-Z_][A-Z0-9_]{2,})\}", node.value)
                if id(node) not in filled and names.intersection(in_braces):
                    lost.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert not lost


# Fields of the API, which keep their names.
FIELDS_OF_THE_API = {"backlog/api/serializers.py", "experiments/api/agreements.py"}
FOLDERS = (*APPS, "config", "tests", "benchmarks", "deploy")
PARTICIPLES = {"said", "told", "found", "asked", "there"}


def names_given(tree):
    """Variables, arguments, functions and classes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name


def test_nothing_is_called_by_a_word_that_does_not_say_what_it_is():
    loose = {
        str(path.relative_to(ROOT))
        for path in files(*(f"{folder}/**/*.py" for folder in FOLDERS))
        if "migrations" not in path.parts
        if PARTICIPLES.intersection(names_given(ast.parse(path.read_text())))
    }
    assert loose - FIELDS_OF_THE_API == set()


@pytest.mark.parametrize(
    "script", files("deploy/*.py", "benchmarks/*.py"), ids=lambda path: path.name
)
def test_what_a_script_imports_from_us_exists(script):
    """Scripts are run by hand, so a name that moved would be noticed late."""
    missing = []
    for node in ast.walk(ast.parse(script.read_text())):
        if not isinstance(node, ast.ImportFrom) or not node.module:
            continue
        beside = script.parent / f"{node.module}.py"
        if beside.exists():
            present = set(WORD.findall(beside.read_text()))
            missing += [alias.name for alias in node.names if alias.name not in present]
        elif node.module.split(".")[0] in (*APPS, "config"):
            missing += [alias.name for alias in node.names if not exists(node.module, alias.name)]
    assert missing == []


def exists(module, name):
    """A name of the module, or a module in the package."""
    has_name = hasattr(importlib.import_module(module), name)
    return has_name or importlib.util.find_spec(f"{module}.{name}") is not None
