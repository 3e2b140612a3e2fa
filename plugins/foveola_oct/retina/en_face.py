"""From what was drawn on the B-scans to its thickness seen from the front, cut to the zone of interest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from foveola import EXTRA, Group, InputError, Millimetres, Output, Pixels
from foveola_oct.retina.arrays import Floats
from foveola_oct.retina.columns import resample_columns, sampling_columns
from foveola_oct.retina.geometry import (
    AS_ACQUIRED,
    Direction,
    EnFaceGeometry,
    Orientation,
    PixelImageHeight,
    PixelImageWidth,
    PixelSpacingRow,
    ScanProtocol,
)
from foveola_oct.retina.instances import Outlines
from foveola_oct.retina.intervals import following
from foveola_oct.retina.maps import ThicknessMap, Window
from foveola_oct.retina.outline_measures import PolygonConvention, enclosed_area
from foveola_oct.retina.outlines import FEWEST_CORNERS
from foveola_oct.retina.segmentation import LayerSegmentation
from foveola_oct.retina.slice_density import FEWEST_FOR_LAYERS, FEWEST_FOR_LESIONS, sparse_warnings
from foveola_oct.retina.thickness import (
    apply_layer_absence,
    axial_thickness,
    border_min_dist,
    border_thickness,
    min_dist_thickness,
    traced_thickness,
)
from foveola_oct.retina.window import (
    DEFAULT_ZONE_MM,
    MOST_SAMPLES,
    ExamCenter,
    MinExamWidth,
    PaddingValue,
    ZoneOrWholeExam,
    ZoneWindow,
    zone_window,
)

Bools: TypeAlias = NDArray[np.bool_]

SUSPICIOUS = 1e-3
"""An outline whose signed area (px2) or thickness (px) is less may enclose nothing: its area is measured exactly."""


class EnFaceSampling(Group):
    """How B-scans become a map, and which part of the map is wanted."""

    distance_method: Literal["axial", "min_dist"] = "axial"
    """Thickness down the column, or the shortest way from its upper end to the lower border."""
    zone_of_interest: ZoneOrWholeExam = DEFAULT_ZONE_MM
    min_exam_width_mm: MinExamWidth = None
    run_resolution: Annotated[int | None, Field(ge=16)] = 512
    """How many columns of a B-scan are sampled, and the rest made from them; null, or the width or more, is all."""
    polygon_convention: PolygonConvention = "continuous"
    padding_value: PaddingValue = 0.0
    missing_value: float | None = None
    """What scanned samples of the zone that were not measured are shown as at flat edges."""
    pixel_image_height: PixelImageHeight
    pixel_image_width: PixelImageWidth
    pixel_spacing_row: PixelSpacingRow | None = None
    """Distance between neighbouring rows of a B-scan (axial; DICOM Pixel Spacing)."""
    exam_center_coordinate_xz: ExamCenter

    @property
    def columns(self) -> Floats:
        """The x of the samples; what was traced through pixels is known at all of them."""
        return sampling_columns(self.pixel_image_width, None if self.is_traced else self.run_resolution)

    @property
    def is_traced(self) -> bool:
        """Whether outlines run through the centres of pixels."""
        return self.polygon_convention == "pixel_contour"

    def aspect(self, geometry: EnFaceGeometry) -> float:
        """Width of a pixel in heights of a pixel; 1 if nobody says how high it is."""
        return 1.0 if self.pixel_spacing_row is None else geometry.pixel_spacing_column / self.pixel_spacing_row

    def window(self, num_slices: int, geometry: EnFaceGeometry) -> ZoneWindow | None:
        """The zone of interest; None for an exam without slices.

        Raises:
            InputError: the centre lies outside the exam, or the least width is more than the zone.
        """
        if num_slices == 0:
            return None
        shape = (num_slices, self.pixel_image_width)
        center, zone, minimum = self.exam_center_coordinate_xz, self.zone_of_interest, self.min_exam_width_mm
        return zone_window(shape, geometry, center, zone, minimum)


@dataclass(frozen=True)
class EnFaceThickness:
    """How thick everything is, over a whole exam.

    Attributes:
        names: of the layers or pathologies; none if nothing was drawn.
        values: [names, slices, columns] in axial px; NaN where not measured.
        warnings: what a reader of the maps should know.
    """

    names: tuple[str, ...]
    values: Floats
    warnings: tuple[str, ...]

    def maps(
        self, window: ZoneWindow, sampling: EnFaceSampling, mm_per_px: float | None = None
    ) -> dict[str, ThicknessMap]:
        """The zone of each map by name, in axial px or, given the height of a pixel, in mm."""
        values = self.values if mm_per_px is None else self.values * mm_per_px
        return {
            name: window.map_of(whole, sampling.padding_value, sampling.missing_value)
            for name, whole in zip(self.names, values, strict=True)
        }


class EnFaceMaps(Output):
    """Where the zone of some maps lies and which way; an operation adds the maps and their status."""

    center_offset_mm: Annotated[tuple[Millimetres, Millimetres] | None, EXTRA, AS_ACQUIRED] = None
    """From the maps' geometric centre to the fovea, [along columns, along slices]."""
    valid_window: Annotated[Window | None, EXTRA, AS_ACQUIRED] = None
    """The scanned part of the maps, [row0, row1, col0, col1], half open."""
    map_center: Annotated[tuple[Pixels, Pixels] | None, EXTRA, AS_ACQUIRED] = None
    """The fovea, [column, row] in indices of the maps."""
    scan_protocol: Annotated[ScanProtocol | None, EXTRA, AS_ACQUIRED] = None
    """As it was given: maps stay as they were acquired."""
    slice_direction: Annotated[Direction | None, EXTRA, AS_ACQUIRED] = None
    """As it was given."""
    pixel_direction: Annotated[Direction | None, EXTRA, AS_ACQUIRED] = None
    """As it was given."""

    @classmethod
    def within(cls, window: ZoneWindow, scan: Orientation, **fields: Any) -> Self:
        """The answer of an operation whose maps of a scan were cut by a window."""
        place: dict[str, Any] = {
            **scan.model_dump(include=set(Orientation.model_fields)),
            "status": window.status,
            "center_offset_mm": window.center_offset_mm,
            "valid_window": window.valid_window,
            "map_center": window.map_center,
        }
        return cls(**place, **fields)


