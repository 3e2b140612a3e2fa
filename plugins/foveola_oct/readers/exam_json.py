"""The text of an `exam.json`, parsed with the points of outlines straight into arrays."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

BYTE_ORDER_MARK = b"\xef\xbb\xbf"

# Brackets and numbers behind the key `points`, which are all of its value. Within a text the first quote would be
# escaped, so that no `{`, comma or space stood before it.
POINTS = re.compile(rb'(?<=[{,\s])"points"\s*:\s*(\[[-+.\deE\[\],\s]*\])')
SPACES = b" \t\r\n"
NUMBERS = b"-+.0123456789eE"
BROKEN_NUMBER = re.compile(rb"[-+.\deE]\s+[-+.\deE]")
NEXT = b"],["
CUT = "\0points"
CUT_IN_TEXT = b"\\u0000points"


def parse_exam(text: bytes) -> dict[str, Any]:
    """Parse an exam.

    A list for every point would take most of the time and ten times the memory. So points are cut out of the text and
    parsed as flat numbers; those in another spelling, or in none, are left to the types that read them.

    Args:
        text: JSON in UTF-8.

    Returns:
        The values by name; the `points` of outlines, px, are arrays [n, 2].

    Raises:
        ValueError: malformed, saying line and column; or not one object.

    >>> parse_exam(b'{"num_slices": 1, "layer_segmentation": [[{"className": "rnfl", "points": [[0, 1], [2, 3]]}]]}')
    {'num_slices': 1, 'layer_segmentation': [[{'className': 'rnfl', 'points': array([[0., 1.],
           [2., 3.]])}]]}
    """
    text = text.removeprefix(BYTE_ORDER_MARK)
    try:
        exam = orjson.loads(text) if CUT_IN_TEXT in text else _parse_in_parts(text)
    except orjson.JSONDecodeError:
        exam = _parse_whole(text)  # which knows the place
    if not isinstance(exam, dict):
        raise ValueError("is no object of named values, {...}")
    return exam


def _parse_whole(text: bytes) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise ValueError(f"line {error.lineno}, column {error.colno}: {error.msg}") from error


def _parse_in_parts(text: bytes) -> Any:
    parts: list[Any] = []

    def cut(match: re.Match[bytes]) -> bytes:
        parts.append(_parse_points(match[1]))
        return b'"%b":%d' % (CUT_IN_TEXT, len(parts) - 1)

    exam = orjson.loads(POINTS.sub(cut, text))
    pending = [exam] if parts else []
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            if CUT in value:
                value["points"] = parts[value.pop(CUT)]
            value = value.values()
        pending += [item for item in value if isinstance(item, dict | list)]
    return exam


def _parse_points(text: bytes) -> NDArray[np.float64] | Any:
    if any(space in text for space in SPACES) and not BROKEN_NUMBER.search(text):
        text = text.translate(None, SPACES)
    inner = text[2:-2]
    pairs = inner.count(NEXT) + 1
    is_pairs = text.startswith(b"[[") and text.endswith(b"]]")
    if not is_pairs or inner.translate(None, NUMBERS) != NEXT.join([b","] * pairs):
        return orjson.loads(text)
    flat = orjson.loads(b"[" + inner.replace(NEXT, b",") + b"]")  # refuses two numbers or none between commas
    return np.array(flat, dtype=np.float64).reshape(pairs, 2)
