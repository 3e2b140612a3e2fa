"""Where the code of strangers comes from: an entry point of a package, or a file."""

from __future__ import annotations

import ast
import sys
import warnings
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import EntryPoint
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from threading import Lock
from types import ModuleType
from typing import Any, TypeVar

from foveola.errors import PluginError, PluginWarning, sentence

OPERATIONS = "foveola.operations"
TYPES = "foveola.types"
READERS = "foveola.readers"
FETCHERS = "foveola.fetchers"
RECIPES = "foveola.recipes"
"""The groups of entry points that can be listed; what must be asked is in that of `plugins`."""

OURS = "foveola"
"""The distribution that the engine belongs to: its own operations are not loaded to be listed."""

STUMBLES = (Exception, SystemExit)
"""What a stranger's code may raise without ending ours."""

AGAIN = "+"
"""Stands in a module's name before the number of others that had it: these have one name, and one alone."""

_LOADING = Lock()
_FILES: dict[str, tuple[Path, bytes]] = {}
"""Which file, saying what, each module was made from."""

T = TypeVar("T")


@dataclass(frozen=True)
class Origin:
    """Where a name comes from: an entry point of a distribution."""

    entry_point: EntryPoint

    @cached_property
    def distribution(self) -> str:
        """Who brings it; read from its metadata when it is asked for."""
        return self.entry_point.dist.name if self.entry_point.dist else "an unnamed distribution"

    @property
    def about(self) -> str:
        """The first line of the docstring of the function that it names, read in its file, which is not imported."""
        module, _, name = self.entry_point.value.partition(":")
        spec = find_spec(module)
        tree = ast.parse(Path(spec.origin).read_bytes() if spec is not None and spec.origin else b"")
        found = (node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name)
        return next(((ast.get_docstring(node) or "").partition("\n")[0] for node in found), "")

    def load(self) -> Any:
        """What the entry point names.

        Raises:
            PluginError: it cannot be imported.
        """
        try:
            return self.entry_point.load()
        except STUMBLES as error:
            raise self.wrong(f"cannot be imported: {sentence(error)}") from error

    def wrong(self, message: str) -> PluginError:
        """An error that names this place."""
        return PluginError(self.distribution, self.line, message)

    @property
    def line(self) -> str:
        """The entry point as the package wrote it."""
        return f"{self.entry_point.name} = {self.entry_point.value}"

    def __str__(self) -> str:
        return f"{self.line!r} of {self.distribution}"


def warn_of(error: PluginError) -> None:
    """Say what is wrong with a plugin, and go on without it."""
    warnings.warn(str(error), PluginWarning, stacklevel=2)


def load_file(path: Path, kind: type[T]) -> list[T]:
    """What a Python file defines of a kind.

    Raises:
        PluginError: it cannot be imported, or defines none.
    """
    with _LOADING:
        module = _module_of(path)
    name = module.__name__
    found = [one for one in vars(module).values() if isinstance(one, kind) and getattr(one, "__module__", "") == name]
    if not found:
        raise PluginError(str(path), path.name, "defines no operation; decorate one with @operation")
    return found


def _module_of(path: Path) -> ModuleType:
    """The module of a file, loaded once. Another file of that name, or another state of the file, is another module."""
    try:
        made_from = path.resolve(), path.read_bytes()
    except OSError as error:
        raise PluginError(str(path), path.name, f"cannot be read: {error.strerror}") from error
    name, count = f"foveola_file_{path.stem}", 1
    while _FILES.get(name, made_from) != made_from:
        name, count = f"{name.partition(AGAIN)[0]}{AGAIN}{count}", count + 1
    if name in _FILES:
        return sys.modules[name]
    spec = spec_from_file_location(name, path.absolute())
    if spec is None or spec.loader is None:
        raise PluginError(str(path), path.name, "is no Python file")
    module = module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except STUMBLES as error:
        del sys.modules[name]
        raise PluginError(str(path), path.name, f"cannot be imported: {sentence(error)}") from error
    _FILES[name] = made_from
    return module
