"""Posterior pole asymmetry in a square of given size about the fovea."""

from __future__ import annotations

from typing import Annotated

from foveola import Alias, operation
from foveola_oct.retina import (
    GANGLION_CELL_COMPLEX,
    CircleGrid,
    LayerThicknessMaps,
    ScanGeometry,
    UsedLayers,
    lay,
    map_warnings,
)
from foveola_oct.retina.asymmetry import (
    CELLS,
    AsymmetryMatrix,
    FoveaDiscAngle,
    GridSize,
    UseRealUnits,
    compare_halves,
    grid_weights,
)


@operation("get_mmzone_glaucoma_ppaa_matrix")
def get_mmzone_glaucoma_ppaa_matrix(
    layers_thickness_maps: Annotated[LayerThicknessMaps, Alias("thickness_map")],
    use_real_units: UseRealUnits,
    geometry: ScanGeometry,
    used_layers: Annotated[UsedLayers, Alias("layers")] = GANGLION_CELL_COMPLEX,
    grid: CircleGrid = CircleGrid(),
    grid_size: GridSize = CELLS,
    fovea_disc_angle_deg: FoveaDiscAngle = 0.0,
) -> AsymmetryMatrix:
    """Compare cells above the raphe with their mirror cells below, in a square of the zone of interest about the fovea.

    Rows and columns are ordered as the image is, not as the device numbers them. Spectralis looks at 24 degrees, about
    7 mm: a zone of 7 imitates it.

    Args:
        layers_thickness_maps: layers in axial px.
        use_real_units: whether the answer is in real units.
        geometry: pitches and orientation of the scan.
        used_layers: layers to sum.
        grid: how the square is laid on the map.
        grid_size: cells along each side.
        fovea_disc_angle_deg: by how much the grid is turned.

    Raises:
        InputError: an unknown layer, an empty list, a shape that does not fit; naming the field.

    Sources:
        64 cells, 32 pairs: posterior pole asymmetry analysis (IOVS 2166607, 2336730).
        7 mm: OCTolyzer, whose grid is 7000 µm wide.
        tilt of the axis of fovea and disc: aaojournal.org S0161-6420(15)00547-3, PMC6218280.

    >>> scan = dict(scan_protocol="HORIZONTAL_3D", slice_direction="TOP_BOTTOM", pixel_direction="LEFT_RIGHT")
    >>> scan |= dict(pixel_spacing_column=0.25, pixel_spacing_row=0.004, slice_thickness=0.25)
    >>> get_mmzone_glaucoma_ppaa_matrix.call({
    ...     "layers_thickness_maps": {"gcl": [[25.0] * 24] * 12 + [[20.0] * 24] * 12}, "used_layers": ["gcl"],
    ...     "use_real_units": True, "grid_size": 2, **scan})["superior"]
    [[20.0, 20.0]]
    """
    summed = layers_thickness_maps.summed(used_layers)
    laid = lay(summed, geometry, grid)
    weights = grid_weights(
        laid.values.shape,
        laid.pitch,
        laid.center,
        (grid.zone_of_interest, grid.zone_of_interest),
        grid_size,
        fovea_disc_angle_deg,
        grid.coverage,
    )
    values = laid.values * (geometry.micrometres_per_pixel if use_real_units else 1.0)
    return compare_halves(
        values,
        weights,
        min_coverage=grid.min_coverage,
        laterality=grid.laterality,
        warnings=map_warnings(summed, grid.valid_window, geometry.slice_thickness),
    )
