"""A plan: what will be computed, and what people should know of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

from foveola import Micrometres, Millimetres, Output, operation
from foveola.planning.planner import make_plan
from foveola.recipes.reader import read_recipe
from foveola.testing import closed_registry


class Length(Output):
    """A length."""

    mm: Millimetres


class Taken(Output):
    """What was given."""

    given: Mapping[str, Any]


@operation("measure")
def measure(zone: Millimetres = 6.0) -> Length:
    """Measure."""
    return Length(mm=zone)


@operation("take")
def take(um: Micrometres = 0, other: float = 0) -> Taken:
    """Take."""
    return Taken(given=locals())


INNER = """
recipe: inner
steps:
  size: {use: measure, with: {zone: 500 µm}}
outputs: {mm: $size.mm}
"""
OUTER = """
recipe: outer
steps:
  inner: {use: ./inner.yaml}
  size: {use: measure, foreach: {a: 1, b: 2}, with: {zone: $item}, when: {$key: a}}
  end: {use: take, with: {um: $inner.mm, other: 1}}
  unneeded: {use: take}
outputs: {end: $end, sizes: $size.mm}
"""


@pytest.fixture
def plan(tmp_path: Path):
    """A plan with a recipe within."""
    for name, text in (("inner", INNER), ("outer", OUTER)):
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    return make_plan(read_recipe(tmp_path / "outer.yaml"), closed_registry([measure, take]))


def test_a_plan_is_a_graph_without_circles(plan):
    """An edge runs from a step to each that takes its answer."""
    assert nx.is_directed_acyclic_graph(plan.graph)
    assert set(plan.graph.edges) == {("inner", "end")}
    assert set(plan.graph) == {"inner", "size", "end"}


def test_a_plan_tells_conversions_within_too(plan):
    """Each with its step and parameter."""
    assert plan.notes == [
        "inner.size.zone: 500 µm read as 0.5 mm",
        "end.um: $inner.mm converted from mm to µm",
    ]


def test_steps_say_what_they_run(plan):
    """An operation or a recipe, by name."""
    assert {name: step.use for name, step in plan.steps.items()} == {
        "inner": "inner",
        "size": "measure",
        "end": "take",
    }
    assert plan.unneeded == ("unneeded",)
