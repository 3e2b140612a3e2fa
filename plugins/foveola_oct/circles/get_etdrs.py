"""Thickness in the nine ETDRS fields about the fovea."""

from __future__ import annotations

from typing import Annotated

from foveola import Alias, operation
from foveola_oct.retina import (
    ETDRS_RINGS,
    CircleGrid,
    LayerThicknessMaps,
    ScanGeometry,
    SectorStatistics,
    Statistics,
    UsedLayers,
    measure_layers,
)


@operation("get_etdrs")
def get_etdrs(
    layers_thickness_maps: Annotated[LayerThicknessMaps, Alias("thickness_map")],
    used_layers: Annotated[UsedLayers, Alias("layers")],
    statistics: Statistics,
    geometry: ScanGeometry,
    grid: CircleGrid = CircleGrid(),
) -> SectorStatistics:
    """Measure layers in the nine ETDRS fields: a centre of 1 mm, and two rings to 3 and 6 mm of four quadrants each.

    The mean of the centre, the central subfield thickness, drives the treatment of macular oedema. Level 0 is the
    centre, 1 the inner ring, 2 the outer one; index 0 is the image's right (nasal in a right eye), 1 inferior, 2 left,
    3 superior.

    Args:
        layers_thickness_maps: layers in axial px.
        used_layers: layers to sum.
        statistics: what to say of each field.
        geometry: pitches and orientation of the scan.
        grid: how the circle is laid on the map.

    Raises:
        InputError: an unknown layer, an empty list, a shape that does not fit; naming the field.

    Sources:
        Fields of 1, 3 and 6 mm: ETDRS report 10, Ophthalmology 1991;98:786.
        16 B-scans over 6 mm: Sadda, IOVS 2126359.

    >>> scan = dict(scan_protocol="HORIZONTAL_3D", slice_direction="TOP_BOTTOM", pixel_direction="LEFT_RIGHT")
    >>> scan |= dict(pixel_spacing_column=0.1, pixel_spacing_row=0.004, slice_thickness=0.1)
    >>> get_etdrs.call({"layers_thickness_maps": {"rnfl": [[25.0] * 60] * 60}, "used_layers": ["rnfl"],
    ...                 "statistics": ["mean"], **scan})["0"]
    {'0': {'mean': 100.0}}
    """
    measured = measure_layers(layers_thickness_maps, used_layers, geometry, grid, ETDRS_RINGS)
    return SectorStatistics.of(measured, statistics, grid.laterality)
