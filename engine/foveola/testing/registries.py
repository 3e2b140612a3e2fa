"""A closed registry, which never holds what happens to be installed, and a recipe run with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

from foveola.operations import Operation, Output
from foveola.origins import TYPES
from foveola.recipes.reader import parse_recipe
from foveola.registry import Registry
from foveola.running.memo import MemoryMemo
from foveola.running.results import Result
from foveola.surfaces.python import run


def closed_registry(operations: Iterable[Operation[..., Output]], types: Mapping[str, type] | None = None) -> Registry:
    """A registry of these operations and types alone.

    Args:
        operations: what recipes may use.
        types: what their inputs may be, by the names that recipes say; they must be importable.
    """
    points = [EntryPoint(name, f"{kind.__module__}:{kind.__qualname__}", TYPES) for name, kind in (types or {}).items()]
    return Registry(points, operations)


def run_text(recipe: str, exam: Mapping[str, Any], registry: Registry) -> Result:
    """Run a recipe's text on named values; nothing is remembered beyond this run.

    Args:
        recipe: its YAML; recipes within are looked for in the working folder.
        exam: the values of the exam, by name.
        registry: what the recipe may use.

    Raises:
        RecipeError: the recipe is wrong.
    """
    return run(parse_recipe(recipe, "recipe.yaml", Path()), exam, memo=MemoryMemo(), registry=registry)
