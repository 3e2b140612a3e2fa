"""Operations: what their signature offers, and what they refuse at the edges."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

import numpy as np
import pytest
from pydantic import Field, model_validator

from foveola import (
    ABSENT_WHEN_NULL,
    EXTRA,
    Alias,
    Array,
    Group,
    InputError,
    Micrometres,
    Millimetres,
    Output,
    Record,
    Unit,
    UnitBy,
    operation,
)
from foveola.operations import REQUIRED, Parameter

NAN = float("nan")


class Grid(Group):
    """How a circle is laid."""

    zone: Annotated[Millimetres, Field(gt=0, le=20, description="Side of the   square.")] = 6.0
    offset: tuple[Millimetres, Millimetres] | None = None
    """From the centre
    to the fovea."""
    sectors: Literal["four", "eight"] = "four"
    """How many."""

    @model_validator(mode="after")
    def _offset_is_inside(self) -> Self:
        if self.offset is not None and max(map(abs, self.offset)) > self.zone:
            raise InputError("offset", "leads outside the zone")
        return self


class Scan(Group):
    """How a scan lies."""

    pitch: Millimetres
    eye: Literal["L", "R"] | None = None
    names: list[str] = Field(default_factory=lambda: ["rnfl"])


class Maps(Record, bare="maps"):
    """Maps by name."""

    maps: Mapping[str, Annotated[np.ndarray, Array("rows", "columns")]]
    """Each map."""


class Thickness(Output):
    """What was measured."""

    mean: Micrometres
    """The mean."""
    note: Annotated[str | None, ABSENT_WHEN_NULL] = None
    """What to say."""
    coverage: Annotated[float, EXTRA] = 1.0
    """How much was measured."""


@operation("acme.measure", version="2")
def measure(
    layers: Annotated[Maps, Alias("thickness_map"), Alias("maps")],
    names: Annotated[list[str], Field(min_length=1, description="Layers to sum.")],
    grid: Grid = Grid(zone=3.0),  # noqa: B008  groups are frozen
    scale: Micrometres | None = None,
    *,
    use_real_units: bool = True,
    limits: Annotated[tuple[float, ...], UnitBy("use_real_units", {True: "µm", False: "px"})] = (),
) -> Thickness:
    """Measure maps within a zone.

    More about that.

    Args:
        layers: maps by name,
            in px.
        names: not looked at, since the annotation says more.
        grid: nor is this.
        scale: height of a pixel.
        use_real_units: whether to convert.
        limits: what to leave out.

    Raises:
        InputError: an unknown layer.
    """
    mean = float(np.mean(sum(layers.maps[name] for name in names)))
    return Thickness(mean=mean * grid.zone * (scale or 1.0 if use_real_units else 1.0), coverage=len(limits))


def take(annotation: Any, value: Any) -> Any:
    """A value as an operation with a parameter of a type takes it."""
    return Parameter("value", annotation, REQUIRED, "", "value").read(value)


# The signature


def test_the_signature_is_the_input():
    """A group's fields stand beside the other parameters, in the order of the signature."""
    assert list(measure.parameters) == [
        "layers",
        "names",
        "zone",
        "offset",
        "sectors",
        "scale",
        "use_real_units",
        "limits",
    ]
    assert {name: one.argument for name, one in measure.parameters.items() if one.argument != name} == {
        "zone": "grid",
        "offset": "grid",
        "sectors": "grid",
    }


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("layers", (REQUIRED, None, False, "maps by name, in px."), id="a record"),
        pytest.param("names", (REQUIRED, None, False, "Layers to sum."), id="described by its annotation"),
        pytest.param("zone", (3.0, Unit("mm"), False, "Side of the square."), id="a group's, as the argument gives it"),
        pytest.param("offset", (None, Unit("mm"), True, "From the centre to the fovea."), id="described below"),
        pytest.param("sectors", ("four", None, False, "How many."), id="a choice"),
        pytest.param("scale", (None, Unit("µm"), True, "height of a pixel."), id="or null"),
        pytest.param("use_real_units", (True, None, False, "whether to convert."), id="a switch"),
        pytest.param("limits", ((), UnitBy("use_real_units", {}), False, "what to leave out."), id="unit by another"),
    ],
)
def test_a_parameter_says_its_default_unit_and_description(name, expected):
    """Each from the annotation, the group's field or the docstring."""
    one = measure.parameters[name]
    unit = one.unit if not isinstance(one.unit, UnitBy) else UnitBy(one.unit.parameter, {})
    assert (one.default, unit, one.nullable, one.description) == expected
    assert one.required is (one.default is REQUIRED)


