"""Values as trees: what is equal has one digest, what is not has another, and what is stored comes back as it was."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, IntEnum
from functools import cached_property
from types import MappingProxyType
from typing import Annotated, Any

import numpy as np
import pytest

from foveola import Array, Exam, Output, Record
from foveola.running.codec import CodecError, arrays_of, decode, digest, encode, knows, modules_in, records_of
from foveola.values import json_bytes


class Point(Record):
    """A record with something that it finds out later."""

    x: float
    y: float | None = None

    @cached_property
    def radius(self) -> float:
        """Found out when it is asked for."""
        return abs(self.x)


class Answer(Output):
    """One of everything."""

    point: Point
    line: Annotated[np.ndarray, Array("n")]
    by_name: Mapping[str, Any]


class Grade(IntEnum):
    """A number with a name."""

    LOW = 1


class Colour(Enum):
    """A name alone."""

    RED = "red"


class Scan(Exam):
    """A kind of exam."""


NUMBERS = np.arange(6.0)
DIFFERENT = {
    "1 and 1.0": (1, 1.0),
    "1 and true": (1, True),
    "1 and '1'": (1, "1"),
    "0.0 and -0.0": (0.0, -0.0),
    "null and 'null'": (None, "null"),
    "nan and 'nan'": (float("nan"), "nan"),
    "nan and null": (float("nan"), None),
    "nan and infinity": (float("nan"), float("inf")),
    "a list and a map": ([1], {"0": 1}),
    "a list and what looks like one": (["f", "nan"], float("nan")),
    "keys of other types": ({1: 2}, {"1": 2}),
    "another order": ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
    "a record and a map": (Point(x=1.0), {"x": 1.0, "y": None}),
    "an exam and a map": (Exam({"a": 1}), {"a": 1}),
    "another kind of exam": (Exam({"a": 1}), Scan({"a": 1})),
    "an array and a list": (np.array([1.0]), [1.0]),
    "another shape": (NUMBERS, NUMBERS.reshape(2, 3)),
    "another order of axes": (NUMBERS.reshape(2, 3), NUMBERS.reshape(3, 2)),
    "another dtype": (np.zeros(2, np.int64), np.zeros(2, np.float64)),
    "another byte order": (np.zeros(2, "<i4"), np.zeros(2, ">i4")),
    "a number and an array of it": (1.0, np.array(1.0)),
    "no rows and no columns": (np.zeros((0, 3)), np.zeros((3, 0))),
}
THE_SAME = {
    "tuple and list": ((1, 2), [1, 2]),
    "numpy's number and Python's": (np.float64(1.5), 1.5),
    "Fortran and C order": (np.asfortranarray(NUMBERS.reshape(2, 3)), NUMBERS.reshape(2, 3)),
    "a view": (np.repeat(NUMBERS, 2)[::2], NUMBERS),
    "a read-only map": (MappingProxyType({"a": 1}), {"a": 1}),
    "an exam in another order": (Exam({"a": 1, "b": 2}), Exam({"b": 2, "a": 1})),
}
NOTHING_THAT_TRAVELS = {
    "a set": {1},
    "an object": object(),
    "objects": np.array([object()]),
    "named fields": np.zeros(1, [("a", "f8")]),
    "masked": np.ma.masked_array([1.0, 2.0], [False, True]),
    "a matrix": np.zeros((1, 1)).view(np.matrix),
    "a number with a name": Grade.LOW,
    "a name": Colour.RED,
    "keys that are no scalars": {(1, 2): 3},
    "a key that is no number": {float("nan"): 3},
    "too large a number": 2**70,
    "half a character": "\ud800",
}


@pytest.mark.parametrize(("one", "other"), DIFFERENT.values(), ids=DIFFERENT)
def test_what_is_different_has_another_digest(one, other):
    """Nothing passes for anything else."""
    assert digest(one) != digest(other)


@pytest.mark.parametrize(("one", "other"), THE_SAME.values(), ids=THE_SAME)
def test_what_is_the_same_has_one_digest(one, other):
    """However it lies in memory."""
    assert digest(one) == digest(other)


@pytest.mark.parametrize("value", NOTHING_THAT_TRAVELS.values(), ids=NOTHING_THAT_TRAVELS)
def test_what_could_be_mistaken_has_no_digest(value):
    """It is refused rather than digested by half."""
    with pytest.raises(TypeError):
        digest([value])


def test_what_a_record_found_out_does_not_count():
    """Its digest is the same before and after."""
    point = Point(x=-2.0)
    before = digest(point)
    assert point.radius == 2.0
    assert digest(point) == before


def test_what_is_stored_comes_back():
    """The same value, of the same classes, read-only, in the same order."""
    arrays: dict[str, np.ndarray] = {}
    answer = Answer(
        point=Point(x=float("nan")), line=NUMBERS, by_name={"b": (1, {"c": 2.0}), "a": None}, warnings=("w",)
    )
    tree = encode(answer, arrays.__setitem__)
    again = decode(tree, records_of(Answer), arrays.__getitem__)
    assert isinstance(again, Answer)
    assert isinstance(again.point, Point)
    assert np.isnan(again.point.x)
    assert list(again.by_name) == ["b", "a"]
    assert again.by_name["b"] == (1, {"c": 2.0})
    assert again.warnings == ("w",)
    assert digest(again) == digest(answer)
    assert list(arrays_of(tree)) == list(arrays)
    with pytest.raises(TypeError):
        again.by_name["a"] = 1
    with pytest.raises(ValueError, match="read-only"):
        again.line[0] = 1


DAMAGED = {
    "no tree": ["z", 1],
    "half a tree": ["r"],
    "an unknown class": ["r", "os.system", []],
    "a field that is not there": ["r", f"{__name__}.Point", [["x", 1.0]]],
    "a field too many": ["r", f"{__name__}.Point", [["x", 1.0], ["y", 1.0], ["z", 1.0]]],
}


@pytest.mark.parametrize("tree", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_tree_is_refused(tree):
    """Nothing is made of it, and no class that is not expected."""
    with pytest.raises(CodecError):
        decode(tree, records_of(Point), {}.__getitem__)


def test_a_reader_knows_which_records_it_can_read():
    """Those of its own type, wherever they are."""
    tree = encode({"a": [Point(x=1.0)]})
    assert knows(tree, records_of(Answer))
    assert not knows(tree, {})
    assert not knows(encode([Exam({})]), records_of(Answer))


def test_the_modules_of_what_a_tree_holds_are_known():
    """Of records and of exams, wherever they are; text that looks like one is none."""
    assert modules_in(json_bytes(encode([{"a": Point(x=1.0)}]))) == {__name__}
    assert modules_in(json_bytes(encode({"exam": Exam({"b": 1})}))) == {"foveola.exams"}
    assert modules_in(json_bytes(encode(['["r","foveola.exams.Exam"', 1.5]))) == set()
