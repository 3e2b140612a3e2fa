"""Volume of each pathology."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from foveola import CubicMillimetres, Output, UnitBy, operation
from foveola_oct.retina import PathologyThicknessMaps, PixelSpacingColumn, PixelSpacingRow, SliceThickness
from foveola_oct.retina.lesions import MAPS_FIELD, lesion_warnings, present


class Volumes(Output):
    """Volumes of lesions."""

    volumes: Mapping[str, CubicMillimetres]
    """The volume of each pathology, by name; 1 mm3 is 1000 nl."""


@operation("get_volume_calculations")
def get_volume_calculations(
    pathology_thickness_maps: Annotated[
        PathologyThicknessMaps, UnitBy("map_unit", {"px": "px", "mm": "mm"}), MAPS_FIELD
    ],
    pixel_spacing_column: PixelSpacingColumn,
    pixel_spacing_row: PixelSpacingRow,
    slice_thickness: SliceThickness,
    map_unit: Literal["px", "mm"] = "px",
) -> Volumes:
    """Measure the volume of each pathology, of sub-retinal fluid for one.

    Thickness times the cell of a sample, summed: Cavalieri's estimator, unbiased for B-scans at a random offset.

    Args:
        pathology_thickness_maps: the lesions.
        pixel_spacing_column: distance between columns.
        pixel_spacing_row: height of a pixel, what turns maps in px into mm.
        slice_thickness: distance between B-scans.
        map_unit: what the maps count: axial px, or mm (maps made with `use_real_units`).

    Sources:
        Cavalieri's estimator of volume from parallel sections.
        32 B-scans over 6 mm err by 3.5 % on average, by up to 22 % (Velaga, PMC5233945).

    >>> get_volume_calculations.call({"pathology_thickness_maps": {"subretinal_fluid": [[0, 25], [50, 25]]},
    ...     "pixel_spacing_column": 0.01, "pixel_spacing_row": 0.004, "slice_thickness": 0.25})
    {'volumes': {'subretinal_fluid': 0.001}}
    """
    unit = pixel_spacing_row if map_unit == "px" else 1.0
    return Volumes(
        volumes={
            name: float(present(lesion.values).sum()) * unit * pixel_spacing_column * slice_thickness
            for name, lesion in pathology_thickness_maps.maps.items()
        },
        warnings=lesion_warnings(pathology_thickness_maps.maps, slice_thickness),
    )
