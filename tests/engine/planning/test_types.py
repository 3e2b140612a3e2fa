"""What types hold: parts, items, slots, values and units, and how people call them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import numpy as np
import pytest
from pydantic import Field

from foveola import Array, Exam, Micrometres, Millimetres, Output, Pixels, Record, Unit, UnitBy, derived
from foveola.planning.types import (
    Answers,
    Each,
    NoSuchPartError,
    item_type,
    part_type,
    parts_of,
    possible_values,
    shown,
    slot_type,
    stripped,
    told,
    unit_in,
    without_null,
)

Grid = Annotated[np.ndarray, Array("rows", "columns")]
By = Annotated[float, UnitBy("real", {True: "mm", False: "px"})]


class Point(Record):
    """Two numbers."""

    x: Millimetres
    y: Millimetres | None = None
    name: Annotated[str, Field(alias="className")] = ""


class Curve(Record, bare="points"):
    """Points by name."""

    points: Mapping[str, Point]


class Tip(Record):
    """One thing."""


class Answer(Output):
    """What something answers."""

    tip: Point | None
    size: By
    curve: Curve


class Bare(Output, bare="values"):
    """An answer that is shown as its values."""

    values: Mapping[str, Micrometres]


class Scan(Exam):
    """An exam."""

    width: Millimetres
    eye: Literal["L", "R"]

    @derived
    def area(self) -> float | None:
        """What follows."""


@pytest.mark.parametrize(
    ("whole", "part", "kind"),
    [
        pytest.param(Point, "x", Millimetres, id="field"),
        pytest.param(Point, "className", str, id="field by its alias"),
        pytest.param(Point, "y", Millimetres | None, id="field that may be null"),
        pytest.param(Answer, "tip", Point | None, id="field of an answer"),
        pytest.param(Point | None, "x", Millimetres | None, id="null has null for a part"),
        pytest.param(Curve, "rnfl", Point, id="what a record is shown as"),
        pytest.param(Bare, "values", Mapping[str, Micrometres], id="an answer by its field"),
        pytest.param(Mapping[str, Point], "any", Point, id="map"),
        pytest.param(dict[str, int], "any", int, id="dict"),
        pytest.param(list[float], "3", float, id="list"),
        pytest.param(tuple[int, ...], "3", int, id="tuple of any length"),
        pytest.param(tuple[int, str], "1", str, id="tuple"),
        pytest.param(Each(Answer), "tip", Each(Point | None), id="of each"),
        pytest.param(Each(Curve), "rnfl", Each(Point), id="of each, shown"),
        pytest.param(Scan, "width", Millimetres | None, id="what an exam may say"),
        pytest.param(Scan, "area", float | None, id="what follows of an exam"),
        pytest.param(Scan, "age", Any, id="what an exam says beside"),
        pytest.param(Any, "x", Any, id="anything"),
    ],
)
def test_parts_have_types(whole, part, kind):
    """As deep as the declared types go."""
    found = part_type(whole, part)
    assert stripped(found) == stripped(kind)
    assert str(found) == str(kind) or found == kind


def test_the_outputs_of_a_recipe_are_its_parts():
    """By name."""
    assert part_type(Answers({"etdrs": float}), "etdrs") is float
    assert part_type(Each(Answers({"etdrs": float})), "etdrs") == Each(float)


@pytest.mark.parametrize(
    ("whole", "part", "known"),
    [
        pytest.param(Point, "z", ("x", "y", "className"), id="record"),
        pytest.param(Point, "name", ("x", "y", "className"), id="a field's own name"),
        pytest.param(Bare, "rnfl", ("warnings", "values"), id="answer"),
        pytest.param(Answers({"a": int}), "b", ("a",), id="recipe"),
        pytest.param(Each(Answers({"a": int})), "b", ("a",), id="of each"),
        pytest.param(list[float], "x", (), id="list"),
        pytest.param(list[float], "-1", (), id="before a list"),
        pytest.param(tuple[int, str], "2", (), id="beyond a tuple"),
        pytest.param(float, "x", (), id="number"),
        pytest.param(Grid, "0", (), id="array"),
    ],
)
def test_what_is_no_part_is_refused_with_what_there_is(whole, part, known):
    """So that the nearest can be named."""
    with pytest.raises(NoSuchPartError) as caught:
        part_type(whole, part)
    assert caught.value.known == known


@pytest.mark.parametrize(
    ("whole", "parts"),
    [
        pytest.param(Point, ["x", "y", "className"], id="record"),
        pytest.param(Each(Point), ["x", "y", "className"], id="each"),
        pytest.param(Answers({"a": int, "b": int}), ["a", "b"], id="recipe"),
        pytest.param(Mapping[str, int], [], id="map"),
        pytest.param(Any, [], id="anything"),
    ],
)
def test_known_parts_are_listed(whole, parts):
    """Where a type has a fixed set of them."""
    assert parts_of(whole) == parts


@pytest.mark.parametrize(
    ("whole", "item"),
    [
        pytest.param(list[float], float, id="list"),
        pytest.param(Sequence[Point], Point, id="sequence"),
        pytest.param(tuple[int, int], int, id="tuple of one kind"),
        pytest.param(tuple[int, str], Any, id="tuple of several"),
        pytest.param(list, Any, id="bare list"),
        pytest.param(dict[str, Point], Point, id="dict"),
        pytest.param(Mapping[str, Point] | None, Point, id="map or null"),
        pytest.param(Curve, Point, id="record that is shown as a map"),
        pytest.param(Each(Answer), Answer, id="each"),
        pytest.param(Any, Any, id="anything"),
        pytest.param(float, None, id="number"),
        pytest.param(str, None, id="text"),
        pytest.param(Tip, None, id="one thing"),
        pytest.param(Grid, None, id="array"),
        pytest.param(Answers({"a": int}), None, id="recipe"),
        pytest.param(Scan, None, id="exam"),
    ],
)
def test_items_of_what_foreach_runs_over(whole, item):
    """None: it cannot run over it."""
    assert item_type(whole) == item


@pytest.mark.parametrize(
    ("whole", "key", "slot"),
    [
        pytest.param(list[Millimetres], "4", Millimetres, id="list"),
        pytest.param(tuple[int, str], "1", str, id="tuple"),
        pytest.param(tuple[int, str], "2", None, id="beyond a tuple"),
        pytest.param(Mapping[str, int], "a", int, id="map"),
        pytest.param(Grid, "0", Annotated[np.ndarray, Array("columns")], id="row of an array"),
        pytest.param(Annotated[np.ndarray, Array("n")], "0", float, id="number of an array"),
        pytest.param(np.ndarray, "0", None, id="any array"),
        pytest.param(Curve, "a", Point, id="record that is shown as a map"),
        pytest.param(Point, "x", None, id="record"),
        pytest.param(Any, "0", Any, id="anything"),
        pytest.param(float, "0", None, id="number"),
    ],
)
def test_slots_of_what_is_written_as_a_list_or_map(whole, key, slot):
    """None where their type cannot be told."""
    assert slot_type(whole, key) == slot


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        pytest.param(Literal["a", "b"], ("a", "b"), id="words"),
        pytest.param(Literal["a"] | None, ("a",), id="a word or null"),
        pytest.param(bool, (True, False), id="truth"),
        pytest.param(bool | Literal["auto"], (True, False, "auto"), id="truth or a word"),
        pytest.param(int | Literal["auto"], None, id="a number or a word"),
        pytest.param(str, None, id="text"),
    ],
)
def test_values_of_a_type_that_has_few(kind, values):
    """None: too many to tell."""
    assert possible_values(kind) == values


@pytest.mark.parametrize(
    ("kind", "unit"),
    [
        pytest.param(Millimetres, "mm", id="number"),
        pytest.param(list[Micrometres], "µm", id="list"),
        pytest.param(Mapping[str, list[Pixels]], "px", id="lists in a map"),
        pytest.param(Each(Micrometres | None), "µm", id="each"),
        pytest.param(Annotated[Grid, Unit("px")], "px", id="array"),
        pytest.param(float, None, id="none"),
        pytest.param(Answers({"a": Millimetres}), None, id="recipe"),
    ],
)
def test_units_however_deep_they_lie(kind, unit):
    """The unit of the numbers in a value."""
    found = unit_in(kind)
    assert found == (unit and Unit(unit))


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(By, id="number"),
        pytest.param(By | None, id="number or null"),
        pytest.param(list[By], id="list"),
        pytest.param(Mapping[str, tuple[By, ...]], id="tuples in a map"),
        pytest.param(Each(By), id="each"),
    ],
)
def test_decided_units_are_put_in_their_place(kind):
    """Wherever a parameter decides them."""
    assert unit_in(told(kind, lambda by: by.choose(value=True))) == Unit("mm")
    assert unit_in(told(kind, lambda _: None)) is None


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        pytest.param(Millimetres, "a number", id="number"),
        pytest.param(int | None, "a whole number", id="null goes without saying"),
        pytest.param(str, "a text", id="text"),
        pytest.param(bool, "true or false", id="truth"),
        pytest.param(Literal["a", 5], "'a' or 5", id="words"),
        pytest.param(float | str, "a number or a text", id="union"),
        pytest.param(Grid, "an array [rows, columns]", id="array"),
        pytest.param(np.ndarray, "an array", id="any array"),
        pytest.param(list[float], "a list of numbers", id="list"),
        pytest.param(tuple[int, str], "a list of whole numbers or texts", id="tuple"),
        pytest.param(list[Point], "a list of Point", id="list of records"),
        pytest.param(list[Each(int)], "a list of answers", id="list of answers"),
        pytest.param(Mapping[str, float], "a map", id="map"),
        pytest.param(Point, "Point", id="record"),
        pytest.param(Each(float), "a number, for each key", id="each"),
        pytest.param(Answers({"a": int, "b": int}), "the outputs a, b", id="recipe"),
        pytest.param(Any, "anything", id="anything"),
    ],
)
def test_types_are_called_as_people_call_them(kind, words):
    """In messages and on reference pages."""
    assert shown(kind) == words


def test_null_and_annotations_are_taken_off():
    """Both, or null alone."""
    assert stripped(Millimetres | None) is float
    assert without_null(Millimetres | None) == Millimetres
    assert without_null(float | int | None) == float | int | None
    assert stripped(Grid) is np.ndarray
    assert stripped(Grid | None, keep_array=True) == Grid
