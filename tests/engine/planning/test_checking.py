"""Whether what fills a parameter fits it: wires, lists, conditions, `foreach`, and what the exam says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import pytest
from pydantic import Field

from foveola import (
    Array,
    Exam,
    Micrometres,
    Millimetres,
    Output,
    Pixels,
    Record,
    SquareMillimetres,
    Unit,
    UnitBy,
    operation,
)
from foveola.recipes.model import ListOf, MapOf, written
from foveola.testing import closed_registry

PixelMap = Annotated[np.ndarray, Array("rows", "columns"), Unit("px")]
MicrometreMap = Annotated[np.ndarray, Array("rows", "columns"), Unit("µm")]


class Thickness(Record, bare="values"):
    """A map."""

    unit: ClassVar[Unit] = Unit("px")
    values: Annotated[np.ndarray, Array("rows", "columns")]


class Found(Output):
    """What was found."""

    status: Literal["found", "lost"]
    width: Millimetres
    height: Millimetres | None = None
    area: SquareMillimetres = 0.0
    across: Pixels = 0.0
    count: int = 0
    flag: bool = False
    name: str = ""
    widths: tuple[Millimetres, ...] = ()
    by_name: Mapping[str, Millimetres] = Field(default_factory=dict)
    map: PixelMap
    thickness: Thickness
    either: Annotated[float, UnitBy("real", {True: "mm", False: "px"})] = 0.0
    anything: Any = None


class Taken(Output):
    """What was given."""

    given: Mapping[str, Any]


@operation("find")
def find(threshold: float = 0.5, *, real: bool = False) -> Found:
    """Find something."""
    grid = np.full((2, 2), threshold)
    return Found(status="found", width=1.0, map=grid, thickness=Thickness(values=grid), flag=real)


@operation("take")
def take(
    um: Micrometres | None = None,
    ums: list[Micrometres] | None = None,
    named: Mapping[str, Micrometres] | None = None,
    mm: Millimetres | None = None,
    text: str | None = None,
    whole: int | None = None,
    map_um: MicrometreMap | None = None,
    map_any: np.ndarray | None = None,
    thickness: Thickness | None = None,
    thickness_um: Annotated[Thickness, Unit("µm")] | None = None,
    pair: tuple[Millimetres, Micrometres] | None = None,
    points: Annotated[np.ndarray, Array("points", "xy"), Unit("mm")] | None = None,
    small: Annotated[Micrometres, Field(le=3000)] | None = None,
    either: Annotated[float, UnitBy("real", {True: "mm", False: "px"})] | None = None,
    real: bool = False,
) -> Taken:
    """Take whatever is given."""
    return Taken(given=locals())


class Scan(Exam):
    """An exam that knows a few names."""

    slice_thickness: Annotated[Millimetres, Field(gt=0)]
    small: Millimetres
    laterality: Literal["L", "R"]


REGISTRY = closed_registry([find, take], {"Exam": Scan})


def recipe_of(arguments: str, more: str = "") -> str:
    """A recipe in which something is found and given to a step."""
    return f"recipe: x\nsteps:\n  f: {{use: find}}\n  a: {{use: take, with: {{{arguments}}}{more}}}\noutputs: {{o: $a}}"


@pytest.mark.parametrize(
    ("name", "wire", "factor", "note"),
    [
        pytest.param("mm", "$f.width", 1.0, "", id="the same unit"),
        pytest.param("um", "$f.width", 1000.0, "$f.width converted from mm to µm", id="mm to µm"),
        pytest.param("um", "$f.height", 1000.0, "$f.height converted from mm to µm", id="what may be null"),
        pytest.param("ums", "$f.widths", 1000.0, "$f.widths converted from mm to µm", id="a list"),
        pytest.param("named", "$f.by_name", 1000.0, "$f.by_name converted from mm to µm", id="a map"),
        pytest.param("um", "$f.anything", 1.0, "", id="anything is taken as it is"),
        pytest.param("whole", "$f.count", 1.0, "", id="no unit"),
        pytest.param("um", "$f.count", 1.0, "", id="a bare number is in the parameter's unit"),
        pytest.param("map_any", "$f.map", 1.0, "", id="an array of no unit"),
        pytest.param("um", "$exam.slice_thickness", 1000.0, "$exam.slice_thickness converted from mm to µm", id="exam"),
    ],
)
def test_a_wire_converts_millimetres_and_micrometres(planned, name, wire, factor, note):
    """The plan says so."""
    binding = planned(recipe_of(f"{name}: {wire}"), REGISTRY).steps["a"].bindings[name]
    assert binding.expression.factor == factor
    assert binding.note == note


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        pytest.param(
            "um: $f.across",
            "4:29 um is in µm; $f.across is in px, which never becomes µm (um can take $f.width or $f.height)",
            id="px is no length",
        ),
        pytest.param("mm: $f.area", "4:29 mm is in mm; $f.area is in mm2, which never becomes mm", id="nor is an area"),
        pytest.param(
            "map_um: $f.map", "4:33 map_um is in µm; $f.map is in px, which never becomes µm", id="a map in px"
        ),
        pytest.param("text: $f.width", "4:31 text takes a text; $f.width is a number in mm", id="another type"),
        pytest.param("whole: $f.width", "4:32 whole takes a whole number; $f.width is a number in mm", id="not whole"),
        pytest.param("mm: $f", "4:29 mm takes a number in mm; $f is Found", id="the whole answer"),
        pytest.param(
            "thickness_um: $f.thickness",
            "4:39 thickness_um is in µm; $f.thickness is in px, which never becomes µm",
            id="a record in px",
        ),
        pytest.param(
            "mm: $f.thickness", "4:29 mm takes a number in mm; $f.thickness is Thickness in px", id="a record"
        ),
        pytest.param("ums: [$f.width, $f.across]", "4:41 ums.1 is in µm; $f.across is in px", id="in a list"),
        pytest.param("ums: [$f.width, 5 px]", "4:41 ums.1 is in µm; 5 px is not", id="a constant in a list"),
        pytest.param(
            "ums: {a: $f.width}", "4:30 ums takes a list of numbers in µm; this is a map", id="a map as a list"
        ),
        pytest.param(
            "named: [$f.width]", "4:32 named takes a map in µm; this is a list of numbers", id="a list as a map"
        ),
        pytest.param("pair: [$f.width]", "4:31 pair takes 2 values; this has 1", id="too short"),
        pytest.param("pair: [$f.width, 1, 2]", "4:31 pair takes 2 values; this has 3", id="too long"),
        pytest.param("points: [[$f.width, wide]]", "4:45 points.0.1: must be a valid number", id="deep in an array"),
        pytest.param(
            "mm: [$f.width]", "4:29 mm takes a number in mm; this is a list of numbers", id="a list as a number"
        ),
    ],
)
def test_a_wire_that_does_not_fit_is_refused(problems_of, arguments, problem):
    """Naming both types, and both units where they differ."""
    (found,) = problems_of(recipe_of(arguments), REGISTRY)
    assert found.startswith(problem)


def test_a_record_is_unwrapped_for_what_takes_its_bare_field(planned):
    """The wire leads to that."""
    binding = planned(recipe_of("map_any: $f.thickness"), REGISTRY).steps["a"].bindings["map_any"]
    assert str(binding.expression) == "$f.thickness.values"


def test_parts_of_lists_and_maps_are_converted_each(planned):
    """References and constants beside one another, each from its own unit."""
    steps = planned(
        recipe_of("ums: [$f.width, 2 mm, 5], pair: [$f.width, $f.width], named: {a: $f.width}"), REGISTRY
    ).steps
    ums, pair, named = (steps["a"].bindings[name] for name in ("ums", "pair", "named"))
    assert isinstance(ums.expression, ListOf)
    assert [getattr(one, "factor", None) for one in ums.expression.items] == [1000.0, None, None]
    assert [getattr(one, "value", None) for one in ums.expression.items] == [None, 2000.0, 5]
    assert ums.note == "$f.width converted from mm to µm; 2 mm read as 2000 µm"
    assert [one.factor for one in pair.expression.items] == [1.0, 1000.0]
    assert isinstance(named.expression, MapOf)
    assert named.expression.items["a"].factor == 1000.0


@pytest.mark.parametrize(
    ("real", "of_step", "problem"),
    [
        pytest.param("true", "true", None, id="mm to mm"),
        pytest.param("false", "false", None, id="px to px"),
        pytest.param("true", "false", "px; $f.either is in mm, which never becomes px", id="mm to px"),
        pytest.param("false", "true", "mm; $f.either is in px, which never becomes mm", id="px to mm"),
    ],
)
def test_units_that_parameters_decide_are_compared(problems_of, real, of_step, problem):
    """Each is read where it was decided: at the step that answers, at the step that takes."""
    text = (
        f"recipe: x\nsteps:\n  f: {{use: find, with: {{real: {real}}}}}\n"
        f"  a: {{use: take, with: {{either: $f.either, real: {of_step}}}}}\noutputs: {{o: $a}}"
    )
    expected = [] if problem is None else [f"4:33 either is in {problem}"]
    assert [found.partition(" (")[0] for found in problems_of(text, REGISTRY)] == expected


def test_a_unit_that_is_not_known_before_it_runs_is_not_compared(problems_of):
    """Neither refused nor converted."""
    text = (
        "recipe: x\ninputs: {real: bool}\nsteps:\n  f: {use: find, with: {real: $real}}\n"
        "  a: {use: take, with: {mm: $f.either}}\noutputs: {o: $a}"
    )
    assert problems_of(text, REGISTRY) == []


@pytest.mark.parametrize(
    ("condition", "problem"),
    [
        pytest.param("$f.status: found", None, id="a word"),
        pytest.param("$f.status: [found, lost]", None, id="words"),
        pytest.param("$f.status: {not: [lost]}", None, id="not"),
        pytest.param("$f.flag: true", None, id="truth"),
        pytest.param("$f.count: 3", None, id="number"),
        pytest.param("$f.width: 3", None, id="a whole number for a number"),
        pytest.param("$f.name: anything", None, id="text"),
        pytest.param("$f.height: null", None, id="null where it may be"),
        pytest.param("$f.anything: [1, a, null]", None, id="anything"),
        pytest.param("$exam.laterality: null", None, id="what an exam need not say"),
        pytest.param("$exam.laterality: L", None, id="what it may say"),
        pytest.param("$f.name: $exam.laterality", None, id="another reference"),
        pytest.param("$f.status: $f.name", None, id="a text that may be the word"),
        pytest.param("$f.status: fuond", "4:46 $f.status is never 'fuond' (did you mean 'found'?)", id="nearly"),
        pytest.param("$f.status: maybe", "4:46 $f.status is never 'maybe' (it can be found, lost)", id="never"),
        pytest.param(
            "$f.status: [found, maybe]", "4:54 $f.status is never 'maybe' (it can be found, lost)", id="one of several"
        ),
        pytest.param("$f.flag: 1", "4:44 $f.flag is never 1 (it can be true, false)", id="one is not true"),
        pytest.param("$f.flag: ture", "4:44 $f.flag is never 'ture' (did you mean 'true'?)", id="nearly true"),
        pytest.param("$f.count: many", "4:45 $f.count is never 'many' (it can be a whole number)", id="no number"),
        pytest.param(
            "$f.count: true", "4:45 $f.count is never true (it can be a whole number)", id="truth is no number"
        ),
        pytest.param("$f.status: null", "4:46 $f.status is never null (it can be found, lost)", id="never null"),
        pytest.param("$f.widths: 3", "4:46 $f.widths is never 3 (it can be a list of numbers)", id="a list"),
        pytest.param(
            "$f.count: $exam.laterality",
            "4:45 $f.count (a whole number) is never $exam.laterality ('L' or 'R')",
            id="a reference of another type",
        ),
        pytest.param("$f.stauts: found", "4:35 $f (Found) has no part 'stauts' (did you mean 'status'?)", id="no part"),
        pytest.param("$f.name: $f.nmae", "4:44 $f (Found) has no part 'nmae' (did you mean 'name'?)", id="no other"),
    ],
)
def test_conditions_are_checked_against_what_can_be(problems_of, condition, problem):
    """Impossible values are refused with the nearest right one."""
    text = recipe_of("", f", when: {{{condition}}}")
    assert problems_of(text, REGISTRY) == ([] if problem is None else [problem])


def test_a_condition_looks_at_one_value(problems_of):
    """Not at those of a `foreach`, of which each may be another."""
    text = (
        "recipe: x\nsteps:\n  f: {use: find, foreach: [a, b]}\n  a: {use: take, when: {$f.status: found}}\n"
        "  c: {use: take, foreach: $f.status, when: {$item: found}}\noutputs: {o: [$a, $c]}"
    )
    said = "$f.status has a value for each key; a condition looks at one"
    hint = "give this step a `foreach` over it, and look at $item"
    assert problems_of(text, REGISTRY) == [f"4:25 {said} ({hint})"]


@pytest.mark.parametrize(
    ("loop", "argument", "problem"),
    [
        pytest.param("$f.widths", "um: $item", None, id="list"),
        pytest.param("$f.by_name", "um: $item, text: $key", None, id="map"),
        pytest.param("[a, b]", "text: $item", None, id="names"),
        pytest.param("{a: 1, b: 2.5}", "um: $item", None, id="written map"),
        pytest.param("[$f.width, $f.height]", "um: $item", None, id="list of references"),
        pytest.param("$f.anything", "um: $item", None, id="anything"),
        pytest.param("[]", "um: $item", None, id="nothing"),
        pytest.param("[3 mm, 500 µm]", "um: $item", None, id="quantities"),
        pytest.param("$f.width", "", "4:37 `foreach` runs over a list or a map, not over a number", id="number"),
        pytest.param("5", "", "4:37 `foreach` runs over a list or a map, not over 5", id="written number"),
        pytest.param("null", "", "4:37 `foreach` runs over a list or a map, not over null", id="null"),
        pytest.param("$f", "", "4:37 `foreach` runs over a list or a map, not over Found", id="answer"),
        pytest.param("$f.map", "", "4:37 `foreach` runs over a list or a map, not over an array", id="array"),
        pytest.param("[a, b, a]", "", "4:44 `foreach` has 'a' twice, and keys its answers by it", id="a name twice"),
        pytest.param("[a]", "um: $item", "4:29 um takes a number in µm; $item is a text", id="items of another type"),
        pytest.param("[5 px]", "um: $item", "4:29 um is in µm; $item is in px", id="items of another unit"),
        pytest.param("[5 px, 5 mm]", "um: $item", "4:29 um takes a number in µm; $item is a text", id="mixed units"),
        pytest.param("$f.widths", "text: $item", "4:31 text takes a text; $item is a number in mm", id="wrong items"),
        pytest.param("$f.wdths", "um: $item", "4:46 $f (Found) has no part 'wdths'", id="leads nowhere"),
        pytest.param("$item", "", "4:37 $item is for steps with `foreach`", id="itself"),
    ],
)
def test_what_foreach_runs_over_is_checked(problems_of, loop, argument, problem):
    """And what each item is given to."""
    problems = problems_of(recipe_of(argument, f", foreach: {loop}"), REGISTRY)
    assert len(problems) == (problem is not None)
    assert all(found.startswith(problem) for found in problems)


def test_quantities_of_foreach_are_numbers_in_one_unit(planned):
    """Under what is written of each."""
    step = planned(recipe_of("um: $item", ", foreach: [3 mm, 500 µm]"), REGISTRY).steps["a"]
    assert step.foreach.value == {"3 mm": 3, "500 µm": 0.5}
    assert step.bindings["um"].expression.factor == 1000.0


@pytest.mark.parametrize(
    ("exam", "problem"),
    [
        pytest.param({"small": 2.0}, None, id="fits"),
        pytest.param({}, None, id="is not there"),
        pytest.param(
            {"small": 4.0},
            "the exam's small: must be less than or equal to 3000 (--set exam.small=... gives another)",
            id="out of the parameter's range",
        ),
        pytest.param(
            {"small": "wide"},
            "the exam is wrong: e1.small: must be a valid number (--set exam.small=... gives another, in mm)",
            id="no number",
        ),
    ],
)
def test_what_the_exam_says_is_read_as_the_parameter_reads_it(problems_of, exam, problem):
    """Converted into its unit, and told once however many steps take it."""
    text = "recipe: x\nsteps:\n  a: {use: take}\n  b: {use: take}\noutputs: {o: [$a, $b]}"
    expected = [] if problem is None else [f"3:12 {problem}"]
    assert problems_of(text, REGISTRY, exam) == expected


def test_what_an_input_says_is_read_too(problems_of):
    """A number or a word; whatever is large is read when it runs."""
    text = "recipe: x\ninputs: {small: float}\nsteps:\n  a: {use: take}\noutputs: {o: $a}"
    assert problems_of(text, REGISTRY, {"small": 2.0}) == []
    assert problems_of(text, REGISTRY, {"small": 4000.0}) == [
        "4:12 the input's small: must be less than or equal to 3000 (--set exam.small=... gives another)"
    ]


@pytest.mark.parametrize(
    ("reference", "value"),
    [
        pytest.param("$exam.slice_thickness", {"slice_thickness": 4.0}, id="declared"),
        pytest.param("$exam.more.deep", {"more": {"deep": 4000.0}}, id="deep in what the exam says beside"),
    ],
)
def test_what_a_reference_to_the_exam_is_worth_is_read_too(problems_of, reference, value):
    """Where it is wired by hand."""
    name = reference.split(".")[1]
    (problem,) = problems_of(recipe_of(f"small: {reference}"), REGISTRY, value)
    said = f"{reference} does not fit: small: must be less than or equal to 3000"
    assert problem == f"4:32 {said} (--set exam.{name}=... gives another)"


def test_large_values_of_the_exam_are_left_to_the_run(problems_of):
    """Or to the exam, which has read what it declares."""
    assert problems_of(recipe_of("ums: $exam.more"), REGISTRY, {"more": ["wide"] * 5}) == []
    assert problems_of(recipe_of("map_any: $exam.grid"), REGISTRY, {"grid": np.zeros((3, 3))}) == []


@pytest.mark.parametrize(
    ("name", "holds"),
    [
        pytest.param("mm: $f.width", False, id="a number"),
        pytest.param("ums: $f.widths", False, id="a list without null"),
        pytest.param("ums: [$f.height]", True, id="a written list"),
        pytest.param("named: {a: $f.height}", True, id="a written map"),
    ],
)
def test_null_is_looked_for_only_where_it_may_stand(planned, name, holds):
    """Inside what is put together, or comes from steps that may be skipped."""
    binding = planned(recipe_of(name), REGISTRY).steps["a"].bindings[name.partition(":")[0]]
    assert binding.may_hold_null is holds


def test_context_is_told_of_once_for_all_steps(problems_of):
    """What does not fit the first does not fit the second either."""
    text = (
        "recipe: x\ncontext: {um: $f.across}\nsteps:\n  f: {use: find}\n  a: {use: take}\n  b: {use: take}\n"
        "outputs: {o: [$a, $b]}"
    )
    (problem,) = problems_of(text, REGISTRY)
    assert problem.startswith("2:15 um is in µm; $f.across is in px")


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        pytest.param("[$f.width, 2 mm]", "[$f.width, 2000.0]", id="list"),
        pytest.param("{a: $f.width}", "{a: $f.width}", id="map"),
    ],
)
def test_plans_write_what_they_read(planned, text, expression):
    """Numbers in the parameter's unit."""
    name = "ums" if text.startswith("[") else "named"
    binding = planned(recipe_of(f"{name}: {text}"), REGISTRY).steps["a"].bindings[name]
    assert written(binding.expression) == expression
