"""Linear size of each lesion on a B-scan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from foveola import Millimetres, Output, Record, operation
from foveola_oct.retina import Instance, PixelSpacingColumn, PixelSpacingRow
from foveola_oct.retina.outline_measures import (
    BScanInstances,
    Ends,
    PolygonConvention,
    degenerate_warnings,
    enclosed_area,
    extent,
    feret,
    longest_chord,
)
from foveola_oct.retina.outlines import even_odd_region

_HALF_PIXELS = np.array([(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)])
"""From a pixel's centre to its corners."""


class LinearMeasurement(Record):
    """The size of one lesion."""

    class_name: Annotated[str, Field(alias="className")]
    """Its pathology."""
    width: Millimetres = 0.0
    """Its extent along the B-scan."""
    height: Millimetres = 0.0
    """Its axial extent."""
    max_diameter: Millimetres = 0.0
    """The largest distance of two points of it (maximum Feret diameter)."""
    min_diameter: Millimetres = 0.0
    """The narrowest gap between parallel lines that it fits through (minimum Feret diameter)."""
    max_chord_width: Millimetres = 0.0
    """The longest line along the B-scan inside it."""
    max_chord_height: Millimetres = 0.0
    """The longest axial line inside it."""
    width_points: Ends | None = None
    """Its leftmost and rightmost point; null if it has no area."""
    height_points: Ends | None = None
    """Its uppermost and lowest point; null if it has no area."""
    max_diameter_points: Ends | None = None
    """The two points that are farthest apart; null if it has no area."""


class LinearMeasurements(Output):
    """The sizes of the lesions on a B-scan."""

    linear_measurements: list[LinearMeasurement]
    """Each instance's, in their order."""


@operation("get_linear_calculations")
def get_linear_calculations(
    pathology_segm_instances_per_bscan: BScanInstances,
    pixel_spacing_column: PixelSpacingColumn,
    pixel_spacing_row: PixelSpacingRow,
    polygon_convention: PolygonConvention = "continuous",
) -> LinearMeasurements:
    """Measure how wide, high and long each lesion is, the height of a fluid pocket or of a detachment for one.

    An outline that crosses itself is the region that it encloses an odd number of times: width and height are those of
    all its parts together, chords and diameters those of its largest part.

    Args:
        pathology_segm_instances_per_bscan: the lesions.
        pixel_spacing_column: width of a pixel.
        pixel_spacing_row: height of a pixel.
        polygon_convention: what the outlines run through.

    Sources:
        Geometry alone: no number is taken from elsewhere.

    >>> lesion = {"points": [[0, 0], [30, 0], [0, 100]], "className": "pigment_epithelium_detachment"}
    >>> answer = get_linear_calculations.call({"pathology_segm_instances_per_bscan": [lesion],
    ...                                        "pixel_spacing_column": 0.01, "pixel_spacing_row": 0.004})
    >>> answer["linear_measurements"][0]["max_diameter"], answer["linear_measurements"][0]["max_diameter_points"]
    (0.5, [[0.0, 100.0], [30.0, 0.0]])
    """
    pitch = (pixel_spacing_column, pixel_spacing_row)
    return LinearMeasurements(
        linear_measurements=[
            LinearMeasurement(class_name=instance.class_name, **_sizes(instance, pitch, polygon_convention))
            for instance in pathology_segm_instances_per_bscan
        ],
        warnings=degenerate_warnings(pathology_segm_instances_per_bscan),
    )


def _sizes(instance: Instance, pitch: tuple[float, float], polygon_convention: PolygonConvention) -> Mapping[str, Any]:
    """Measure one outline; nothing if it encloses nothing."""
    if not enclosed_area(instance.points):
        return {}
    pitch_x, pitch_y = pitch
    parts = [[np.asarray(ring.coords)[:-1] for ring in (part.exterior, *part.interiors)] for part in _parts(instance)]
    chord_width, chord_height = (longest_chord(parts[0], axis) for axis in (0, 1))
    largest, whole = parts[0][0], np.concatenate([border for border, *_ in parts])
    if polygon_convention == "pixel_contour":
        largest, whole = ((points[:, None] + _HALF_PIXELS).reshape(-1, 2) for points in (largest, whole))
        chord_width, chord_height = chord_width + 1, chord_height + 1
    left, right = extent(whole, axis=0)
    top, bottom = extent(whole, axis=1)
    max_diameter, min_diameter, farthest = feret(largest, pitch)
    return {
        "width": (right[0] - left[0]) * pitch_x,
        "height": (bottom[1] - top[1]) * pitch_y,
        "max_diameter": max_diameter,
        "min_diameter": min_diameter,
        "max_chord_width": chord_width * pitch_x,
        "max_chord_height": chord_height * pitch_y,
        "width_points": (left, right),
        "height_points": (top, bottom),
        "max_diameter_points": farthest,
    }


def _parts(instance: Instance) -> list[Any]:
    """The polygons of an instance's region, the largest first."""
    return sorted(even_odd_region(instance.points).geoms, key=lambda part: part.area, reverse=True)
