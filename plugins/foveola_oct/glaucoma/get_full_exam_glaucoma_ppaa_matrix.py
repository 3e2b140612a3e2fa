"""Posterior pole asymmetry over the whole exam."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from foveola import Alias, InputError, operation
from foveola_oct.retina import (
    GANGLION_CELL_COMPLEX,
    Laterality,
    LayerThicknessMaps,
    Orientation,
    PixelSpacingColumn,
    PixelSpacingRow,
    SliceThickness,
    UsedLayers,
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
from foveola_oct.retina.geometry import Direction, ScanProtocol


@operation("get_full_exam_glaucoma_ppaa_matrix")
def get_full_exam_glaucoma_ppaa_matrix(
    layers_thickness_maps: Annotated[LayerThicknessMaps, Alias("thickness_map")],
    use_real_units: UseRealUnits,
    used_layers: Annotated[UsedLayers, Alias("layers")] = GANGLION_CELL_COMPLEX,
    pixel_spacing_row: PixelSpacingRow | None = None,
    scan_protocol: ScanProtocol | None = None,
    slice_direction: Direction | None = None,
    pixel_direction: Direction | None = None,
    pixel_spacing_column: PixelSpacingColumn | None = None,
    slice_thickness: SliceThickness | None = None,
    grid_size: GridSize = CELLS,
    fovea_disc_angle_deg: FoveaDiscAngle = 0.0,
    min_coverage: Annotated[float, Field(ge=0, le=1)] = 0.5,
    laterality: Laterality | None = None,
) -> AsymmetryMatrix:
    """Compare cells above the raphe with their mirror cells below, in a grid stretched over the whole exam.

    Without an orientation the rows of the map are taken to run from superior to inferior, its columns from left to
    right. A turned grid needs both pitches of the map to be turned in mm; without them the exam is taken for a square.

    Args:
        layers_thickness_maps: layers in axial px.
        use_real_units: whether the answer is in real units.
        used_layers: layers to sum.
        pixel_spacing_row: Distance between neighbouring rows of a B-scan (axial; DICOM Pixel Spacing).
        scan_protocol: Whether the B-scans lie horizontally or vertically on the fundus.
        slice_direction: Which way B-scans follow one another, first to last.
        pixel_direction: Which way A-scans follow one another within a B-scan, first to last.
        pixel_spacing_column: Distance between neighbouring columns of a B-scan (lateral; DICOM Pixel Spacing).
        slice_thickness: Centre-to-centre distance of neighbouring B-scans (DICOM Spacing Between Slices).
        grid_size: cells along each side.
        fovea_disc_angle_deg: by how much the grid is turned.
        min_coverage: Share of a sector that must be measured for it to be reported.
        laterality: the eye, L or R.

    Raises:
        InputError: real units without the pitch of rows, an incomplete orientation, an unknown layer; naming the field.

    Sources:
        64 cells, 32 pairs: posterior pole asymmetry analysis (IOVS 2166607, 2336730).
        tilt of the axis of fovea and disc: aaojournal.org S0161-6420(15)00547-3, PMC6218280.

    >>> matrix = get_full_exam_glaucoma_ppaa_matrix.call({
    ...     "layers_thickness_maps": {"gcl": [[25.0] * 4] * 2 + [[20.0] * 4] * 2}, "used_layers": ["gcl"],
    ...     "use_real_units": False, "grid_size": 2})
    >>> matrix["superior"], matrix["inferior"], matrix["inferior_thickness"]
    ([[5.0, 5.0]], [[-5.0, -5.0]], [[20.0, 20.0]])
    """
    if use_real_units and pixel_spacing_row is None:
        raise InputError("pixel_spacing_row", "is missing: real units need the height of a pixel")
    summed = layers_thickness_maps.summed(used_layers)
    values, pitch = summed.values, (slice_thickness, pixel_spacing_column)
    orientation = _orientation(
        scan_protocol=scan_protocol, slice_direction=slice_direction, pixel_direction=pixel_direction
    )
    if orientation is not None:
        values = orientation.canonicalise(values)
        pitch = pitch[::-1] if orientation.is_vertical else pitch
    rows, columns = values.shape
    dy, dx = pitch
    if dy is None or dx is None:
        dy, dx = 1 / rows, 1 / columns
    weights = grid_weights(
        (rows, columns), (dy, dx), (rows / 2, columns / 2), (rows * dy, columns * dx), grid_size, fovea_disc_angle_deg
    )
    if use_real_units and pixel_spacing_row is not None:
        values = values * pixel_spacing_row * 1000
    return compare_halves(
        values,
        weights,
        min_coverage=min_coverage,
        laterality=laterality,
        warnings=map_warnings(summed, slice_thickness=slice_thickness),
    )


def _orientation(**fields: str | None) -> Orientation | None:
    """The orientation, if it is given."""
    missing = [name for name, value in fields.items() if value is None]
    if len(missing) == len(fields):
        return None
    if missing:
        raise InputError(missing[0], f"is missing: an orientation takes {', '.join(fields)}, all or none")
    return Orientation(**fields)
