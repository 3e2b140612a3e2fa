"""Circles about the fovea: what each sector of them measures on a map of layers, and what it is called."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, TypeVar

import numpy as np
from pydantic import Field

from foveola import EXTRA, Micrometres, Output
from foveola_oct.retina.geometry import Laterality, ScanGeometry
from foveola_oct.retina.laid_map import CircleGrid, lay
from foveola_oct.retina.maps import LayerThicknessMaps, ThicknessMap, Window
from foveola_oct.retina.rings import Ring
from foveola_oct.retina.sectors import weighted_statistics
from foveola_oct.retina.slice_density import FEWEST_FOR_LAYERS, sparse_warnings

UsedLayers = Annotated[
    list[str], Field(min_length=1, description="Layers to sum, by the names of the maps (rnfl, gcl, ipl, ..., rpe).")
]
Statistics = Annotated[
    list[Literal["mean", "std"]],
    Field(min_length=1, description="What to say of each sector: mean, std (population) or both."),
]

GANGLION_CELL_COMPLEX = ["rnfl", "gcl", "ipl"]
"""The inner layers that glaucoma thins: nerve fibres, ganglion cells, inner plexiform."""

ROUNDING = 1e-9
"""Half of a sector is half of it, however its cells add up."""

_DIRECTIONS = (
    *("nasal", "inferonasal", "inferior", "inferotemporal"),
    *("temporal", "superotemporal", "superior", "superonasal"),
)
"""Of a right eye, every 45 degrees, clockwise on the screen from the image's right; a left eye is its mirror image."""

T = TypeVar("T")


@dataclass(frozen=True)
class SectorThickness:
    """What each sector of a set of rings measures, in the order of the rings.

    Attributes:
        rings: the rings.
        mean: µm [sectors], NaN where too little of the sector was measured.
        std: µm [sectors], population.
        covered: share of the sector that was measured [sectors], 0 to 1.
        warnings: what a reader of the numbers should know.
    """

    rings: tuple[Ring, ...]
    mean: np.ndarray
    std: np.ndarray
    covered: np.ndarray
    warnings: tuple[str, ...]

    def chosen(self, statistics: Sequence[str]) -> list[dict[str, float | None]]:
        """The statistics that were asked for, sector by sector; None where too little was measured."""
        columns = {"mean": self.mean, "std": self.std}
        return [{name: number(columns[name][sector]) for name in statistics} for sector in range(len(self.mean))]

    def nested(self, per_sector: Sequence[T]) -> dict[str, dict[str, T]]:
        """Something per sector as `{level: {index: ...}}`."""
        return nested_by_ring(self.rings, per_sector)


class SectorStatistics(Output, bare="statistics"):
    """Thickness statistics of the sectors of a circle."""

    statistics: Mapping[str, Mapping[str, Mapping[str, Micrometres | None]]]
    """Thickness by level and index of the sector; null where too little of it was measured."""
    coverage: Annotated[Mapping[str, Mapping[str, float]], EXTRA]
    """Share of each sector that was measured, 0 to 1."""
    labels: Annotated[Mapping[str, Mapping[str, str]] | None, EXTRA] = None
    """What anatomy calls each sector; needs the laterality."""

    @classmethod
    def of(
        cls, measured: SectorThickness, statistics: Sequence[str], laterality: Laterality | None
    ) -> SectorStatistics:
        """The answer that a measurement gives, with the statistics that were asked for."""
        labels = sector_names(measured.rings, laterality)
        return cls(
            statistics=measured.nested(measured.chosen(statistics)),
            coverage=measured.nested(measured.covered.tolist()),
            labels=None if labels is None else measured.nested(labels),
            warnings=measured.warnings,
        )


