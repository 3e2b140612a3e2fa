"""What references mean, and what is told of those that lead nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field

from foveola import Exam, Millimetres, Output, Record, UnitBy, operation
from foveola.planning.types import shown, unit_in
from foveola.testing import closed_registry


class Point(Record):
    """Two numbers."""

    mm: tuple[Millimetres, Millimetres]
    px: tuple[float, float]


class Rim(Output):
    """A disc."""

    disc: Point
    status: Literal["found", "lost"] = "found"
    diameter: Annotated[float, UnitBy("real", {True: "mm", False: "px"})] = 0.0


class Taken(Output):
    """What was given."""

    given: Mapping[str, Any]


@operation("find_rim")
def find_rim(*, real: bool = True) -> Rim:
    """Find a rim."""
    return Rim(disc=Point(mm=(1, 1), px=(2, 2)), diameter=float(real))


@operation("take")
def take(value: Any = None, number: Millimetres = 0, word: Literal["found", "lost"] = "found") -> Taken:
    """Take whatever is given."""
    return Taken(given=locals())


class Scan(Exam):
    """An exam."""

    slice_thickness: Annotated[Millimetres, Field(gt=0)]
    laterality: Literal["L", "R"]


REGISTRY = closed_registry([find_rim, take], {"Exam": Scan})


def recipe_of(expression: str, more: str = "", *, outputs: str = "$a") -> str:
    """A recipe in which a step is given an expression."""
    return (
        "recipe: x\ninputs: {width: float, eyes: Exam}\nsteps:\n  rim: {use: find_rim}\n"
        f"  a: {{use: take, with: {{value: {expression}}}{more}}}\noutputs: {{o: {outputs}}}"
    )


@pytest.mark.parametrize(
    ("reference", "type_", "unit"),
    [
        pytest.param("$width", "a number", None, id="input"),
        pytest.param("$rim", "Rim", None, id="whole answer"),
        pytest.param("$rim.disc", "Point", None, id="field"),
        pytest.param("$rim.disc.mm", "a list of numbers", "mm", id="field of a field"),
        pytest.param("$rim.disc.mm.0", "a number", "mm", id="item"),
        pytest.param("$rim.diameter", "a number", "mm", id="unit that its own step decides"),
        pytest.param("$exam", "an exam", None, id="exam"),
        pytest.param("$exam.slice_thickness", "a number", "mm", id="value of the exam"),
        pytest.param("$exam.age", "anything", None, id="further value of the exam"),
        pytest.param("$eyes", "an exam", None, id="another exam"),
        pytest.param("$eyes.laterality", "'L' or 'R'", None, id="value of another exam"),
        pytest.param("5", "a whole number", None, id="written number"),
        pytest.param("[1, 2.5]", "a list of numbers", None, id="written list"),
        pytest.param("[$width, $rim.disc.mm.0]", "a list of anything", None, id="list of different types"),
        pytest.param("{a: $width}", "a map", None, id="map"),
    ],
)
def test_an_output_has_the_type_of_what_it_refers_to(planned, reference, type_, unit):
    """As deep as the declared types go, with its unit."""
    found = planned(recipe_of("null", outputs=reference), REGISTRY).output_types["o"]
    assert shown(found) == type_
    assert getattr(unit_in(found), "symbol", None) == unit


@pytest.mark.parametrize(
    ("reference", "problem"),
    [
        pytest.param("$rmi", "no input or step is called 'rmi' (did you mean 'rim'?)", id="nearly a step"),
        pytest.param("$widht", "no input or step is called 'widht' (did you mean 'width'?)", id="nearly an input"),
        pytest.param("$zone", "no input or step is called 'zone'", id="nothing near"),
        pytest.param(
            "$slice_thickness",
            "no input or step is called 'slice_thickness' (the exam's is '$exam.slice_thickness')",
            id="a value of the exam",
        ),
        pytest.param("$rim.disk", "$rim (Rim) has no part 'disk' (did you mean 'disc'?)", id="nearly a part"),
        pytest.param(
            "$rim.size", "$rim (Rim) has no part 'size' (it has warnings, disc, status, diameter)", id="no part near"
        ),
        pytest.param("$rim.disc.cm", "$rim.disc (Point) has no part 'cm' (it has mm, px)", id="deeper"),
        pytest.param("$width.mm", "$width (a number) has no part 'mm'", id="of a number"),
        pytest.param(
            "$exam.laterality.x", "$exam.laterality ('L' or 'R') has no part 'x'", id="of a value of the exam"
        ),
        pytest.param("$item", "$item is for steps with `foreach`", id="item"),
        pytest.param("$key", "$key is for steps with `foreach`", id="key"),
        pytest.param("[[$rmi]]", "no input or step is called 'rmi' (did you mean 'rim'?)", id="within lists"),
    ],
)
def test_a_reference_that_leads_nowhere_is_told_once(problems_of, reference, problem):
    """With the nearest right name; nothing is told of what follows from it."""
    (found,) = problems_of(recipe_of(reference), REGISTRY)
    assert found.partition(" ")[2] == problem


@pytest.mark.parametrize(
    "place",
    [
        pytest.param(", when: {$rmi.status: found}", id="when"),
        pytest.param(", when: {$rim.status: $rmi}", id="a value of when"),
        pytest.param(", foreach: $rmi", id="foreach"),
        pytest.param(", foreach: $rmi, when: {$item: found}", id="foreach and its items"),
    ],
)
def test_references_are_checked_wherever_they_stand(problems_of, place):
    """In conditions, in `foreach`, in their items."""
    (found,) = problems_of(recipe_of("null", place), REGISTRY)
    assert found.endswith("no input or step is called 'rmi' (did you mean 'rim'?)")


def test_item_and_key_mean_something_in_steps_with_foreach(problems_of):
    """In arguments and conditions; not in what it runs over, nor in context or outputs."""
    inside = recipe_of("[$item, $key]", ", foreach: {a: found}, when: {$item: found, $key: [a, b]}")
    assert problems_of(inside, REGISTRY) == []
    (of_loop,) = problems_of(recipe_of("1", ", foreach: [$item]"), REGISTRY)
    (of_output,) = problems_of(recipe_of("1", outputs="$item"), REGISTRY)
    (of_context,) = problems_of(recipe_of("1").replace("steps:", "context: {word: $key}\nsteps:"), REGISTRY)
    assert {one.partition(" ")[2] for one in (of_loop, of_output)} == {"$item is for steps with `foreach`"}
    assert of_context.startswith("3:17 $key is for steps with `foreach`")


def test_nothing_is_told_of_a_step_that_could_not_be_made_out(problems_of):
    """Its wires, its conditions and what is made of its answer follow from that."""
    text = """recipe: x
