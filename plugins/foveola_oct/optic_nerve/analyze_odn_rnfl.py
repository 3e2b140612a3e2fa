"""Nerve fibre layer round the optic disc, measured on a scan that covers it."""

from __future__ import annotations

from collections.abc import Sequence
from math import pi, sqrt
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from foveola import EXTRA, InputError, Millimetres, operation
from foveola_oct.retina import (
    Instance,
    Laterality,
    Outlines,
    ScanGeometry,
)
from foveola_oct.retina.arrays import Floats
from foveola_oct.retina.disc import (
    Edges,
    NerveLandmarks,
    check_nerve_slices,
    membrane_openings,
    trace,
)
from foveola_oct.retina.fundus_outlines import largest_region
from foveola_oct.retina.geometry import NumSlices, PixelImageHeight, PixelImageWidth
from foveola_oct.retina.slice_lines import RNFL, NerveLayers
from foveola_oct.retina.thickness import apply_layer_absence, axial_thickness
from foveola_oct.retina.tsnit import (
    AnalysisType,
    RnflThickness,
    describe,
    on_annulus,
    on_circle,
)

RING_DIAMETER_MM = 3.46
"""The ring of Cirrus and of Spectralis' smallest circle (Review of Optometry, "Seeing glaucoma through OCT's eye")."""


class PeripapillaryRnfl(RnflThickness):
    """Thickness of the nerve fibre layer round the disc, with the disc's place."""

    disc_center_mm: Annotated[tuple[Millimetres, Millimetres], EXTRA]
    """x and y of the disc's centre on the fundus, from the upper left corner of the scanned zone."""


@operation("analyze_odn_rnfl")
def analyze_odn_rnfl(
    analysis_type: AnalysisType,
    nerve_landmarks_list: NerveLandmarks,
    nerve_slice_indices: tuple[int, ...],
    nerve_rnfl_layers: NerveLayers,
    pixel_height: PixelImageHeight,
    pixel_width: PixelImageWidth,
    laterality: Laterality,
    num_slices: NumSlices,
    geometry: ScanGeometry,
    mm_to_analyze: Annotated[Millimetres, Field(gt=0, le=3)] = 1.0,
    region: Literal["circle", "annulus", "fixed_circle"] = "circle",
    diameter_mm: Annotated[Millimetres, Field(gt=0, le=10)] = RING_DIAMETER_MM,
) -> PeripapillaryRnfl:
    """Average the nerve fibre layer on a circle about the optic disc, 1 mm from its edge unless told otherwise.

    With a disc of normal area that circle is 3.49 mm wide, practically the 3.46 mm ring of normative data. Index 0 of
    the quadrants is nasal in both eyes, 1 inferior, 2 temporal, 3 superior; the graph runs in TSNIT order.

    Args:
        analysis_type: which sectors.
        nerve_landmarks_list: ends of Bruch's membrane opening on each nerve slice.
        nerve_slice_indices: the slices that cross the nerve head, in the order of nerve_landmarks_list.
        nerve_rnfl_layers: outlines of the layer: for each slice of the exam, or of the nerve, its instances or
            {"instances": [...]}; or instances with a scan_index each.
        pixel_height: rows of a B-scan.
        pixel_width: columns of a B-scan.
        laterality: the eye, L or R.
        num_slices: B-scans of the exam.
        geometry: pitches and orientation of the scan.
        mm_to_analyze: how far from the disc's edge the circle runs, or how wide the annulus is.
        region: the circle, the annulus between the disc's edge and the circle, or a circle of a fixed diameter.
        diameter_mm: diameter of the fixed circle.

    Raises:
        InputError: the disc cannot be located, unequal lengths, a slice outside the exam; naming the field.

    Sources:
        Opening of 1.74 mm2, so that the circle is some 3.49 mm wide: aaojournal.org S0161-6420(15)00547-3.
        Rings of devices: Review of Optometry, Seeing glaucoma through OCT's eye.
        Quadrants of three clock hours each: LOINC LP248912-0.

    >>> scan = dict(scan_protocol="HORIZONTAL_3D", slice_direction="TOP_BOTTOM", pixel_direction="LEFT_RIGHT")
    >>> scan |= dict(pixel_spacing_column=0.05, pixel_spacing_row=0.004, slice_thickness=0.1)
    >>> rnfl = {"points": [[0, 100], [119, 100], [119, 125], [0, 125]], "className": "rnfl"}
    >>> found = analyze_odn_rnfl.call({
    ...     "analysis_type": "quadrant", "nerve_slice_indices": [26, 34], "laterality": "R", "num_slices": 60,
    ...     "nerve_landmarks_list": [[[48, 150], [72, 150]]] * 2, "nerve_rnfl_layers": [{"instances": [rnfl]}] * 60,
    ...     "pixel_height": 400, "pixel_width": 120, **scan})
    >>> {index: round(mean, 9) for index, mean in found["rnfl_thickness_statistics"].items()}
    {'0': 0.1, '1': 0.1, '2': 0.1, '3': 0.1}
    """
    check_nerve_slices(
        "nerve_slice_indices", nerve_slice_indices, num_slices, nerve_landmarks_list=nerve_landmarks_list
    )
    disc = _locate_disc(nerve_landmarks_list, nerve_slice_indices, geometry, (num_slices, pixel_width))
    center, disc_radius = (disc.centroid.x, disc.centroid.y), sqrt(disc.area / pi)
    by_slice = nerve_rnfl_layers.by_slice(num_slices, nerve_slice_indices)
    thickness = geometry.canonicalise(_axial_pixels(by_slice, pixel_height, pixel_width) * geometry.pixel_spacing_row)
    pitch = geometry.canonical_pitch
    row, column = center[1] / pitch[0], center[0] / pitch[1]
    if laterality == "L":
        thickness, column = thickness[:, ::-1], thickness.shape[1] - column
    radius = diameter_mm / 2 if region == "fixed_circle" else disc_radius + mm_to_analyze
    if region == "annulus":
        measure = on_annulus(thickness, pitch, (row, column), disc_radius, radius)
    else:
        measure = on_circle(thickness, pitch, (row, column), radius).sectors
    described = describe(analysis_type, measure, laterality)
    given = {index for index, instances in enumerate(by_slice) if instances}
    if given and given <= set(nerve_slice_indices):
        described["warnings"] += ("the layer is given on the nerve's slices only; the circle is wider than the disc",)
    return PeripapillaryRnfl(
        **described, circle_radius_mm=None if region == "annulus" else radius, disc_center_mm=center
    )


