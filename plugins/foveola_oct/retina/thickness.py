"""Thickness of layers and lesions, column by column, from outlines or from borders.

Frame: a B-scan's x is the column, y the row, growing downwards; pixel centres lie at integers. Thickness is in axial
pixels, maps are [class, slice, column] in acquisition order. Borders are y [L + 1, slice, pixel column] from top to
bottom; layer k lies between borders k and k + 1, NaN is none. Nothing is rasterised, so nothing is rounded.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from foveola import InputError
from foveola_oct.retina.arrays import Bools, Floats, Indices, Integers
from foveola_oct.retina.columns import interpolate, spacing_of
from foveola_oct.retina.instances import Outlines
from foveola_oct.retina.intervals import Intervals, axial_intervals, both_sides, drawn_by_column, runs
from foveola_oct.retina.shortest_way import shortest_ways
from foveola_oct.retina.window import MOST_SAMPLES

INSTANCES_AT_A_TIME = 128
"""So that the memory for what is found on them stays small beside the outlines."""


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

    A slab on a slope of 3/4 is 4/5 as thick as it is high:

    >>> slab = [(0, 0), (8, 6), (8, 8), (0, 2)]
    >>> outlines = Outlines.read([[{"points": slab, "className": "rnfl"}]])
    >>> thickness, _ = min_dist_thickness(outlines, np.arange(9.0), 9)
    >>> thickness[0, 0, 2:7].round(12).tolist()
    [1.6, 1.6, 1.6, 1.6, 1.6]
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

    >>> slope = np.arange(9.0) * 3 / 4
    >>> border_min_dist(np.stack([[slope], [slope + 2]]), np.arange(9.0))[0, 0, 2:7].round(12).tolist()
    [1.6, 1.6, 1.6, 1.6, 1.6]
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


def outermost(outlines: Outlines, width: int) -> tuple[Floats, Floats]:
    """Find the rows between which everything is drawn.

    Args:
        outlines: instances on S slices, of whatever classes.
        width: of the B-scan, px.

    Returns:
        The uppermost and the lowest row in each column [S, width], px; NaN where nothing is drawn.

    Raises:
        InputError: these are more samples than any scan has.

    >>> boxes = [[(0, 0), (2, 0), (2, 10), (0, 10)], [(1, 5), (3, 5), (3, 20), (1, 20)]]
    >>> outlines = Outlines.read([[{"points": box, "className": "rnfl"} for box in boxes]])
    >>> [rows.tolist() for rows in outermost(outlines, 5)]
    [[[0.0, 0.0, 5.0, nan, nan]], [[10.0, 20.0, 20.0, nan, nan]]]
    """
    if outlines.num_slices * width > MOST_SAMPLES:
        reach = f"reaches column {width - 1:,} on one of {outlines.num_slices:,} slices"
        raise InputError("segmentation_instances", f"{reach}: no scan has so many samples")
    top, bottom = np.full((2, outlines.num_slices, width), np.nan)
    columns = np.arange(width, dtype=np.float64)
    for begin in range(0, outlines.slices.size, INSTANCES_AT_A_TIME):
        offsets = outlines.offsets[begin : begin + INSTANCES_AT_A_TIME + 1]
        points = outlines.points[offsets[0] : offsets[-1]]
        found = axial_intervals(points, offsets - offsets[0], columns=columns, width=width)
        sample = outlines.slices[begin + found.instance], found.column
        np.fmin.at(top, sample, found.top)
        np.fmax.at(bottom, sample, found.bottom)
    return top, bottom


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
    drawn = drawn_by_column(outlines.points, outlines.offsets, width)
    drawn &= np.bincount(row, minlength=1)[row] == 1  # those alone in their row
    for run in runs(drawn):
        points = outlines.points[outlines.offsets[run.start] : outlines.offsets[run.stop]]
        thickness[row[run]] = between(*both_sides(points, columns, width))
        is_there[row[run]] = True
    if not drawn.all():
        others = outlines.kept(~drawn)
        rows, place = np.unique(row[~drawn], return_inverse=True)
        found = axial_intervals(others.points, others.offsets, columns=columns, width=width)
        thickness[rows], is_there[rows] = within(found, place, (rows.size, columns.size))
    return maps, present


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


def _boundaries(found: Intervals) -> tuple[Indices, int]:
    """The lower boundary, by number, to which each interval belongs: its instance and how many lie above it."""
    index = np.arange(found.top.size)
    begins = np.ones(index.size, dtype=np.bool_)
    begins[1:] = (np.diff(found.instance) != 0) | (np.diff(found.column) != 0)
    above = index - np.maximum.accumulate(np.where(begins, index, 0))
    names, boundary = np.unique(found.instance * (above.max(initial=0) + 1) + above, return_inverse=True)
    return boundary, names.size
