"""Thickness of layers and lesions, column by column, from outlines or from borders.

Frame: a B-scan's x is the column, y the row, growing downwards; pixel centres lie at integers. Thickness is in axial
pixels, maps are [class, slice, column] in acquisition order. The outlines of all slices are one structure of arrays:
instance i is `points[offsets[i]:offsets[i + 1]]`, [P, 2] as x and y, on slice `slices[i]`, of class `classes[i]`.
Borders are y [L + 1, slice, pixel column] from top to bottom; layer k lies between borders k and k + 1, NaN is none.
Nothing is rasterised, so nothing is rounded.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.integer]
Bools = NDArray[np.bool_]

BLOCK = 16_384
"""Samples whose distances are sought at a time: few enough to stay in the processor's cache."""


class Intervals(NamedTuple):
    """Where columns run inside instances: [N] each, by instance, then column, then top."""

    instance: NDArray[np.int64]
    column: NDArray[np.int64]
    """An index into the sampled columns."""
    top: Floats
    bottom: Floats


def sampling_columns(width: int, run_resolution: int | None) -> Floats:
    """Place the samples of a B-scan: the centres of `run_resolution` equal parts, or those of all its pixels.

    Args:
        width: of the B-scan, px.
        run_resolution: number of samples; None, or not less than the width, means every pixel.

    Returns:
        x of the samples, px, increasing and equally spaced.

    >>> sampling_columns(8, 4).tolist()
    [0.5, 2.5, 4.5, 6.5]
    """
    if run_resolution is None or run_resolution >= width:
        return np.arange(width, dtype=np.float64)
    return np.asarray((np.arange(run_resolution) + 0.5) * (width / run_resolution) - 0.5, dtype=np.float64)


def resample_columns(values: Floats, columns: Floats, width: int, *, nearest: bool) -> Floats:
    """Bring samples to the centres of the pixels.

    Args:
        values: [..., K], any unit; NaN is missing.
        columns: [K], x of the samples, px, increasing.
        width: of the B-scan, px.
        nearest: take the nearest sample, the right one of two equally near, instead of interpolating linearly:
            interpolation would widen a lesion.

    Returns:
        [..., width], constant beyond the first and the last sample; NaN where a sample that counts is missing.

    >>> resample_columns(np.array([1.0, 3.0]), np.array([0.5, 2.5]), 4, nearest=False).tolist()
    [1.0, 1.5, 2.5, 3.0]
    """
    if _are_pixel_centres(columns, width):
        return values
    at = np.interp(np.arange(width), columns, np.arange(columns.size))
    return values[..., np.floor(at + 0.5).astype(np.intp)] if nearest else _interpolate(values, at)


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


def axial_thickness(
    points: Floats,
    offsets: Integers,
    slices: Integers,
    classes: Integers,
    *,
    num_slices: int,
    num_classes: int,
    columns: Floats,
    width: int,
) -> tuple[Floats, Bools]:
    """Measure classes along the columns: what the instances of a class cover together.

    Args:
        points: [P, 2], px, finite.
        offsets: [I + 1], where instances begin and end.
        slices: [I], each instance's slice.
        classes: [I], each instance's class.
        num_slices: S.
        num_classes: C.
        columns: [K], x of the samples, px, increasing.
        width: of the B-scan, px.

    Returns:
        Thickness [C, S, K] in px, 0 where there is none, and whether the class is crossed there, [C, S, K].

    >>> boxes = np.array([(0.0, 0), (2, 0), (2, 10), (0, 10), (0, 5), (2, 5), (2, 20), (0, 20)])
    >>> thickness, _ = axial_thickness(
    ...     boxes, np.array([0, 4, 8]), np.zeros(2, int), np.zeros(2, int),
    ...     num_slices=1, num_classes=1, columns=np.arange(4.0), width=4,
    ... )
    >>> thickness.tolist()
    [[[20.0, 20.0, 0.0, 0.0]]]
    """
    row, shape = classes.astype(np.int64) * num_slices + slices, (num_classes, num_slices, columns.size)
    borders = _drawn_by_column(points, offsets, row, columns, width)
    if borders is not None:
        return _placed(np.abs(borders[1] - borders[0]), row, shape)
    found = axial_intervals(points, offsets, columns=columns, width=width)
    return _united(found, row, shape)


