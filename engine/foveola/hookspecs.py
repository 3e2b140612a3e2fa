"""The questions that the engine asks plugins (pluggy hooks, entry-point group `foveola.plugins`).

What can be listed is an entry point: `foveola.operations`, `.recipes`, `.readers`, `.types`. What must be asked is
here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    import click

PROJECT = "foveola"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def foveola_commands(cli: click.Group) -> None:
    """Add commands to the command line.

    Args:
        cli: the `foveola` command; `cli.add_command` takes yours.
    """


@hookspec
def foveola_step_finished(step: str, operation: str, state: str, seconds: float) -> None:
    """Hear of each step of a run as it ends.

    Args:
        step: its name, `outer.inner` within a recipe used as a step, `step[key]` within a `foreach`.
        operation: the operation's name.
        state: `computed`, `remembered`, `skipped` or `failed`.
        seconds: how long it took.
    """
