"""Types as readers of values: what is taken for what, and how the rest is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, Self

import numpy as np
import pytest
from pydantic import AfterValidator, Field, field_validator

from foveola import Array, InputError, Pixels, Record
from foveola.adapters import accepts_none, adapter, read_as

NAN = float("nan")


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


def take(annotation: Any, value: Any) -> Any:
    """A value as an operation with a parameter of a type takes it."""
    return read_as(adapter(annotation), value, "value")


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
