"""Outlines drawn on a B-scan: read, cleaned, measured by the even-odd rule where they cross themselves.

An outline is an array [n, 2] of x (column) and y (row, growing downwards) in pixels, pixel centres at integers. It
closes itself: the last point joins the first. Shapely costs its import only where an outline has to be mended.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from foveola_oct.retina.arrays import Floats
from foveola_oct.retina.intervals import runs

if TYPE_CHECKING:
    from shapely import MultiPolygon

FEWEST_CORNERS = 3
"""Of an outline that encloses anything."""
FARTHEST_PX = 1e6
"""Of a coordinate from 0: images have at most 65,535 rows and columns (DICOM), and areas beyond lose their digits."""


def parse_points(value: Any) -> NDArray[np.float64]:
    """Read an outline in any of the spellings that annotation tools use.

    Args:
        value: `[[x, y], ...]`, `[{"x": x, "y": y}, ...]`, a flat `[x0, y0, x1, y1, ...]` of at least three points, or
            an array of either shape. No points at all are an outline too.

    Returns:
        The points, [n, 2], px, as they came: neither cleaned nor checked for NaN.

    Raises:
        ValueError: the value is none of these.

    >>> parse_points([0, 0, 4, 0, 4, 3]).tolist()
    [[0.0, 0.0], [4.0, 0.0], [4.0, 3.0]]
    >>> parse_points([{"x": 1, "y": 2}]).tolist()
    [[1.0, 2.0]]
    """
    if isinstance(value, Sequence) and value and isinstance(value[0], Mapping):
        value = _pairs(value)
    try:
        points = np.asarray(value)
    except ValueError:
        raise ValueError("the points of an outline are pairs [x, y], all of two numbers") from None
    if points.shape == (0,):
        return np.empty((0, 2))
    if points.dtype.kind not in "iuf" or points.ndim == 0:
        raise ValueError("an outline is a list of points whose coordinates are numbers")
    if points.ndim == 1 and points.size >= 2 * FEWEST_CORNERS and points.size % 2 == 0:
        points = points.reshape(-1, 2)
    if points.ndim == 1:
        raise ValueError(
            f"a flat outline holds an even number of coordinates, at least {2 * FEWEST_CORNERS}, not {points.size}"
        )
    if points.ndim != 2 or points.shape[1] != 2:  # noqa: PLR2004 - a list of pairs
        raise ValueError(f"the points of an outline have the shape [n, 2], not {list(points.shape)}")
    return points.astype(np.float64)


def clean_outline(points: ArrayLike) -> NDArray[np.float64]:
    """Drop the points that repeat their predecessor, and a last point that repeats the first.

    Args:
        points: [n, 2], px.

    Returns:
        [m, 2], px, m <= n; no two neighbours are equal, unless a single point is left.

    Raises:
        ValueError: a coordinate is NaN or infinite, or in no image.

    >>> clean_outline([(0, 0), (4, 0), (4, 0), (4, 3), (0, 0)]).tolist()
    [[0.0, 0.0], [4.0, 0.0], [4.0, 3.0]]
    """
    outline = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    if not np.isfinite(outline).all():
        raise ValueError("an outline has a coordinate that is not a finite number")
    if np.abs(outline).max(initial=0) > FARTHEST_PX:
        raise ValueError(f"an outline has a coordinate beyond {FARTHEST_PX:,.0f} px")
    moves = (outline != np.roll(outline, -1, axis=0)).any(axis=1)
    return outline[moves] if moves.any() else outline[:1]


def is_simple(points: NDArray[np.float64]) -> bool:
    """Tell whether a cleaned outline [n, 2] encloses something without touching or crossing itself.

    >>> is_simple(np.array([(0.0, 0), (10, 10), (10, 0), (0, 10)]))
    False
    """
    import shapely  # noqa: PLC0415 - only outlines that are measured pay for it

    return len(points) >= FEWEST_CORNERS and bool(shapely.is_simple(shapely.linearrings(points)))


def even_odd_region(points: NDArray[np.float64]) -> MultiPolygon:
    """Mend an outline: the region whose points are enclosed an odd number of times.

    The region is that of `shapely.make_valid`; lines and single points, which have no area, are dropped. An edge along
    which the outline runs twice counts as one there, while `intervals.axial_intervals` lets the two cancel out.

    Args:
        points: a cleaned outline, [n, 2], px.

    Returns:
        The parts of the region, px; none for fewer than three points or points on one line.

    >>> even_odd_region(np.array([(0.0, 0), (10, 10), (10, 0), (0, 10)])).area
    50.0
    """
    import shapely  # noqa: PLC0415 - only outlines that are mended pay for it

    if len(points) < FEWEST_CORNERS:
        return shapely.MultiPolygon()
    parts = shapely.get_parts(shapely.get_parts(shapely.make_valid(shapely.polygons(points))))
    return shapely.multipolygons(parts[shapely.get_dimensions(parts) == 2])  # noqa: PLR2004 - what has an area


def outline_area(points: NDArray[np.float64]) -> float:
    """Measure what an outline encloses: Gauss's shoelace formula, or the even-odd region if it crosses itself.

    Args:
        points: a cleaned outline, [n, 2], px.

    Returns:
        px2; 0 for fewer than three points.

    >>> outline_area(np.array([(0.0, 0), (4, 0), (4, 3)]))
    6.0
    """
    if not is_simple(points):
        return float(even_odd_region(points).area)
    x, y = (points - points[0]).T
    return abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1))) / 2


def outlines_between(top: Floats, bottom: Floats) -> Iterator[Floats]:
    """Draw what lies between two borders: there along the upper one and back along the lower one, a vertex a column.

    Args:
        top: row of the upper border in each column [W], px; NaN where there is none.
        bottom: of the lower one.

    Yields:
        Outlines [n, 2], px: one for each stretch of more than one column in which both are there, the lower one below.

    >>> [one.tolist() for one in outlines_between(np.array([5.0, 6, np.nan, 5]), np.array([9.0, 9, 9, 9]))]
    [[[0.0, 5.0], [1.0, 6.0], [1.0, 9.0], [0.0, 9.0]]]
    """
    for run in runs(bottom >= top):
        columns = np.arange(run.start, run.stop)
        if columns.size > 1:
            there, back = (np.column_stack([columns, rows[run]]) for rows in (top, bottom))
            yield np.concatenate([there, back[::-1]])


def _pairs(points: Sequence[Any]) -> list[tuple[Any, Any]]:
    try:
        return [(point["x"], point["y"]) for point in points]
    except (KeyError, TypeError, IndexError):
        raise ValueError('each point of an outline is {"x": .., "y": ..}, as the first one is') from None
