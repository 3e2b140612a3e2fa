"""JSON whose large grids of numbers are parsed one after another, each into an array.

An object for every number of a body takes several times the body's memory, which has to be found, cleared and given
back for each request. So a grid is cut out of the text, parsed alone, and is an array before the next one is looked at.
It stands where an `.npz` could say it too: under names alone, in no list. All else is parsed as any JSON is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import orjson

LARGE = 16_384
"""A grid of fewer bytes of text is left alone."""
OPENING = b"[["
NO_NUMBERS = (b'"', b"{", b"t", b"f")
"""Texts, objects, true and false: what numpy would make numbers of, or what is none."""
MARK, MARK_IN_TEXT = "\0", b"\\u0000"
"""Stands for a grid that was cut out, with its number. No text holds it but by this escape."""


def parse(text: bytes) -> Any:
    """The value of a JSON text, large grids as arrays.

    Raises:
        orjson.JSONDecodeError: malformed.
    """
    grids: list[np.ndarray] = []
    if b"\\" not in text or MARK_IN_TEXT not in text:  # one byte is found ten times as fast
        rest = b"".join(_without_grids(text, grids))
    if not grids:
        return orjson.loads(text)
    try:
        values = orjson.loads(rest)
    except orjson.JSONDecodeError:  # what was cut out stood within a text, or all is malformed
        return orjson.loads(text)
    return values if _put_back(grids, values) == len(grids) else orjson.loads(text)


def _without_grids(text: bytes, grids: list[np.ndarray]) -> Iterator[bytes]:
    """The text with marks for what is put among `grids`, as far as nothing else than numbers stands in a list."""
    done = seen = 0
    while (start := text.find(OPENING, seen)) >= 0:
        end = _end_of_grid(text, start)
        if end < 0 or text.count(b"[", seen, start) != text.count(b"]", seen, start):
            break
        if end - start >= LARGE:
            grid = _grid(text[start:end])
            if grid is None:
                break
            yield text[done:start]
            yield b'"%b%d"' % (MARK_IN_TEXT, len(grids))
            grids.append(grid)
            done = end
        seen = end
    yield text[done:]


def _end_of_grid(text: bytes, start: int) -> int:
    """Where the next two brackets that close end; negative if none do. Rows are long, so that few are looked at."""
    end = text.find(b"]", start) + 1
    while end > 0 and text[end : end + 1] != b"]":
        end = text.find(b"]", end) + 1
    return end + 1 if end > 0 else -1


def _grid(text: bytes) -> np.ndarray | None:
    """Rows of equally many numbers or nulls as an array; None if they are not."""
    if any(sign in text for sign in NO_NUMBERS):
        return None
    try:
        rows = orjson.loads(text)
        array = np.array(rows, dtype=np.float64 if b"." in text or b"n" in text else None)  # null is NaN
    except (ValueError, TypeError, OverflowError):
        return None
    return array if array.ndim == 2 and array.dtype.kind in "if" else None  # noqa: PLR2004  rows, columns


def _put_back(grids: list[np.ndarray], values: Any) -> int:
    """Put grids in the place of their marks; how many had one."""
    count, pending = 0, [values]
    while pending:
        named = pending.pop()
        for name, value in named.items() if isinstance(named, dict) else ():
            if isinstance(value, str) and value.startswith(MARK):
                named[name] = grids[int(value.removeprefix(MARK))]
                count += 1
            elif isinstance(value, dict):
                pending.append(value)
    return count
