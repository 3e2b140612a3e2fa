"""Queries: texts become what the parameter's type says."""

# ruff: noqa: ARG001  the signatures are looked at, not called

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
import pytest

from foveola import Array, InputError, Millimetres, Output, operation
from foveola.operations import Alias
from foveola.surfaces.serve.queries import query_parameters, read_query
from foveola.testing import closed_registry


class Told(Output):
    """What was said."""


@operation("say")
def say(
    size: Annotated[Millimetres, Alias("length")] = 0.0,
    count: int = 0,
    name: str = "",
    sure: bool = False,
    level: float | None = None,
    kind: Literal[4, 8, "all"] = 4,
    point: tuple[float, float] | None = None,
    names: tuple[str, ...] = (),
    slices: list[int] | None = None,
    grid: Annotated[np.ndarray, Array("rows")] | None = None,
) -> Told:
    """Say it."""
    return Told()


@operation("draw")
def draw(grid: Annotated[np.ndarray, Array("rows")], size: float = 0.0) -> Told:
    """Needs what no query can say."""
    return Told()


REGISTRY = closed_registry([say, draw])

READ: dict[str, tuple[list[tuple[str, str]], dict[str, Any]]] = {
    "a number": ([("size", "1.5")], {"size": 1.5}),
    "a number with an exponent": ([("size", "-1e-3")], {"size": -0.001}),
    "a number without a zero": ([("size", ".5")], {"size": 0.5}),
    "a point alone": ([("size", ".")], {"size": "."}),
    "its other name": ([("length", "2")], {"length": 2.0}),
    "a whole number": ([("count", "12")], {"count": 12}),
    "no whole number": ([("count", "1.5")], {"count": "1.5"}),
    "no number": ([("size", "1_000")], {"size": "1_000"}),
    "digits of another script": ([("count", "١٢")], {"count": "١٢"}),
    "a million digits": ([("count", "9" * 10**6)], {"count": "9" * 10**6}),
    "a text of digits": ([("name", "12")], {"name": "12"}),
    "a text null": ([("name", "null")], {"name": "null"}),
    "true": ([("sure", "true")], {"sure": True}),
    "True as Python writes it": ([("sure", "True")], {"sure": True}),
    "no truth value": ([("sure", "1")], {"sure": "1"}),
    "null": ([("level", "null")], {"level": None}),
    "NaN": ([("level", "NaN")], {"level": None}),
    "nothing": ([("level", "")], {"level": None}),
    "a literal number": ([("kind", "8")], {"kind": 8}),
    "a literal word": ([("kind", "all")], {"kind": "all"}),
    "a point": ([("point", "1"), ("point", "2.5")], {"point": [1.0, 2.5]}),
    "a point of three": ([("point", "1")] * 3, {"point": [1.0, 1.0, 1.0]}),
    "no point": ([("point", "null")], {"point": None}),
    "one name": ([("names", "rnfl")], {"names": ["rnfl"]}),
    "two names": ([("names", "rnfl"), ("names", "gcl")], {"names": ["rnfl", "gcl"]}),
    "slices": ([("slices", "3"), ("slices", "x")], {"slices": [3, "x"]}),
    "an unknown name": ([("other", "1")], {"other": "1"}),
    "extras": ([("include_extras", "true")], {"include_extras": True}),
}


@pytest.mark.parametrize(("pairs", "expected"), READ.values(), ids=READ)
def test_texts_become_values(pairs: list[tuple[str, str]], expected: dict[str, Any]) -> None:
    """What is of no such type stays a text, for the strict reader to refuse."""
    parameters = query_parameters(REGISTRY, say)
    assert parameters is not None
    assert read_query(pairs, parameters) == expected


def test_one_value_is_given_once() -> None:
    """Twice is an error of that field."""
    with pytest.raises(InputError, match="is given 2 times") as told:
        read_query([("size", "1"), ("size", "2")], query_parameters(REGISTRY, say) or {})
    assert told.value.field == "size"


def test_an_operation_that_needs_an_array_takes_no_query() -> None:
    """One that may have it does, and cannot say it."""
    assert query_parameters(REGISTRY, draw) is None
    assert "grid" not in (query_parameters(REGISTRY, say) or {})