def test_a_group_without_default_requires_what_it_requires():
    """A required field of a group is a required parameter, another keeps its default."""

    @operation("widen")
    def widen(scan: Scan) -> Thickness:
        return Thickness(mean=scan.pitch)

    assert {name: one.default for name, one in widen.parameters.items()} == {
        "pitch": REQUIRED,
        "eye": None,
        "names": ["rnfl"],
    }


def test_an_operation_is_still_the_function():
    """It is called with positions and keywords, and keeps name, documentation and module."""
    maps = Maps(maps={"rnfl": [[2.0]]})
    assert measure(maps, ["rnfl"], scale=10.0).mean == 60.0
    assert measure.__name__ == "measure"
    assert measure.__module__ == __name__
    assert measure.about == "Measure maps within a zone."
    assert (measure.name, measure.version, measure.output) == ("acme.measure", "2", Thickness)
    assert repr(measure) == "<operation acme.measure>"


def _by_position(value: float, /) -> Thickness: ...
def _many(*values: float) -> Thickness: ...
def _any_name(**values: float) -> Thickness: ...
def _untyped(value) -> Thickness: ...
def _twice(zone: float, grid: Grid) -> Thickness: ...
def _alias_twice(zone: float, width: Annotated[float, Alias("zone")]) -> Thickness: ...
def _silent(value: float): ...
def _bare_number(value: float) -> float: ...


@pytest.mark.parametrize(
    ("function", "sentence"),
    [
        pytest.param(_by_position, "its argument 'value' cannot be given by name", id="by position"),
        pytest.param(_many, "its argument 'values' cannot be given by name", id="any number"),
        pytest.param(_any_name, "its argument 'values' cannot be given by name", id="any name"),
        pytest.param(_untyped, "its argument 'value' says no type", id="no type"),
        pytest.param(_twice, "more than one of its parameters is called 'zone'", id="a group's field and a parameter"),
        pytest.param(_alias_twice, "more than one of its parameters is called 'zone'", id="an alias and a parameter"),
        pytest.param(_silent, "its signature does not say which Output it returns", id="no answer"),
        pytest.param(_bare_number, "its signature does not say which Output it returns", id="a bare answer"),
    ],
)
def test_a_signature_that_cannot_be_offered_is_refused(function, sentence):
    """Its author reads what to put right."""
    refused = operation("x")(function)
    with pytest.raises(TypeError, match=r"^(its|more)") as caught:
        _ = refused.parameters, refused.output
    assert str(caught.value) == sentence


# Flat calls


MAPS = {"rnfl": [[2.0, 4.0]], "gcl": [[1.0, 1.0]]}


def test_a_flat_call_answers_in_the_documented_form():
    """Names of the guide in, plain values out, without what is absent or an extra."""
    assert measure.call({"layers": MAPS, "names": ["rnfl", "gcl"], "zone": 1.0}) == {"mean": 4.0}


def test_extras_are_answered_when_they_are_asked_for():
    """`include_extras` is a switch of every operation."""
    flat = {"layers": MAPS, "names": ["rnfl"], "zone": 1, "limits": [1, 2]}
    assert measure.call({**flat, "include_extras": True}) == {"mean": 3.0, "coverage": 2.0, "warnings": []}
    assert measure.call({**flat, "include_extras": False}) == {"mean": 3.0}


def test_what_was_asked_is_left_as_it_was():
    """A caller's dictionary keeps its `include_extras`."""
    flat = {"layers": MAPS, "names": ["rnfl"], "include_extras": True}
    measure.call(flat)
    assert flat == {"layers": MAPS, "names": ["rnfl"], "include_extras": True}