def min_dist_thickness(
    points: Floats,
    offsets: Integers,
    slices: Integers,
    classes: Integers,
    *,
    num_slices: int,
    num_classes: int,
    columns: Floats,
    width: int,
    pixel_spacing_column: float = 1.0,
    pixel_spacing_row: float = 1.0,
) -> tuple[Floats, Bools]:
    """Measure classes by the shortest way from their upper ends to the lower boundary.

    The lower boundary of an instance joins the lower ends of its uppermost intervals from sample to sample, that of
    the second ones likewise, and breaks where there are none. The intervals of a column add up, but never to more than
    their axial thickness, which is their union.

    Args:
        points: [P, 2], px, finite.
        offsets: [I + 1], where instances begin and end.
        slices: [I], each instance's slice.
        classes: [I], each instance's class.
        num_slices: S.
        num_classes: C.
        columns: [K], x of the samples, px, equally spaced.
        width: of the B-scan, px.
        pixel_spacing_column: width of a pixel, mm; both pitches 1 if unknown.
        pixel_spacing_row: height of a pixel, mm.

    Returns:
        Thickness [C, S, K] in axial px, 0 where there is none, and whether the class is crossed there, [C, S, K].
    """
    row, shape = classes.astype(np.int64) * num_slices + slices, (num_classes, num_slices, columns.size)
    lateral = _spacing(columns) * pixel_spacing_column / pixel_spacing_row
    borders = _drawn_by_column(points, offsets, row, columns, width)
    if borders is not None:
        return _placed(_distances(np.minimum(*borders), np.maximum(*borders), lateral), row, shape)
    found = axial_intervals(points, offsets, columns=columns, width=width)
    boundary, boundaries = _boundaries(found)
    ends = np.full((2, boundaries, columns.size), np.nan)
    ends[:, boundary, found.column] = found.top, found.bottom
    distance = _distances(ends[0], ends[1], lateral)[boundary, found.column]
    axial, present = _united(found, row, shape)
    sample = row[found.instance] * columns.size + found.column
    return np.minimum(np.bincount(sample, distance, axial.size).reshape(shape), axial), present


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
    ends = _interpolate(borders, columns)
    thickness = ends[1:] - ends[:-1]
    thickness[thickness < 0] = np.nan
    return thickness


def border_min_dist(
    borders: Floats, columns: Floats, pixel_spacing_column: float = 1.0, pixel_spacing_row: float = 1.0
) -> Floats:
    """Measure layers by the shortest way from the upper border's samples to the lower border.

    Args:
        borders: [L + 1, S, W], y in px from top to bottom, one a pixel column. NaN breaks a border.
        columns: [K], x of the samples, px, equally spaced.
        pixel_spacing_column: width of a pixel, mm; both pitches 1 if unknown.
        pixel_spacing_row: height of a pixel, mm.

    Returns:
        Thickness [L, S, K] in axial px, never more than `border_thickness` and NaN where that is.

    A layer on a slope of 3/4 is 4/5 as thick as it is high:

    >>> slope = np.arange(9.0) * 3 / 4
    >>> border_min_dist(np.stack([slope, slope + 2])[:, None], np.arange(9.0))[0, 0, 2:7].round(12).tolist()
    [1.6, 1.6, 1.6, 1.6, 1.6]
    """
    ends = _interpolate(borders, columns)
    return _distances(ends[:-1], ends[1:], _spacing(columns) * pixel_spacing_column / pixel_spacing_row)


def apply_layer_absence(thickness: Floats, present: Bools) -> Floats:
    """Tell layers that vanish from layers that nobody has segmented.

    Args:
        thickness: [C, S, K], any unit, 0 where the class has no outline.
        present: [C, S, K], whether the class has an outline there.

    Returns:
        [C, S, K]; NaN where no class at all has an outline and on the slices where this class has none: not measured.
        Elsewhere the thickness, so 0 where other layers exist and this one has vanished.

    >>> apply_layer_absence(np.array([[[3.0, 0, 0]], [[4, 4, 0]]]), np.array([[[1, 0, 0]], [[1, 1, 0]]], bool)).tolist()
    [[[3.0, 0.0, nan]], [[4.0, 4.0, nan]]]
    """
    return np.where(present.any(axis=-1, keepdims=True) & present.any(axis=0), thickness, np.nan)


def _are_pixel_centres(columns: Floats, width: int) -> bool:
    return np.array_equal(columns, np.arange(width))


def _spacing(columns: Floats) -> float:
    return float(columns[1] - columns[0]) if columns.size > 1 else 1.0


def _interpolate(values: Floats, at: Floats) -> Floats:
    """Values [..., W] between their indices, constant beyond the ends; NaN where a neighbour that counts is NaN."""
    if _are_pixel_centres(at, values.shape[-1]):
        return values
    whole = np.round(at)  # 2.9999999999999996 does not ask for the sample at 2
    at = np.clip(np.where(np.isclose(at, whole, rtol=0, atol=1e-9), whole, at), 0, values.shape[-1] - 1)
    left, right = np.floor(at).astype(np.intp), np.ceil(at).astype(np.intp)
    start = values[..., left]
    return start + (at - left) * (values[..., right] - start)


