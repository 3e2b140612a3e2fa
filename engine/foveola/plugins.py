"""The plugin manager: who answers the questions of `hookspecs`."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from threading import Lock
from types import ModuleType
from typing import Any, TypeVar

import pluggy

from foveola import hookspecs
from foveola.errors import PluginError, sentence

GROUP = "foveola.plugins"

T = TypeVar("T")


@dataclass(frozen=True)
class Origin:
    """Where a name comes from: a distribution and its entry point."""

    distribution: str
    entry_point: EntryPoint

    @classmethod
    def of(cls, point: EntryPoint) -> Origin:
        """The origin that an entry point is."""
        return cls(point.dist.name if point.dist else "an unnamed distribution", point)

    def load(self) -> Any:
        """What the entry point names.

        Raises:
            PluginError: it cannot be imported.
        """
        try:
            return self.entry_point.load()
        except Exception as error:
            raise self.wrong(f"cannot be imported: {sentence(error)}") from error

    def wrong(self, message: str) -> PluginError:
        """An error that names this place."""
        return PluginError(self.distribution, f"{self.entry_point.name} = {self.entry_point.value}", message)


def make_manager(points: Iterable[EntryPoint]) -> pluggy.PluginManager:
    """A manager with the plugins that some entry points name.

    Raises:
        PluginError: a plugin cannot be imported, or answers what nobody asks.
    """
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    for point in sorted(points, key=lambda one: one.name):
        origin = Origin.of(point)
        plugin = origin.load()
        try:
            manager.register(plugin, point.name)
            manager.check_pending()
        except (ValueError, pluggy.PluginValidationError) as error:
            raise origin.wrong(" ".join(str(error).split())) from error
    return manager


@cache
def installed() -> pluggy.PluginManager:
    """The manager of everything installed beside foveola."""
    return make_manager(entry_points(group=GROUP))


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


_LOADING = Lock()
AGAIN = "+"
"""Stands in a module's name before the number of others that had it: these have one name, and one alone."""
_FILES: dict[str, tuple[Path, bytes]] = {}
"""Which file, saying what, each module was made from."""


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
    except Exception as error:
        del sys.modules[name]
        raise PluginError(str(path), path.name, f"cannot be imported: {sentence(error)}") from error
    _FILES[name] = made_from
    return module
