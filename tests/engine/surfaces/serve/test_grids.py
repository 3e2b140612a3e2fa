"""Large grids in JSON: arrays of the same numbers, and the same value or the same error as any JSON otherwise."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foveola.surfaces.serve import grids
from foveola.values import json_bytes, plain


@pytest.fixture(autouse=True)
def every_grid_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that tests can be small."""
    monkeypatch.setattr(grids, "LARGE", 0)


def arrays_in(value: Any) -> int:
    """How many values are arrays."""
    match value:
        case np.ndarray():
            return 1
        case dict():
            return sum(map(arrays_in, value.values()))
        case list():
            return sum(map(arrays_in, value))
    return 0


TEXTS: dict[str, tuple[str, int]] = {
    "a grid": ('{"a": [[1.5, 2], [3, 4]]}', 1),
    "whole numbers": ('{"a": [[1, 2], [3, 4]]}', 1),
    "null": ('{"a": [[1, null], [null, 4]]}', 1),
    "several, by name": ('{"m": {"a": [[1]], "b": [[2]]}, "c": [[3]], "d": 4}', 3),
    "lists between": ('{"a": [1, 2], "b": [[3]], "c": [], "d": [[4]]}', 2),
    "in a list": ('{"a": [{"points": [[1, 2]]}], "b": [[3]]}', 0),
    "three axes": ('{"a": [[[1, 2]], [[3, 4]]], "b": [[5]]}', 0),
    "behind three axes": ('{"b": [[5]], "a": [[[1, 2]], [[3, 4]]]}', 1),
    "ragged": ('{"a": [[1, 2], [3]], "b": [[4]]}', 0),
    "texts of digits": ('{"a": [["1", "2"]]}', 0),
    "truth values": ('{"a": [[true, false]]}', 0),
    "objects": ('{"a": [[{}]]}', 0),
    "beyond 64 bits": ('{"a": [[99999999999999999999]]}', 1),
    "within a text": ('{"a": "x [[1]] y", "b": [[2]]}', 0),
    "within a text that looks like an end": ('{"a": "x\\",[[1]],\\"y"}', 0),
    "within a name": ('{"[[1]]": 1}', 0),
    "a mark": ('{"a": "\\u00000", "b": [[1]]}', 0),
    "a name given twice": ('{"a": [[1]], "a": 2}', 0),
    "alone": ("[[1, 2]]", 0),
    "no grid": ('{"a": 1}', 0),
}


@pytest.mark.parametrize(("text", "arrays"), TEXTS.values(), ids=TEXTS)
def test_a_grid_is_an_array_of_the_same_numbers(text: str, arrays: int) -> None:
    """In the place where it stood; what only looks like one stays what it is."""
    parsed = grids.parse(text.encode())
    assert arrays_in(parsed) == arrays
    assert orjson.loads(json_bytes(plain(parsed))) == orjson.loads(text)


@pytest.mark.parametrize(
    "text", ["", "{", '{"a": [[1]', '{"a": [[1,]]}', '{"a": [[1 2]]}', '{"a": [[1]]', r'"\[[1]]"', "[["]
)
def test_malformed_text_is_refused_as_ever(text: str) -> None:
    """With the place in the text as it was sent."""
    with pytest.raises(orjson.JSONDecodeError) as expected:
        orjson.loads(text)
    with pytest.raises(orjson.JSONDecodeError) as told:
        grids.parse(text.encode())
    assert str(told.value) == str(expected.value)


def test_a_small_grid_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """It costs nothing to speak of."""
    monkeypatch.setattr(grids, "LARGE", 100)
    assert grids.parse(b'{"a": [[1, 2]]}') == {"a": [[1, 2]]}


NUMBERS = st.one_of(st.integers(-(2**53), 2**53), st.floats(allow_nan=False, allow_infinity=False), st.none())
VALUES = st.recursive(
    st.one_of(NUMBERS, st.booleans(), st.text(), st.lists(st.lists(NUMBERS, max_size=3), max_size=3)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(), inner, max_size=3)),
)


@given(st.dictionaries(st.text(), VALUES), st.sampled_from([(",", ":"), (", ", ": ")]), st.booleans())
def test_any_value_is_read_as_it_was_written(value: Any, separators: tuple[str, str], ascii_only: bool) -> None:
    """With and without spaces and escapes."""
    text = json.dumps(value, separators=separators, ensure_ascii=ascii_only).encode()
    assert orjson.loads(json_bytes(plain(grids.parse(text)))) == orjson.loads(text)