steps:
  rim: {use: find_rmi, with: {rael: true}}
  a: {use: take, with: {number: $rim.disc.mm.0}, when: {$rim.status: fuond}, foreach: $rim.disc}
outputs: {o: $a.given, p: $rim.nothing}
"""
    assert problems_of(text, REGISTRY) == ["3:14 no operation is called 'find_rmi' (did you mean 'find_rim'?)"]


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        pytest.param({}, "the exam 'e1' has no 'slice_thicknes' (did you mean 'slice_thickness'?)", id="not there"),
        pytest.param({"slice_thicknes": 1}, None, id="there"),
    ],
)
def test_a_name_that_nearly_is_a_declared_one_is_a_slip(problems_of, said, problem):
    """Unless the exam has it: any further name may be there."""
    exam = {"width": 1.0, "eyes": {}, **said}
    problems = problems_of(recipe_of("$exam.slice_thicknes"), REGISTRY, exam)
    assert [one.partition(" ")[2] for one in problems] == ([] if problem is None else [problem])
    assert problems_of(recipe_of("$exam.age"), REGISTRY, exam) == []


def test_a_value_of_the_exam_that_cannot_be_read_is_told_where_it_is_used(problems_of):
    """By its own name; once for all places."""
    exam = {"width": 1.0, "eyes": {}, "slice_thickness": -1.0}
    (problem,) = problems_of(recipe_of("[$exam.slice_thickness, $exam.slice_thickness]"), REGISTRY, exam)
    said, hint = "e1.slice_thickness: must be greater than 0", "--set exam.slice_thickness=... gives another, in mm"
    assert problem == f"5:33 the exam is wrong: {said} ({hint})"
