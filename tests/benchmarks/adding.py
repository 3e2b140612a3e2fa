"""The operations of the benchmarks of the engine: as little work as there can be, and a mebibyte of it."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from foveola import Array, Operation, Output, operation


class Number(Output):
    """A number."""

    value: float


class Numbers(Output):
    """A mebibyte of numbers."""

    values: Annotated[np.ndarray, Array("numbers")]


@operation("bench.add_one")
def add_one(value: float) -> Number:
    """Add one."""
    return Number(value=value + 1)


@operation("bench.begin")
def begin(value: float, count: int = 131_072) -> Numbers:
    """Make as many numbers, from a value upwards."""
    return Numbers(values=np.arange(count, dtype=np.float64) + value)


@operation("bench.shift")
def shift(values: Annotated[np.ndarray, Array("numbers")], by: float) -> Numbers:
    """Add to all."""
    return Numbers(values=values + by)


@operation("bench.total")
def total(values: Annotated[np.ndarray, Array("numbers")], by: float) -> Number:
    """Sum all."""
    return Number(value=float(values.sum()) * by)


OPERATIONS: tuple[Operation[..., Output], ...] = (add_one, begin, shift, total)
