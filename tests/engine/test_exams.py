"""Exams: named values, read when they are asked for, some of which follow from others."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import pytest
from pydantic import Field

from foveola import Array, Exam, ExamError, InputError, LazyValues, Millimetres, Record, derived

Pitch = Annotated[Millimetres, Field(gt=0)]


class Landmarks(Record):
    """Where things are."""

    rows: Annotated[np.ndarray, Array("slices")]
    """Rows [n]."""


class Scan(Exam):
    """An exam that knows its pitch."""

    num_slices: int
    pitch: Pitch
    landmarks: Landmarks
    fellow: Exam

    @derived
    def height(self) -> Millimetres | None:
        """Slices times pitch."""
        return self["num_slices"] * self["pitch"] if "num_slices" in self and "pitch" in self else None


class OtherScan(Scan):
    """An exam whose height is counted otherwise, and which has a depth."""

    @derived
    def height(self) -> int:
        """As a child sees it."""
        return 1

    @derived
    def depth(self) -> float | None:
        """Nothing is known of it."""


def test_a_kind_of_exam_declares_names_and_types():
    """Annotations and rules, with their units; a name's own attribute is none of them."""
    assert Scan.declared() == {
        "num_slices": int,
        "pitch": Pitch,
        "landmarks": Landmarks,
        "fellow": Exam,
        "height": Millimetres | None,
    }
    assert Exam.declared() == {}
    assert OtherScan.declared()["height"] is int


def test_declared_names_are_read_as_their_type():
    """Once, and always the same object; any further name is as it was given."""
    exam = Scan({"num_slices": np.int64(3), "landmarks": {"rows": [1, None]}, "device": ["any", {"thing": 1}]})
    assert exam["num_slices"] == 3
    assert type(exam["num_slices"]) is int
    np.testing.assert_array_equal(exam["landmarks"].rows, [1, np.nan])
    assert exam["landmarks"] is exam["landmarks"]
    assert exam["device"] == ["any", {"thing": 1}]


def test_what_follows_from_other_values_is_a_value_too():
    """It is there as soon as they say enough, and what was given goes before it."""
    assert Scan({"num_slices": 3, "pitch": 0.5})["height"] == 1.5
    assert Scan({"num_slices": 3, "pitch": 0.5, "height": 2.0})["height"] == 2.0
    assert "height" not in Scan({"num_slices": 3})
    assert OtherScan({"num_slices": 3, "pitch": 0.5})["height"] == 1
    assert Scan.height.__doc__ == "Slices times pitch."


def test_null_is_no_value():
    """A name whose value is null is not among the names."""
    exam = Scan({"num_slices": None, "pitch": 0.5})
    assert list(exam) == ["pitch"]
    assert len(exam) == 1
    assert "num_slices" not in exam
    assert exam.get("num_slices") is None
    with pytest.raises(KeyError, match="num_slices"):
        exam["num_slices"]


def test_an_exam_lists_what_was_given_and_what_follows():
    """Each name once, the given ones first."""
    exam = Scan({"pitch": 0.5, "num_slices": 3, "device": "x"}, name="a/b")
    assert list(exam) == ["pitch", "num_slices", "device", "height"]
    assert repr(exam) == "<exam a/b: pitch, num_slices, device, height>"
    assert 5 not in exam


@pytest.mark.parametrize(
    ("values", "name", "message"),
    [
        pytest.param({"num_slices": "3"}, "num_slices", "a.num_slices: must be a valid integer", id="text"),
        pytest.param({"pitch": -1}, "pitch", "a.pitch: must be greater than 0", id="beyond the range"),
        pytest.param(
            {"landmarks": {"rows": [[1]]}},
            "landmarks",
            "a.landmarks.rows: takes an array [slices]; this has 2 axes, shape [1, 1]",
            id="within a record",
        ),
        pytest.param({"landmarks": {}}, "landmarks", "a.landmarks.rows: field required", id="missing in a record"),
        pytest.param(
            {"num_slices": 3, "pitch": "x"}, "height", "a.pitch: must be a valid number", id="by what follows"
        ),
        pytest.param({"fellow": "../b"}, "fellow", "a.fellow: takes an exam: its values by name", id="a path"),
    ],
)
def test_a_bad_value_is_told_with_the_exams_name(values, name, message):
    """What is wrong is found when the value is asked for, with the exam's name in front of its place."""
    with pytest.raises(InputError) as caught:
        Scan(values, name="a")[name]
    assert str(caught.value) == message


def test_some_values_are_replaced():
    """The same exam with other values; null takes one away, and the first exam stays what it was."""
    exam = Scan({"num_slices": 3, "pitch": 0.5, "device": "x"}, name="a")
    other = exam.replaced({"pitch": 1.0, "device": None})
    assert (other["height"], "device" in other, other.name, type(other)) == (3.0, False, "a", Scan)
    assert exam["height"] == 1.5


def test_given_values_are_neither_read_nor_derived():
    """What came in is what is digested."""
    given = {"num_slices": 3, "pitch": 0.5, "landmarks": {"rows": [1]}}
    exam = Scan(given)
    assert exam["height"] == 1.5
    assert dict(exam.given) == given


def test_large_values_are_loaded_when_they_are_asked_for():
    """Listing loads nothing, and a value is loaded once."""
    loaded = []
    exam = Scan(LazyValues({"pitch": 0.5}, {"landmarks": lambda: loaded.append(1) or {"rows": [1]}}))
    assert list(exam) == ["pitch", "landmarks"]
    assert "landmarks" in exam
    assert loaded == []
    assert exam["landmarks"].rows.tolist() == [1]
    assert exam["landmarks"] is exam["landmarks"]
    assert loaded == [1]


@pytest.mark.parametrize("error", [ValueError, OSError, KeyError], ids=lambda kind: kind.__name__)
def test_a_damaged_value_is_told_when_it_is_asked_for(error):
    """What a loader raises becomes an error that names the value."""

    def load() -> None:
        raise error("is truncated")

    with pytest.raises(InputError, match=r"^a\.landmarks: .*is truncated"):
        Scan(LazyValues({}, {"landmarks": load}), name="a")["landmarks"]


def test_an_exam_within_an_exam_is_an_exam():
    """Named values are an exam of the declared kind, called by their name; a path is followed where it can be."""
    followed = Exam({"num_slices": 1}, name="b")
    assert Scan({"fellow": {"num_slices": 1}})["fellow"].name == "fellow"
    exam = Scan({"fellow": "../b"}, beside={"../b": followed}.__getitem__)
    assert exam["fellow"] is followed
    assert exam.given["fellow"] is followed
    assert exam.replaced({"pitch": 1.0})["fellow"] is followed


def test_an_exam_within_that_cannot_be_read_is_told():
    """The reader's own error comes through."""

    def missing(path: str) -> Exam:
        raise ExamError(path, "there is no such file or folder")

    with pytest.raises(ExamError, match="there is no such file"):
        Scan({"fellow": "../b"}, beside=missing)["fellow"]


def test_a_value_is_read_as_another_type():
    """A recipe's input may declare what the exam does not."""
    exam = Scan({"device": [1, 2], "num_slices": 3}, name="a")
    assert exam.value_as(list[float], "device") == [1.0, 2.0]
    with pytest.raises(InputError, match=r"^a\.device\.0: must be a valid string$"):
        exam.value_as(list[str], "device")
    with pytest.raises(KeyError):
        exam.value_as(float, "pitch")
