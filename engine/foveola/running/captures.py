"""What a function holds beside the text of its module: that with which another function made it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from functools import _lru_cache_wrapper, partial
from types import BuiltinFunctionType, CellType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any

from foveola.operations import Operation
from foveola.running.codec import encode, modules_in
from foveola.values import json_bytes

_WORDS = {str, int, float, bool, type(None)}


def captured(function: Callable[..., Any]) -> tuple[Any, set[str]]:
    """What a function was made with, and the modules whose text says the rest.

    Returns:
        Plain data, which differs between two functions of one text that do different things; names of modules.

    Raises:
        TypeError: something in it has no digest.
    """
    captures = _Captures()
    return captures.of(function), captures.modules


class _Captures:
    """A walk over what functions hold.

    Attributes:
        modules: those whose code was met.
    """

    def __init__(self) -> None:
        self.modules: set[str] = set()
        self._around: list[int] = []

    def of(self, value: Any) -> Any:
        """What a value says, as plain data; within itself, how far in that is."""
        if type(value) in _WORDS:
            return ["value", encode(value)]
        if id(value) in self._around:
            return ["again", self._around.index(id(value))]
        self._around.append(id(value))
        try:
            return self._of(value)
        finally:
            self._around.pop()

    def _of(self, value: Any) -> Any:
        if _is_named(value):
            self.modules.add(value.__module__)
            return ["named", value.__module__, value.__qualname__]
        match value:
            case FunctionType():
                return self._function(value)
            case MethodType():
                return ["method", self.of(value.__func__), self.of(value.__self__)]
            case BuiltinFunctionType():  # a method of what is built in: `table.get`
                return ["method", value.__qualname__, self.of(value.__self__)]
            case Operation(function=function, version=version):
                return ["operation", version, self.of(function)]
            case _lru_cache_wrapper():
                return self.of(value.__wrapped__)
            case partial() if type(value) is partial:
                return ["partial", self.of(value.func), self.of(value.args), self.of(value.keywords)]
            case ModuleType():
                self.modules.add(value.__name__)
                return ["module", value.__name__]
            case list() | tuple():
                return ["list", [self.of(item) for item in value]]
            case dict():
                return ["map", [[encode(key), self.of(item)] for key, item in value.items()]]
            case _:
                return self._value(value)

    def _function(self, function: FunctionType) -> list[Any]:
        if function.__code__.co_filename.startswith("<"):
            raise TypeError(f"the code of {function.__qualname__} cannot be read: it lies in no file")
        self.modules |= {str(one) for one in (function.__module__, function.__globals__.get("__name__")) if one}
        wrapped = vars(function).get("__wrapped__")
        if "<locals>" not in function.__code__.co_qualname:
            return ["function", function.__code__.co_qualname, self.of(wrapped)]
        return [
            "function",
            _code_data(function.__code__),
            [self._cell(cell) for cell in function.__closure__ or ()],
            self.of(function.__defaults__),
            self.of(function.__kwdefaults__),
            repr(function.__annotations__),
            self.of(vars(function)),
        ]

    def _cell(self, cell: CellType) -> Any:
        try:
            return ["cell", self.of(cell.cell_contents)]
        except ValueError:
            return ["empty"]

    def _value(self, value: Any) -> list[Any]:
        if isinstance(value, type):  # its methods may hold anything
            raise TypeError(f"{value.__qualname__} is a class that a function made")
        tree = encode(value)
        self.modules |= modules_in(json_bytes(tree))
        return ["value", tree]


def _is_named(value: Any) -> bool:
    """Whether a module holds it under its own name: then the module's text says what it is."""
    if isinstance(value, Mapping) or not isinstance(getattr(value, "__qualname__", None), str):
        return False
    found = sys.modules.get(value.__module__ or "")
    for part in value.__qualname__.split("."):
        found = getattr(found, part, None)
    return found is value


def _code_data(code: CodeType) -> list[Any]:
    """What a function does, without where it stands: which of its module's functions it is."""
    return [code.co_code.hex(), list(code.co_names), [_constant(one) for one in code.co_consts]]


def _constant(value: Any) -> Any:
    if isinstance(value, CodeType):
        return _code_data(value)
    return ["set", sorted(map(repr, value))] if isinstance(value, frozenset) else repr(value)
