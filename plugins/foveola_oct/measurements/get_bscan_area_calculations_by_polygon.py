"""Area of each lesion on a B-scan, enclosed by its outline."""

from __future__ import annotations

from foveola import Output, SquareMillimetres, operation
from foveola_oct.retina import PixelSpacingColumn, PixelSpacingRow
from foveola_oct.retina.outline_measures import BScanInstances, degenerate_warnings, enclosed_area


class OutlinedAreas(Output):
    """What outlines enclose on a B-scan."""

    areas: list[SquareMillimetres]
    """The area of each instance, in their order."""


@operation("get_bscan_area_calculations_by_polygon")
def get_bscan_area_calculations_by_polygon(
    pathology_segm_instances_per_bscan: BScanInstances,
    pixel_spacing_column: PixelSpacingColumn,
    pixel_spacing_row: PixelSpacingRow,
) -> OutlinedAreas:
    """Measure the cross-section of each lesion: what its outline encloses, an odd number of times if it crosses itself.

    Instances that overlap are not merged, and nothing is clipped to the image.

    Args:
        pathology_segm_instances_per_bscan: the lesions.
        pixel_spacing_column: width of a pixel.
        pixel_spacing_row: height of a pixel.

    Sources:
        Geometry alone: no number is taken from elsewhere.

    >>> lesion = {"points": [[0, 0], [40, 0], [40, 20], [0, 20]], "className": "subretinal_fluid"}
    >>> get_bscan_area_calculations_by_polygon.call({"pathology_segm_instances_per_bscan": [lesion],
    ...                                              "pixel_spacing_column": 0.01, "pixel_spacing_row": 0.004})
    {'areas': [0.032]}
    """
    pixel_area = pixel_spacing_column * pixel_spacing_row
    return OutlinedAreas(
        areas=[enclosed_area(instance.points) * pixel_area for instance in pathology_segm_instances_per_bscan],
        warnings=degenerate_warnings(pathology_segm_instances_per_bscan),
    )
