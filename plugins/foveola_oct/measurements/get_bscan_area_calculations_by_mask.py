"""Area of each lesion on a B-scan, by the pixels that it covers."""

from __future__ import annotations

from foveola import Output, SquareMillimetres, operation
from foveola_oct.retina import PixelSpacingColumn, PixelSpacingRow
from foveola_oct.retina.geometry import PixelImageHeight, PixelImageWidth
from foveola_oct.retina.outline_measures import BScanInstances, degenerate_warnings, pixels_inside


class CoveredAreas(Output):
    """What lesions cover on a B-scan."""

    areas: list[SquareMillimetres]
    """The area of each instance's pixels, in their order."""


@operation("get_bscan_area_calculations_by_mask")
def get_bscan_area_calculations_by_mask(
    pathology_segm_instances_per_bscan: BScanInstances,
    pixel_spacing_column: PixelSpacingColumn,
    pixel_spacing_row: PixelSpacingRow,
    pixel_image_height: PixelImageHeight,
    pixel_image_width: PixelImageWidth,
) -> CoveredAreas:
    """Measure the cross-section of each lesion by its pixels: those whose centres its outline holds or touches.

    Only pixels of the image count. An outline that was traced through pixel centres gets back the pixels that it was
    traced from; that is about half its length more than what it encloses (Pick's theorem: A + B/2 + 1).

    Args:
        pathology_segm_instances_per_bscan: the lesions.
        pixel_spacing_column: width of a pixel.
        pixel_spacing_row: height of a pixel.
        pixel_image_height: rows of a B-scan.
        pixel_image_width: columns of a B-scan.

    Sources:
        Geometry alone: no number is taken from elsewhere.

    >>> lesion = {"points": [[0, 0], [9, 0], [9, 4], [0, 4]], "className": "subretinal_fluid"}
    >>> get_bscan_area_calculations_by_mask.call(
    ...     {"pathology_segm_instances_per_bscan": [lesion], "pixel_spacing_column": 0.01, "pixel_spacing_row": 0.004,
    ...      "pixel_image_height": 496, "pixel_image_width": 512})
    {'areas': [0.002]}
    """
    pixel_area = pixel_spacing_column * pixel_spacing_row
    return CoveredAreas(
        areas=[
            pixels_inside(instance.points, pixel_image_height, pixel_image_width) * pixel_area
            for instance in pathology_segm_instances_per_bscan
        ],
        warnings=degenerate_warnings(pathology_segm_instances_per_bscan),
    )
