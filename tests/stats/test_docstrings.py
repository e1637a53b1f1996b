"""Every public name says what goes in and out: shapes, units, errors, source."""

import ast
import inspect
import re
from dataclasses import fields, is_dataclass
from enum import EnumMeta
from pathlib import Path

import pytest

from experiments import stats

PUBLIC = {name: getattr(stats, name) for name in stats.__all__}
FUNCTIONS = {name: value for name, value in PUBLIC.items() if inspect.isfunction(value)}
RECORDS = {name: value for name, value in PUBLIC.items() if is_dataclass(value)}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_says_its_arguments_answer_errors_source_and_an_example(name):
    text = inspect.getdoc(FUNCTIONS[name]) or ""
    parts = [
        part for part in ("Args:", "Returns:", "Raises:", "Source:", ">>> ") if part not in text
    ]
    assert parts == []
    arguments = text.split("Args:")[1].split("Returns:")[0]
    parameters = inspect.signature(FUNCTIONS[name]).parameters
    assert [p for p in parameters if not re.search(rf"\b{p}\b[^:\n]*:", arguments)] == []


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_says_each_of_its_fields(name):
    text = inspect.getdoc(RECORDS[name]) or ""
    named = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`]+)`", text)))) | set(
        re.findall(r"\w+", " ".join(re.findall(r"^ +([\w, ]+):", text, re.M)))
    )
    assert [field.name for field in fields(RECORDS[name]) if field.name not in named] == []


def test_everything_else_is_a_list_of_codes_or_a_table():
    rest = set(PUBLIC) - set(FUNCTIONS) - set(RECORDS)
    codes = {name for name in rest if isinstance(PUBLIC[name], EnumMeta)}
    assert all(PUBLIC[name].__doc__ for name in codes)
    assert rest - codes == {"OUTCOMES", "WHY_NOT", "Monitoring", "Sample"}


NO_NAMES = {"said", "told", "found", "asked", "there"}  # participles say nothing of what a value is


def test_no_value_of_the_arithmetic_is_called_by_a_participle():
    room = Path(inspect.getfile(stats)).parents[1]
    called = [
        (file.name, node.lineno, name)
        for part in ("stats", "engine")
        for file in (room / part).glob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        for name in names_made_by(node)
        if name.lower() in NO_NAMES
    ]
    assert called == []


def names_made_by(node):
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        return [node.id]
    if isinstance(node, ast.arg):
        return [node.arg]
    return [node.name] if isinstance(node, ast.FunctionDef | ast.ClassDef) else []
