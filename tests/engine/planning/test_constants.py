"""Values that are written out, in the unit and of the type of their place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import numpy as np
import pytest
from pydantic import BeforeValidator, Field

from foveola import (
    Array,
    Micrometres,
    Millimetres,
    Output,
    Percent,
    Pixels,
    RecipeError,
    Record,
    Unit,
    UnitBy,
    operation,
)
from foveola.planning.constants import type_of_value
from foveola.planning.planner import make_plan
from foveola.planning.types import shown
from foveola.recipes.quantities import KNOWN_UNITS
from foveola.recipes.reader import parse_recipe
from foveola.recipes.settings import apply_settings
from foveola.testing import closed_registry

Line = Annotated[np.ndarray, Array("n"), Unit("mm")]


def _stumble(value: Any) -> Any:
    raise KeyError(value)


class Point(Record):
    """A record with fields."""

    x: Millimetres


class Taken(Output):
    """What was given."""

    given: Mapping[str, Any]


@operation("take")
def take(
    mm: Millimetres = 0,
    um: Micrometres = 0,
    px: Pixels = 0,
    percent: Percent = 0,
    number: float = 0,
    whole: Annotated[int, Unit("px")] = 0,
    text: str = "",
    word: Literal["auto", "2nd"] = "auto",
    mm_or_word: Millimetres | Literal["auto"] = 0,
    mm_or_text: Millimetres | str = 0,
    small: Annotated[Millimetres, Field(gt=0, le=3)] = 1,
    pair: tuple[Millimetres, Millimetres] = (0, 0),
    many: list[Millimetres] | None = None,
    named: Mapping[str, Micrometres] | None = None,
    texts: list[str] | None = None,
    line: Line | None = None,
    point: Point | None = None,
    anything: Any = None,
    flag: bool = False,
    real: bool = False,
    by_flag: Annotated[float, UnitBy("real", {True: "mm", False: "px"})] = 0,
    stumbling: Annotated[float, BeforeValidator(_stumble)] = 0,
) -> Taken:
    """Take whatever is given."""
    return Taken(given=locals())


REGISTRY = closed_registry([take])


def recipe_of(arguments: str, inputs: str = "") -> str:
    """A recipe of one step with some arguments."""
    return f"recipe: x\ninputs: {{{inputs}}}\nsteps:\n  a: {{use: take, with: {{{arguments}}}}}\noutputs: {{o: $a}}"


@pytest.mark.parametrize(
    ("name", "text", "value", "note"),
    [
        pytest.param("mm", "6", 6, "", id="a bare number is in the parameter's unit"),
        pytest.param("mm", "6 mm", 6, "", id="in its own unit"),
        pytest.param("mm", "500 \N{MICRO SIGN}m", 0.5, "500 µm read as 0.5 mm", id="micro sign"),
        pytest.param("mm", "500 \N{GREEK SMALL LETTER MU}m", 0.5, "500 μm read as 0.5 mm", id="greek mu"),
        pytest.param("mm", "500um", 0.5, "500um read as 0.5 mm", id="um"),
        pytest.param("mm", "9 µm", 0.009, "9 µm read as 0.009 mm", id="to the last digit"),
        pytest.param("um", "0.5 mm", 500, "0.5 mm read as 500 µm", id="mm as µm"),
        pytest.param("px", "512 px", 512, "", id="px"),
        pytest.param("whole", "512 px", 512, "", id="a whole number of px"),
        pytest.param("percent", "50%", 50, "", id="percent"),
        pytest.param("number", "5", 5, "", id="no unit"),
        pytest.param("text", "6 mm", "6 mm", "", id="text stays text"),
        pytest.param("word", "2nd", "2nd", "", id="words stay words"),
        pytest.param("mm_or_word", "auto", "auto", "", id="a word where numbers are taken too"),
        pytest.param("mm_or_word", "500 µm", 0.5, "500 µm read as 0.5 mm", id="a number where words are taken too"),
        pytest.param("mm_or_text", "3 mice", "3 mice", "", id="text where numbers are taken too"),
        pytest.param("anything", "6 mm", "6 mm", "", id="anything stays as it is written"),
        pytest.param("pair", "[1 mm, 500 µm]", [1, 0.5], "500 µm read as 0.5 mm", id="in a tuple"),
        pytest.param("many", "[1, 2 mm, 3 µm]", [1, 2, 0.003], "3 µm read as 0.003 mm", id="in a list"),
        pytest.param("named", "{a: 1 mm, b: 5}", {"a": 1000, "b": 5}, "1 mm read as 1000 µm", id="in a map"),
        pytest.param("line", "[1, 500 µm]", [1, 0.5], "500 µm read as 0.5 mm", id="in an array"),
        pytest.param("texts", "[6 mm, 3 mice]", ["6 mm", "3 mice"], "", id="texts in a list"),
        pytest.param("many", "null", None, "", id="null"),
    ],
)
def test_a_number_may_carry_its_unit(planned, name, text, value, note):
    """Between mm and µm it is converted, and the plan says so."""
    binding = planned(recipe_of(f"{name}: {text}"), REGISTRY).steps["a"].bindings[name]
    assert binding.expression.value == value
    assert binding.note == note


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        pytest.param("mm: 6 px", "4:29 mm is in mm; 6 px is not", id="px is no mm"),
        pytest.param("px: 6 mm", "4:29 px is in px; 6 mm is not", id="mm is no px"),
        pytest.param("mm: 6 mm2", "4:29 mm is in mm; 6 mm2 is not", id="an area is no length"),
        pytest.param("percent: 6 mm", "4:34 percent is in %; 6 mm is not", id="a length is no share"),
        pytest.param("number: 6 mm", "4:33 number takes a number without a unit; 6 mm has one", id="no unit is taken"),
        pytest.param("mm: 6 MM", "4:29 no unit is called 'MM' (did you mean 'mm'?)", id="no unit"),
        pytest.param("mm: 6 furlongs", f"4:29 no unit is called 'furlongs' ({KNOWN_UNITS})", id="no unit by far"),
        pytest.param("mm: wide", "4:29 mm: must be a valid number", id="no number"),
        pytest.param("mm: 010 mm", "4:29 mm: must be a valid number", id="octal"),
        pytest.param("mm: null", "4:29 mm: must be a valid number", id="null"),
        pytest.param("mm: true", "4:29 mm: must be a valid number", id="truth"),
        pytest.param("mm: .nan", "4:29 mm: must be a finite number", id="not a number"),
        pytest.param("whole: 1.5", "4:32 whole: must be a valid integer", id="not whole"),
        pytest.param("small: 4000 µm", "4:32 small: must be less than or equal to 3", id="out of range, converted"),
        pytest.param("word: atuo", "4:31 word: must be 'auto' or '2nd'", id="another word"),
        pytest.param("pair: [1, 2 px]", "4:35 pair.1 is in mm; 2 px is not", id="a part of another unit"),
        pytest.param("pair: [1]", "4:31 pair.1: field required", id="a part is missing"),
        pytest.param("many: [1, [2]]", "4:35 many.1: must be a valid number", id="a part of another type"),
        pytest.param("many: 5", "4:31 many: must be a valid list", id="no list"),
        pytest.param("named: {a: x}", "4:36 named.a: must be a valid number", id="a part by key"),
        pytest.param("line: [1, [2]]", "4:31 line: takes numbers in equal rows (an array [n])", id="ragged"),
        pytest.param("point: {x: 1, z: 2}", "4:42 point.z: extra inputs are not permitted", id="an unknown field"),
        pytest.param("flag: yes", "4:31 flag: must be a valid boolean", id="yes is a text"),
        pytest.param("stumbling: 5", "4:36 stumbling: KeyError: 5", id="a plugin's reading stumbles"),
    ],
)
def test_what_does_not_fit_is_refused_at_its_place(problems_of, arguments, problem):
    """By the parameter's own type, before anything runs."""
    (found,) = problems_of(recipe_of(arguments), REGISTRY)
    assert found.startswith(problem)


