"""The three doors: what stands in `__all__` is there, sorted, and is all that there is."""

from __future__ import annotations

import ast
import inspect
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

import foveola
import foveola.testing
import foveola_oct.retina

DOORS = [pytest.param(door, id=door.__name__) for door in (foveola, foveola.testing, foveola_oct.retina)]


def kind_and_name(name: str) -> tuple[int, str]:
    """Constants first, then classes, then functions, each by the alphabet."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2, name)


def is_defined_somewhere(thing: object) -> bool:
    """Whether it is a class or a function, which know where they are at home."""
    return inspect.isclass(thing) or inspect.isfunction(thing)


def imported(module: ModuleType) -> set[str]:
    """The names that a module's text imports from elsewhere, at its top or for type checkers."""
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    return {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("foveola")
        for alias in node.names
    }


@pytest.mark.parametrize("door", DOORS)
def test_a_door_offers_its_names_in_order(door):
    """One finds a name where one looks for it, and finds it once."""
    assert door.__all__ == sorted(set(door.__all__), key=kind_and_name)


@pytest.mark.parametrize("door", DOORS)
def test_what_a_door_offers_is_there(door):
    """Everything can be imported, and nothing is private."""
    assert [name for name in door.__all__ if not hasattr(door, name)] == []
    assert [name for name in door.__all__ if name.startswith("_")] == []


@pytest.mark.parametrize("door", DOORS)
def test_what_is_offered_is_explained(door):
    """Every class and function of a door has a docstring of its own."""
    things = {name: getattr(door, name) for name in door.__all__}
    assert [name for name, thing in things.items() if is_defined_somewhere(thing) and not thing.__doc__] == []


@pytest.mark.parametrize("door", [foveola, foveola_oct.retina], ids=lambda door: door.__name__)
def test_what_a_door_imports_it_offers(door):
    """Type checkers see the same names as the interpreter."""
    assert imported(door) == set(door.__all__)


def test_the_third_door_offers_what_it_defines():
    """What it needs itself is not offered again."""
    defined = {
        name
        for name, thing in vars(foveola.testing).items()
        if getattr(thing, "__module__", "").startswith("foveola.testing.")
    }
    assert defined == set(foveola.testing.__all__)


def test_the_table_of_names_offers_just_these():
    """What is loaded when it is asked for is what stands in `__all__`, each name in one home."""
    names = [name for names in foveola._HOMES.values() for name in names.split()]
    assert sorted(names) == sorted(foveola.__all__)


def test_a_name_is_defined_in_its_home():
    """The table leads to the module that defines a class or function, not to one that imports it."""
    for name, home in foveola._HOME_OF.items():
        thing = getattr(import_module(f"foveola.{home}"), name)
        assert not is_defined_somewhere(thing) or thing.__module__ == f"foveola.{home}"