@pytest.mark.parametrize("name", ["layers", "thickness_map", "maps"])
def test_a_parameter_is_called_by_any_of_its_names(name):
    """An alias is as good as the name."""
    assert measure.parameters["layers"].aliases == ("thickness_map", "maps")
    assert measure.call({name: MAPS, "names": ["rnfl"], "zone": 1.0}) == {"mean": 3.0}


def test_a_groups_defaults_are_those_of_the_signature():
    """Of a group that the signature gives, each field can be given alone."""
    assert measure.call({"layers": MAPS, "names": ["rnfl"]}) == {"mean": 9.0}
    assert measure.call({"layers": MAPS, "names": ["rnfl"], "sectors": "eight"}) == {"mean": 9.0}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param({"zon": 1}, "zon: acme.measure has no such parameter; did you mean 'zone'?", id="near a field"),
        pytest.param(
            {"thicknes_map": 1},
            "thicknes_map: acme.measure has no such parameter; did you mean 'thickness_map'?",
            id="near an alias",
        ),
        pytest.param(
            {"include_extra": True},
            "include_extra: acme.measure has no such parameter; did you mean 'include_extras'?",
            id="near the switch",
        ),
        pytest.param({"grid": {}}, "grid: acme.measure has no such parameter", id="a group itself"),
        pytest.param({"names": None}, "names: must be a valid list", id="null"),
        pytest.param({"names": []}, "names: list should have at least 1 item after validation, not 0", id="too few"),
        pytest.param({"names": ["rnfl", 3]}, "names.1: must be a valid string", id="within a list"),
        pytest.param({"maps": MAPS}, "layers: is given under two names; one is enough", id="two names"),
        pytest.param({"zone": 21}, "zone: must be less than or equal to 20", id="beyond the range"),
        pytest.param({"zone": "3"}, "zone: must be a valid number", id="a number as text"),
        pytest.param({"zone": True}, "zone: must be a valid number", id="true for a number"),
        pytest.param({"zone": NAN}, "zone: must be a finite number", id="NaN"),
        pytest.param({"offset": [1, -float("inf")]}, "offset.1: must be a finite number", id="infinity in a pair"),
        pytest.param({"offset": [0.0]}, "offset.1: field required", id="half a pair"),
        pytest.param({"offset": [0, 4]}, "offset: leads outside the zone", id="what a group refuses"),
        pytest.param({"sectors": "six"}, "sectors: must be 'four' or 'eight'", id="no such choice"),
        pytest.param({"use_real_units": 1}, "use_real_units: must be a valid boolean", id="1 for true"),
        pytest.param({"include_extras": "yes"}, "include_extras: must be a valid boolean", id="the switch"),
        pytest.param(
            {"layers": {"rnfl": [[1], [1, 2]]}},
            "layers.rnfl: takes numbers in equal rows (an array "
            "[rows, columns]); this is ragged or holds something else",
            id="a ragged map",
        ),
        pytest.param(
            {"layers": {"a-b": [1]}},
            "layers.a-b: takes an array [rows, columns]; this has 1 axes, shape [1]",
            id="a map of a strange name",
        ),
        pytest.param(
            {"layers": {"float": 1}},
            "layers.float: takes an array [rows, columns]; this has 0 axes, shape []",
            id="a map named like a type",
        ),
        pytest.param({"layers": 7}, "layers: must be a valid dictionary", id="no maps"),
    ],
)
def test_a_bad_call_names_the_field_and_the_place_in_it(change, message):
    """Whatever is wrong, the error says where, in the caller's words."""
    with pytest.raises(InputError) as caught:
        measure.call({"layers": MAPS, "names": ["rnfl"], **change})
    assert str(caught.value) == message
    assert message.startswith(caught.value.field)


def test_what_is_missing_is_named():
    """The first parameter that must be given and was not."""
    with pytest.raises(InputError, match=r"^names: acme\.measure needs it$"):
        measure.call({"layers": MAPS})


def test_a_flat_run_answers_with_the_model():
    """Between steps the answer is the record itself."""
    assert isinstance(measure.run({"layers": Maps(maps=MAPS), "names": ("rnfl",)}), Thickness)


# Reading
