"""The text of an `exam.json`: what any JSON parser would read, the points of outlines as arrays."""

import json

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foveola_oct.readers.exam_json import parse_exam

NUMBERS = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
POINTS = st.lists(st.tuples(NUMBERS, NUMBERS))
ANYTHING = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text() | POINTS,
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["points", "className"]) | st.text(), inner),
    max_leaves=6,
)
DISORDER = st.lists(st.tuples(st.integers(0, 20), st.sampled_from(["[", "]", ",", "5", " ", ""])), max_size=3)


def as_lists(value):
    """Put lists where arrays are."""
    match value:
        case np.ndarray():
            return value.tolist()
        case dict():
            return {key: as_lists(item) for key, item in value.items()}
        case list():
            return [as_lists(item) for item in value]
        case _:
            return value


@pytest.mark.parametrize("indent", [None, 2], ids=["compact", "indented"])
@pytest.mark.parametrize("last", [False, True], ids=["points first", "points last"])
def test_points_are_arrays(indent, last):
    """The points of each outline are one array [n, 2], wherever the key stands and however the text is laid out."""
    keys = ("className", "points") if last else ("points", "className")
    outline = {"points": [[0, 1], [2.5, -3e-2], [4, 5]], "className": "rnfl"}
    exam = parse_exam(
        json.dumps({"layer_segmentation": [[], [{key: outline[key] for key in keys}]]}, indent=indent).encode()
    )
    points = exam["layer_segmentation"][1][0]["points"]
    assert (points.dtype, points.tolist()) == (np.float64, [[0, 1], [2.5, -0.03], [4, 5]])
    assert exam["layer_segmentation"][0] == []


@pytest.mark.parametrize(
    "points",
    [
        [],
        [0],
        [1, 2, 3, 4, 5, 6],
        [[1, 2], [3]],
        [[1, 2, 3], [4]],
        [[1], [2, 3]],
        [[1, None]],
        [{"x": 1, "y": 2}],
        17,
        "a",
        [[]],
    ],
    ids=[
        "none",
        "one number",
        "flat",
        "ragged",
        "three and one",
        "one and two",
        "null",
        "x and y",
        "number",
        "text",
        "empty pair",
    ],
)
def test_other_spellings_are_left_alone(points):
    """What is not plainly pairs of numbers comes as JSON says it: the types read it, or refuse it with its place."""
    assert parse_exam(json.dumps({"a": {"points": points}}).encode()) == {"a": {"points": points}}


@given(st.dictionaries(st.text(), ANYTHING))
def test_nothing_else_differs_from_a_plain_parser(exam):
    """With lists in the place of arrays, it is what a parser reads that knows of no points."""
    text = json.dumps(exam).encode()
    assert as_lists(parse_exam(text)) == orjson.loads(text)


@given(DISORDER)
def test_whatever_stands_for_points_is_read_or_refused_alike(changes):
    """Of brackets and numbers in any disorder, the answer is a plain parser's."""
    points = list("[[1, 2], [30, 4.5]]")
    for place, character in changes:
        points[place : place + 1] = character
    text = b'{"points": %b}' % "".join(points).encode()
    try:
        expected = orjson.loads(text)
    except orjson.JSONDecodeError:
        with pytest.raises(ValueError, match=r"^line 1, column "):
            parse_exam(text)
    else:
        assert as_lists(parse_exam(text)) == expected


@pytest.mark.parametrize(
    "exam",
    [
        {"about": 'a, "points":[[1,2]]'},
        {'about, "points': [[1, 2]]},
        {"\0points": 0, "a": {"points": [[1, 2]]}},
        {"points": [[1, 2]], "a": [[{"points": []}]]},
    ],
    ids=["in a text", "in a key", "a key like ours", "nested"],
)
def test_a_text_that_looks_like_points_is_a_text(exam):
    """Only a key is a key."""
    assert as_lists(parse_exam(json.dumps(exam).encode())) == exam


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{\n  "num_slices": 25,\n}', "line "),
        ('{"a": NaN}', "line 1, column 7: "),
        ('{"x": {"points": [[5, 6]]},\n"a": {"points": [[1, 2], [3,]]}}', "line 2, column 2"),
        ('{"a": {"points": [[1, 2], [3, 4]}}', "line 1, column 3"),
        ('{"a": {"points": [[1, 2], [01, 4]]}}', "line 1, column 2"),
        ('{"a": {"points": [[1, 2]]', "line 1, column 2"),
        ('{"a": {"points": [5[1, 2]]}}', "line 1, column 2"),
        ('{"a": {"points": [5[, 2]]}}', "line 1, column 2"),
        ('{"a": {"points": [[1, ]2, [3, 4]]}}', "line 1, column 2"),
        ('{"a": {"points": [[1, 2]3, [, 4]]}}', "line 1, column 2"),
        ('{"a": {"points": [[1 2, 3]]}}', "line 1, column 2"),
        ("", "line 1, column 1: "),
        ('{"a": "\\ud800"}', "line 1, "),
        ("[" * 60_000, "line 1, column "),
        ("[1, 2]", "is no object of named values, {...}"),
        ("25", "is no object of named values, {...}"),
    ],
    ids=[
        *("trailing comma", "NaN", "in points", "open bracket", "in a number", "cut short", "number before a bracket"),
        *("number outside before", "number outside after", "number between", "two numbers", "empty"),
        *("half a character", "60,000 brackets", "a list", "a number"),
    ],
)
def test_malformed_text_is_refused_with_its_place(text, sentence):
    """The place is that in the text as it stands."""
    with pytest.raises(ValueError) as error:  # noqa: PT011 - the sentence is compared below
        parse_exam(text.encode())
    assert str(error.value).startswith(sentence)


def test_a_byte_order_mark_is_no_fault():
    """Some editors write one; a text in another encoding is refused."""
    assert parse_exam(b"\xef\xbb\xbf{}") == {}
    with pytest.raises(ValueError, match="line 1, column 1: "):
        parse_exam('{"a": 1}'.encode("utf-16"))
