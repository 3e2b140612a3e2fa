"""Area of each pathology, seen from the front."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import numpy as np
from pydantic import Field

from foveola import Output, SquareMillimetres, operation
from foveola_oct.retina import PixelSpacingColumn, SliceThickness
from foveola_oct.retina.lesions import LesionMaps, lesion_warnings


class EnFaceAreas(Output):
    """Areas en face."""

    areas: Mapping[str, SquareMillimetres]
    """The area of each pathology, by name."""


@operation("get_en_face_area_calculations")
def get_en_face_area_calculations(
    pathology_thickness_maps: LesionMaps,
    pixel_spacing_column: PixelSpacingColumn,
    slice_thickness: SliceThickness,
    min_thickness: Annotated[float, Field(ge=0)] = 0.0,
) -> EnFaceAreas:
    """Measure the area that each pathology takes on the retina, seen from the front.

    Args:
        pathology_thickness_maps: the lesions.
        pixel_spacing_column: distance between columns.
        slice_thickness: distance between B-scans.
        min_thickness: a sample counts if it is thicker than this, in the unit of the maps.

    Sources:
        32 B-scans over 6 mm err by 3.5 % on average, by up to 22 % (Velaga, PMC5233945).

    >>> get_en_face_area_calculations.call({"pathology_thickness_maps": {"drusen": [[0, 3, 5], [0, 0, 1]]},
    ...                                     "pixel_spacing_column": 0.01, "slice_thickness": 0.1})
    {'areas': {'drusen': 0.003}}
    """
    sample_area = pixel_spacing_column * slice_thickness
    return EnFaceAreas(
        areas={
            name: np.count_nonzero(lesion.values > min_thickness) * sample_area
            for name, lesion in pathology_thickness_maps.maps.items()
        },
        warnings=lesion_warnings(pathology_thickness_maps.maps, slice_thickness),
    )
