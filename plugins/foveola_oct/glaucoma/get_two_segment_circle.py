"""Thickness of the inner retina above and below the raphe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from foveola import EXTRA, Alias, InputError, Micrometres, Millimetres, Output, operation
from foveola_oct.retina import (
    GANGLION_CELL_COMPLEX,
    CircleGrid,
    LayerThicknessMaps,
    ScanGeometry,
    UsedLayers,
    halves,
    measure_layers,
    number,
)

HALVES = ("superior", "inferior")


class HalfThickness(Output):
    """Mean thickness of the two halves of a disc."""

    superior: Micrometres | None
    """Above the centre; null where too little of it was measured."""
    inferior: Micrometres | None
    """Below the centre; null where too little of it was measured."""
    coverage: Annotated[Mapping[str, float], EXTRA]
    """Share of each half that was measured, 0 to 1."""
    labels: Annotated[Mapping[str, str] | None, EXTRA] = None
    """What anatomy calls each half, in either eye; needs the laterality."""


@operation("get_two_segment_circle")
def get_two_segment_circle(
    layers_thickness_maps: Annotated[LayerThicknessMaps, Alias("thickness_map")],
    geometry: ScanGeometry,
    used_layers: Annotated[UsedLayers, Alias("layers")] = GANGLION_CELL_COMPLEX,
    grid: CircleGrid = CircleGrid(),
    inner_diameter_mm: Annotated[Millimetres, Field(ge=0)] = 0.0,
) -> HalfThickness:
    """Average layers over the superior and the inferior half of a disc: the two numbers that stage glaucoma.

    The disc is as wide as the zone of interest. RTVue's GCC report gives the same pair, but of a map centred 3 degrees
    temporal of the fovea: comparable, not identical.

    Args:
        layers_thickness_maps: layers in axial px.
        geometry: pitches and orientation of the scan.
        used_layers: layers to sum.
        grid: how the disc is laid on the map.
        inner_diameter_mm: of a hole in the disc; 1 mm leaves out the pit, which has almost none of the inner layers.

    Raises:
        InputError: an unknown layer, a hole as wide as the disc; naming the field.

    Sources:
        RTVue's map: IOVS 2168333.
        16 B-scans over 6 mm: Sadda, IOVS 2126359.

    >>> scan = dict(scan_protocol="HORIZONTAL_3D", slice_direction="TOP_BOTTOM", pixel_direction="LEFT_RIGHT")
    >>> scan |= dict(pixel_spacing_column=0.1, pixel_spacing_row=0.004, slice_thickness=0.1)
    >>> halves_of_it = get_two_segment_circle.call({
    ...     "layers_thickness_maps": {"gcl": [[25.0] * 60] * 30 + [[20.0] * 60] * 30}, "used_layers": ["gcl"], **scan})
    >>> {half: round(mean, 9) for half, mean in halves_of_it.items()}
    {'superior': 100.0, 'inferior': 80.0}
    """
    if inner_diameter_mm >= grid.zone_of_interest:
        raise InputError(
            "inner_diameter_mm", f"is {inner_diameter_mm:g} mm, not less than the disc, {grid.zone_of_interest:g} mm"
        )
    rings = (halves(grid.zone_of_interest, inner_diameter_mm),)
    measured = measure_layers(layers_thickness_maps, used_layers, geometry, grid, rings, HALVES)
    superior, inferior = (number(mean) for mean in measured.mean)
    return HalfThickness(
        superior=superior,
        inferior=inferior,
        coverage=dict(zip(HALVES, measured.covered.tolist(), strict=True)),
        labels=None if grid.laterality is None else dict(zip(HALVES, HALVES, strict=True)),
        warnings=measured.warnings,
    )
