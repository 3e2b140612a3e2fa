"""A plan, for people and for programs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from foveola import Exam, Micrometres, Millimetres, Output, operation
from foveola.planning.planner import make_plan
from foveola.recipes.reader import read_recipe
from foveola.testing import closed_registry


class Length(Output):
    """A length."""

    mm: Millimetres
    found: bool = True


class Taken(Output):
    """What was given."""

    given: Mapping[str, Any]


@operation("measure")
def measure(zone: Millimetres = 6.0, layers: list[str] | None = None, *, exact: bool = True) -> Length:
    """Measure."""
    return Length(mm=zone * len(layers or []), found=exact)


@operation("take")
def take(um: Micrometres, pitch: Millimetres = 1.0) -> Taken:
    """Take."""
    return Taken(given=locals())


class Scan(Exam):
    """An exam."""

    pitch: Millimetres


INNER = """
recipe: inner
inputs: {zone: float}
steps:
  size: {use: measure}
outputs: {mm: $size.mm}
"""
OUTER = """
recipe: outer
about: What is measured
inputs: {zone: float, eyes: Exam}
context: {layers: [rnfl, gcl]}
steps:
  first: {use: measure, with: {zone: 500 µm, exact: false}}
  each: {use: take, foreach: {a: $first.mm}, when: {$first.found: true}, with: {um: $item}}
  other: {use: ./inner.yaml, with: {exam: $eyes}}
  same: {use: ./inner.yaml}
  unneeded: {use: measure}
outputs: {each: $each, other: [$other.mm, $same.mm]}
"""


@pytest.fixture
def plan(tmp_path: Path):
    """A plan with all there can be in one."""
    for name, text in (("inner", INNER), ("outer", OUTER)):
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    return make_plan(read_recipe(tmp_path / "outer.yaml"), closed_registry([measure, take], {"Exam": Scan}))


def test_people_read_what_fills_each_parameter(plan):
    """Step by step, recipes within too, and from where."""
    assert str(plan) == (
        """\
outer: What is measured

first: measure
    zone    0.5                                       with
    layers  [rnfl, gcl]                               context
    exact   false                                     with

each: take
    runs only where $first.found is true
    for each of {a: $first.mm}
    um     $item                                     with
    pitch  $exam.pitch                               exam

other: inner
    zone  $eyes.zone                                exam
    exam  $eyes                                     with

other.size: measure
    zone    $zone                                     input
    layers  null                                      default
    exact   true                                      default

same: inner
    zone  $zone                                     input
    exam  $exam                                     exam

same.size: measure
    zone    $zone                                     input
    layers  null                                      default
    exact   true                                      default

not run, since no output needs it: unneeded

output each: $each
output other: [$other.mm, $same.mm]"""
    )


def test_programs_read_the_same(plan):
    """As plain data."""
    data = plan.as_json()
    assert data["recipe"] == "outer"
    assert data["unneeded"] == ["unneeded"]
    assert data["outputs"] == {"each": "$each", "other": "[$other.mm, $same.mm]"}
    assert data["notes"] == [
        "first.zone: 500 µm read as 0.5 mm",
        "each.um: $item converted from mm to µm",
    ]
    first, each, other, _ = data["steps"]
    assert first["parameters"]["zone"] == {"from": "with", "value": "0.5", "note": "500 µm read as 0.5 mm"}
    assert (each["needs"], each["when"], each["foreach"]) == (
        ["first"],
        ["$first.found is true"],
        "{a: $first.mm}",
    )
    assert [step["name"] for step in other["steps"]] == ["size"]
