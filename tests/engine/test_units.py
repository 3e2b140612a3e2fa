"""Units: which fits which, and what an annotation says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import pytest

from foveola import (
    Array,
    CubicMillimetres,
    Degrees,
    Micrometres,
    Millimetres,
    Percent,
    Pixels,
    PixelsPerMillimetre,
    Record,
    SquareMillimetres,
    Unit,
    UnitBy,
)
from foveola.units import converted, unit_of

EVERY = {
    "mm": Millimetres,
    "µm": Micrometres,
    "px": Pixels,
    "mm2": SquareMillimetres,
    "mm3": CubicMillimetres,
    "deg": Degrees,
    "%": Percent,
    "px/mm": PixelsPerMillimetre,
}
BY_CHOICE = UnitBy("use_real_units", {True: "µm", False: "px"})


class Map(Record):
    """A kind of thing that is measured in one unit."""

    unit: ClassVar[Unit] = Unit("px")


class Sized(Record):
    """A thing with a field that happens to be called so."""

    unit: str


@pytest.mark.parametrize(("symbol", "annotation"), EVERY.items(), ids=EVERY)
def test_every_unit_is_a_float_that_says_what_it_counts(symbol, annotation):
    """The names of the front door bear the symbols that people write."""
    assert unit_of(annotation) == Unit(symbol)
    assert str(unit_of(annotation)) == symbol


@pytest.mark.parametrize("other", EVERY, ids=EVERY)
@pytest.mark.parametrize("symbol", EVERY, ids=EVERY)
def test_only_the_two_lengths_convert(symbol, other):
    """A mm is a thousand µm; else a unit is itself and nothing besides."""
    factors = {("mm", "µm"): 1000.0, ("µm", "mm"): 0.001}
    expected = 1.0 if symbol == other else factors.get((symbol, other))
    assert Unit(symbol).factor_to(Unit(other)) == expected


@pytest.mark.parametrize(
    ("annotation", "unit"),
    [
        pytest.param(float, None, id="a bare number"),
        pytest.param(Any, None, id="anything"),
        pytest.param(Millimetres | None, Unit("mm"), id="or null"),
        pytest.param(None | Millimetres, Unit("mm"), id="null first"),
        pytest.param(tuple[Pixels, Pixels], Unit("px"), id="a pair"),
        pytest.param(tuple[str, Pixels], Unit("px"), id="the first part that has one"),
        pytest.param(list[tuple[Millimetres, ...]] | None, Unit("mm"), id="a list of lists or null"),
        pytest.param(Annotated[list[Micrometres] | None, "word"], Unit("µm"), id="annotated further"),
        pytest.param(Annotated[list[Micrometres], Unit("px")], Unit("px"), id="the outermost wins"),
        pytest.param(Annotated[np.ndarray, Array("rows"), Unit("mm2")], Unit("mm2"), id="an array"),
        pytest.param(Annotated[float, BY_CHOICE], BY_CHOICE, id="by another parameter"),
        pytest.param(Map, Unit("px"), id="a class that has one"),
        pytest.param(list[Map] | None, Unit("px"), id="a list of such"),
        pytest.param(Sized, None, id="a field called unit"),
        pytest.param(Mapping[str, Millimetres], Unit("mm"), id="a map of such"),
        pytest.param(Sequence[Millimetres], Unit("mm"), id="a sequence of such"),
        pytest.param(Literal["mm"], None, id="a word"),
    ],
)
def test_a_unit_is_found_inside_an_annotation(annotation, unit):
    """An annotation's unit is its own, its class's, or that of the list, pair, map or choice that it is."""
    assert unit_of(annotation) == unit


@pytest.mark.parametrize(
    ("value", "factor", "expected"),
    [
        pytest.param(0.25, 1000.0, 250.0, id="a number"),
        pytest.param(9, 0.001, 0.009, id="as exact as a division"),
        pytest.param(None, 1000.0, None, id="null"),
        pytest.param((1, [None, 2]), 1000.0, [1000.0, [None, 2000.0]], id="lists with null"),
        pytest.param({"rnfl": {"mean": 90.0}}, 0.001, {"rnfl": {"mean": 0.09}}, id="maps"),
    ],
)
def test_a_value_is_converted(value, factor, expected):
    """Every number inside is; what is null stays so."""
    assert converted(value, factor) == expected


def test_an_array_is_converted_into_another():
    """The array itself stays what it was."""
    array = np.array([1.0, np.nan])
    np.testing.assert_array_equal(converted(array, 1000.0), [1000.0, np.nan])
    assert array[0] == 1.0


@pytest.mark.parametrize(
    ("value", "unit"),
    [
        pytest.param(True, Unit("µm"), id="true"),
        pytest.param(False, Unit("px"), id="false"),
        pytest.param("true", None, id="neither"),
    ],
)
def test_another_parameter_decides_a_unit(value, unit):
    """The deciding value has its unit; one that decides nothing has none."""
    assert BY_CHOICE.choose(value) == unit


def test_a_unit_by_another_parameter_says_what_it_may_be():
    """People read every unit once, and what decides."""
    assert str(BY_CHOICE) == "µm or px, by use_real_units"
    assert str(UnitBy("kind", {"a": "mm", "b": "mm", "c": "px"})) == "mm or px, by kind"


def test_units_can_be_annotations_in_a_cache():
    """Both kinds are hashable, and equal where they say the same."""
    assert {Unit("mm"): 1}[Unit("mm")] == 1
    assert {BY_CHOICE: 1}[UnitBy("use_real_units", {True: "µm", False: "px"})] == 1
