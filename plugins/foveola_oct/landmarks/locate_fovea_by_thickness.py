"""The fovea where the retina is thinnest: for exams of which no landmark model has spoken."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from foveola import ABSENT_WHEN_NULL, EXTRA, Micrometres, Millimetres, Output, operation
from foveola_oct.retina import Borders, LayerSegmentation, PixelSpacingColumn, PixelSpacingRow, SliceThickness
from foveola_oct.retina.arrays import Floats
from foveola_oct.retina.geometry import PixelImageWidth
from foveola_oct.retina.thickness import outermost

# Thinnest point of the smoothed retina near the scan's centre: the best of four ways in 185 healthy eyes scanned twice
# (Romero-Bascones, Entropy 2021;23:699), as in its authors' retimat and in AURA.
SEARCH_RADIUS_MM = 0.85
"""retimat, find_fovea: the largest error of alignment."""
SMOOTHING_MM = 0.125
"""retimat averages over a disc of 0.25 mm radius; a Gaussian of half of that spreads as far."""

RING_MM = (1.0, 1.5)
"""Round the pit, whose rim is 2.2 to 2.45 mm wide (Tick, IOVS 2011;52:5105)."""
MIN_PIT_DEPTH_UM = 30.0
"""Pits are 120 µm deep, SD 25 (Ctori & Huntjens, Acta Ophthalmol 2016;94:S256): the mean less 3 SD is 45, of which the
smoothing, and the mean of the ring for its highest point, take a third. What is shallower is flat, swollen or none."""


class ThinnestPoint(Output):
    """Where the fovea is; nothing but the status if there is no pit."""

    status: Literal["found", "not_found"]
    """Whether there is a pit."""
    exam_center_coordinate: Annotated[tuple[float, float] | None, ABSENT_WHEN_NULL] = None
    """The fovea en face as [x, z]: column and slice index, to a part of a sample."""
    central_slice_index: Annotated[int | None, ABSENT_WHEN_NULL] = None
    """The slice next to its centre."""
    fovea_thickness: Annotated[Micrometres | None, ABSENT_WHEN_NULL] = None
    """Thickness of the retina at the sample next to its centre, as measured."""
    pit_depth: Annotated[Micrometres | None, EXTRA] = None
    """How much thicker the retina is in a ring of 1 to 1.5 mm, both smoothed."""


@operation("locate_fovea_by_thickness")
def locate_fovea_by_thickness(
    segmentation_instances: LayerSegmentation,
    pixel_image_width: PixelImageWidth,
    pixel_spacing_column: PixelSpacingColumn,
    pixel_spacing_row: PixelSpacingRow,
    slice_thickness: SliceThickness,
    search_radius_mm: Annotated[Millimetres, Field(gt=0, le=10)] = SEARCH_RADIUS_MM,
    smoothing_mm: Annotated[Millimetres, Field(gt=0, le=1)] = SMOOTHING_MM,
    min_pit_depth_um: Annotated[Micrometres, Field(ge=0, le=300)] = MIN_PIT_DEPTH_UM,
) -> ThinnestPoint:
    """Find the thinnest point of the retina near the scan's centre, and call it the fovea if it is the bottom of a pit.

    The retina reaches from the uppermost to the lowest border. Its thickness is smoothed by a Gaussian in mm that
    leaves out what was not measured; parabolas refine the minimum between samples, as slices lie far apart. There is no
    pit where the minimum lies on the rim of the search or of the scan, or where the ring about it is hardly thicker.

    Args:
        segmentation_instances: layers on every slice, as outlines or as borders.
        pixel_image_width: columns of a B-scan.
        pixel_spacing_column: width of a pixel.
        pixel_spacing_row: height of a pixel.
        slice_thickness: from B-scan to B-scan.
        search_radius_mm: how far from the scan's centre the fovea may be.
        smoothing_mm: standard deviation of the Gaussian.
        min_pit_depth_um: how much thicker than the pit the ring from 1 to 1.5 mm about it must be.

    Raises:
        InputError: borders of another width, or more samples than any scan has.

    Sources:
        smoothed minimum, 0.85 mm, 0.25 mm: Romero-Bascones, Entropy 2021;23:699, and its retimat (find_fovea).
        rim of the pit: Tick, IOVS 2011;52:5105.
        depth of the pit: Ctori & Huntjens, Acta Ophthalmol 2016;94:S256; the limit is our choice.

    >>> x, z = np.arange(61) - 33.0, np.arange(21) - 9.0
    >>> retina = 80 - 30 * np.exp(-((x * 0.1) ** 2 + (z[:, None] * 0.3) ** 2) / 0.5)
    >>> found = locate_fovea_by_thickness.call({
    ...     "segmentation_instances": {"borders": [np.zeros((21, 61)), retina], "layers": ["retina"]},
    ...     "pixel_image_width": 61, "pixel_spacing_column": 0.1, "pixel_spacing_row": 0.004, "slice_thickness": 0.3})
    >>> found["status"], np.round(found["exam_center_coordinate"], 3).tolist(), found["fovea_thickness"]
    ('found', [33.0, 9.0], 200.0)
    """
    thickness = _retina(segmentation_instances, pixel_image_width) * pixel_spacing_row * 1000
    pitch = (slice_thickness, pixel_spacing_column)
    is_measured = np.isfinite(thickness)
    smooth = _smoothed(thickness, (smoothing_mm / slice_thickness, smoothing_mm / pixel_spacing_column))
    middle = ((thickness.shape[0] - 1) / 2, (thickness.shape[1] - 1) / 2)
    searched = is_measured & (_distances(thickness.shape, middle, pitch) <= search_radius_mm)
    if not searched.any():
        return _no_pit("nothing was measured near the scan's centre")
    row, column = np.unravel_index(np.argmin(np.where(searched, smooth, np.inf)), smooth.shape)
    around = smooth[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2]
    if around.shape != (3, 3) or not (around >= smooth[row, column]).all():
        return _no_pit("the thinnest point lies on the rim of the search or of the scan")
    z, x = float(row + _vertex(*around[:, 1])), float(column + _vertex(*around[1]))
    distances = _distances(thickness.shape, (z, x), pitch)
    ring = smooth[is_measured & (distances >= RING_MM[0]) & (distances <= RING_MM[1])]
    depth = float(ring.mean() - smooth[row, column]) if ring.size else 0.0
    if depth <= min_pit_depth_um:
        return _no_pit(f"the ring about the thinnest point is thicker by {depth:.0f} µm only", depth)
    return ThinnestPoint(
        status="found",
        exam_center_coordinate=(x, z),
        central_slice_index=int(row),
        fovea_thickness=float(thickness[row, column]),
        pit_depth=depth,
    )


def _retina(layers: LayerSegmentation, width: int) -> Floats:
    """Thickness of all layers together [slices, columns], px; NaN where there are none."""
    form = layers.form
    if isinstance(form, Borders):
        form.require_width(width)
        top, bottom = form.borders[0], form.borders[-1]
    else:
        top, bottom = outermost(form, width)
    thickness = bottom - top
    return np.where(thickness > 0, thickness, np.nan)


def _smoothed(values: Floats, sigma: tuple[float, float]) -> Floats:
    """Average values [slices, columns] by a Gaussian, in samples along each axis, over what was measured."""
    from scipy.ndimage import gaussian_filter  # noqa: PLC0415  a listing must not pay for scipy

    is_measured = np.isfinite(values)
    total = gaussian_filter(np.where(is_measured, values, 0.0), sigma, mode="constant")
    weight = gaussian_filter(is_measured.astype(np.float64), sigma, mode="constant")
    smoothed: Floats = np.divide(total, weight, out=np.full(values.shape, np.nan), where=weight > 0)
    return smoothed


def _distances(shape: tuple[int, ...], place: tuple[float, float], pitch: tuple[float, float]) -> Floats:
    """Distance of every sample from a place (slice, column), mm."""
    z, x = ((np.arange(count) - at) * step for count, at, step in zip(shape, place, pitch, strict=True))
    distances: Floats = np.hypot(z[:, None], x)
    return distances


def _vertex(before: float, least: float, after: float) -> float:
    """Where the parabola through three neighbouring samples is least, counted from the middle one, -1/2 to 1/2."""
    curvature = before - 2 * least + after
    return (before - after) / (2 * curvature) if curvature > 0 else 0.0


def _no_pit(why: str, depth: float | None = None) -> ThinnestPoint:
    return ThinnestPoint(status="not_found", pit_depth=depth, warnings=(f"no foveal pit: {why}",))
