"""The documentation against the code."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import get_commands

from benchmarks.mutate_engine import MUTANTS
from experiments.flows.moves import EXPERIMENT_MOVES

ROOT = Path(settings.BASE_DIR)
DOCS = sorted([*ROOT.glob("docs/**/*.md"), ROOT / "README.md", ROOT / "CHANGELOG.md"])


def _text(name: str) -> str:
    return (ROOT / name).read_text()


def test_every_variable_of_the_settings_is_documented_and_no_other():
    source = _text("config/settings.py")
    used = set(re.findall(r"""env(?:\.\w+)?\(\s*["']([A-Z_]+)["']""", source))
    documented = set(re.findall(r"^\| `([A-Z_]+)` \|", _text("docs/operations.md"), re.M))
    assert documented == used


def test_the_life_of_an_experiment_is_drawn_as_the_table_has_it():
    drawn = _text("docs/architecture.md").split("<!-- moves -->")[1].split("```")[1].strip()
    table = [
        f"{row.name}: {', '.join(row.sources)} → {row.target}" for row in EXPERIMENT_MOVES.values()
    ]
    assert drawn.splitlines() == table


ARCHITECTURE = _text("docs/architecture.md")
PATH = re.compile(r"^[\w/.]+\.(?:py|md|toml|html)$")


def test_every_file_of_the_architecture_exists_and_holds_the_names_beside_it():
    """`name` in `path`: if you rename one, rename it in the recipe."""
    ways = ARCHITECTURE.split("## Four walks")[1].split("## The main job")[0]
    spans = re.findall(r"`([^`]+)`", ways)
    paths = {span for span in spans if PATH.match(span) or span.endswith("/")}
    assert len(paths) > 40
    assert [path for path in paths if not (ROOT / path).exists()] == []
    named = re.findall(r"`([\w.]+)` in `([^`]+)`", ways)
    named += [(name, path) for path, name in re.findall(r"`([\w/]+\.py)` `(\w+)`", ways)]
    assert len(named) > 40
    assert [pair for pair in named if not re.search(rf"\b{pair[0]}\b", _text(pair[1]))] == []


def test_every_decision_stands_in_the_index_and_numbers_that_are_missing_are_explained():
    index = _text("docs/decisions/README.md")
    numbers = {int(path.name[:4]) for path in (ROOT / "docs/decisions").glob("0*.md")}
    missing = set(range(1, max(numbers) + 1)) - numbers
    assert numbers == {int(n) for n in re.findall(r"^\| \[(\d{4})\]", index, re.M)}
    explained = index.split("set aside")[0].split("Numbers ")[1]
    assert missing == {int(n) for n in re.findall(r"\d{4}", explained)}


def test_every_model_that_the_glossary_names_exists():
    named = re.findall(r"`(backlog|experiments)\.models\.(\w+)`", _text("docs/glossary.md"))
    assert len(named) > 15
    for app, model in named:
        assert apps.get_model(app, model)


def test_every_command_that_is_documented_exists():
    named = set(re.findall(r"`manage\.py (\w+)", _text("docs/operations.md")))
    ours = {name for name, app in get_commands().items() if app in ("backlog", "experiments")}
    assert named == ours


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_every_file_that_a_document_links_to_exists(path):
    targets = re.findall(r"\]\(([^)#]+)\)", path.read_text())
    for target in targets:
        if "://" not in target and not target.startswith("image:"):  # an example of one
            assert (path.parent / target).exists(), target


def test_every_dependency_has_its_reason_beside_it():
    lines = _text("pyproject.toml").split("dependencies = [", 1)[1].split("[tool.setuptools]")[0]
    for line in lines.splitlines():
        if line.strip().startswith('"'):
            assert re.search(r'",\s+# \S', line), line


def test_the_lock_files_hold_hashes_and_no_addresses():
    for lock in ROOT.glob("requirements*.lock"):
        text = lock.read_text()
        assert "://" not in text
        pins = re.findall(r"^[\w.-]+(?:\[[\w,]+\])?==", text, re.M)
        assert pins
        assert text.count("--hash=sha256:") >= len(pins)


def test_the_make_targets_that_the_readme_names_exist():
    targets = set(re.findall(r"^([\w-]+):", _text("Makefile"), re.M))
    named = set(re.findall(r"`make ([\w-]+)", _text("README.md")))
    assert named
    assert named <= targets


@pytest.mark.parametrize("page", ["security.md", "reliability.md"])
def test_what_a_promise_is_shown_by_exists(page):
    text = _text(f"docs/{page}")
    named = set(re.findall(r"`(?:pytest )?((?:tests|deploy|benchmarks|backlog)/[\w./]+)`", text))
    assert len(named) > 3
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_every_mutant_of_the_engine_finds_what_it_changes():
    """Else `benchmarks/mutate_engine.py` stops in the middle."""
    lost = [
        mutant.name
        for mutant in MUTANTS
        if mutant.old not in _text(f"experiments/stats/{mutant.module}.py")
    ]
    assert lost == []
