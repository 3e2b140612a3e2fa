"""Completion in a shell: what operations, recipes, steps and outputs are called. Nothing that computes is imported."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from foveola.errors import FoveolaError, PluginError
from foveola.origins import OPERATIONS, RECIPES, Origin

if TYPE_CHECKING:
    from foveola.recipes.model import Recipe


def complete_operations(_ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The operations that packages say they bring."""
    return _beginning(incomplete, {point.name for point in entry_points(group=OPERATIONS)})


def complete_shipped(_ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The recipes that packages bring."""
    return _beginning(incomplete, _shipped())


def complete_recipes(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The recipes that packages bring; where none is called so, files."""
    return complete_shipped(ctx, parameter, incomplete) or complete_paths(ctx, parameter, incomplete)


def complete_paths(_ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Files and folders, which the shell finds itself."""
    return [CompletionItem(incomplete, type="file")]


def complete_outputs(ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The outputs of the recipe that was named."""
    recipe = _named(ctx)
    return [] if recipe is None else _beginning(incomplete, recipe.outputs)


def complete_settings(ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """What can be set in the recipe that was named, as far as it is written there."""
    recipe = _named(ctx)
    if recipe is None:
        return []
    names = [
        *(f"{step.name}.{argument}=" for step in recipe.steps.values() for argument in step.arguments),
        *(f"{step.name}." for step in recipe.steps.values() if not step.arguments),
        *(f"context.{name}=" for name in recipe.context),
        *(f"exam.{name}=" for name in recipe.inputs),
    ]
    return _beginning(incomplete, names)


def _beginning(incomplete: str, names: Iterable[str]) -> list[CompletionItem]:
    return [CompletionItem(name) for name in sorted(names) if name.startswith(incomplete)]


def _named(ctx: click.Context) -> Recipe | None:
    """The recipe that stands in the line, if it can be read."""
    from foveola.recipes.reader import read_recipe  # noqa: PLC0415  names of operations need no YAML

    said = str(ctx.params.get("recipe") or next(iter(ctx.args), ""))  # words before an option without its value
    path = Path(said) if Path(said).is_file() else _shipped().get(said)
    try:
        return None if path is None else read_recipe(path)
    except (FoveolaError, OSError):  # who runs it is told
        return None


def _shipped() -> Mapping[str, Path]:
    found: dict[str, Path] = {}
    for point in entry_points(group=RECIPES):
        try:
            folder = Origin(point).load()
        except PluginError:  # `foveola operations` tells of it
            continue
        if isinstance(folder, str | Path):
            found |= {path.stem: path for path in Path(folder).glob("*.yaml")}
    return found
