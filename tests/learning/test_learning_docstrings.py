"""Public names of the learning arithmetic say what goes in and out, and their examples are true."""

import ast
import doctest
import importlib
import inspect
import pkgutil
import re
from dataclasses import fields, is_dataclass
from enum import EnumMeta

import pytest

import experiments.learning

MODULES = [
    importlib.import_module(f"experiments.learning.{module.name}")
    for module in pkgutil.iter_modules(experiments.learning.__path__)
]
PUBLIC = {
    f"{module.__name__.rsplit('.', 1)[1]}.{name}": value
    for module in MODULES
    for name, value in vars(module).items()
    if not name.startswith("_") and getattr(value, "__module__", "") == module.__name__
}
FUNCTIONS = {name: value for name, value in PUBLIC.items() if inspect.isfunction(value)}
RECORDS = {name: value for name, value in PUBLIC.items() if is_dataclass(value)}
CODES = {name: value for name, value in PUBLIC.items() if isinstance(value, EnumMeta)}
PARTS = ("Args:", "Returns:", "Raises:", "Source:", ">>> ")


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_the_examples_of_a_module_are_true(module):
    assert doctest.testmod(module, optionflags=doctest.ELLIPSIS).failed == 0


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_says_its_arguments_answer_errors_source_and_an_example(name):
    text = inspect.getdoc(FUNCTIONS[name]) or ""
    assert [part for part in PARTS if part not in text] == []
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


@pytest.mark.parametrize("name", CODES)
def test_a_code_says_what_each_of_its_words_means(name):
    text = inspect.getdoc(CODES[name]) or ""
    assert [code.name for code in CODES[name] if f"`{code.name}`" not in text] == []


def test_no_value_is_called_by_a_participle():
    names = {
        node.id
        for module in MODULES
        for node in ast.walk(ast.parse(inspect.getsource(module)))
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    assert not names & {"said", "told", "found", "asked", "there"}
