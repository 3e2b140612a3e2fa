"""The plugin manager: who answers the questions of `hookspecs`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import pluggy

from foveola import hookspecs
from foveola.errors import PluginError, sentence
from foveola.origins import STUMBLES, Origin, warn_of

GROUP = "foveola.plugins"


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
