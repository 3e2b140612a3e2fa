"""Nerve fibre layer on one circular B-scan round the optic disc, as devices measure it."""

from __future__ import annotations

from math import pi
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from foveola import Degrees, InputError, operation
from foveola_oct.retina import Laterality, LayerSegmentation, Outlines, PixelSpacingColumn, PixelSpacingRow
from foveola_oct.retina.geometry import PixelImageWidth
from foveola_oct.retina.thickness import apply_layer_absence, axial_thickness, border_thickness
from foveola_oct.retina.tsnit import AnalysisType, CircularProfile, RnflThickness, describe

TEMPORAL_DEG = -180.0
"""Where Spectralis begins: the circle's start lies temporal of its centre in the files that HEYEX exports."""


@operation("analyze_circle_scan_rnfl")
def analyze_circle_scan_rnfl(
    segmentation_instances: LayerSegmentation,
    analysis_type: AnalysisType,
    pixel_spacing_row: PixelSpacingRow,
    pixel_spacing_column: PixelSpacingColumn,
    pixel_image_width: PixelImageWidth,
    laterality: Laterality,
    layer: str = "rnfl",
    scan_start_angle_deg: Annotated[Degrees, Field(ge=-180, le=360)] = TEMPORAL_DEG,
    scan_direction: Literal["TSNIT", "TINST"] = "TSNIT",
) -> RnflThickness:
    """Average a layer's thickness over sectors of a circular B-scan, numbered as analyze_odn_rnfl numbers them.

    Angles are those of a right eye for both: 0 nasal, 90 inferior, -180 temporal, -90 superior. So a scan that begins
    temporally and runs over superior, nasal and inferior, as Spectralis' does, is read by the defaults, whichever eye
    it is of; a left eye scanned clockwise from the left of the image begins at 0 and is "TINST".

    Args:
        segmentation_instances: layers on every slice, as outlines or as borders.
        analysis_type: which sectors.
        pixel_spacing_row: height of a pixel.
        pixel_spacing_column: distance between neighbouring A-scans on the circle.
        pixel_image_width: columns of a B-scan.
        laterality: the eye, L or R.
        layer: the layer, by its name.
        scan_start_angle_deg: where the outer edge of the first A-scan lies.
        scan_direction: whether angles grow along the B-scan, from temporal to superior, or fall.

    Raises:
        InputError: more than one B-scan, another width, or no such layer; naming the field.

    Sources:
        Rings of devices, 3.4 to 4.7 mm: Review of Optometry, Seeing glaucoma through OCT's eye.
        Quadrants of three clock hours each: LOINC LP248912-0.

    >>> found = analyze_circle_scan_rnfl.call({
    ...     "segmentation_instances": {"borders": [[[10] * 8], [[30] * 4 + [40] * 4]], "layers": ["rnfl"]},
    ...     "analysis_type": "quadrant", "pixel_spacing_row": 0.004, "pixel_spacing_column": 0.5,
    ...     "pixel_image_width": 8, "laterality": "R"})
    >>> {index: round(mean, 9) for index, mean in found["rnfl_thickness_statistics"].items()}
    {'0': 0.1, '1': 0.12, '2': 0.1, '3': 0.08}
    """
    if segmentation_instances.num_slices != 1:
        raise InputError(
            "segmentation_instances", f"holds {segmentation_instances.num_slices} B-scans; a circle is one B-scan"
        )
    if layer not in segmentation_instances.layer_names:
        known = ", ".join(segmentation_instances.layer_names) or "there are none"
        raise InputError("layer", f"{layer} was not segmented ({known})")
    profile = _axial_pixels(segmentation_instances, layer, pixel_image_width) * pixel_spacing_row
    if scan_direction == "TINST":
        profile = profile[::-1]  # the last A-scan ends where the first begins
    circle = CircularProfile(profile, scan_start_angle_deg)
    return RnflThickness(
        **describe(analysis_type, circle.sectors, laterality),
        circle_radius_mm=pixel_image_width * pixel_spacing_column / (2 * pi),
    )


def _axial_pixels(segmentation: LayerSegmentation, layer: str, width: int) -> np.ndarray:
    """Thickness of a layer by A-scan [width], NaN where it was not segmented or its borders have changed places."""
    form, index, columns = segmentation.form, segmentation.layer_names.index(layer), np.arange(width, dtype=np.float64)
    if isinstance(form, Outlines):
        thickness = apply_layer_absence(*axial_thickness(form, columns, width), form)[index, 0]
    else:
        form.require_width(width)
        thickness = border_thickness(form.borders[index : index + 2], columns)[0, 0]
    return np.asarray(thickness)
