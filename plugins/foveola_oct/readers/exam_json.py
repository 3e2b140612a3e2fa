"""The text of an `exam.json`, parsed with the points of outlines straight into arrays."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

BYTE_ORDER_MARK = b"\xef\xbb\xbf"

# Brackets and numbers behind the key `points`: an unescaped quote after `{`, `,` or a space begins a key, and text
# between brackets and numbers alone is all of that key's value.
POINTS = re.compile(rb'(?<=[{,\s])"points"\s*:\s*(\[[-+.\deE\[\],\s]*\])')
NUMBERS = b"-+.0123456789eE \t\r\n"
CUT = b"\\u0000points"


def parse_exam(text: bytes) -> dict[str, Any]:
    """Parse an exam.

    A list for every point of every outline would take most of the time and many times the memory. So the points are cut
    out of the text and read as one flat list of numbers each; what is not plainly pairs of numbers stays as it is, for
    the types to refuse.

    Args:
        text: JSON in UTF-8.

    Returns:
        The values by name; `points` are arrays [n, 2] of float64.

    Raises:
        ValueError: malformed, with line and column, or not one object.

    >>> parse_exam(b'{"layer_segmentation": [[{"className": "rnfl", "points": [[0, 1], [2, 3]]}]]}')
    {'layer_segmentation': [[{'className': 'rnfl', 'points': array([[0., 1.],
           [2., 3.]])}]]}
    """
    text = text.removeprefix(BYTE_ORDER_MARK)
    try:
        exam = _parse_cut(text) if CUT not in text else orjson.loads(text)
    except orjson.JSONDecodeError:
        exam = _parse_whole(text)
    if not isinstance(exam, dict):
        raise ValueError("is not one object of named values, {...}")
    return exam


def _parse_whole(text: bytes) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise ValueError(f"line {error.lineno}, column {error.colno}: {error.msg}") from error


def _parse_cut(text: bytes) -> Any:
    arrays: list[Any] = []

    def cut(match: re.Match[bytes]) -> bytes:
        arrays.append(_parse_points(match[1]))
        return b'"%b":%d' % (CUT, len(arrays) - 1)

    return _put_back(orjson.loads(POINTS.sub(cut, text)), arrays)


def _parse_points(text: bytes) -> NDArray[np.float64] | Any:
    frame = text.translate(None, NUMBERS)
    count = frame.count(b"[") - 1
    if frame != b"[" + b",".join([b"[,]"] * count) + b"]":
        return orjson.loads(text)
    flat = orjson.loads(b"[" + text.translate(None, b"[]") + b"]")
    return np.array(flat, dtype=np.float64).reshape(-1, 2)


def _put_back(value: Any, arrays: list[Any]) -> Any:
    key = orjson.loads(b'"%b"' % CUT)
    ...
