"""A small world without eyes: two operations, a plugin that draws one of them, and results of a recipe of both."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import pytest

from foveola import EXTRA, Exam, Millimetres, Output, hookimpl, operation
from foveola.hookspecs import Picture, Subject, Table
from foveola.recipes.reader import parse_recipe
from foveola.registry import Registry
from foveola.running.files import write_result
from foveola.running.results import Result
from foveola.surfaces.python import run
from foveola.testing import closed_registry

RECIPE = """
recipe: lengths
about: How long things are
inputs:
  length: float
  names: {type: Words, default: [a, b]}
context: {factor: 2}
steps:
  twice: {use: scale, with: {length: $length}}
  each: {use: label, foreach: $names, with: {name: $item}}
  never: {use: label, when: {$twice.is_long: true}, with: {name: never}}
outputs:
  twice: $twice.scaled
  whole: $twice
  labels: $each.text
  never: $never
"""


class Scaled(Output):
    """A length."""

    scaled: Millimetres
    """How long."""
    is_long: bool
    """Whether it is more than ten."""
    coverage: Annotated[float, EXTRA] = 0.5
    """How much of it was seen."""


class Label(Output):
    """A word."""

    text: str
    """It."""


@operation("scale")
def scale(length: float, factor: float = 1.0) -> Scaled:
    """Make a length longer.

    Args:
        length: what.
        factor: by how much.
    """
    if length < 0:
        raise ValueError("is less than nothing")
    warnings = ("a long one",) if length > 4 else ()
    return Scaled(scaled=length * factor, is_long=length * factor > 10, warnings=warnings)


@operation("label")
def label(name: str) -> Label:
    """Say a word.

    Args:
        name: which.
    """
    return Label(text=name)


class Painter:
    """A plugin that draws lengths, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Subject] = []

    @hookimpl
    def foveola_picture(self, subject: Subject) -> Picture | None:
        """A rectangle, for a length alone."""
        self.asked.append(subject)
        if subject.operation != "scale" or subject.part != ("scaled",):
            return None
        markup = f"<svg role='img' aria-label='length'><title>length</title><rect width='{subject.value}'/></svg>"
        return Picture("A length", markup, Table(("", "length, mm"), [("this", subject.value)]), "as it is")


@pytest.fixture
def painter() -> Painter:
    """The plugin."""
    return Painter()


@pytest.fixture
def registry(painter: Painter) -> Registry:
    """The operations and the plugin."""
    found = closed_registry([scale, label], {"Words": list})
    found.hooks.register(painter, "painter")
    return found


@pytest.fixture
def ran(registry: Registry) -> Callable[..., Result]:
    """Run the recipe on values."""

    def make(values: Mapping[str, Any] | None = None, recipe: str = RECIPE, name: str = "exam") -> Result:
        parsed = parse_recipe(recipe, "lengths.yaml", Path())
        return run(parsed, Exam(values or {"length": 3.0}, name=name), registry=registry, memo=None)

    return make


@pytest.fixture
def written(ran: Callable[..., Result], tmp_path: Path) -> Callable[..., Path]:
    """The same as a result file."""

    def make(values: Mapping[str, Any] | None = None, name: str = "exam", folder: str = "results") -> Path:
        return write_result(ran(values, name=name), tmp_path / folder)

    return make