def layer_thickness(
    segmentation: LayerSegmentation, sampling: EnFaceSampling, geometry: EnFaceGeometry
) -> EnFaceThickness:
    """Measure layers at every pixel column of an exam.

    NaN says that a layer was not segmented there, 0 that it has vanished while other layers have not.

    Raises:
        InputError: the borders are of another width than the images.
    """
    form, columns, width = segmentation.form, sampling.columns, sampling.pixel_image_width
    warnings = list(_sampling_warnings(sampling, geometry, FEWEST_FOR_LAYERS))
    if isinstance(form, Outlines):
        thickness, present = _measured(form, sampling, geometry)
        warnings += _outline_warnings(form, _enclosing_layers(form, thickness), sampling)
        values = apply_layer_absence(thickness, present, form)
    else:
        form.require_width(width)
        if sampling.is_traced:
            raise InputError("polygon_convention", "is about outlines; borders between layers are lines: leave it out")
        if sampling.distance_method == "axial":
            values = border_thickness(form.borders, columns)
        else:
            values = border_min_dist(form.borders, columns, sampling.aspect(geometry))
    names = segmentation.layer_names if np.isfinite(values).any() else ()
    return EnFaceThickness(names, resample_columns(values, columns, width, nearest=False), tuple(warnings))


def lesion_thickness(outlines: Outlines, sampling: EnFaceSampling, geometry: EnFaceGeometry) -> EnFaceThickness:
    """Measure lesions at every pixel column of an exam: 0 where there is none.

    Of the samples the nearest is taken: to interpolate would widen every lesion.
    """
    encloses = _enclosing(outlines)
    values, _ = _measured(outlines.kept(encloses), sampling, geometry)
    warnings = (
        *_sampling_warnings(sampling, geometry, FEWEST_FOR_LESIONS),
        *_outline_warnings(outlines, encloses, sampling),
    )
    names = outlines.class_names if encloses.any() else ()
    resampled = resample_columns(values, sampling.columns, sampling.pixel_image_width, nearest=True)
    return EnFaceThickness(names, resampled, warnings)


