"""What a module's text says of the modules that it loads."""

from __future__ import annotations

from pathlib import Path

import pytest

from foveola.running.modules import ModuleCode, read_code


def read(folder: Path, text: str) -> ModuleCode:
    """A module `acme.operations` of this text."""
    path = folder / "operations.py"
    path.write_text(text, encoding="utf-8")
    return read_code(path, "acme.operations")


IMPORTS = {
    "a module": ("import one.two", {"one.two"}),
    "names of one": ("from one import two as other", {"one", "one.two"}),
    "everything": ("from one import *", {"one"}),
    "beside": ("from .one import two", {"acme.one", "acme.one.two"}),
    "within a function": ("def f():\n    if a:\n        import one", {"one"}),
    "by a text": ("import_module('.one', __package__)", {"acme.one"}),
    "as a part of what is imported": ("import one\none.two.three()", {"one", "one.two", "one.two.three"}),
    "as a part of what has another name": ("import one.two as o\no.three", {"one.two", "one.two.three"}),
    "as a part of what is beside": ("from . import one\none.two", {"acme", "acme.one", "acme.one.two"}),
}


@pytest.mark.parametrize(("text", "imports"), IMPORTS.values(), ids=IMPORTS)
def test_imports(tmp_path, text, imports):
    """However they are written, wherever they stand."""
    found = read(tmp_path, text)
    assert set(found.imports) == imports
    assert (found.is_dynamic, found.reads_files, found.calls_by_name) == (False, False, False)


DYNAMIC = {
    "a name that is made": "import_module(name)",
    "another name for that": "from importlib import import_module as load",
    "names that are asked for": "def __getattr__(name):\n    return 1",
    "all modules of a package": "import pkgutil",
}


@pytest.mark.parametrize("text", DYNAMIC.values(), ids=DYNAMIC)
def test_modules_that_are_not_named(tmp_path, text):
    """They may be any of its package."""
    assert read(tmp_path, text).is_dynamic


READING = {
    "its place": "LIMITS = open(__file__ + '.json')",
    "resources": "from importlib.resources import files",
    "resources, by their module": "from importlib import resources",
    "resources, as a part": "import importlib\nimportlib.resources.files('acme')",
    "resources of old": "import pkg_resources",
}


@pytest.mark.parametrize("text", READING.values(), ids=READING)
def test_files_beside_it(tmp_path, text):
    """They count as its code does."""
    assert read(tmp_path, text).reads_files


CALLING = [
    "import foveola\nfoveola.call('get_etdrs')",
    "from foveola import call as c",
    "import foveola as f\nf.call('a')",
]


@pytest.mark.parametrize("text", CALLING)
def test_operations_by_name(tmp_path, text):
    """What they do is not told from this text."""
    assert read(tmp_path, text).calls_by_name
