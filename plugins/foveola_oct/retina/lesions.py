"""Lesions en face: where a pathology map shows one, how much of it each ETDRS field holds, and what hangs together.

A lesion is where the thickness is positive. What is null or negative is absence; null is besides what was not scanned.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import astuple, dataclass
from typing import Annotated, Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from foveola import EXTRA, InputError, Output, Unit
from foveola_oct.retina.arrays import Floats
from foveola_oct.retina.circles import nested_by_ring, sector_names
from foveola_oct.retina.geometry import EnFaceGeometry, Laterality
from foveola_oct.retina.laid_map import CircleGrid, lay
from foveola_oct.retina.maps import PathologyThicknessMaps, ThicknessMap
from foveola_oct.retina.rings import ETDRS_RINGS
from foveola_oct.retina.sectors import weighted_totals
from foveola_oct.retina.slice_density import FEWEST_FOR_LESIONS, sparse_warnings

MAPS_FIELD = Field(
    description="Thickness of the lesions of each pathology, by its name; 0 or null where there is none."
)
"""What every operation says of its `pathology_thickness_maps`."""
LesionMaps = Annotated[PathologyThicknessMaps, MAPS_FIELD]
"""Lesions for operations that ask where they are: in any unit."""
LesionMapsInPixels = Annotated[PathologyThicknessMaps, Unit("px"), MAPS_FIELD]
"""Lesions for operations that ask how thick they are."""
LesionMap = Annotated[
    ThicknessMap, Field(description="Thickness of the lesions of one pathology; 0 or null where there is none.")
]
"""One pathology's."""

LEVELS = tuple(f"{2 * ring.outer_mm:g}mm" for ring in ETDRS_RINGS)
"""The ETDRS rings, or the discs that they fill together, by diameter: 1mm, 3mm, 6mm."""

_FIRST_FIELDS = np.cumsum([0, *(ring.sectors for ring in ETDRS_RINGS[:-1])])


def present(thickness: Floats) -> Floats:
    """The thickness of what is there: 0 for null and for negative numbers.

    >>> present(np.array([2.0, -1.0, np.nan])).tolist()
    [2.0, 0.0, 0.0]
    """
    return np.where(thickness > 0, thickness, 0.0)


def lesion_warnings(maps: Mapping[str, ThicknessMap], slice_thickness: float | None = None) -> tuple[str, ...]:
    """What a reader of numbers about lesions should know.

    Args:
        maps: the maps that were measured, by what to call them.
        slice_thickness: distance between B-scans, mm, where the operation knows it.
    """
    return tuple(_warnings(maps, slice_thickness))


def _warnings(maps: Mapping[str, ThicknessMap], slice_thickness: float | None) -> Iterator[str]:
    for name, thickness in maps.items():
        if (thickness.values < 0).any():
            yield f"{name} has negative thickness; it is taken for 0"
    yield from sparse_warnings(slice_thickness, FEWEST_FOR_LESIONS, "lesions between them are missed")


def require_classes(maps: PathologyThicknessMaps, classes: Collection[str]) -> None:
    """Refuse maps of other pathologies than an operation is about.

    Raises:
        InputError: naming the first of them.
    """
    for name in maps.maps:
        if name not in classes:
            raise InputError("pathology_thickness_maps", f"holds {name!r}; give only {', '.join(classes)}")


def components(lesion: NDArray[np.bool_], connectivity: Literal[4, 8] = 8) -> NDArray[np.int64]:
    """Number the connected parts of a lesion.

    Args:
        lesion: [slices, columns], where it is.
        connectivity: neighbours of a sample: 8, or 4 without those at its corners.

    Returns:
        [slices, columns]: 1, 2, ... on the parts, 0 beside them.

    >>> components(np.array([[True, False], [False, True]])).tolist()
    [[1, 0], [0, 1]]
    """
    from skimage.measure import label  # noqa: PLC0415  a listing must not pay for skimage

    labels = label(lesion, connectivity={4: 1, 8: 2}[connectivity])  # type: ignore[no-untyped-call]  # skimage's own
    return np.asarray(labels, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class EtdrsTotals:
    """What lies in the nine ETDRS fields, in the order of `ETDRS_RINGS`, or in its three levels; each array is [n].

    Attributes:
        thickness: the lesion's, integrated: mm2 times the unit of the map.
        area: the lesion's, mm2.
        scanned: the part of the field that was scanned, mm2.
        whole: the field's area, cut neither by the scan nor by the zone of interest, mm2.
    """

    thickness: Floats
    area: Floats
    scanned: Floats
    whole: Floats

    @property
    def covered(self) -> Floats:
        """The share of each field that was scanned, 0 to 1."""
        return np.minimum(self.scanned / self.whole, 1.0)

    def by_level(self, *, cumulative: bool) -> EtdrsTotals:
        """The nine fields as three rings or, cumulated, as three discs."""
        levels = np.add.reduceat(np.stack(astuple(self)), _FIRST_FIELDS, axis=1)
        return EtdrsTotals(*(levels.cumsum(axis=1) if cumulative else levels))


def etdrs_totals(thickness: ThicknessMap, geometry: EnFaceGeometry, grid: CircleGrid) -> EtdrsTotals:
    """Total a lesion in each of the nine ETDRS fields about the fovea.

    Raises:
        InputError: the valid window or the centre does not fit the map.
    """
    laid = lay(thickness, geometry, grid)
    weights = laid.weights(ETDRS_RINGS, grid)
    lesion = present(laid.values)
    volume, area, scanned = weighted_totals(weights, np.stack([lesion, lesion > 0, np.isfinite(laid.values)]))
    return EtdrsTotals(volume, area, scanned, weights.sector_areas)


class InEtdrsFields(Output):
    """What is said beside numbers in the nine ETDRS fields; an operation adds the numbers."""

    coverage: Annotated[Mapping[str, Mapping[str, Mapping[str, float]]], EXTRA]
    """Share of each field that was scanned, 0 to 1; what was not counts as free of lesions."""
    labels: Annotated[Mapping[str, Mapping[str, Mapping[str, str]]] | None, EXTRA] = None
    """What anatomy calls each field; needs the laterality."""

    @classmethod
    def of(cls, totals: Mapping[str, EtdrsTotals], laterality: Laterality | None, **fields: Any) -> Self:
        """The answer of an operation that totalled pathologies in the fields."""
        labels = sector_names(ETDRS_RINGS, laterality)
        return cls(
            coverage={name: nested_by_ring(ETDRS_RINGS, one.covered.tolist()) for name, one in totals.items()},
            labels=None if labels is None else dict.fromkeys(totals, nested_by_ring(ETDRS_RINGS, labels)),
            **fields,
        )


class InEtdrsLevels(Output):
    """What is said beside numbers in the levels of the ETDRS circle; an operation adds the numbers."""

    coverage: Annotated[Mapping[str, Mapping[str, float]], EXTRA]
    """Share of each ring or disc that was scanned, 0 to 1; what was not counts as free of lesions."""

    @classmethod
    def of(cls, totals: Mapping[str, EtdrsTotals], **fields: Any) -> Self:
        """The answer of an operation that totalled pathologies in the levels."""
        return cls(coverage={name: named_by_level(one.covered) for name, one in totals.items()}, **fields)


def named_by_level(per_level: Floats) -> dict[str, float]:
    """Something per level, by the diameter of the level.

    >>> named_by_level(np.array([0.5, 1.0, 2.0]))
    {'1mm': 0.5, '3mm': 1.0, '6mm': 2.0}
    """
    return dict(zip(LEVELS, per_level.tolist(), strict=True))
