"""What a module's text says of the modules that it loads."""

from __future__ import annotations

import os
from pathlib import Path
from py_compile import PycInvalidationMode
from py_compile import compile as compile_file

import pytest

from foveola.running.modules import ModuleCode, Place, place_of, read_code, runs_older_bytecode


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


@pytest.mark.parametrize(
    ("mode", "then", "is_older"),
    [
        (PycInvalidationMode.TIMESTAMP, "A = 1", False),
        (PycInvalidationMode.TIMESTAMP, "A = 2", True),
        (PycInvalidationMode.TIMESTAMP, "A = 10", False),
        (PycInvalidationMode.CHECKED_HASH, "A = 2", False),
        (PycInvalidationMode.UNCHECKED_HASH, "A = 1", False),
        (PycInvalidationMode.UNCHECKED_HASH, "A = 2", True),
    ],
)
def test_old_bytecode(tmp_path, mode, then, is_older):
    """Python runs it where the size and the second are the same, or where it was told not to look."""
    path = tmp_path / "operations.py"
    path.write_text("A = 1", encoding="utf-8")
    second = path.stat().st_mtime_ns // 10**9 * 10**9
    os.utime(path, ns=(second, second))
    compiled = compile_file(str(path), invalidation_mode=mode)
    os.utime(compiled, ns=(second, second))
    if then != "A = 1":
        path.write_text(then, encoding="utf-8")
        os.utime(path, ns=(second + 1, second + 1))
    assert runs_older_bytecode(path) is is_older


def test_a_folder_in_a_package_that_is_not_loaded_has_a_place(tmp_path, monkeypatch):
    """Though it has no `__init__`, and Python would look for its package among what is loaded; so has what is in it."""
    inner = tmp_path / "acme_unloaded" / "folder" / "inner.py"
    inner.parent.mkdir(parents=True)
    inner.write_text("", encoding="utf-8")
    (tmp_path / "acme_unloaded" / "__init__.py").write_text("", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    assert place_of("acme_unloaded.folder") == Place(None, (str(inner.parent),))
    assert place_of("acme_unloaded.folder.inner") == Place(inner)
    assert place_of("acme_unloaded.gone") is None
