"""The optic disc: where Bruch's membrane opens on each B-scan, and what these edges draw on the fundus.

B-scan frame: x to the right, y down, here in mm, 0 being the centre of the first column and row. Canonical frame: x and
y in mm from the upper left corner of the scanned zone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, Field

from foveola import Array, InputError, Unit
from foveola_oct.retina.arrays import Floats
from foveola_oct.retina.fundus_outlines import fit_ellipse, smooth_outline
from foveola_oct.retina.geometry import LARGEST_COUNT, EnFaceGeometry, ScanGeometry
from foveola_oct.retina.slice_runs import no_slices_as

FEWEST_POINTS = 4
"""Of an outline: user guide, extract_neuroretinal_rim_circles."""
FEWEST_ELLIPSE_POINTS = 5
"""A conic has five degrees of freedom."""


def _check_null_or_finite(landmarks: np.ndarray) -> np.ndarray:
    if np.isinf(landmarks).any():
        raise ValueError("holds an infinite coordinate; say null where a landmark was not found")
    if np.abs(landmarks).max(initial=0, where=~np.isnan(landmarks)) > LARGEST_COUNT:
        raise ValueError(f"holds a coordinate beyond {LARGEST_COUNT} px, more than any image has")
    if landmarks.shape[2] != 2:  # noqa: PLR2004  x and y
        raise ValueError(f"takes x and y for each landmark, not {landmarks.shape[2]} numbers")
    return landmarks


NerveLandmarks = Annotated[
    np.ndarray,
    Array("slices", "landmarks", "xy"),
    Unit("px"),
    no_slices_as(0, 2, 2),
    AfterValidator(_check_null_or_finite),
    Field(
        description="Ends of Bruch's membrane opening on each nerve slice as x and y in the B-scan "
        "[slices][landmarks][2]; null where a landmark was not found."
    ),
]


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

    >>> scan = dict(scan_protocol="HORIZONTAL_3D", slice_direction="TOP_BOTTOM", pixel_direction="LEFT_RIGHT")
    >>> scan = ScanGeometry(**scan, pixel_spacing_column=0.01, pixel_spacing_row=0.004, slice_thickness=0.1)
    >>> membrane_openings(np.array([[[280.0, 200], [120, 210]]]), scan).round(3).tolist()
    [[[1.2, 0.84], [2.8, 0.8]]]
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
