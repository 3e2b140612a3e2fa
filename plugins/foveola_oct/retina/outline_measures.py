"""Lengths and pixels of one outline on a B-scan.

An outline is a cleaned array [n, 2] of x (column) and y (row, growing downwards) in pixels. Pixels are three or four
times wider than high, so a length is measured after the outline was scaled to mm, never in px.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from foveola import Unit
from foveola_oct.retina.arrays import Floats
from foveola_oct.retina.instances import BScanPoint, Instance
from foveola_oct.retina.intervals import axial_intervals, spread
from foveola_oct.retina.outlines import outline_area

Ends: TypeAlias = Annotated[tuple[BScanPoint, BScanPoint], Unit("px")]

BScanInstances = Annotated[list[Instance], Field(description="Outlines of the lesions on one B-scan, px.")]
PolygonConvention = Annotated[
    Literal["continuous", "pixel_contour"],
    Field(
        description="Whether an outline is the border of what it shows, or runs through the centres of the outermost "
        "pixels of it, which is then 1 px wider and higher than the outline."
    ),
]

ON_THE_LINE_PX = 1e-9
"""A pixel centre as near to an outline as this lies on it: what the rounding of a crossing may cost."""
NOTHING_PX2 = 1e-9
"""An area as small as this is the rounding of points on one line."""


def enclosed_area(outline: Floats) -> float:
    """What an outline encloses, px2; exactly 0 for fewer than three points and for points on one line.

    >>> enclosed_area(np.array([(0.0, 0), (1, 0.1), (3, 0.3)]))
    0.0
    """
    area = outline_area(outline)
    return area if area > NOTHING_PX2 else 0.0


def degenerate_warnings(instances: Sequence[Instance]) -> tuple[str, ...]:
    """Name the instances that enclose nothing."""
    return tuple(
        f"instance {place} ({instance.class_name}) encloses nothing: its outline has no area"
        for place, instance in enumerate(instances)
        if not enclosed_area(instance.points)
    )


def extent(points: Floats, axis: Literal[0, 1]) -> Ends:
    """The two extreme points along an axis, 0 for x and 1 for y; of equally far ones the first along the other axis.

    >>> extent(np.array([(0.0, 0), (40, 0), (40, 20), (0, 20)]), axis=1)
    ((0.0, 0.0), (0.0, 20.0))
    """
    along, beside = points[:, axis], points[:, 1 - axis]
    first, last = np.lexsort((beside, along))[0], np.lexsort((beside, -along))[0]
    return _point(points[first]), _point(points[last])


def feret(points: Floats, pitch: tuple[float, float]) -> tuple[float, float, Ends]:
    """The largest and the smallest width of points over all directions (maximum and minimum Feret diameter).

    The largest is the distance of two corners of the convex hull. The smallest is taken normal to a side of it.

    Args:
        points: [n, 2], px, not all on one line.
        pitch: width and height of a pixel, mm.

    Returns:
        Largest and smallest, mm, and the two points that are farthest apart, px.

    >>> feret(np.array([(0.0, 0), (3, 0), (0, 4)]), (1.0, 1.0))
    (5.0, 2.4, ((0.0, 4.0), (3.0, 0.0)))
    """
    import shapely  # noqa: PLC0415  only outlines that are measured pay for it

    corners = shapely.get_coordinates(shapely.convex_hull(shapely.multipoints(points)))[:-1]
    hull = corners * pitch
    x, y = (hull - hull[:, None]).transpose(2, 0, 1)
    distances = np.hypot(x, y)
    ends = sorted(_point(corners[end]) for end in np.unravel_index(np.argmax(distances), distances.shape))
    side_x, side_y = (np.roll(hull, -1, axis=0) - hull).T[..., None]
    heights = np.abs(side_x * y - side_y * x) / np.hypot(side_x, side_y)
    return float(distances.max()), float(heights.max(axis=1).min()), (ends[0], ends[1])


def longest_chord(rings: Iterable[Floats], axis: Literal[0, 1]) -> float:
    """The longest straight segment inside a polygon along an axis, 0 for x and 1 for y.

    Between two neighbouring vertices across the axis a chord's length is linear, so the longest is the limit at one of
    them, from one side.

    Args:
        rings: the polygon's border and those of its holes, [n, 2] each, closed by themselves; none crosses another.
        axis: along which to measure.

    Returns:
        The length, in the unit of the points.

    >>> longest_chord([np.array([(0.0, 0), (30, 0), (0, 100)])], axis=1)
    100.0
    """
    ends = np.concatenate([np.stack([ring, np.roll(ring, -1, axis=0)]) for ring in rings], axis=1)
    across, along = ends[..., 1 - axis], ends[..., axis]
    levels, place = np.unique(across, return_inverse=True)
    first, last = np.sort(place.reshape(2, -1), axis=0)
    edge, slab = spread(first, last)
    (from_level, to_level), (begin, end) = across[:, edge], along[:, edge]
    left, right = (
        begin + (levels[side] - from_level) / (to_level - from_level) * (end - begin) for side in (slab, slab + 1)
    )
    order = np.lexsort((left + right, slab))
    enter, leave = order[::2], order[1::2]
    return float(max((left[leave] - left[enter]).max(), (right[leave] - right[enter]).max()))


def pixels_inside(outline: Floats, height: int, width: int) -> int:
    """Count the pixels of an image whose centres lie inside or on an outline, by the even-odd rule.

    Nothing is rounded to whole pixels first; an outline without an inside covers the pixels on its line.

    Args:
        outline: [n, 2], px.
        height: rows of the image.
        width: columns of the image.

    >>> pixels_inside(np.array([(0.0, 0), (10, 0), (0, 10)]), 100, 100)
    66
    """
    row, left, right = (np.concatenate(part) for part in zip(*_pixel_runs(outline, height), strict=True))
    first = np.ceil(np.clip(left - ON_THE_LINE_PX, 0, width)).astype(np.int64)
    past = np.floor(np.clip(right + ON_THE_LINE_PX, -1, width - 1)).astype(np.int64) + 1
    seen = past > first
    begin, end = ((row * width + column)[seen] for column in (first, past))
    order = np.argsort(begin)
    reached = np.maximum.accumulate(end[order])
    new = np.maximum(begin[order], np.append(0, reached[:-1])[: reached.size])
    return int(np.maximum(reached - new, 0).sum())


def _pixel_runs(outline: Floats, height: int) -> Iterator[tuple[NDArray[np.int64], Floats, Floats]]:
    """Yield rows, first x and last x: where rows of pixel centres run inside the outline, then where on its edges."""
    inside = axial_intervals(
        outline[:, ::-1],
        np.array([0, len(outline)]),
        columns=np.arange(height, dtype=np.float64),
        width=height + 1,  # so that no row is the last column, whose corners `axial_intervals` counts otherwise
    )
    yield inside.column, inside.top, inside.bottom
    begin, end = outline, np.roll(outline, -1, axis=0)
    upper, lower = np.minimum(begin[:, 1], end[:, 1]), np.maximum(begin[:, 1], end[:, 1])
    first = np.ceil(np.clip(upper - ON_THE_LINE_PX, 0, height)).astype(np.int64)
    past = np.floor(np.clip(lower + ON_THE_LINE_PX, -1, height - 1)).astype(np.int64) + 1
    edge, row = spread(first, past)
    is_level = (lower - upper <= ON_THE_LINE_PX)[edge]
    (x, y), (step_x, step_y) = begin[edge].T, (end - begin)[edge].T
    crossing = x + np.clip((row - y) / np.where(is_level, 1.0, step_y), 0.0, 1.0) * step_x
    left, right = x + np.minimum(step_x, 0), x + np.maximum(step_x, 0)
    yield row, np.where(is_level, left, crossing), np.where(is_level, right, crossing)


def _point(xy: Floats) -> BScanPoint:
    return float(xy[0]), float(xy[1])
