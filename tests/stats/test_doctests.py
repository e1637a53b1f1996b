"""Every example in the engine's docstrings is true."""

import doctest
import importlib
import pkgutil

import pytest

import experiments.stats

MODULES = [
    f"experiments.stats.{module.name}"
    for module in pkgutil.iter_modules(experiments.stats.__path__)
]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_are_true(name):
    module = importlib.import_module(name)
    results = doctest.testmod(module, optionflags=doctest.ELLIPSIS)
    assert results.failed == 0


@pytest.mark.parametrize("name", sorted(experiments.stats.__all__))
def test_every_public_function_has_an_example(name):
    thing = getattr(experiments.stats, name)
    if callable(thing) and not isinstance(thing, type):
        assert ">>>" in (thing.__doc__ or "")
