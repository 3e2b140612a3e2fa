"""Values: read-only all the way down, and said as JSON says them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, ValidationError

from foveola import ABSENT_WHEN_NULL, EXTRA, Array, Record
from foveola.values import annotation_of, array_as_lists, frozen, items_of, json_bytes, plain

NAN = float("nan")


class Sector(Record):
    """A record of everything that a record may hold."""

    name: str = Field(default="centre", alias="className")
    """What it is called."""
    mean: float | None = None
    """Its thickness."""
    values: Annotated[np.ndarray, Array("rows", "columns")] | None = None
    """Its samples."""
    by_layer: Mapping[str, list[float]] = {}
    """Means of its layers."""
    corners: tuple[tuple[float, float], ...] = ()
    """Where it lies."""
    anything: Any = None
    """Whatever else."""
    note: Annotated[str | None, ABSENT_WHEN_NULL] = None
    """Left out where there is nothing to say."""
    coverage: Annotated[float | None, EXTRA] = None
    """How much was measured."""
    count: Annotated[int | None, EXTRA, Field(alias="sampleCount")] = None
    """How many samples."""


class Maps(Record, bare="maps"):
    """A record shown as its one field."""

    maps: Mapping[str, Annotated[np.ndarray, Array("rows", "columns")]]
    """Each by its name."""
    warnings: Annotated[tuple[str, ...], EXTRA] = ()
    """What to know."""


class Lines(Record, bare="lines"):
    """A record shown as a list."""

    lines: tuple[str, ...] | None
    """The list."""
    warnings: Annotated[tuple[str, ...], EXTRA] = ("few",)
    """What to know."""


class Anything(Record):
    """A record that says nothing of what it holds."""

    held: Any


def test_a_record_is_frozen():
    """Its fields cannot be set."""
    with pytest.raises(ValidationError, match="frozen"):
        Sector().mean = 1.0


def test_what_a_record_holds_is_read_only():
    """Arrays, mappings and lists inside, and inside these, cannot be changed; what was given can."""
    values, by_layer, anything = np.zeros((1, 2)), {"rnfl": [1.0]}, {"deep": [np.zeros(1), {"deeper": [1]}]}
    record = Sector(values=values, by_layer=by_layer, corners=[[0, 1]], anything=anything)
    assert not record.values.flags.writeable
    assert isinstance(record.by_layer, MappingProxyType)
    assert record.by_layer["rnfl"] == (1.0,)
    assert record.corners == ((0.0, 1.0),)
    assert not record.anything["deep"][0].flags.writeable
    assert record.anything["deep"][1] == MappingProxyType({"deeper": (1,)})
    values[0, 0] = 5
    by_layer["gcl"] = [2.0]
    assert list(record.by_layer) == ["rnfl"]
    assert isinstance(anything["deep"], list)


HELD = {
    "a map that only looks read-only": (MappingProxyType({"a": [1]}), {"a": (1,)}),
    "a set": ({1}, frozenset({1})),
    "bytes": (bytearray(b"a"), b"a"),
    "a number of numpy": (np.float32(0.5), 0.5),
}


@pytest.mark.parametrize(("given", "kept"), HELD.values(), ids=HELD)
def test_nothing_that_can_be_changed_is_kept(given, kept):
    """Whoever is given the record could change it for all others."""
    assert frozen(given) == kept
    assert type(frozen(given)) in {MappingProxyType, frozenset, bytes, float}
    assert Anything(held=given).held == kept
    assert type(Anything(held=given).held) is type(frozen(given))


def test_numbers_lie_in_one_order_however_they_came():
    """Sums of them depend on it in their last digit; what is remembered comes back in this order."""
    array = np.random.default_rng(0).normal(size=(999, 777)) * 1e3
    assert array.T.sum() != np.ascontiguousarray(array.T).sum()
    for one in (frozen(array.T), Array().read(array.T), Array().read(np.asfortranarray(array).astype(">f8").T.T)):
        assert one.flags.c_contiguous
        assert not one.flags.writeable
    assert frozen(array).base is array


def test_a_changed_copy_is_read_only_too():
    """An array that a copy gets cannot be changed through it."""
    record = Sector(mean=1.0).model_copy(update={"values": np.ones((1, 1)), "anything": {"a": [1]}})
    assert not record.values.flags.writeable
    assert record.anything == MappingProxyType({"a": (1,)})
    assert record.mean == 1.0


def test_a_record_refuses_what_it_does_not_know():
    """An unknown field is an error, not a field that is lost."""
    with pytest.raises(ValidationError, match="maen"):
        Sector(maen=1.0)


@pytest.mark.parametrize("name", ["name", "className"])
def test_a_field_is_read_by_its_name_and_by_its_alias(name):
    """Callers say what they are used to."""
    assert Sector.read({name: "inner"}).name == "inner"


def test_a_record_is_read_from_itself_its_fields_or_its_bare_field():
    """What a person says and what a step answered become the same record."""
    maps = {"rnfl": [[1.0, None]]}
    record = Maps.read(maps)
    assert Maps.read(record) is record
    np.testing.assert_array_equal(record.maps["rnfl"], [[1.0, NAN]])
    assert not record.maps["rnfl"].flags.writeable
    assert Sector.read({"mean": 2.0}).mean == 2.0


@pytest.mark.parametrize("value", [7, "x", [1]], ids=["number", "text", "list"])
def test_a_record_is_not_read_from_something_else(value):
    """What is neither raises a `ValueError`."""
    with pytest.raises(ValueError, match="Sector"):
        Sector.read(value)


def test_the_documented_answer_leaves_extras_out():
    """Extras and empty optional fields are absent; NaN is null; names are the documented ones."""
    record = Sector(mean=NAN, values=[[1.0, NAN]], by_layer={"rnfl": [NAN]}, coverage=0.5, count=3)
    assert record.plain() == {
        "className": "centre",
        "mean": None,
        "values": [[1.0, None]],
        "by_layer": {"rnfl": [None]},
        "corners": [],
        "anything": None,
    }
    assert Sector(note="thin").plain()["note"] == "thin"


def test_extras_stand_beside_the_answer_when_asked_for():
    """Those that have something to say, by their documented names."""
    assert Sector(coverage=0.5, count=3).extras() == {"coverage": 0.5, "sampleCount": 3}
    assert Sector(coverage=0.5).plain(extras=True).keys() - Sector().plain().keys() == {"coverage"}


def test_arrays_stay_arrays_when_asked_for():
    """What is large need not become lists on its way."""
    shown = Maps(maps={"rnfl": [[1.0]]}).plain(lists=False)
    assert isinstance(shown["rnfl"], np.ndarray)


def test_a_bare_record_is_shown_as_its_field():
    """Its name does not appear; extras stand beside its keys."""
    record = Maps(maps={"rnfl": [[1.0]]}, warnings=("few slices",))
    assert record.plain() == {"rnfl": [[1.0]]}
    assert record.plain(extras=True) == {"rnfl": [[1.0]], "warnings": ["few slices"]}


@pytest.mark.parametrize("lines", [("a", "b"), None], ids=["a list", "null"])
def test_a_bare_field_without_keys_is_named_beside_its_extras(lines):
    """A list cannot hold extras, so that the answer with them names it."""
    shown = None if lines is None else list(lines)
    assert Lines(lines=lines).plain() == shown
    assert Lines(lines=lines).plain(extras=True) == {"lines": shown, "warnings": ["few"]}


def test_markers_survive_inheritance():
    """A field marked in a parent is marked in its children."""

    class Inner(Sector):
        """A kind of sector."""

    assert EXTRA.marks(Inner.model_fields["coverage"])
    assert ABSENT_WHEN_NULL.marks(Inner.model_fields["note"])
    assert not EXTRA.marks(Inner.model_fields["mean"])
    assert (repr(EXTRA), repr(ABSENT_WHEN_NULL)) == ("EXTRA", "ABSENT_WHEN_NULL")


def test_a_fields_annotation_is_whole_again():
    """What pydantic took apart is put together."""
    assert annotation_of(Maps.model_fields["warnings"]) == Annotated[tuple[str, ...], EXTRA]
    assert annotation_of(Sector.model_fields["anything"]) is Any


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(None, None, id="null"),
        pytest.param(True, True, id="true"),
        pytest.param(3, 3, id="whole number"),
        pytest.param(2.5, 2.5, id="number"),
        pytest.param(NAN, None, id="NaN"),
        pytest.param(-float("inf"), None, id="infinity"),
        pytest.param("µm", "µm", id="text"),
        pytest.param(np.float64(2), 2.0, id="numpy number"),
        pytest.param(np.float32("nan"), None, id="numpy NaN"),
        pytest.param(np.longdouble(2), 2.0, id="long numpy number"),
        pytest.param(np.int64(3), 3, id="numpy whole number"),
        pytest.param(np.bool_(True), True, id="numpy true"),  # noqa: FBT003  numpy's own true
        pytest.param(np.str_("a"), "a", id="numpy text"),
        pytest.param((1, [2, (3,)]), [1, [2, [3]]], id="nested lists"),
        pytest.param(MappingProxyType({"a": (NAN,)}), {"a": [None]}, id="read-only mapping"),
        pytest.param({0: 1, "a": 2}, {"0": 1, "a": 2}, id="keys are texts"),
        pytest.param(np.array([[1, 2]]), [[1, 2]], id="whole numbers in an array"),
        pytest.param(np.array([1.5, NAN]), [1.5, None], id="NaN in an array"),
        pytest.param(np.arange(6.0).reshape(2, 3).T, [[0, 3], [1, 4], [2, 5]], id="turned array"),
        pytest.param(np.arange(6)[::2], [0, 2, 4], id="every second"),
        pytest.param(np.array([1.0], dtype=">f8"), [1.0], id="another byte order"),
        pytest.param(np.array(NAN), None, id="NaN of no axes"),
        pytest.param(np.empty((0, 2)), [], id="empty array"),
        pytest.param(np.array([True]), [True], id="mask"),
        pytest.param(Lines(lines=("a",)), ["a"], id="bare record"),
        pytest.param({"in": [Maps(maps={"rnfl": [[NAN]]})]}, {"in": [{"rnfl": [[None]]}]}, id="records inside"),
    ],
)
def test_a_value_is_plain(value, expected):
    """Python's own types and nothing else, as JSON would say it, and back from JSON the same."""
    shown = plain(value)
    assert shown == expected
    assert json.loads(json.dumps(shown, allow_nan=False)) == expected


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param({"mean": np.array([1.0, NAN])}, '{"mean":[1.0,null]}', id="NaN in an array"),
        pytest.param([NAN, float("inf"), None], "[null,null,null]", id="NaN and infinity"),
        pytest.param(np.float64("nan"), "null", id="numpy NaN"),
        pytest.param([np.int64(1), np.bool_(False), np.float64(0.5)], "[1,false,0.5]", id="numpy scalars"),  # noqa: FBT003  likewise
        pytest.param(np.arange(6.0).reshape(2, 3).T, "[[0.0,3.0],[1.0,4.0],[2.0,5.0]]", id="turned array"),
        pytest.param(np.array([[1.0, NAN, 2.0]])[:, ::2], "[[1.0,2.0]]", id="every second"),
        pytest.param(np.array([[NAN, 2.0]]).T, "[[null],[2.0]]", id="turned with NaN"),
        pytest.param(np.array(2.0), "2.0", id="no axes"),
        pytest.param({"a": MappingProxyType({"b": (Lines(lines=None),)})}, '{"a":{"b":[null]}}', id="nested"),
        pytest.param("µ\n", '"µ\\n"', id="text"),
    ],
)
def test_a_value_is_json(value, text):
    """The same as `plain` says, as bytes."""
    assert json_bytes(value) == text.encode()
    assert json.loads(text) == plain(value)


