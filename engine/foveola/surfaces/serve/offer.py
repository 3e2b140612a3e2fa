"""What of a registry is served: what is broken is left out, and the log says why; the rest is served all the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from foveola.errors import FoveolaError
from foveola.operations import Operation, Output
from foveola.recipes.model import Recipe
from foveola.recipes.reader import read_recipe
from foveola.registry import Registry

OWN_PATHS = ("/", "/docs", "/health", "/metrics", "/openapi.json")
"""The service's own; no operation takes their place."""

Log = Callable[[dict[str, Any]], None]
T = TypeVar("T")


@dataclass(frozen=True)
class Offer:
    """What is served.

    Attributes:
        registry: where it comes from.
        operations: by name.
        recipes: by name.
    """

    registry: Registry
    operations: Mapping[str, Operation[..., Output]]
    recipes: Mapping[str, Recipe]


def offer_of(registry: Registry, log: Log) -> Offer:
    """What of a registry can be served.

    Args:
        registry: what is installed.
        log: hears of what cannot.
    """
    operations = _usable("operation", registry.operation_names, registry.operation, log)
    for name in [name for name in operations if f"/{name}" in OWN_PATHS]:
        del operations[name]
        log({"event": "not served", "operation": name, "note": "its path is one of the service's own"})
    recipes = _usable("recipe", registry.recipes, lambda name: read_recipe(registry.recipes[name]), log)
    return Offer(registry, operations, recipes)


def _usable(kind: str, names: Iterable[str], load: Callable[[str], T], log: Log) -> dict[str, T]:
    found = {}
    for name in names:
        try:
            found[name] = load(name)
        except FoveolaError as error:
            log({"event": "not served", kind: name, "note": str(error)})
    return found