def measure_layers(
    maps: LayerThicknessMaps,
    used_layers: Sequence[str],
    geometry: ScanGeometry,
    grid: CircleGrid,
    rings: tuple[Ring, ...],
    places: Sequence[str] | None = None,
) -> SectorThickness:
    """Sum layers and measure the sum in each sector of rings about the fovea, by area weights.

    Args:
        maps: layers in axial px.
        used_layers: which to sum.
        geometry: pitches and orientation.
        grid: how the rings are laid.
        rings: the rings; their radii are fixed, the zone of interest only limits the samples used.
        places: what the answer calls the sectors; `level.index` if None.

    Raises:
        InputError: naming the field.
    """
    summed = maps.summed(used_layers)
    laid = lay(summed, geometry, grid)
    measured = weighted_statistics(laid.weights(rings, grid), laid.values * geometry.micrometres_per_pixel)
    is_reported = enough_measured(measured.covered, grid.min_coverage)
    return SectorThickness(
        rings,
        np.where(is_reported, measured.mean, np.nan),
        np.where(is_reported, measured.std, np.nan),
        np.minimum(measured.covered, 1.0),
        (
            *unreported(places or sector_places(rings), measured.covered, is_reported),
            *map_warnings(summed, grid.valid_window, geometry.slice_thickness),
        ),
    )


def map_warnings(
    thickness: ThicknessMap, valid_window: Window | None = None, slice_thickness: float | None = None
) -> Iterator[str]:
    """What a reader of a layer map's means should know of the map.

    Args:
        thickness: the map.
        valid_window: what the caller says that was scanned.
        slice_thickness: from B-scan to B-scan, mm; None: nobody said.
    """
    values = thickness.values
    if not np.isfinite(values).any():
        yield "nothing was measured: every sample of the map is empty"
    bands = (values[0], values[-1], values[:, 0], values[:, -1])
    if valid_window is None and thickness.valid_window is None and any((band == 0).all() for band in bands):
        yield "an outer row or column is all 0, perhaps padding: give valid_window or pad with null"
    yield from sparse_warnings(slice_thickness, FEWEST_FOR_LAYERS, "means are uncertain")


def enough_measured(covered: np.ndarray, min_coverage: float) -> np.ndarray:
    """Whether so much of each sector was measured that it is reported; one without any sample never is."""
    enough: np.ndarray = covered >= max(min_coverage - ROUNDING, ROUNDING)
    return enough


def unreported(places: Sequence[str], covered: np.ndarray, is_reported: np.ndarray) -> Iterator[str]:
    """Name the sectors that are not reported, with the measured share of each.

    >>> list(unreported(["superior", "inferior"], np.array([0.9, 0.4]), np.array([True, False])))
    ['too little was measured of inferior (40%): not reported']
    """
    missing = [
        f"{place} ({share:.0%})" for place, share, shown in zip(places, covered, is_reported, strict=True) if not shown
    ]
    if missing:
        yield f"too little was measured of {', '.join(missing)}: not reported"


def sector_places(rings: Sequence[Ring]) -> list[str]:
    """Each sector's place as `level.index`, in order."""
    return [f"{level}.{index}" for level, ring in enumerate(rings) for index in range(ring.sectors)]


def nested_by_ring(rings: Sequence[Ring], per_sector: Sequence[T]) -> dict[str, dict[str, T]]:
    """Something per sector as `{level: {index: ...}}`."""
    rest = iter(per_sector)
    return {str(level): {str(index): next(rest) for index in range(ring.sectors)} for level, ring in enumerate(rings)}


def sector_names(rings: Sequence[Ring], laterality: Laterality | None) -> list[str] | None:
    """What anatomy calls each sector: the nearest of eight directions to its middle; None without laterality.

    >>> sector_names((Ring(0, 0.5), Ring(0.5, 1.5, 4, -45)), "L")
    ['center', 'temporal', 'inferior', 'nasal', 'superior']
    """
    return None if laterality is None else [name for ring in rings for name in _names_in(ring, laterality)]


def _names_in(ring: Ring, laterality: Laterality) -> list[str]:
    if ring.sectors == 1:
        return ["center"]
    middles = (ring.start_deg + (index + 0.5) * 360 / ring.sectors for index in range(ring.sectors))
    eighths = (round(middle / 45) for middle in middles)
    return [_DIRECTIONS[(eighth if laterality == "R" else 4 - eighth) % 8] for eighth in eighths]


def number(value: float) -> float | None:
    """A plain number, None if it is NaN."""
    return None if np.isnan(value) else float(value)
