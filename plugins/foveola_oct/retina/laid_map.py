"""A map in the canonical frame, with the fovea's place in it, on which circles and squares are laid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from foveola import Group, InputError, Millimetres, Pixels
from foveola_oct.retina.geometry import EnFaceGeometry, Laterality
from foveola_oct.retina.maps import ThicknessMap, Window, window_slices
from foveola_oct.retina.rings import Ring
from foveola_oct.retina.sectors import SectorWeights, sector_weights
from foveola_oct.retina.window import DEFAULT_ZONE_MM, ZoneOfInterest


class CircleGrid(Group):
    """How a circle is laid on a map. What a map knows of itself is said here only at flat edges."""

    zone_of_interest: ZoneOfInterest = DEFAULT_ZONE_MM
    center_offset_mm: tuple[Millimetres, Millimetres] | None = None
    """From the map's geometric centre to the fovea, [along columns, along slices]; 0 unless the map knows better."""
    map_center: tuple[Pixels, Pixels] | None = None
    """The fovea, [column, row] in indices of the map; takes the place of the geometric centre and its offset."""
    valid_window: Window | None = None
    """The scanned part of the map, [row0, row1, col0, col1], half open; the rest is left out."""
    coverage: Literal["area", "center"] = "area"
    """Whether a sample belongs to a sector by the area they share or by its centre."""
    min_coverage: Annotated[float, Field(ge=0, le=1)] = 0.5
    """Share of a sector that must be measured for it to be reported."""
    laterality: Laterality | None = None
    """the eye, L or R."""


@dataclass(frozen=True)
class LaidMap:
    """A map in the canonical frame, with the fovea's place in it.

    Attributes:
        values: [..., rows, columns], NaN outside the scanned part.
        scanned: [rows, columns], whether the scan covers the sample.
        center: the fovea, (row, column) in cell edges.
        pitch: (dy, dx), mm.
    """

    values: np.ndarray
    scanned: np.ndarray
    center: tuple[float, float]
    pitch: tuple[float, float]

    def weights(self, rings: tuple[Ring, ...], grid: CircleGrid) -> SectorWeights:
        """The area weights of rings about the fovea."""
        return sector_weights(
            self.values.shape[-2:],
            self.pitch,
            self.center,
            rings,
            zone_mm=grid.zone_of_interest,
            coverage=grid.coverage,
        )


def lay(thickness: ThicknessMap, geometry: EnFaceGeometry, grid: CircleGrid) -> LaidMap:
    """Bring a map to the canonical frame and find the fovea in it.

    The fovea is where the caller says (`map_center`, else `center_offset_mm`), else where the map knows it to be, else
    at the map's geometric centre.

    Raises:
        InputError: the valid window or the centre does not fit the map.
    """
    shape: tuple[int, int] = thickness.values.shape
    window = grid.valid_window or thickness.valid_window
    scanned = np.ones(shape, dtype=bool)
    if window is not None:
        row0, row1, col0, col1 = window
        if not (0 <= row0 <= row1 <= shape[0] and 0 <= col0 <= col1 <= shape[1]):
            raise InputError("valid_window", f"{list(window)} does not lie in the map {list(shape)}")
        scanned = np.zeros(shape, dtype=bool)
        scanned[window_slices(window)] = True
    values = thickness.values if scanned.all() else np.where(scanned, thickness.values, np.nan)
    place = _center_in_cell_edges(thickness, geometry, grid)
    if not all(0 <= edge <= count for edge, count in zip(place, shape, strict=True)):
        field = "center_offset_mm" if grid.map_center is None and grid.center_offset_mm is not None else "map_center"
        raise InputError(field, f"the fovea, at {[place[1] - 0.5, place[0] - 0.5]}, is outside the map {list(shape)}")
    return LaidMap(
        geometry.canonicalise(values),
        geometry.canonicalise(scanned),
        geometry.canonical_position(place, shape),
        geometry.canonical_pitch,
    )


def _center_in_cell_edges(thickness: ThicknessMap, geometry: EnFaceGeometry, grid: CircleGrid) -> tuple[float, float]:
    rows, columns = thickness.values.shape
    center = grid.map_center
    if center is None and grid.center_offset_mm is None:
        center = thickness.center
    if center is not None:
        return center[1] + 0.5, center[0] + 0.5
    offset_x, offset_z = grid.center_offset_mm or (0.0, 0.0)
    return rows / 2 + offset_z / geometry.slice_thickness, columns / 2 + offset_x / geometry.pixel_spacing_column
