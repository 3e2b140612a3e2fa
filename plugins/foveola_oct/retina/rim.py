"""The neuroretinal rim, the nerve tissue between the edge of the disc and its cup, as wide as rays find it."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from foveola import Degrees, Millimetres, Pixels, Record, SquareMillimetres
from foveola_oct.retina.fundus_outlines import corners, farthest_crossings, points_on_rays, ray_angles
from foveola_oct.retina.tsnit import ANALYSES, CircularProfile

TIE = 1e-9
"""Ratios that differ less are the same."""


class QuarterWidths(Record):
    """Mean width of the rim in quarters of the image."""

    right: Millimetres
    """Nasal in a right eye."""
    inferior: Millimetres
    """Below."""
    left: Millimetres
    """Temporal in a right eye."""
    superior: Millimetres
    """Above."""


class Rim(Record):
    """The neuroretinal rim, between disc and cup."""

    area: SquareMillimetres
    """Disc less cup."""
    min_width: Millimetres
    """Its width where that is the smallest share of the disc's diameter."""
    min_width_ratio: float
    """That share."""
    min_width_angle: Degrees
    """Where that is: 0 right, 90 inferior, -180 left, -90 superior."""
    min_width_points_px: tuple[tuple[Pixels, Pixels], tuple[Pixels, Pixels]]
    """Its inner and its outer end there, in the picture."""
    absence_degrees: Degrees
    """How much of the circle is without rim."""
    mean_width: QuarterWidths
    """Its mean width in each quarter."""


def measure_rim(disc: Any, cup: Any, n_angles: int, absence_ratio: float, scale: float) -> Rim:
    """Measure the rim along rays from the disc's centroid.

    Args:
        disc: a shapely polygon in the canonical frame, mm.
        cup: another one within it.
        n_angles: how many rays.
        absence_ratio: the largest ratio of width to the disc's diameter on the same line that counts as no rim.
        scale: pixels of the picture per mm.
    """
    center = np.array([disc.centroid.x, disc.centroid.y])
    # Twice as many rays as asked for: every ray has its opposite, and the middle of an arc is a ray.
    outer, inner = (farthest_crossings(corners(region), center, 2 * n_angles) for region in (disc, cup))
    width = np.maximum(outer - inner, 0.0)
    ratio = (width / (outer + np.roll(outer, n_angles)))[::2]
    arc = _longest_arc(ratio <= ratio.min() + TIE)
    narrowest = n_angles if arc.length == n_angles else (2 * arc.first + arc.length - 1) % (2 * n_angles)
    angle = ray_angles(2 * n_angles)[[narrowest]]
    ends = [points_on_rays(center, radii[[narrowest]], angle)[0] * scale for radii in (inner, outer)]
    step = 360 / n_angles
    quarters, _ = CircularProfile(width[::2], begin_deg=-180 - step / 2).sectors(ANALYSES["quadrant"])
    return Rim(
        area=disc.area - cup.area,
        min_width=float(width[narrowest]),
        min_width_ratio=float(ratio.min()),
        min_width_angle=float(angle[0]),
        min_width_points_px=tuple(map(tuple, ends)),
        absence_degrees=np.count_nonzero(ratio <= absence_ratio + TIE) * step,
        mean_width=QuarterWidths(**dict(zip(QuarterWidths.model_fields, quarters.tolist(), strict=True))),
    )


def _longest_arc(is_in: NDArray[np.bool_]) -> _Arc:
    """The longest run of a circle's flags, the first of equal ones; a whole circle begins at 0."""
    if is_in.all():
        return _Arc(0, len(is_in))
    turn = int(np.flatnonzero(~is_in)[0])  # begin where no run goes on
    change = np.flatnonzero(np.diff(np.roll(is_in, -turn), prepend=False, append=False)).reshape(-1, 2)
    first, end = change[np.argmax(change[:, 1] - change[:, 0])]
    return _Arc(int(first) + turn, int(end - first))


class _Arc(NamedTuple):
    first: int
    length: int
