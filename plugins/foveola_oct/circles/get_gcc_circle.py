"""Thickness in the centre and the six sectors of the ganglion-cell circle about the fovea."""

from __future__ import annotations

from typing import Annotated

from foveola import Alias, operation
from foveola_oct.retina import (
    GCC_RINGS,
    CircleGrid,
    LayerThicknessMaps,
    ScanGeometry,
    SectorStatistics,
    Statistics,
    UsedLayers,
    measure_layers,
)


@operation("get_gcc_circle")
def get_gcc_circle(
    layers_thickness_maps: Annotated[LayerThicknessMaps, Alias("thickness_map")],
    used_layers: Annotated[UsedLayers, Alias("layers")],
    statistics: Statistics,
    geometry: ScanGeometry,
    grid: CircleGrid = CircleGrid(),
) -> SectorStatistics:
    """Measure layers, usually the ganglion-cell complex, in a centre of 1 mm and six sectors from 1 to 6 mm.

    Glaucoma damages the arcs above and below the raphe first, so no sector straddles it. Level 0 is the centre, level 1
    the ring; its index 0 is superior left (superotemporal in a right eye), 1 superior, 2 superior right, 3 inferior
    right, 4 inferior, 5 inferior left.

    Args:
        layers_thickness_maps: layers in axial px.
        used_layers: layers to sum.
        statistics: what to say of each sector.
        geometry: pitches and orientation of the scan.
        grid: how the circle is laid on the map.

    Raises:
        InputError: an unknown layer, an empty list, a shape that does not fit; naming the field.

    Sources:
        circles of 1 and 6 mm: the user guide.
        sectors bounded by the raphe and their order: Zeiss' ganglion cell analysis (doi:10.1038/s41598-021-04563-3).
        16 B-scans over 6 mm: Sadda, IOVS 2126359.

    >>> scan = dict(scan_protocol="HORIZONTAL_3D", slice_direction="TOP_BOTTOM", pixel_direction="LEFT_RIGHT")
    >>> scan |= dict(pixel_spacing_column=0.1, pixel_spacing_row=0.004, slice_thickness=0.1)
    >>> get_gcc_circle.call({"layers_thickness_maps": {"gcl": [[25.0] * 60] * 60}, "used_layers": ["gcl"],
    ...                      "statistics": ["mean"], **scan})["0"]
    {'0': {'mean': 100.0}}
    """
    measured = measure_layers(layers_thickness_maps, used_layers, geometry, grid, GCC_RINGS)
    return SectorStatistics.of(measured, statistics, grid.laterality)
