"""What functions hold beside their text: two that do different things never look the same."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache, partial, wraps
from math import hypot
from typing import Any

import numpy as np
import pytest

from foveola import Millimetres, Record, operation
from foveola.running.captures import captured
from foveola.running.codec import digest


class Thing(Record):
    """What travels."""

    value: float


def weighted(value, a=1, b=2, c=3):
    """A function whose module's text says all of it."""
    return value * a + b - c


def held(*args: Any, **named: Any) -> Callable[..., Any]:
    """A function that another made with these."""
    pairs = tuple(named.items())

    def function(value=args, *, scale=pairs):
        return value, scale

    return function


def three(a: Any, b: Any, c: Any) -> Callable[..., Any]:
    """A function of one text whose results its maker's arguments decide."""
    return lambda value: weighted(value, a, b, c)


def scaled_by(factor: float) -> Callable[..., Any]:
    """A decorator that takes an argument."""

    def decorate(function):
        @wraps(function)
        def wrapper(*args):
            return factor * function(*args)

        return wrapper

    return decorate


def attributed(number: Any) -> Callable[..., Any]:
    """A function that has what it needs as an attribute."""

    def function(value):
        return value + function.number

    function.number = number
    return function


def annotated(limit: Any) -> Callable[..., Any]:
    """A function whose parameter's type says what it takes."""

    def function(value):
        return value

    function.__annotations__["value"] = limit
    return function


PAIRS = {
    "arguments": (three(1, 1, 2), three(1, 2, 2)),
    "types of arguments": (three(1, 1, 1), three(1, 1.0, "1")),
    "their order": (three(weighted, hypot, 1), three(hypot, weighted, 1)),
    "arrays": (three(np.arange(3), 0, 0), three(np.arange(3.0), 0, 0)),
    "lists of functions": (three([weighted, hypot], 0, 0), three([hypot, weighted], 0, 0)),
    "maps": (three({"a": 1, "b": 2}, 0, 0), three({"a": 2, "b": 1}, 0, 0)),
    "records": (three(Thing(value=1), 0, 0), three(Thing(value=2), 0, 0)),
    "defaults": (held(1, 2), held(2, 1)),
    "named": (held(a=1, b=2), held(a=2, b=1)),
    "partial, by name": (partial(weighted, a=1, b=2), partial(weighted, b=1, a=2)),
    "partial, by place": (partial(weighted, 1, 2), partial(weighted, 2, 1)),
    "partial, either": (partial(weighted, 1, 2), partial(weighted, 1, b=2)),
    "methods of what is built in": (partial({"a": 1}.get, "a"), partial({"a": 2}.get, "a")),
    "decorators": (scaled_by(1.0)(weighted), scaled_by(2.0)(weighted)),
    "what is decorated": (scaled_by(1.0)(three(1, 2, 3)), scaled_by(1.0)(three(3, 2, 1))),
    "remembering": (cache(three(1, 2, 3)), lru_cache(three(1, 2, 4))),
    "operations": (operation("a")(three(1, 2, 3)), operation("a")(three(1, 2, 4))),
    "attributes": (attributed(1), attributed(2)),
    "annotations": (annotated(Millimetres), annotated(float)),
    "which function": (three(weighted, 0, 0), three(held, 0, 0)),
}


@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)
def test_what_differs_is_told_apart(pair):
    """Whatever way it came in."""
    one, other = pair
    assert digest(captured(one)[0]) != digest(captured(other)[0])


ALIKE = {
    "a function of a module": (weighted, weighted),
    "made twice": (three(1, 2.0, "x"), three(1, 2.0, "x")),
    "one object, and two that are equal": (three((7, 8), (7, 8), 0), three(*[(7, 8 * len(_)) for _ in "ab"], 0)),
    "of Python and of numpy": (three(float, np.add, hypot), three(float, np.add, hypot)),
    "itself": (attributed(1), attributed(1)),
    "sets in its text": (
        three(lambda value: value in {"a", "b"}, 0, 0),
        three(lambda value: value in {"b", "a"}, 0, 0),
    ),
}


@pytest.mark.parametrize("pair", ALIKE.values(), ids=ALIKE)
def test_what_is_alike_stays_so(pair):
    """It is no other because it was made again."""
    one, other = pair
    assert digest(captured(one)[0]) == digest(captured(other)[0])


def made_class() -> type:
    """A class whose methods may hold anything."""
    return type("Helper", (), {"number": 1})


class Stateful:
    """A decorator that is a class."""

    def __init__(self, function):
        self.__wrapped__ = function

    def __call__(self, value):
        """Call what it decorates."""
        return self.__wrapped__(value)


TEXT: dict[str, Any] = {}
exec("def typed(value):\n    return value", TEXT)  # noqa: S102  as a notebook does


@pytest.mark.parametrize(
    "value",
    [made_class(), Stateful(weighted), {1, 2}, object(), TEXT["typed"], partial(Stateful(weighted), 1)],
    ids=["a class that a function made", "a decorator with state", "a set", "an object", "typed", "within a partial"],
)
def test_what_cannot_be_known_is_refused(value):
    """Soundness first: an operation that holds it is computed each time."""
    with pytest.raises(TypeError):
        captured(three(value, 0, 0))


def test_modules_of_all_that_may_run_are_named():
    """Of functions, of records' classes, of modules."""
    function = scaled_by(2.0)(three(Thing(value=1), np, partial(hypot, 1)))
    assert captured(function)[1] == {__name__, "numpy", "math"}
