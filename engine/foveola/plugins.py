"""The plugin manager: who answers the questions of `hookspecs`."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib.metadata import EntryPoint, entry_points

import pluggy

from foveola import hookspecs

GROUP = "foveola.plugins"


def make_manager(points: Iterable[EntryPoint]) -> pluggy.PluginManager:
    """A manager with the plugins that some entry points name.

    Raises:
        ImportError: a plugin cannot be imported.
    """
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    for point in sorted(points, key=lambda one: one.name):
        manager.register(point.load(), point.name)
    return manager


@cache
def installed() -> pluggy.PluginManager:
    """The manager of everything installed beside foveola."""
    return make_manager(entry_points(group=GROUP))