def test_json_for_people_is_indented():
    """Two spaces a level."""
    assert json_bytes({"a": [1]}, indent=True) == b'{\n  "a": [\n    1\n  ]\n}'


@given(st.recursive(st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats() | st.text(), st.lists))
def test_json_and_plain_say_the_same(value):
    """Whatever lists of numbers and texts are said, both say the same of them."""
    assert json.loads(json_bytes(value)) == plain(value)


def test_an_arrays_lists_are_new():
    """NaN becomes null in the lists, not in the array."""
    array = np.array([NAN, 1.0])
    assert array_as_lists(array) == [None, 1.0]
    assert np.isnan(array[0])


def test_freezing_leaves_the_rest_as_it_is():
    """Numbers, texts and records are read-only already."""
    record = Sector()
    assert frozen(record) is record
    assert frozen("a") == "a"
    assert frozen((1, [2])) == (1, (2,))


@pytest.mark.parametrize(
    ("value", "items"),
    [
        pytest.param({"a": 1, 2: 3}, [("a", 1), ("2", 3)], id="a map by key"),
        pytest.param([7, None], [("0", 7), ("1", None)], id="a list by place"),
        pytest.param(("rnfl", "gcl"), [("rnfl", "rnfl"), ("gcl", "gcl")], id="names by themselves"),
        pytest.param(["1", 7], [("0", "1"), ("1", 7)], id="not all are names"),
        pytest.param([], [], id="nothing"),
        pytest.param(Lines(lines=("a",)), [("a", "a")], id="a bare record"),
    ],
)
def test_foreach_runs_over_items(value, items):
    """A map by key, a list by place, or by name where all are names."""
    assert list(items_of(value)) == items


def test_foreach_does_not_run_over_one_thing():
    """A record without a bare field has no items."""
    assert Sector.item_annotation() is None
    with pytest.raises(TypeError, match=r"^Sector is one thing, not several$"):
        list(items_of(Sector()))