@pytest.mark.parametrize(
    ("arguments", "inputs", "value", "problem"),
    [
        pytest.param("by_flag: 500 µm, real: true", "", 0.5, None, id="decided by a constant"),
        pytest.param("by_flag: 500 px, real: false", "", 500, None, id="decided the other way"),
        pytest.param("by_flag: 500 px", "", 500, None, id="decided by the default"),
        pytest.param("by_flag: 500 µm", "", None, "by_flag is in px; 500 µm is not", id="refused by the default"),
        pytest.param(
            "by_flag: 5 px, real: true", "", None, "by_flag is in mm; 5 px is not", id="refused by a constant"
        ),
        pytest.param(
            "by_flag: 5 px, real: $real",
            "real: bool",
            None,
            "by_flag is in mm or px, by real, which only a run can know (write the number alone, in that unit)",
            id="decided by what only a run knows",
        ),
        pytest.param("by_flag: 5, real: $real", "real: bool", 5, None, id="a bare number is right in either"),
    ],
)
def test_a_parameter_may_decide_the_unit(planned, problems_of, arguments, inputs, value, problem):
    """The plan reads it there."""
    text = recipe_of(arguments, inputs)
    if problem is None:
        assert planned(text, REGISTRY).steps["a"].bindings["by_flag"].expression.value == value
    else:
        assert problems_of(text, REGISTRY) == [f"4:34 {problem}"]


def test_an_exam_decides_the_unit_where_it_is_known(problems_of):
    """What an input says of it is known with the exam."""
    text = recipe_of("by_flag: 5 px, real: $real", "real: bool")
    assert problems_of(text, REGISTRY, {"real": False}) == []
    assert problems_of(text, REGISTRY, {"real": True}) == ["4:34 by_flag is in mm; 5 px is not"]


def test_a_value_that_was_set_is_shown_where_it_was_written():
    """Not at some line of the recipe."""
    recipe, _ = apply_settings(parse_recipe(recipe_of("mm: 5")), {"a.pair": "[1, 2 px]"})
    with pytest.raises(RecipeError) as caught:
        make_plan(recipe, REGISTRY)
    assert str(caught.value) == "--set a.pair:1:5: pair.1 is in mm; 2 px is not\n   1 | [1, 2 px]\n           ^"


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        pytest.param(True, "true or false", id="truth"),
        pytest.param(5, "a whole number", id="whole number"),
        pytest.param(5.5, "a number", id="number"),
        pytest.param("a", "a text", id="text"),
        pytest.param(None, "anything", id="null"),
        pytest.param([], "a list of anything", id="empty list"),
        pytest.param([1, 2.5], "a list of numbers", id="numbers"),
        pytest.param([1, "a"], "a list of anything", id="mixed list"),
        pytest.param({"a": 1}, "a map", id="map"),
    ],
)
def test_written_values_have_types(value, kind):
    """By which they are checked."""
    assert shown(type_of_value(value)) == kind
