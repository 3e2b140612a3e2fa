"""Values as trees and back: what the memo digests and stores. Arrays are leaves that only name their bytes.

A tree is JSON: a scalar stands for itself, all else is a list that begins with a letter:
`["l", items]`, `["m", [[key, item], ...]]`, `["r", class, [[field, item], ...]]`, `["a", digest, dtype, shape]`,
`["f", "nan" | "inf" | "-inf"]`, `["e", class, [[name, item], ...]]` (an exam, which is given and never answered). So
`1`, `1.0`, `true` and `"1"` differ, and no map can pass for anything else. A map keeps its order, which answers made of
it show.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from math import isfinite
from types import MappingProxyType
from typing import Any, get_args

import numpy as np
from blake3 import blake3

from foveola.errors import FoveolaError
from foveola.exams import Exam
from foveola.values import Record, json_bytes

Tree = Any

_ARRAYS = {np.ndarray, np.memmap}
"""A masked array or a matrix is more than its numbers."""

_KINDS = "biufcSUmM"
"""Of arrays whose bytes say all: neither objects nor fields with names."""

_SCALARS = {str, int, bool, type(None)}
_KEYS = {str, int, float, bool}

_CLASS = re.compile(rb'\["[re]","([^"\\]+)"')
"""A record or an exam in the JSON of a tree. Text that looks like one has its quotes escaped."""


class Encoded:
    """A value that is still a tree; `encode` takes its tree as it is."""

    tree: Tree


class CodecError(FoveolaError):
    """A tree is damaged, or of a class that the reader does not expect."""

    code = "DAMAGED"


def array_digest(array: np.ndarray) -> str:
    """The digest of an array: its dtype, shape and C-order bytes."""
    hasher = blake3(f"{array.dtype.str}{array.shape}".encode())
    if array.size:
        hasher.update(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
    return hasher.hexdigest(length=16)


def tree_digest(tree: Tree) -> str:
    """The digest of a tree."""
    return text_digest(json_bytes(tree))


def text_digest(text: bytes) -> str:
    """The digest of a text."""
    return blake3(text).hexdigest(length=16)


def digest(value: Any) -> str:
    """The digest of a value.

    >>> len({digest(value) for value in (1, 1.0, True, "1")})
    4
    >>> digest({"a": (2, 3)}) == digest({"a": [2, 3]})
    True
    """
    return tree_digest(encode(value))


def encode(value: Any, keep: Callable[[str, np.ndarray], None] | None = None) -> Tree:
    """A value as a tree.

    Args:
        value: numbers, text, arrays, records, exams, and lists and maps of these.
        keep: is given every array with its digest.

    Raises:
        TypeError: the value is none of these.
    """
    if type(value) in _SCALARS:
        return value
    match value:
        case np.generic():
            return encode(value.item(), keep)
        case float():
            return float(value) if isfinite(value) else ["f", str(float(value))]
        case np.ndarray() if type(value) in _ARRAYS and value.dtype.kind in _KINDS:
            name = array_digest(value)
            if keep is not None:
                keep(name, value)
            return ["a", name, value.dtype.str, list(value.shape)]
        case Encoded():
            return value.tree
        case Record():
            held = value.__dict__
            return ["r", _class_name(type(value)), [[name, encode(held[name], keep)] for name in _fields(type(value))]]
        case Exam():
            given = value.given
            return ["e", _class_name(type(value)), [[name, encode(given[name], keep)] for name in sorted(given)]]
        case Mapping():
            return ["m", [[_key(key), encode(item, keep)] for key, item in value.items()]]
        case list() | tuple():
            return ["l", [encode(item, keep) for item in value]]
    raise TypeError(f"{type(value).__name__} is nothing that travels between steps; use a Record")


def _key(key: Any) -> Any:
    if type(key) not in _KEYS or (type(key) is float and not isfinite(key)):
        raise TypeError(f"{type(key).__name__} is no key of a map that travels between steps")
    return key


@cache
def _fields(record: type[Record]) -> tuple[str, ...]:
    return tuple(record.model_fields)


def decode(tree: Tree, records: Mapping[str, type[Record]], load: Callable[[str], np.ndarray]) -> Any:
    """The value of a tree.

    Args:
        tree: the tree.
        records: the classes that it may hold, by name.
        load: gives the array of a digest.

    Raises:
        CodecError: the tree is damaged, or holds a class that is not expected.
    """
    match tree:
        case None | bool() | int() | float() | str():
            return tree
        case ["f", str() as word]:
            return float(word)
        case ["a", str() as name, _, _]:
            return load(name)
        case ["l", list() as items]:
            return tuple(decode(item, records, load) for item in items)
        case ["m", list() as entries]:
            return MappingProxyType({key: decode(item, records, load) for key, item in entries})
        case ["r", str() as name, list() as fields] if name in records:
            values = {key: decode(item, records, load) for key, item in fields}
            if tuple(values) == _fields(records[name]):
                return records[name].model_construct(**values)
    raise CodecError(f"this is no value: {str(tree)[:80]}")


def knows(tree: Tree, records: Mapping[str, type[Record]]) -> bool:
    """Whether every record in a tree is of a class that a reader expects; of exams none is."""
    match tree:
        case ["e", _, _]:
            return False
        case ["r", name, _] if name not in records:
            return False
        case ["l", list() as items]:
            return all(knows(item, records) for item in items)
        case ["m", list() as entries] | ["r", _, list() as entries]:
            return all(knows(item, records) for _, item in entries)
    return True


def arrays_of(tree: Tree) -> Iterator[str]:
    """The digests of a tree's arrays."""
    match tree:
        case ["a", str() as name, _, _]:
            yield name
        case ["l", list() as items]:
            for item in items:
                yield from arrays_of(item)
        case ["m", list() as entries] | ["r", _, list() as entries]:
            for _, item in entries:
                yield from arrays_of(item)


def modules_in(text: bytes) -> frozenset[str]:
    """The modules of the classes in a tree, of which this is the JSON: what its reader may run.

    >>> modules_in(json_bytes(["l", [["r", "foveola.operations.Output", []], "text"]]))
    frozenset({'foveola.operations'})
    """
    if b'["r",' not in text and b'["e",' not in text:
        return frozenset()
    return frozenset(filter(None, (_module_of(name.decode()) for name in _CLASS.findall(text))))


def _module_of(name: str) -> str:
    """The module of a class by its name; classes may lie in classes."""
    module = name.rpartition(".")[0]
    while module and module not in sys.modules:
        module = module.rpartition(".")[0]
    return module


@cache
def records_of(annotation: Any) -> Mapping[str, type[Record]]:
    """Every record class that a type can hold, by name: the class itself, and those of its fields."""
    found: dict[str, type[Record]] = {}
    _collect(annotation, found)
    return found


def _collect(annotation: Any, found: dict[str, type[Record]]) -> None:
    if inspect.isclass(annotation) and issubclass(annotation, Record):
        if _class_name(annotation) in found:
            return
        found[_class_name(annotation)] = annotation
        for field in annotation.model_fields.values():
            _collect(field.annotation, found)
        for subclass in annotation.__subclasses__():
            _collect(subclass, found)
    for part in get_args(annotation):
        _collect(part, found)


def _class_name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"
