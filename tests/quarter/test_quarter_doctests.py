"""Every example in the docstrings of the calendar's arithmetic is true."""

import doctest
import importlib
import pkgutil

import pytest

import experiments.quarter

MODULES = [
    module.name
    for module in pkgutil.walk_packages(experiments.quarter.__path__, "experiments.quarter.")
]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_are_true(name):
    assert doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS).failed == 0
