"""The plugin manager: who answers the questions of `hookspecs`."""

from __future__ import annotations

import ast
import sys
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from threading import Lock
from types import ModuleType
from typing import Any, TypeVar

import pluggy

from foveola import hookspecs
from foveola.errors import PluginError, PluginWarning, sentence

GROUP = "foveola.plugins"
OURS = "foveola"
"""The distribution that the engine belongs to: its own operations are not loaded to be listed."""

STUMBLES = (Exception, SystemExit)
"""What a stranger's code may raise without ending ours."""

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


class Manager(pluggy.PluginManager):
    """Who answers the questions of `hookspecs`, and where each comes from."""

    def __init__(self) -> None:
        super().__init__(hookspecs.PROJECT)
        self.add_hookspecs(hookspecs)
        self._origins: dict[str, Origin] = {}

    def join(self, origin: Origin) -> None:
        """Take in the plugin that an entry point names.

        Raises:
            PluginError: it cannot be imported, or answers what nobody asks.
        """
        plugin, name = origin.load(), origin.entry_point.name
        if (earlier := self._origins.get(name)) is not None:
            raise origin.wrong(f"has the name of a plugin of {earlier.distribution}; uninstall one")
        try:
            self.register(plugin, name)
            self.check_pending()
        except (ValueError, pluggy.PluginValidationError) as error:
            if self.get_plugin(name) is plugin:
                self.unregister(plugin)
            raise origin.wrong(" ".join(str(error).split())) from error
        self._origins[name] = origin

    def ask_each(self, hook: str, **arguments: Any) -> list[Any]:
        """What each plugin answers; one that raises is warned of, and the others are asked all the same."""
        answers = []
        for asked in reversed(getattr(self.hook, hook).get_hookimpls()):
            try:
                answers.append(asked.function(*(arguments[name] for name in asked.argnames)))
            except STUMBLES as error:
                message = f"fails when asked {hook}: {sentence(error)}"
                origin = self._origins.get(asked.plugin_name)
                warn_of(origin.wrong(message) if origin else PluginError("this process", asked.plugin_name, message))
        return answers


def make_manager(points: Iterable[EntryPoint], leave_out: Callable[[PluginError], None] = warn_of) -> Manager:
    """A manager with the plugins that some entry points name.

    Args:
        points: the entry points.
        leave_out: hears of each that is wrong: it cannot be imported, or answers what nobody asks.
    """
    manager = Manager()
    for point in sorted(points, key=lambda one: one.name):
        try:
            manager.join(Origin(point))
        except PluginError as error:
            leave_out(error)
    return manager


@cache
def installed() -> Manager:
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
    except STUMBLES as error:
        del sys.modules[name]
        raise PluginError(str(path), path.name, f"cannot be imported: {sentence(error)}") from error
    _FILES[name] = made_from
    return module
