"""Where the columns of a B-scan run inside the outlines drawn on it.

Frame: a B-scan's x is the column, y the row, growing downwards; pixel centres lie at integers. Nothing is rasterised,
so nothing is rounded.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from foveola_oct.retina.arrays import Bools, Floats, Indices, Integers
from foveola_oct.retina.columns import interpolate

BLOCK = 2**17
"""Vertices that are intersected at a time: few enough for the processor's cache, and for little memory."""


class Intervals(NamedTuple):
    """Where columns run inside instances: [N] each, by instance, then column, then top."""

    instance: NDArray[np.int64]
    column: NDArray[np.int64]
    """An index into the sampled columns."""
    top: Floats
    bottom: Floats


def axial_intervals(points: Floats, offsets: Integers, *, columns: Floats, width: int) -> Intervals:
    """Intersect every outline with the vertical lines through the samples, exactly, by the even-odd rule.

    An edge crosses the columns `min(x1, x2) <= x < max(x1, x2)`, so that a corner counts once; at the last pixel
    column, where nothing follows, it is `min(x1, x2) < x <= max(x1, x2)`: the limit from the left.

    Args:
        points: [P, 2], px, finite.
        offsets: [I + 1], where instances begin and end.
        columns: [K], x of the samples, px, increasing.
        width: of the B-scan, px.

    Returns:
        The intervals, y in px.

    >>> square = np.array([(1.0, 5), (3, 5), (3, 9), (1, 9)])
    >>> found = axial_intervals(square, np.array([0, 4]), columns=np.arange(8.0), width=8)
    >>> found.column.tolist(), found.top.tolist(), found.bottom.tolist()
    ([1, 2], [5.0, 5.0], [9.0, 9.0])
    """
    drawn = drawn_by_column(points, offsets, width)
    block = offsets[:-1] // BLOCK
    begins = np.flatnonzero(np.diff(drawn, prepend=False) | (np.diff(block, prepend=-1) != 0)).tolist()
    found = [_crossed(points[:0], offsets[:1], columns, width)]
    for begin, end in pairwise([*begins, drawn.size]):
        inside = points[offsets[begin] : offsets[end]]
        if drawn[begin]:
            part = _read_off(inside, columns, width)
        else:
            part = _crossed(inside, offsets[begin : end + 1] - offsets[begin], columns, width)
        found.append(part._replace(instance=part.instance + begin))
    return Intervals(*(np.concatenate(parts) for parts in zip(*found, strict=True)))


def drawn_by_column(points: Floats, offsets: Integers, width: int) -> Bools:
    """Which instances [I] run through every pixel column, there and back: they can be read off."""
    drawn: Bools = (np.diff(offsets) == 2 * width) & (width > 1)  # two points enclose nothing
    there = np.arange(width)
    for run in runs(drawn):
        x = points[offsets[run.start] : offsets[run.stop], 0].reshape(-1, 2 * width)
        drawn[run] = (x == np.append(there, there[::-1])).all(axis=1)
    return drawn


def both_sides(points: Floats, columns: Floats, width: int) -> tuple[Floats, Floats]:
    """Both sides [n, K] of instances that run through every pixel column, there and back."""
    y = points[:, 1].reshape(-1, 2 * width)
    return interpolate(y[:, :width], columns), interpolate(y[:, : width - 1 : -1], columns)


def following(offsets: Integers) -> Indices:
    """Which vertex [P] comes next on its outline: after the last one the first.

    >>> following(np.array([0, 3, 5])).tolist()
    [1, 2, 0, 4, 3]
    """
    after = np.arange(1, offsets[-1] + 1)
    begins, ends = offsets[:-1], offsets[1:]
    inhabited = ends > begins
    after[ends[inhabited] - 1] = begins[inhabited]
    return after


def runs(mask: Bools) -> list[slice]:
    """Find where a mask [n] is true, from first to last.

    >>> runs(np.array([True, True, False, True]))
    [slice(0, 2, None), slice(3, 4, None)]
    """
    ends = np.flatnonzero(np.diff(mask, prepend=False, append=False)).reshape(-1, 2)
    return [slice(*pair) for pair in ends.tolist()]


def spread(first: Integers, end: Integers) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pair every item with each whole number from its first up to, not including, its end.

    Args:
        first: [n].
        end: [n]; an item whose end is not beyond its first has none.

    Returns:
        Place of the item and the number, [sum of the lengths] each, item by item.

    >>> item, number = spread(np.array([2, 7]), np.array([4, 8]))
    >>> item.tolist(), number.tolist()
    ([0, 0, 1], [2, 3, 7])
    """
    counts = np.maximum(end - first, 0)
    item = np.repeat(np.arange(counts.size), counts)
    return item, np.arange(item.size) + (first - np.cumsum(counts) + counts)[item]


def _read_off(points: Floats, columns: Floats, width: int) -> Intervals:
    """The intervals of instances that run through every pixel column, there and back."""
    one, other = both_sides(points, columns, width)
    instance, column = np.divmod(np.arange(one.size), columns.size)
    return Intervals(instance, column, np.minimum(one, other).ravel(), np.maximum(one, other).ravel())


def _crossed(points: Floats, offsets: Integers, columns: Floats, width: int) -> Intervals:
    """The intervals of any instances."""
    instance_of = np.repeat(np.arange(offsets.size - 1), np.diff(offsets))
    after = following(offsets)
    just_left_of_the_end = np.where(columns == width - 1, np.nextafter(columns, -np.inf), columns)
    x, y = np.ascontiguousarray(points.T)
    first = np.searchsorted(just_left_of_the_end, x)
    first, last = np.minimum(first, first[after]), np.maximum(first, first[after])
    edge, column = spread(first, last)
    end = after[edge]
    crossing = y[edge] + (columns[column] - x[edge]) / (x[end] - x[edge]) * (y[end] - y[edge])

    line = instance_of[edge] * columns.size + column
    order = np.argsort(line, kind="stable")  # outlines run along their columns: nearly sorted, so nearly free
    if (line[order[1:-1:2]] == line[order[2::2]]).any():  # a column is crossed more than twice
        order = np.lexsort((crossing, line))
    instance, sample = np.divmod(line[order[::2]], columns.size)
    enters, leaves = crossing[order[::2]], crossing[order[1::2]]
    return Intervals(instance, sample, np.minimum(enters, leaves), np.maximum(enters, leaves))
