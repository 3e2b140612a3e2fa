"""Outlines on the fundus: ellipses and smooth ones, the regions that they enclose, and rays that leave them.

An outline is an array [n, 2] of x and y in the canonical frame, mm, and closes itself.
"""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from pydantic import AfterValidator, BeforeValidator

from foveola import Array, Unit
from foveola_oct.retina.arrays import Floats
from foveola_oct.retina.intervals import spread
from foveola_oct.retina.outlines import clean_outline, even_odd_region, parse_points

FARTHEST_MM = 100.0
"""Of a coordinate from 0: an eye is 24 mm long."""
AXES_MM = (0.2, 4.0)
"""Full axes of an ellipse that can be a disc or a cup (our choice)."""
LARGEST_AXIS_RATIO = 2.5
"""Of such an ellipse (our choice)."""
VERTICES = 360
"""Of an ellipse or of a smoothed outline."""
SMOOTHING_DEG = 5.0
"""Standard deviation of the circular Gaussian that smooths a raw outline (our choice)."""


def _check_in_eye(points: np.ndarray) -> np.ndarray:
    if not np.isfinite(points).all():
        raise ValueError("holds a coordinate that is not finite")
    if np.abs(points).max(initial=0) > FARTHEST_MM:
        raise ValueError(f"holds a coordinate beyond {FARTHEST_MM:g} mm, more than any eye; is it in px?")
    return points


DiscOutline = Annotated[
    np.ndarray, Array("points", "xy"), Unit("mm"), BeforeValidator(parse_points), AfterValidator(_check_in_eye)
]
"""An outline [points, 2] in the canonical frame, mm; no points at all are an outline too."""


@np.errstate(divide="ignore", invalid="ignore")  # points on a line, or all one: no ellipse is found
def fit_ellipse(points: Floats) -> Floats | None:
    """Fit an ellipse by direct least squares (Halir and Flusser, WSCG 1998).

    Args:
        points: [n, 2], five or more.

    Returns:
        [360, 2] vertices, the first to the right for a circle; None where no ellipse fits or none that a disc or a cup
        can have.

    >>> turns = np.radians(np.arange(0, 360, 45))
    >>> fit_ellipse(np.column_stack([2 + 0.9 * np.cos(turns), 1 + 0.8 * np.sin(turns)]))[[0, 90]].round(6).tolist()
    [[2.9, 1.0], [2.0, 1.8]]
    """
    middle, scale = points.mean(axis=0), points.std()
    x, y = ((points - middle) / scale).T
    quadratic, linear = np.column_stack([x * x, x * y, y * y]), np.column_stack([x, y, np.ones_like(x)])
    try:
        reduce = -np.linalg.solve(linear.T @ linear, linear.T @ quadratic)
        scatter = quadratic.T @ quadratic + quadratic.T @ linear @ reduce
        conics = np.linalg.eig(np.vstack([scatter[2] / 2, -scatter[1], scatter[0] / 2]))[1].real.T
        a, b, c = conics[np.argmax([4 * a * c - b * b for a, b, c in conics])]
        d, e, f = reduce @ (a, b, c)
        form = np.array([[a, b / 2], [b / 2, c]])
        center = np.linalg.solve(-2 * form, (d, e))
        curvatures, directions = np.linalg.eigh(form / (center @ form @ center - f))
    except np.linalg.LinAlgError:
        return None
    if not (curvatures > 0).all():
        return None
    half_axes = scale / np.sqrt(curvatures)
    if not (AXES_MM[0] <= 2 * half_axes.min() and 2 * half_axes.max() <= AXES_MM[1]):
        return None
    if half_axes.max() > LARGEST_AXIS_RATIO * half_axes.min():
        return None
    circle = points_on_rays(np.zeros(2), np.ones(VERTICES), ray_angles(VERTICES) + 180)
    stretch = directions * half_axes @ directions.T  # symmetric, so that no choice of directions shows
    ellipse: Floats = middle + scale * center + circle @ stretch
    return ellipse


