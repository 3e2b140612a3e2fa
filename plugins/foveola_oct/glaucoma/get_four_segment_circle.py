"""Thickness of the inner retina in four quadrants about the fovea."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from foveola import EXTRA, Alias, Degrees, Micrometres, Output, operation
from foveola_oct.retina import (
    GANGLION_CELL_COMPLEX,
    CircleGrid,
    LayerThicknessMaps,
    ScanGeometry,
    Statistics,
    UsedLayers,
    measure_layers,
    quarters,
    sector_names,
)

START_DEG = -45.0
"""That of the guide's RNFL quadrants: right, inferior, left, superior."""


class QuadrantStatistics(Output, bare="statistics"):
    """Thickness statistics of the quadrants of a disc."""

    statistics: Mapping[str, Mapping[str, Micrometres | None]]
    """Thickness by index of the quadrant; null where too little of it was measured."""
    coverage: Annotated[Mapping[str, float], EXTRA]
    """Share of each quadrant that was measured, 0 to 1."""
    labels: Annotated[Mapping[str, str] | None, EXTRA] = None
    """What anatomy calls the direction of each quadrant's middle; needs the laterality."""


@operation("get_four_segment_circle")
def get_four_segment_circle(
    layers_thickness_maps: Annotated[LayerThicknessMaps, Alias("thickness_map")],
    geometry: ScanGeometry,
    used_layers: Annotated[UsedLayers, Alias("layers")] = GANGLION_CELL_COMPLEX,
    statistics_to_get: Statistics = ["mean"],  # noqa: B006  never written to: the engine reads it as the default
    grid: CircleGrid = CircleGrid(),
    start_angle_deg: Annotated[Degrees, Field(ge=-360, le=360)] = START_DEG,
) -> QuadrantStatistics:
    """Measure layers in the four quadrants of a disc as wide as the zone of interest.

    Index 0 is the image's right (nasal in a right eye), 1 inferior, 2 left, 3 superior.

    Args:
        layers_thickness_maps: layers in axial px.
        geometry: pitches and orientation of the scan.
        used_layers: layers to sum.
        statistics_to_get: what to say of each quadrant.
        grid: how the disc is laid on the map.
        start_angle_deg: where quadrant 0 begins, clockwise on the screen from the image's right; 0 gives quadrants that
            the raphe bounds: inferior right, inferior left, superior left, superior right.

    Raises:
        InputError: an unknown layer, an empty list, a shape that does not fit; naming the field.

    Sources:
        order of the quadrants: the user guide's RNFL quadrants.

    >>> scan = dict(scan_protocol="HORIZONTAL_3D", slice_direction="TOP_BOTTOM", pixel_direction="LEFT_RIGHT")
    >>> scan |= dict(pixel_spacing_column=0.1, pixel_spacing_row=0.004, slice_thickness=0.1)
    >>> quadrants = get_four_segment_circle.call({
    ...     "layers_thickness_maps": {"gcl": [[25.0] * 60] * 60}, "used_layers": ["gcl"], **scan})
    >>> [(index, round(quadrant["mean"], 9)) for index, quadrant in quadrants.items()]
    [('0', 100.0), ('1', 100.0), ('2', 100.0), ('3', 100.0)]
    """
    rings = (quarters(grid.zone_of_interest, start_angle_deg),)
    measured = measure_layers(
        layers_thickness_maps, used_layers, geometry, grid, rings, [f"quadrant {k}" for k in range(4)]
    )
    names = sector_names(rings, grid.laterality)
    return QuadrantStatistics(
        statistics=measured.nested(measured.chosen(statistics_to_get))["0"],
        coverage=measured.nested(measured.covered.tolist())["0"],
        labels=None if names is None else dict(zip("0123", names, strict=True)),
        warnings=measured.warnings,
    )