def _measured(outlines: Outlines, sampling: EnFaceSampling, geometry: EnFaceGeometry) -> tuple[Floats, Bools]:
    columns, width = sampling.columns, sampling.pixel_image_width
    classes, slices = len(outlines.class_names), outlines.num_slices
    if classes * slices * width > MOST_SAMPLES:
        asked = f"has {classes} classes on {slices} slices of {width} columns"
        raise InputError("segmentation_instances", f"{asked}: more than {MOST_SAMPLES:,} samples, which no scan has")
    if sampling.is_traced:
        if sampling.distance_method != "axial":
            raise InputError("polygon_convention", "pixel_contour goes with the distance_method axial")
        return traced_thickness(outlines.kept(_enclosing(outlines)), width)
    if sampling.distance_method == "axial":
        return axial_thickness(outlines, columns, width)
    return min_dist_thickness(outlines, columns, width, sampling.aspect(geometry))


def _enclosing(outlines: Outlines) -> Bools:
    """Which instances [I] enclose anything: not those of less than three points, nor those whose points are in line."""
    offsets, (x, y) = outlines.offsets, outlines.points.T
    corners, after = np.diff(offsets), following(offsets)
    owner = np.repeat(np.arange(corners.size), corners)
    signed = np.bincount(owner, x * y[after] - x[after] * y, corners.size) / 2
    encloses = corners >= FEWEST_CORNERS
    for place in np.flatnonzero(encloses & (np.abs(signed) < SUSPICIOUS)):
        encloses[place] = enclosed_area(outlines.points[offsets[place] : offsets[place + 1]]) > 0
    return encloses


def _enclosing_layers(outlines: Outlines, thickness: Floats) -> Bools:
    """The same of layers whose thickness [C, S, K] is known: one that is alone on its slice and thick is not asked."""
    row = outlines.classes * outlines.num_slices + outlines.slices
    is_thin = thickness.reshape(-1, thickness.shape[-1]).max(axis=1) < SUSPICIOUS
    asked = (is_thin | (np.bincount(row, minlength=is_thin.size) > 1))[row]
    encloses: Bools = ~asked
    encloses[asked] = _enclosing(outlines.kept(asked))
    return encloses


def _sampling_warnings(sampling: EnFaceSampling, geometry: EnFaceGeometry, fewest_slices: int) -> Iterator[str]:
    yield from sparse_warnings(geometry.slice_thickness, fewest_slices, "what lies between them is not seen")
    if sampling.distance_method == "min_dist" and sampling.pixel_spacing_row is None:
        yield "the shortest ways are distorted, as if pixels were squares: give pixel_spacing_row"


def _outline_warnings(outlines: Outlines, encloses: Bools, sampling: EnFaceSampling) -> Iterator[str]:
    flat = np.flatnonzero(~encloses)
    if flat.size:
        name, index = outlines.class_names[outlines.classes[flat[0]]], outlines.slices[flat[0]]
        yield f"outlines that enclose nothing have no thickness: {flat.size}, the first of {name} on slice {index}"
    rows, height = outlines.points[:, 1], sampling.pixel_image_height
    if rows.min(initial=0) < -1 or rows.max(initial=0) > height:
        yield f"outlines leave the {height} rows of the image; they are measured as they are drawn"
