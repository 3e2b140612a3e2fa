"""What commands share: options, exit statuses, ways of printing."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from foveola.surfaces.completion import complete_settings

FAILED, WRONG = 1, 2
"""Exit statuses: what ran failed; nothing ran, since something was wrong."""

settings_option = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    shell_complete=complete_settings,
    help="Set STEP.PARAMETER, context.NAME or exam.NAME; repeatable.",
)
plugin_option = click.option(
    "--plugin",
    "plugin_files",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="A file of operations; repeatable.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Data instead of text.")


def read_settings(settings: Iterable[str]) -> dict[str, str]:
    """`NAME=VALUE` words as a mapping.

    Raises:
        click.BadParameter: a word has no `=`.
    """
    read = {}
    for word in settings:
        name, equals, value = word.partition("=")
        if not equals:
            raise click.BadParameter(f"{word!r} has no '='", param_hint="--set")
        read[name.strip()] = value
    return read


def echo_json(value: Any) -> None:
    """Print data, indented where a person reads it."""
    from foveola.values import json_bytes  # noqa: PLC0415  see `cli`

    click.echo(json_bytes(value, indent=sys.stdout.isatty()))


def echo_table(rows: Iterable[tuple[str, str]]) -> None:
    """Print names, and beside each a few words."""
    rows = list(rows)
    width = max((len(name) for name, _ in rows), default=0)
    for name, text in rows:
        click.echo(f"{name:{width}}  {text}")
