"""Operations: what their signature offers, and what they refuse at the edges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, Self

import numpy as np
import pytest
from pydantic import AfterValidator, Field, field_validator, model_validator

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
    Pixels,
    Record,
    Unit,
    UnitBy,
    operation,
)
from foveola.operations import REQUIRED, Parameter, accepts_none, adapter, documented_arguments, read_as

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


class Point(Record):
    """A place."""

    x: float
    """To the right."""
    y: float = 0.0
    """Downwards."""

    @field_validator("x")
    @classmethod
    def _inside(cls, value: float) -> float:
        if value < 0:
            raise ValueError("X lies left of the image")
        return value


class Maps(Record, bare="maps"):
    """Maps by name."""

    maps: Mapping[str, Annotated[np.ndarray, Array("rows", "columns")]]
    """Each map."""


class Polygon(Record):
    """Something with a form of its own."""

    corners: int
    """How many."""

    @classmethod
    def read(cls, value: Any) -> Self:
        """From `"3 corners"`."""
        if isinstance(value, cls):
            return value
        if not isinstance(value, str) or not value.endswith(" corners"):
            raise ValueError("takes {n} corners")
        if value.startswith("2"):
            raise InputError("corners", "must be 3 at least")
        return cls(corners=int(value[0]))


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


@pytest.mark.parametrize(
    ("docstring", "arguments"),
    [
        pytest.param("", {}, id="nothing"),
        pytest.param("Add.", {}, id="no section"),
        pytest.param("Add.\n\nArgs:\n    a: one.", {"a": "one."}, id="the last section"),
        pytest.param(
            "Add.\n\n    Args:\n        a: one,\n            two.\n        b: x: y.\n\n    X:\n        c: d.",
            {"a": "one, two.", "b": "x: y."},
            id="as it stands in a file",
        ),
        pytest.param("Add.\n\nReturns:\n    a: one.", {}, id="another section"),
    ],
)
def test_arguments_are_documented_in_google_style(docstring, arguments):
    """Every argument's words in one line, and nothing of the sections that follow."""
    assert documented_arguments(docstring) == arguments


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


@pytest.mark.parametrize(
    ("annotation", "given", "taken"),
    [
        pytest.param(float, 1, 1.0, id="a whole number for a number"),
        pytest.param(float, np.float32(0.5), 0.5, id="numpy number"),
        pytest.param(float, np.int16(2), 2.0, id="numpy whole number for a number"),
        pytest.param(int, np.int64(3), 3, id="numpy whole number"),
        pytest.param(bool, np.bool_(True), True, id="numpy true"),  # noqa: FBT003  numpy's own true
        pytest.param(str, np.str_("rnfl"), "rnfl", id="numpy text"),
        pytest.param(list[float], (1, np.float64(2)), [1.0, 2.0], id="a tuple for a list"),
        pytest.param(list[int], np.array([1, 2]), [1, 2], id="an array for a list"),
        pytest.param(tuple[Pixels, Pixels], [1, 2], (1.0, 2.0), id="a list for a pair"),
        pytest.param(Mapping[str, float], {"a": 1}, {"a": 1.0}, id="a map"),
        pytest.param(float | None, None, None, id="null where it may be"),
        pytest.param(Annotated[float | None, Field(ge=0)], None, None, id="null in a range"),
        pytest.param(float | list[float], [1, 2], [1.0, 2.0], id="one or several"),
        pytest.param(Point | float, 5, 5.0, id="a record or a number"),
        pytest.param(list[Point], [{"x": 1}], [Point(x=1.0)], id="records by their fields"),
        pytest.param(Point, Point(x=NAN), None, id="a record as it is"),
        pytest.param(Polygon, "3 corners", Polygon(corners=3), id="a record by its own form"),
        pytest.param(Any, {1, 2}, {1, 2}, id="anything"),
    ],
)
def test_a_value_is_taken(annotation, given, taken):
    """Numpy's scalars are numbers, tuples are lists, and a record stays itself."""
    read = take(annotation, given)
    assert read is given if taken is None and given is not None else read == taken
    assert type(read) is type(taken) or taken is None


