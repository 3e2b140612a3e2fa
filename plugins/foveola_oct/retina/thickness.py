"""Thickness of layers and lesions, column by column, from outlines or from borders.

Frame: a B-scan's x is the column, y the row, growing downwards; pixel centres lie at integers. Thickness is in axial
pixels, maps are [class, slice, column] in acquisition order. Borders are y [L + 1, slice, pixel column] from top to
bottom; layer k lies between borders k and k + 1, NaN is none. Nothing is rasterised, so nothing is rounded.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from foveola_oct.retina.columns import interpolate, spacing_of
from foveola_oct.retina.segmentation import Outlines
from foveola_oct.retina.shortest_way import shortest_ways

Floats = NDArray[np.float64]
Integers = NDArray[np.integer]
Bools = NDArray[np.bool_]


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
    drawn = _drawn_by_column(points, offsets, width)
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


def axial_thickness(outlines: Outlines, columns: Floats, width: int) -> tuple[Floats, Bools]:
    """Measure classes along the columns: what the instances of a class cover together.

    Args:
        outlines: instances of C classes on S slices.
        columns: [K], x of the samples, px, increasing.
        width: of the B-scan, px.

    Returns:
        Thickness [C, S, K] in px, 0 where there is none, and whether the class is crossed there, [C, S, K].

    >>> boxes = [[(0, 0), (2, 0), (2, 10), (0, 10)], [(0, 5), (2, 5), (2, 20), (0, 20)]]
    >>> outlines = Outlines.read([[{"points": box, "className": "drusen"} for box in boxes]])
    >>> thickness, _ = axial_thickness(outlines, np.arange(4.0), 4)
    >>> thickness.tolist()
    [[[20.0, 20.0, 0.0, 0.0]]]
    """
    return _mapped(outlines, columns, width, lambda one, other: np.abs(other - one), _united)


def traced_thickness(outlines: Outlines, width: int) -> tuple[Floats, Bools]:
    """Measure classes whose outlines run through the centres of their outermost pixels.

    A column counts from its first pixel on an outline to its last, both of them whole: also where the outline ends.

    Args:
        outlines: instances of C classes on S slices.
        width: of the B-scan, px.

    Returns:
        Thickness [C, S, width] in px, 0 where there is none, and whether the class is met there, [C, S, width].

    >>> outlines = Outlines.read([[{"points": [(1, 5), (3, 5), (3, 9), (1, 9)], "className": "drusen"}]])
    >>> traced_thickness(outlines, 6)[0].tolist()
    [[[0.0, 5.0, 5.0, 5.0, 0.0, 0.0]]]
    """
    pixels = np.arange(width, dtype=np.float64)
    on = axial_intervals(outlines.points, outlines.offsets, columns=pixels, width=width)
    mirrored = outlines.points * (-1, 1)  # whose limit from the right is that from the left
    before = axial_intervals(mirrored, outlines.offsets, columns=-pixels[::-1], width=width)
    before = before._replace(column=width - 1 - before.column)
    instance, column, top, bottom = (np.concatenate(ends) for ends in zip(on, before, strict=True))
    shape = (len(outlines.class_names), outlines.num_slices, width)
    row = outlines.classes * outlines.num_slices + outlines.slices
    wider = Intervals(instance, column, top - 0.5, bottom + 0.5)
    thickness, present = _united(wider, row, (shape[0] * shape[1], width))
    return thickness.reshape(shape), present.reshape(shape)


def min_dist_thickness(outlines: Outlines, columns: Floats, width: int, aspect: float = 1.0) -> tuple[Floats, Bools]:
    """Measure classes by the shortest way from their upper ends to the lower boundary.

    The lower boundary of an instance joins the lower ends of its uppermost intervals from sample to sample, that of
    the second ones likewise, and breaks where there are none. The intervals of a column add up, but never to more than
    their axial thickness, which is their union.

    Args:
        outlines: instances of C classes on S slices.
        columns: [K], x of the samples, px, equally spaced.
        width: of the B-scan, px.
        aspect: width of a pixel in heights of a pixel; 1 if unknown.

    Returns:
        Thickness [C, S, K] in axial px, 0 where there is none, and whether the class is crossed there, [C, S, K].
    """
    lateral = spacing_of(columns) * aspect

    def between(one: Floats, other: Floats) -> Floats:
        return shortest_ways(np.minimum(one, other), np.maximum(one, other), lateral)

    def within(found: Intervals, row: Integers, shape: tuple[int, int]) -> tuple[Floats, Bools]:
        boundary, boundaries = _boundaries(found)
        top, bottom = np.full((2, boundaries, columns.size), np.nan)
        top[boundary, found.column], bottom[boundary, found.column] = found.top, found.bottom
        ways = shortest_ways(top, bottom, lateral)[boundary, found.column]
        axial, present = _united(found, row, shape)
        sample = row[found.instance] * columns.size + found.column
        return np.minimum(np.bincount(sample, ways, axial.size).reshape(shape), axial), present

    return _mapped(outlines, columns, width, between, within)


def border_thickness(borders: Floats, columns: Floats) -> Floats:
    """Measure layers along the columns, from one border to the next.

    Args:
        borders: [L + 1, S, W], y in px from top to bottom, one a pixel column.
        columns: [K], x of the samples, px.

    Returns:
        Thickness [L, S, K] in px; NaN where a border is missing or the two have changed places.

    >>> border_thickness(np.array([[[5.0, 6]], [[9, 4]]]), np.arange(2.0)).tolist()
    [[[4.0, nan]]]
    """
    ends = interpolate(borders, columns)
    thickness = ends[1:] - ends[:-1]
    thickness[thickness < 0] = np.nan
    return thickness


def border_min_dist(borders: Floats, columns: Floats, aspect: float = 1.0) -> Floats:
    """Measure layers by the shortest way from the upper border's samples to the lower border.

    Args:
        borders: [L + 1, S, W], y in px from top to bottom, one a pixel column. NaN breaks a border.
        columns: [K], x of the samples, px, equally spaced.
        aspect: width of a pixel in heights of a pixel; 1 if unknown.

    Returns:
        Thickness [L, S, K] in axial px, never more than `border_thickness` and NaN where that is.
    """
    ends = interpolate(borders, columns)
    return shortest_ways(ends[:-1], ends[1:], spacing_of(columns) * aspect)


def apply_layer_absence(thickness: Floats, present: Bools, outlines: Outlines) -> Floats:
    """Tell layers that vanish from layers that nobody has segmented.

    Args:
        thickness: [C, S, K], any unit, 0 where the class has no outline.
        present: [C, S, K], whether the class has an outline there.
        outlines: what was measured, C classes on S slices.

    Returns:
        [C, S, K]; NaN where no class at all has an outline and on the slices where this class has none: not measured.
        Elsewhere the thickness, so 0 where other layers exist and this one has vanished.

    >>> whole, vanishing = [(0, 0), (2, 0), (2, 4), (0, 4)], [(0, 4), (1, 4), (1, 9), (0, 9)]
    >>> outlines = Outlines.read([[{"points": whole, "className": "gcl"}, {"points": vanishing, "className": "rnfl"}]])
    >>> apply_layer_absence(*axial_thickness(outlines, np.arange(4.0), 4), outlines).tolist()
    [[[4.0, 4.0, nan, nan]], [[5.0, 0.0, nan, nan]]]
    """
    on_slice = np.zeros((*thickness.shape[:2], 1), dtype=np.bool_)
    on_slice[outlines.classes, outlines.slices] = True
    return np.where(on_slice & present.any(axis=0), thickness, np.nan)


def runs(mask: Bools) -> list[slice]:
    """Find where a mask [n] is true, from first to last.

    >>> runs(np.array([True, True, False, True]))
    [slice(0, 2, None), slice(3, 4, None)]
    """
    ends = np.flatnonzero(np.diff(mask, prepend=False, append=False)).reshape(-1, 2)
    return [slice(*pair) for pair in ends.tolist()]


def _mapped(
    outlines: Outlines,
    columns: Floats,
    width: int,
    between: Callable[[Floats, Floats], Floats],
    within: Callable[[Intervals, Integers, tuple[int, int]], tuple[Floats, Bools]],
) -> tuple[Floats, Bools]:
    """Maps [C, S, K] of thickness and of presence, row by row: a row is a class on a slice.

    Args:
        outlines: what is measured.
        columns: [K], x of the samples, px.
        width: of the B-scan, px.
        between: thickness [n, K] between the two sides [n, K] of instances that are read off.
        within: thickness and presence [rows, K] of the intervals of all others, given each instance's row.
    """
    shape = (len(outlines.class_names), outlines.num_slices, columns.size)
    maps, present = np.zeros(shape), np.zeros(shape, dtype=np.bool_)
    thickness, is_there = maps.reshape(-1, columns.size), present.reshape(-1, columns.size)
    row = outlines.classes * outlines.num_slices + outlines.slices
    drawn = _drawn_by_column(outlines.points, outlines.offsets, width)
    drawn &= np.bincount(row, minlength=1)[row] == 1  # those alone in their row
    for run in runs(drawn):
        points = outlines.points[outlines.offsets[run.start] : outlines.offsets[run.stop]]
        thickness[row[run]] = between(*_sides(points, columns, width))
        is_there[row[run]] = True
    if not drawn.all():
        others = outlines.kept(~drawn)
        rows, place = np.unique(row[~drawn], return_inverse=True)
        found = axial_intervals(others.points, others.offsets, columns=columns, width=width)
        thickness[rows], is_there[rows] = within(found, place, (rows.size, columns.size))
    return maps, present


def _drawn_by_column(points: Floats, offsets: Integers, width: int) -> Bools:
    """Which instances [I] run through every pixel column, there and back: they can be read off."""
    drawn: Bools = (np.diff(offsets) == 2 * width) & (width > 1)  # two points enclose nothing
    there = np.arange(width)
    for run in runs(drawn):
        x = points[offsets[run.start] : offsets[run.stop], 0].reshape(-1, 2 * width)
        drawn[run] = (x == np.append(there, there[::-1])).all(axis=1)
    return drawn


def _sides(points: Floats, columns: Floats, width: int) -> tuple[Floats, Floats]:
    """Both sides [n, K] of instances that run through every pixel column, there and back."""
    y = points[:, 1].reshape(-1, 2 * width)
    return interpolate(y[:, :width], columns), interpolate(y[:, : width - 1 : -1], columns)


def _read_off(points: Floats, columns: Floats, width: int) -> Intervals:
    """The intervals of instances that run through every pixel column, there and back."""
    one, other = _sides(points, columns, width)
    instance, column = np.divmod(np.arange(one.size), columns.size)
    return Intervals(instance, column, np.minimum(one, other).ravel(), np.maximum(one, other).ravel())


def _crossed(points: Floats, offsets: Integers, columns: Floats, width: int) -> Intervals:
    """The intervals of any instances."""
    instance_of = np.repeat(np.arange(offsets.size - 1), np.diff(offsets))
    following = np.arange(1, len(points) + 1)
    inhabited = offsets[1:] > offsets[:-1]
    following[offsets[1:][inhabited] - 1] = offsets[:-1][inhabited]

    just_left_of_the_end = np.where(columns == width - 1, np.nextafter(columns, -np.inf), columns)
    x, y = np.ascontiguousarray(points.T)
    first = np.searchsorted(just_left_of_the_end, x)
    first, last = np.minimum(first, first[following]), np.maximum(first, first[following])
    crossed = last - first
    edge = np.repeat(np.arange(len(points)), crossed)
    column = np.arange(edge.size) + (first - np.cumsum(crossed) + crossed)[edge]
    end = following[edge]
    crossing = y[edge] + (columns[column] - x[edge]) / (x[end] - x[edge]) * (y[end] - y[edge])

    line = instance_of[edge] * columns.size + column
    order = np.argsort(line, kind="stable")  # outlines run along their columns: nearly sorted, so nearly free
    if (line[order[1:-1:2]] == line[order[2::2]]).any():  # a column is crossed more than twice
        order = np.lexsort((crossing, line))
    instance, sample = np.divmod(line[order[::2]], columns.size)
    enters, leaves = crossing[order[::2]], crossing[order[1::2]]
    return Intervals(instance, sample, np.minimum(enters, leaves), np.maximum(enters, leaves))


def _united(found: Intervals, row: Integers, shape: tuple[int, int]) -> tuple[Floats, Bools]:
    """The length of the union of the intervals of each sample [rows, K], and whether it has any."""
    sample, size = row[found.instance] * shape[1] + found.column, shape[0] * shape[1]
    count = np.bincount(sample, minlength=size)
    length = np.bincount(sample, found.bottom - found.top, size).astype(np.float64, copy=False)

    shared = np.flatnonzero(count[sample] > 1)
    ends = np.concatenate([found.top[shared], found.bottom[shared]])
    owner = np.tile(sample[shared], 2)
    order = np.lexsort((ends, owner))
    depth = np.cumsum(np.where(order < shared.size, 1, -1))
    repeated = np.maximum(depth[:-1] - 1, 0) * np.diff(ends[order])
    length -= np.bincount(owner[order][:-1], repeated, size)
    return length.reshape(shape), (count > 0).reshape(shape)


def _boundaries(found: Intervals) -> tuple[NDArray[np.intp], int]:
    """The lower boundary, by number, to which each interval belongs: its instance and how many lie above it."""
    index = np.arange(found.top.size)
    begins = np.ones(index.size, dtype=np.bool_)
    begins[1:] = (np.diff(found.instance) != 0) | (np.diff(found.column) != 0)
    above = index - np.maximum.accumulate(np.where(begins, index, 0))
    names, boundary = np.unique(found.instance * (above.max(initial=0) + 1) + above, return_inverse=True)
    return boundary, names.size
