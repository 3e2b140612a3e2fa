"""Arrays that are given: of numbers in equal rows, with the axes that are asked for, read-only from then on."""

from __future__ import annotations

import numpy as np
import pytest

from foveola import Array

NAN = float("nan")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param([[1, 2], [3, 4]], [[1.0, 2.0], [3.0, 4.0]], id="whole numbers"),
        pytest.param([[1.5, None], [None, None]], [[1.5, NAN], [NAN, NAN]], id="null is NaN"),
        pytest.param([(1, 2), np.array([3, 4])], [[1.0, 2.0], [3.0, 4.0]], id="rows of all sorts"),
        pytest.param([[True, False]], [[1.0, 0.0]], id="a mask"),
        pytest.param([[NAN, float("inf")]], [[NAN, float("inf")]], id="NaN and infinity"),
        pytest.param(np.array([[1, 2]], dtype=np.uint8), [[1.0, 2.0]], id="bytes"),
        pytest.param(np.array([[1, 2]], dtype=">f4"), [[1.0, 2.0]], id="another byte order"),
        pytest.param(np.array([[2, None]], dtype=object), [[2.0, NAN]], id="an array of objects"),
        pytest.param(np.ma.masked_equal([[1, 7]], 7), [[1.0, NAN]], id="masked samples are NaN"),
    ],
)
def test_numbers_are_read_as_float64(given, expected):
    """Lists and arrays of any numbers become an array of the axes that are asked for."""
    array = Array("rows", "columns").read(given)
    assert array.dtype == np.float64
    np.testing.assert_array_equal(array, expected)


@pytest.mark.parametrize(
    "given",
    [
        pytest.param([[1, 2], [3]], id="ragged"),
        pytest.param([["1", "2"]], id="text"),
        pytest.param([[None, "2"]], id="text among nulls"),
        pytest.param([[b"1"]], id="bytes"),
        pytest.param([[10**400]], id="too large for a float"),
        pytest.param([[1 + 2j]], id="complex"),
        pytest.param(np.array([["2020-01-01"]], dtype="M8[D]"), id="dates"),
        pytest.param([[{}]], id="maps"),
        pytest.param({"rows": [1]}, id="a map"),
        pytest.param("12", id="one text"),
        pytest.param(None, id="null"),
        pytest.param((row for row in [[1.0]]), id="something to iterate over"),
    ],
)
@pytest.mark.parametrize("dtype", ["float64", "int64", ""], ids=["float", "int", "as it is"])
def test_what_is_no_array_of_numbers_is_refused(given, dtype):
    """Nothing is turned into numbers that was none."""
    with pytest.raises(ValueError, match=r"^takes numbers in equal rows \(an array \[rows, columns\]\); this is"):
        Array("rows", "columns", dtype=dtype).read(given)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        pytest.param([1, 2], "takes an array [rows, columns]; this has 1 axes, shape [2]", id="too few"),
        pytest.param([[[1]]], "takes an array [rows, columns]; this has 3 axes, shape [1, 1, 1]", id="too many"),
        pytest.param(5, "takes an array [rows, columns]; this has 0 axes, shape []", id="a number"),
    ],
)
def test_other_axes_are_refused(given, sentence):
    """The axes that are asked for are named, those that came are counted."""
    with pytest.raises(ValueError, match=r"^takes") as caught:
        Array("rows", "columns").read(given)
    assert str(caught.value) == sentence


@pytest.mark.parametrize("given", [[[[1]]], [1], []], ids=["three axes", "one axis", "empty"])
def test_without_names_any_axes_are_taken(given):
    """An array without named axes says nothing of its shape."""
    assert Array().read(given).shape == np.shape(given)


@pytest.mark.parametrize(
    ("given", "dtype", "expected"),
    [
        pytest.param([1.0, 2.0], "int64", [1, 2], id="floats that are whole"),
        pytest.param([], "int64", [], id="nothing"),
        pytest.param([0, 255], "uint8", [0, 255], id="bytes"),
        pytest.param([True, False], "int64", [1, 0], id="a mask"),
    ],
)
def test_whole_numbers_are_read_where_they_are_asked_for(given, dtype, expected):
    """Nothing is lost on the way to whole numbers."""
    array = Array("a", dtype=dtype).read(given)
    assert array.dtype == dtype
    assert array.tolist() == expected


@pytest.mark.parametrize(
    ("given", "dtype"),
    [
        pytest.param([1.7], "int64", id="a fraction"),
        pytest.param([None], "int64", id="null"),
        pytest.param(np.array([NAN]), "int64", id="NaN"),
        pytest.param([2**70], "int64", id="too large"),
        pytest.param(np.array([300]), "uint8", id="more than a byte"),
        pytest.param([-1], "uint8", id="negative"),
    ],
)
def test_what_is_not_whole_is_refused_there(given, dtype):
    """A fraction is not cut off, and what does not fit does not wrap round."""
    with pytest.raises(ValueError, match=f"^takes whole numbers of {dtype}; this holds others$"):
        Array("a", dtype=dtype).read(given)


@pytest.mark.parametrize(
    ("dtype", "kept"), [("u1", "uint8"), (">u2", "uint16"), ("?", "bool"), ("<f4", "float32")], ids=str
)
def test_without_a_dtype_numbers_stay_what_they_are(dtype, kept):
    """Grey values stay bytes; only the order of the bytes is the machine's."""
    array = Array(dtype="").read(np.ones(2, dtype=dtype))
    assert array.dtype == kept
    assert array.dtype.isnative


def test_an_array_is_looked_at_through_a_window_that_cannot_write():
    """The caller's array is neither copied nor touched."""
    mine = np.zeros((2, 2))
    read = Array("rows", "columns").read(mine)
    assert np.shares_memory(mine, read)
    with pytest.raises(ValueError, match="read-only"):
        read[0, 0] = 1
    mine[0, 0] = 1


def test_a_read_only_array_is_taken_as_it_is():
    """What cannot be written needs no further window."""
    mine = np.zeros(2)
    mine.flags.writeable = False
    assert Array().read(mine) is mine


@pytest.mark.parametrize(
    ("array", "words"), [(Array("rows", "columns"), "an array [rows, columns]"), (Array(), "an array")], ids=str
)
def test_an_array_says_its_axes(array, words):
    """People read the axes, outermost first."""
    assert str(array) == words