def _locate_disc(landmarks: np.ndarray, slices: Sequence[int], geometry: ScanGeometry, shape: tuple[int, int]) -> Any:
    """The disc on the fundus, a shapely polygon in mm."""
    edges = Edges.of(slices, membrane_openings(landmarks, geometry)[:, :, 0])
    outline = trace(edges.filled(), geometry, shape, as_ellipse=True, is_smoothed=False).outline
    disc = largest_region(outline)
    if disc is None:
        raise InputError(
            "nerve_landmarks_list",
            f"the disc cannot be located: {len(edges.slices)} slices show both ends of the opening, 2 or more should",
        )
    return disc


def _axial_pixels(by_slice: Sequence[Sequence[Instance]], height: int, width: int) -> Floats:
    """Thickness of the nerve fibre layer [slices, columns], px, NaN where it is not outlined."""
    outlines = Outlines.read(by_slice)
    names = outlines.class_names
    if not names:
        return np.full((len(by_slice), width), np.nan)
    if RNFL not in names and len(names) > 1:
        raise InputError("nerve_rnfl_layers", f"holds {', '.join(names)}, but no {RNFL}")
    columns = np.arange(width, dtype=np.float64)
    outlines = _within_rows(outlines, height)
    thickness = apply_layer_absence(*axial_thickness(outlines, columns, width), outlines)
    layer: Floats = thickness[names.index(RNFL) if RNFL in names else 0]
    return layer


def _within_rows(outlines: Outlines, height: int) -> Outlines:
    """Outlines as far as they lie in the image: cut at the outer edges of its first and of its last row."""
    top, bottom = -0.5, height - 0.5
    if ((outlines.points[:, 1] >= top) & (outlines.points[:, 1] <= bottom)).all():
        return outlines
    cut = [
        _with_corners(_with_corners(points, top), bottom)
        for points in np.split(outlines.points, outlines.offsets[1:-1])
    ]
    points = np.concatenate(cut)
    points[:, 1] = points[:, 1].clip(top, bottom)
    offsets = np.concatenate([[0], np.cumsum([len(one) for one in cut])])
    return outlines.model_copy(update={"points": points, "offsets": offsets})


def _with_corners(points: Floats, row: float) -> Floats:
    """An outline with corners where it crosses a row."""
    step = np.roll(points, -1, axis=0) - points
    with np.errstate(divide="ignore", invalid="ignore"):  # a level edge crosses no row
        share = (row - points[:, 1]) / step[:, 1]
    crossing = np.flatnonzero((share > 0) & (share < 1))
    return np.insert(points, crossing + 1, points[crossing] + share[crossing, None] * step[crossing], axis=0)