def smooth_outline(outline: Floats) -> Floats:
    """Smooth an outline [n, 2]: its radius about its centroid, as a function of the angle, by a circular Gaussian.

    The corners of a square, 1.41 from its middle, are rounded:

    >>> square = smooth_outline(np.array([(0.0, 0), (2, 0), (2, 2), (0, 2)]))
    >>> float(np.hypot(*(square - 1).T).max().round(2))
    1.33
    """
    from scipy.ndimage import gaussian_filter1d  # noqa: PLC0415  a listing must not pay for scipy

    region = largest_region(outline)
    if region is None:
        return outline
    center = np.array([region.centroid.x, region.centroid.y])
    radii = farthest_crossings(corners(region), center, VERTICES)
    smooth = gaussian_filter1d(radii, SMOOTHING_DEG * VERTICES / 360, mode="wrap")
    return points_on_rays(center, smooth, ray_angles(VERTICES))


def largest_region(outline: np.ndarray) -> Any:
    """The largest part of what an outline [n, 2] encloses by the even-odd rule, a shapely polygon; None if nothing."""
    return _largest(even_odd_region(clean_outline(outline)))


def clip_to(region: Any, frame: Any) -> Any:
    """The largest part of a region inside another, both shapely polygons; None if they do not overlap."""
    return region if frame.covers(region) else _largest(region.intersection(frame))


def _largest(region: Any) -> Any:
    import shapely  # noqa: PLC0415  a listing must not pay for it

    parts = shapely.get_parts(region)
    areas = shapely.area(parts)
    return parts[areas.argmax()] if areas.sum() > 0 else None


def corners(region: Any) -> Floats:
    """The outer ring of a shapely polygon, [n, 2], its first point not repeated."""
    return np.asarray(region.exterior.coords, dtype=np.float64)[:-1]


def ray_angles(count: int) -> Floats:
    """Angles of rays in equal steps, deg: from -180, the left, by -90, up, and 0, the right, on to below 180."""
    return -180 + np.arange(count, dtype=np.float64) * (360 / count)


def points_on_rays(center: Floats, distances: Floats, angles: Floats) -> Floats:
    """Places [n, 2] at distances [n] from a point [2] along rays at angles [n], deg."""
    turns = np.radians(angles)
    points: Floats = center + distances[:, None] * np.column_stack([np.cos(turns), np.sin(turns)])
    return points


def farthest_crossings(outline: Floats, center: Floats, count: int) -> Floats:
    """How far rays from a point run until they leave an outline for good.

    Each edge is crossed with the rays between its ends, and with no others.

    Args:
        outline: [n, 2].
        center: [2].
        count: of the rays; their angles are `ray_angles(count)`.

    Returns:
        [count] in the unit of the outline; 0 where the ray does not meet it.

    >>> square = np.array([(0.0, 0), (2, 0), (2, 2), (0, 2)])
    >>> farthest_crossings(square, np.array([0.5, 1.0]), 4).tolist()
    [0.5, 1.0, 1.5, 1.0]
    """
    start = outline - center
    step = np.roll(start, -1, axis=0) - start
    angle = np.degrees(np.arctan2(start[:, 1], start[:, 0]))
    sweep = (np.roll(angle, -1) - angle + 180) % 360 - 180
    place = (np.minimum(angle, angle + sweep) + 180) * (count / 360)
    slack = 1e-9  # of a step: a ray through a corner meets both edges
    first = np.ceil(place - slack).astype(np.int64)
    last = np.floor(place + np.abs(sweep) * (count / 360) + slack).astype(np.int64)
    edge, ray = spread(first, last + 1)
    direction = points_on_rays(np.zeros(2), np.ones(edge.size), ray_angles(count)[ray % count])
    with np.errstate(invalid="ignore", divide="ignore"):  # an edge along its ray: its ends are its neighbours' too
        distance = _cross(start, step)[edge] / _cross(direction, step[edge])
    distances = np.zeros(count)
    np.fmax.at(distances, ray % count, np.where(np.isfinite(distance), distance, 0.0))
    return distances


def _cross(one: Floats, other: Floats) -> Floats:
    return one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0]
