"""The optic disc: where Bruch's membrane opens on each B-scan, and the outline that these edges draw on the fundus.

B-scan frame: x to the right, y down, here in mm, 0 being the centre of the first column and row. Canonical frame: x and
y in mm from the upper left corner of the scanned zone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, BeforeValidator, Field

from foveola import Array, InputError, Record, Unit
from foveola_oct.retina.geometry import EnFaceGeometry, ScanGeometry
from foveola_oct.retina.outlines import clean_outline, even_odd_region, parse_points
from foveola_oct.retina.segmentation import Instance

Floats = NDArray[np.float64]

FEWEST_POINTS = 4
"""Of an outline: user guide, extract_neuroretinal_rim_circles."""
FEWEST_ELLIPSE_POINTS = 5
"""A conic has five degrees of freedom."""
AXES_MM = (0.2, 4.0)
"""Full axes of an ellipse that can be a disc or a cup (our choice)."""
LARGEST_AXIS_RATIO = 2.5
"""Of such an ellipse (our choice)."""
VERTICES = 360
"""Of an ellipse or of a smoothed outline."""
SMOOTHING_DEG = 5.0
"""Standard deviation of the circular Gaussian that smooths a raw outline (our choice)."""


def _check_finite(values: np.ndarray) -> np.ndarray:
    if not np.isfinite(values).all():
        raise ValueError("holds a coordinate that is not finite")
    return values


def _check_null_or_finite(landmarks: np.ndarray) -> np.ndarray:
    if np.isinf(landmarks).any():
        raise ValueError("holds an infinite coordinate; say null where a landmark was not found")
    if landmarks.shape[2] != 2:  # noqa: PLR2004  x and y
        raise ValueError(f"takes x and y for each landmark, not {landmarks.shape[2]} numbers")
    return landmarks


def _no_slices(value: Any) -> Any:
    """Read an empty list as no slices of two landmarks."""
    is_empty = value.shape == (0,) if isinstance(value, np.ndarray) else value in ([], ())
    return np.empty((0, 2, 2)) if is_empty else value


DiscOutline = Annotated[
    np.ndarray, Array("points", "xy"), Unit("mm"), BeforeValidator(parse_points), AfterValidator(_check_finite)
]
"""An outline [points, 2] in the canonical frame, mm; no points at all are an outline too."""
NerveLandmarks = Annotated[
    np.ndarray,
    Array("slices", "landmarks", "xy"),
    Unit("px"),
    BeforeValidator(_no_slices),
    AfterValidator(_check_null_or_finite),
    Field(
        description="Ends of Bruch's membrane opening on each nerve slice as x and y in the B-scan "
        "[slices][landmarks][2]; null where a landmark was not found."
    ),
]


class SliceLines(Record, bare="lines"):
    """One line, the ILM say, on each of some slices."""

    lines: tuple[tuple[Instance, ...], ...]
    """The instances whose upper envelope the line is, slice by slice; none where it is missing.

    An instance whose x never turns back is an open line, its own envelope.
    """

    @classmethod
    def read(cls, value: Any) -> Self:
        """From a list over slices: of nothing, a polyline [[x, y], ...], instances, or y per column with nulls.

        Raises:
            ValueError: it is no list over slices.
            InputError: naming the slice.
        """
        if isinstance(value, cls):
            return value
        if not _is_list(value):
            raise ValueError("takes a list over slices of lines")
        lines = []
        for place, line in enumerate(value):
            try:
                lines.append(_read_line(line))
            except InputError as error:
                raise error.below(str(place)) from None
            except ValueError as error:
                raise InputError(str(place), str(error)) from None
        return cls(lines=tuple(lines))


def _is_list(value: Any) -> bool:
    return (
        np.ndim(value) > 0
        if isinstance(value, np.ndarray)
        else isinstance(value, Sequence) and not isinstance(value, str)
    )


def _read_line(value: Any) -> tuple[Instance, ...]:
    if isinstance(value, Mapping):
        return (Instance.read(value),)
    if value is None or (_is_list(value) and len(value) == 0):
        return ()
    if not _is_list(value):
        raise ValueError("takes a polyline [[x, y], ...], instances, or y per column; [] where there is none")
    if isinstance(value[0], Instance) or (isinstance(value[0], Mapping) and "points" in value[0]):
        return tuple(Instance.read(instance) for instance in value)
    if isinstance(value[0], Mapping | Sequence | np.ndarray):
        polyline = clean_outline(np.vstack([points := parse_points(value), points[-2:0:-1]]))
        return (Instance(points=polyline, class_name="line"),)  # there and back: closed, and no wall is bridged
    rows = Array("columns").read(value)
    if np.isinf(rows).any():
        raise ValueError("holds an infinite row; say null where there is none")
    columns = np.flatnonzero(np.isfinite(rows))
    pieces = np.split(columns, np.flatnonzero(np.diff(columns) > 1) + 1)
    return tuple(
        Instance(points=np.column_stack([piece, rows[piece]]), class_name="line") for piece in pieces if piece.size
    )


def check_nerve_slices(field: str, slices: Sequence[int], num_slices: int, **lists: Sequence[Any] | np.ndarray) -> None:
    """Check the slices on which the nerve was found, and that what is said of them is said of each.

    Raises:
        InputError: a slice twice or outside the exam, or a list of another length; naming the field.
    """
    for name, items in lists.items():
        if len(items) != len(slices):
            raise InputError(name, f"speaks of {len(items)} slices, {field} of {len(slices)}; give one item for each")
    if len(set(slices)) < len(slices):
        raise InputError(field, "names a slice more than once")
    if outside := [index for index in slices if not 0 <= index < num_slices]:
        raise InputError(field, f"names slice {outside[0]}; the exam has slices 0 to {num_slices - 1}")


def membrane_openings(landmarks: np.ndarray, geometry: ScanGeometry) -> Floats:
    """Find the two ends of Bruch's membrane opening on each slice: the leftmost and the rightmost valid landmark.

    Args:
        landmarks: [slices, landmarks, 2], px, NaN where not valid.
        geometry: pitches.

    Returns:
        [slices, end, 2], mm; NaN where fewer than two are valid or the opening has no width.
    """
    if landmarks.shape[1] == 0:
        return np.full((len(landmarks), 2, 2), np.nan)
    points = landmarks * (geometry.pixel_spacing_column, geometry.pixel_spacing_row)
    is_valid = np.isfinite(points).all(axis=-1)
    x = points[..., 0]
    slices = np.arange(len(points))
    ends = [np.where(is_valid, x, np.inf).argmin(axis=1), np.where(is_valid, x, -np.inf).argmax(axis=1)]
    openings = np.stack([points[slices, end] for end in ends], axis=1)
    is_open = (is_valid.sum(axis=1) > 1) & (openings[:, 1, 0] > openings[:, 0, 0])
    return np.where(is_open[:, None, None], openings, np.nan)


@dataclass(frozen=True)
class Edges:
    """Where disc or cup begins and ends on each of some slices.

    Attributes:
        slices: [n], increasing.
        ends: left and right x [n, 2], mm from the centre of the first column.
        is_filled: whether the ends were interpolated between measured ones [n].
    """

    slices: NDArray[np.int64]
    ends: Floats
    is_filled: NDArray[np.bool_]

    @classmethod
    def of(cls, slices: Sequence[int], ends: Floats) -> Edges:
        """The measured edges [m, 2] of slices in any order, NaN where there are none."""
        indices = np.asarray(slices, dtype=np.int64)
        found = np.flatnonzero(np.isfinite(ends).all(axis=1))
        order = found[np.argsort(indices[found])]
        return cls(indices[order], ends[order], np.zeros(len(order), dtype=np.bool_))

    def filled(self, without: Sequence[int] = ()) -> Edges:
        """Interpolate the ends, linearly in the index, on every slice between the first and the last.

        Args:
            without: slices that are known to have no edges.
        """
        if not len(self.slices):
            return self
        every = np.arange(self.slices[0], self.slices[-1] + 1)
        wanted = every[~np.isin(every, without) | np.isin(every, self.slices)]
        ends = np.column_stack([np.interp(wanted, self.slices, side) for side in self.ends.T])
        return Edges(wanted, ends, ~np.isin(wanted, self.slices))

    @property
    def measured(self) -> Edges:
        """Those that were not filled."""
        kept = ~self.is_filled
        return Edges(self.slices[kept], self.ends[kept], self.is_filled[kept])

    def on_fundus(self, geometry: EnFaceGeometry, shape: tuple[int, int]) -> Floats:
        """Their places in the canonical frame: [n, 2 sides, 2], x and y in mm, sorted along slices and sides.

        Args:
            geometry: pitches and orientation.
            shape: slices and columns of the scan.
        """
        pitch = (geometry.slice_thickness, geometry.pixel_spacing_column)
        extent = (shape[0] * pitch[0], shape[1] * pitch[1])
        places = [
            [geometry.canonical_position(((index + 0.5) * pitch[0], x + 0.5 * pitch[1]), extent)[::-1] for x in ends]
            for index, ends in zip(self.slices.tolist(), self.ends.tolist(), strict=True)
        ]
        points = np.array(places, dtype=np.float64).reshape(-1, 2, 2)
        along, across = (0, 1) if geometry.is_vertical else (1, 0)
        points = points[np.argsort(points[:, 0, along])]
        return np.take_along_axis(points, np.argsort(points[..., across], axis=1)[..., None], axis=1)


@dataclass(frozen=True)
class Traced:
    """An outline that edges draw.

    Attributes:
        outline: [points, 2], mm; none for fewer than four edge points.
        warning: why it is not what was asked for.
    """

    outline: Floats
    warning: str | None = None


def trace(
    edges: Edges, geometry: EnFaceGeometry, shape: tuple[int, int], *, as_ellipse: bool, is_smoothed: bool
) -> Traced:
    """Draw the outline of disc or cup through its edges.

    The ellipse is fitted to the measured edges where they are enough: one through linearly filled edges is too small.

    Args:
        edges: where it begins and ends on each slice.
        geometry: pitches and orientation.
        shape: slices and columns of the scan.
        as_ellipse: fit an ellipse to five points or more; else the outline runs from edge to edge.
        is_smoothed: smooth an outline that is no ellipse.
    """
    points = edges.on_fundus(geometry, shape)
    if points.size < 2 * FEWEST_POINTS:
        return Traced(np.empty((0, 2)))
    warning = None
    if as_ellipse and points.size >= 2 * FEWEST_ELLIPSE_POINTS:
        measured = edges.measured.on_fundus(geometry, shape)
        chosen = measured if measured.size >= 2 * FEWEST_ELLIPSE_POINTS else points
        ellipse = fit_ellipse(chosen.reshape(-1, 2))
        if ellipse is not None:
            return Traced(ellipse)
        warning = "no plausible ellipse fits the edges: the outline runs from edge to edge"
    raw = np.vstack([points[:, 1], points[::-1, 0]])
    return Traced(smooth_outline(raw) if is_smoothed else raw, warning)


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
    """Smooth an outline [n, 2]: its radius about its centroid, as a function of the angle, by a circular Gaussian."""
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
    crossed = np.maximum(np.floor(place + np.abs(sweep) * (count / 360) + slack).astype(np.int64) - first + 1, 0)
    edge = np.repeat(np.arange(len(outline)), crossed)
    ray = np.arange(edge.size) - np.repeat(np.cumsum(crossed) - crossed - first, crossed)
    direction = points_on_rays(np.zeros(2), np.ones(edge.size), ray_angles(count)[ray % count])
    with np.errstate(invalid="ignore", divide="ignore"):  # an edge along its ray: its ends are its neighbours' too
        distance = _cross(start, step)[edge] / _cross(direction, step[edge])
    distances = np.zeros(count)
    np.fmax.at(distances, ray % count, np.where(np.isfinite(distance), distance, 0.0))
    return distances


def _cross(one: Floats, other: Floats) -> Floats:
    return one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0]