@pytest.mark.parametrize(
    ("annotation", "given", "message"),
    [
        pytest.param(int, 5.0, "value: must be a valid integer", id="5.0 for 5"),
        pytest.param(int, True, "value: must be a valid integer", id="true for 1"),
        pytest.param(int, "5", "value: must be a valid integer", id="text for a whole number"),
        pytest.param(float, np.bool_(True), "value: must be a valid number", id="numpy true for 1"),  # noqa: FBT003  likewise
        pytest.param(float, np.float64("nan"), "value: must be a finite number", id="numpy NaN"),
        pytest.param(float, None, "value: must be a valid number", id="null"),
        pytest.param(str, b"x", "value: must be a valid string", id="bytes"),
        pytest.param(Sequence[float], ["5"], "value.0: must be a valid number", id="text in a sequence"),
        pytest.param(Mapping[str, list[float]], {"a": [1, "x"]}, "value.a.1: must be a valid number", id="deep"),
        pytest.param(dict[str, float], {1: 2.0}, "value.1: must be a valid string", id="a key"),
        pytest.param(float | list[float], [1, "x"], "value.1: must be a valid number", id="in a union, the one meant"),
        pytest.param(
            Mapping[str, float | list[float]],
            {"list[float]": [None]},
            "value.list[float].0: must be a valid number",
            id="a key like a label",
        ),
        pytest.param(Point, {"x": "1"}, "value.x: must be a valid number", id="text in a record"),
        pytest.param(Point, {"x": True}, "value.x: must be a valid number", id="true in a record"),
        pytest.param(Point, {"x": NAN}, "value.x: must be a finite number", id="NaN in a record"),
        pytest.param(Point, {}, "value.x: field required", id="a field is missing"),
        pytest.param(Point, {"x": 1, "z": 2}, "value.z: extra inputs are not permitted", id="a field too many"),
        pytest.param(Point, [1, 2], "value: takes x, y by name, not list", id="no fields"),
        pytest.param(Point, {"x": -1}, "value.x: X lies left of the image", id="what a record refuses, in its words"),
        pytest.param(list[Point], [{"x": 1}, {"x": "2"}], "value.1.x: must be a valid number", id="the second record"),
        pytest.param(Mapping[str, Point], {"a.b": {"y": 1}}, "value.a.b.x: field required", id="a record in a map"),
        pytest.param(
            list[Maps],
            [{"m": 1}],
            "value.0.m: takes an array [rows, columns]; this has 0 axes, shape []",
            id="a bare record in a list",
        ),
        pytest.param(Polygon, 3, "value: takes {n} corners", id="another form, with braces"),
        pytest.param(Polygon, "2 corners", "value.corners: must be 3 at least", id="what its form refuses"),
        pytest.param(
            list[Polygon] | None,
            ["3 corners", "2 corners"],
            "value.1.corners: must be 3 at least",
            id="what its form refuses, in a list",
        ),
        pytest.param(
            np.ndarray,
            [["1"]],
            "value: takes numbers in equal rows (an array); this is ragged or holds something else",
            id="text in an array",
        ),
    ],
)
def test_a_value_is_refused(annotation, given, message):
    """Text is no number, true is no 1, NaN is no measurement; the place is told in the caller's words."""
    with pytest.raises(InputError) as caught:
        take(annotation, given)
    assert str(caught.value) == message


def test_what_a_validator_refuses_with_a_field_stands_below_it():
    """An `InputError` from a validator keeps its own place, below the parameter's name."""

    def refuse(_value: float) -> float:
        raise InputError("inner", "is wrong")

    with pytest.raises(InputError, match=r"^value\.inner: is wrong$"):
        take(Annotated[float, AfterValidator(refuse)], 1.0)


def test_arrays_are_taken_without_a_copy():
    """A caller's array is looked at, not copied."""
    mine = np.zeros((2, 2))
    assert np.shares_memory(take(Annotated[np.ndarray, Array("rows", "columns")], mine), mine)


@pytest.mark.parametrize(
    ("annotation", "accepts"),
    [
        pytest.param(float | None, True, id="or null"),
        pytest.param(Annotated[float | None, Field(ge=0)], True, id="in a range, or null"),
        pytest.param(Annotated[float, Field(ge=0)] | None, True, id="a range, or null"),
        pytest.param(Literal["a", None], True, id="among the choices"),  # noqa: PYI061  as a stranger may write it
        pytest.param(Any, True, id="anything"),
        pytest.param(None, True, id="null alone"),
        pytest.param(float, False, id="a number"),
        pytest.param(list[float | None], False, id="within a list"),
        pytest.param(Literal["a", "None"], False, id="the word"),
    ],
)
def test_a_type_says_whether_it_takes_null(annotation, accepts):
    """A null reaches only a parameter that takes one."""
    assert accepts_none(annotation) is accepts


def test_a_reader_is_made_once_for_a_type():
    """Reading does not build the reader again, and tells the place without a name where there is none."""
    assert adapter(list[float]) is adapter(list[float])
    with pytest.raises(InputError, match=r"^0: must be a valid number$"):
        read_as(adapter(list[float]), ["x"])
