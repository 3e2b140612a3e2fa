"""Digests: one text for one value. Equal values of one kind have one digest; `1`, `1.0`, `true` and `"1"` have four."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from struct import pack
from typing import Any

import numpy as np
from blake3 import blake3

from foveola.exams import Exam
from foveola.operations import Operation
from foveola.values import Record

_Update = Callable[[bytes | memoryview], object]


def digest(value: Any) -> str:
    """The digest of a value: dtype, shape and C-order bytes of arrays, tagged canonical form of the rest.

    >>> len({digest(value) for value in (1, 1.0, True, "1")})
    4
    >>> digest({"a": 1, "b": (2, 3)}) == digest({"b": [2, 3], "a": 1})
    True
    """
    hasher = blake3()
    _feed(hasher.update, value)
    return hasher.hexdigest(length=16)


def _feed(update: _Update, value: Any) -> None:
    match value:
        case None:
            update(b"n")
        case bool():
            update(b"b1" if value else b"b0")
        case int():
            _feed_text(update, b"i", str(value))
        case float():
            update(b"f" + pack("<d", value))
        case str():
            _feed_text(update, b"s", value)
        case np.ndarray():
            _feed_text(update, b"a", f"{value.dtype.str}{value.shape}")
            update(np.ascontiguousarray(value).data.cast("B") if value.size else b"")
        case np.generic():
            _feed(update, value.item())
        case Record():
            _feed_text(update, b"r", f"{type(value).__module__}.{type(value).__qualname__}")
            _feed_items(update, dict(value))
        case Exam():
            update(b"e")
            _feed_items(update, value.given)
        case Mapping():
            _feed_items(update, value)
        case _:
            update(b"l" + pack("<q", len(value)))
            for item in value:
                _feed(update, item)


def _feed_items(update: _Update, items: Mapping[Any, Any]) -> None:
    update(b"m" + pack("<q", len(items)))
    for key in sorted(items, key=str):
        _feed(update, key)
        _feed(update, items[key])


def _feed_text(update: _Update, tag: bytes, text: str) -> None:
    encoded = text.encode("utf-8", "surrogatepass")
    update(tag + pack("<q", len(encoded)) + encoded)


def code_of(operation: Operation[..., Any]) -> str:
    """What an operation's results depend on beside its inputs: its declared version, else all code of its package."""
    if operation.version is not None:
        return f"version {operation.version}"
    return _package_digest(operation.function.__module__.partition(".")[0])


@cache
def _package_digest(package: str) -> str:
    """The digest of every source file of a package, or of the one file that a module is."""
    file = getattr(sys.modules.get(package), "__file__", None)
    if file is None:
        return f"no source of {package}"
    path = Path(file)
    files = sorted(path.parent.rglob("*.py")) if path.name == "__init__.py" else [path]
    return digest([(str(one.relative_to(path.parent)), one.read_bytes().decode(errors="replace")) for one in files])