def _drawn_by_column(
    points: Floats, offsets: Integers, row: Integers, columns: Floats, width: int
) -> tuple[Floats, Floats] | None:
    """The two sides [I, K] of outlines that run through every pixel column, one a row, there and back; else None."""
    there = np.arange(width)
    drawn = np.concatenate([there, there[::-1]])
    if (
        np.unique(row).size < row.size
        or not _are_pixel_centres(columns, width)
        or not np.array_equal(offsets, np.arange(row.size + 1) * drawn.size)
    ):
        return None
    outlines = points.reshape(-1, drawn.size, 2)
    if not (outlines[..., 0] == drawn).all():
        return None
    return outlines[:, :width, 1], outlines[:, : width - 1 : -1, 1]


def _placed(thickness: Floats, row: Integers, shape: tuple[int, int, int]) -> tuple[Floats, Bools]:
    """Maps of which the given rows, class by class and slice by slice, are known throughout."""
    maps, present = np.zeros(shape), np.zeros(shape, dtype=np.bool_)
    maps.reshape(-1, shape[-1])[row] = thickness
    present.reshape(-1, shape[-1])[row] = True
    return maps, present


def _united(found: Intervals, row: Integers, shape: tuple[int, int, int]) -> tuple[Floats, Bools]:
    """The length of the union of the intervals of each sample, and whether it has any."""
    sample, size = row[found.instance] * shape[-1] + found.column, int(np.prod(shape))
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


def _distances(top: Floats, bottom: Floats, lateral: float) -> Floats:
    """The distance from each (column, top) to the polyline of its row's bottoms.

    Args:
        top: [..., K], y in px.
        bottom: [..., K], y in px; NaN breaks the polyline.
        lateral: from column to column, in the same unit.

    Returns:
        [..., K], px; NaN where top or bottom is, or bottom lies above top.
    """
    columns = top.shape[-1]
    distance = np.subtract(bottom, top, order="C")  # so that its rows are a view
    distance[distance < 0] = np.nan
    rows = distance.reshape(-1, columns)
    tops, bottoms = (np.reshape(y, rows.shape) for y in (top, bottom))
    for start in range(0, len(rows), max(1, BLOCK // columns)):
        block = slice(start, start + max(1, BLOCK // columns))
        nearest = _squared_distances(tops[block] / lateral, bottoms[block] / lateral, rows[block] / lateral)
        np.minimum(rows[block], np.sqrt(nearest) * lateral, out=rows[block])
    return distance


def _squared_distances(top: Floats, bottom: Floats, drop: Floats) -> Floats:
    """The squares of the distances of _distances, columns one apart, where the axial distance `drop` is not NaN.

    A segment n columns away is at least n away, and as far below as the highest bottom around: segments are tried
    outwards until that exceeds the best distance found.
    """
    best = drop**2
    clear = _clearance(top, bottom, best)
    columns = top.shape[1]
    margin = min(columns, int(np.sqrt(np.fmax.reduce(best - clear, axis=None, initial=0)))) + 1

    def padded(values: Floats) -> Floats:
        framed = np.full((len(values) + 1, margin + columns), np.nan)
        framed[:-1, margin:] = values
        return framed.ravel()

    top, bottom, best, clear = padded(top), padded(bottom), padded(best), padded(clear)
    slope = np.append(np.diff(bottom), np.nan)
    ends = np.isnan(slope)  # here a segment is its first point
    slope[ends] = 0
    weight = np.where(ends, 0, 1 / (1 + slope**2))

    active, away = np.flatnonzero(clear < best), 0
    while active.size and away < margin:
        nearest, origin = best[active], top[active]
        for segment, x in ((active + away, away), (active - away - 1, -away - 1)):
            rise, y = slope[segment], bottom[segment] - origin
            part = np.clip(-(x + y * rise) * weight[segment], 0, 1)
            np.fmin(nearest, (x + part) ** 2 + (y + part * rise) ** 2, out=nearest)
        best[active] = nearest
        away += 1
        active = active[away**2 + clear[active] < nearest]
    return best.reshape(-1, margin + columns)[:-1, margin:]


def _clearance(top: Floats, bottom: Floats, best: Floats) -> Floats:
    """The square of how far each top lies above the highest bottom among those within its reach.

    The reach of a point is what its distance, whose square is `best`, leaves for the lateral way. Narrower windows
    have more clearance and so less reach: from the widest to the narrowest, each that holds the reach shortens it.
    """
    windows, span = [(0, bottom)], 0
    limit = np.fmax.reduce(best, axis=None, initial=0)
    while span**2 < limit:
        shift, inner = span + 1, windows[-1][1]
        outer = inner.copy()
        np.fmin(outer[:, shift:], inner[:, :-shift], out=outer[:, shift:])
        np.fmin(outer[:, :-shift], inner[:, shift:], out=outer[:, :-shift])
        span += shift
        windows.append((span, outer))
    clear = np.zeros_like(best)
    for span, highest in reversed(windows):
        clear = np.where(best - clear <= span**2, np.fmax(highest - top, 0) ** 2, clear)
    return clear
