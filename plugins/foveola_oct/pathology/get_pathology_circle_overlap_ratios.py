"""How much of the circles about the fovea a pathology covers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated

import numpy as np

from foveola import EXTRA, Output, Percent, operation
from foveola_oct.retina import CircleGrid, EnFaceGeometry, number
from foveola_oct.retina.circles import enough_measured, unreported
from foveola_oct.retina.lesions import LEVELS, LesionMap, etdrs_totals, lesion_warnings, named_by_level

_WHOLE = 0.995
"""A disc is not called partly scanned where its share rounds to 100 %."""


class CircleOverlap(Output, bare="ratios"):
    """The share of the discs of 1, 3 and 6 mm that a pathology covers."""

    ratios: Mapping[str, Percent | None]
    """Covered share of each disc's scanned part (1mm, 3mm, 6mm), 0 to 100; null where too little was scanned."""
    coverage: Annotated[Mapping[str, float], EXTRA]
    """Share of each disc that was scanned, 0 to 1."""


@operation("get_pathology_circle_overlap_ratios")
def get_pathology_circle_overlap_ratios(
    pathology_thickness_map: LesionMap,
    geometry: EnFaceGeometry,
    grid: CircleGrid = CircleGrid(),
) -> CircleOverlap:
    """Tell how many per cent of the discs of 1, 3 and 6 mm about the fovea a pathology covers.

    Drusen on more than 10 % of the ETDRS circle foretold late macular degeneration best in one cohort (PMC7396180).

    Args:
        pathology_thickness_map: the lesions.
        geometry: pitches and orientation of the scan.
        grid: how the circle is laid on the map.

    Sources:
        Drusen on more than 10 % of the circle: Rotterdam study, PMC7396180.
        Circles of 1, 3 and 6 mm: ETDRS report 10, Ophthalmology 1991;98:786.

    >>> scan = dict(scan_protocol="HORIZONTAL_3D", slice_direction="TOP_BOTTOM", pixel_direction="LEFT_RIGHT")
    >>> left_half = [[1.0] * 30 + [0.0] * 30] * 60
    >>> answer = get_pathology_circle_overlap_ratios.call(
    ...     {"pathology_thickness_map": left_half, "pixel_spacing_column": 0.1, "slice_thickness": 0.1, **scan})
    >>> {disc: round(ratio, 6) for disc, ratio in answer.items()}
    {'1mm': 50.0, '3mm': 50.0, '6mm': 50.0}
    """
    discs = etdrs_totals(pathology_thickness_map, geometry, grid).by_level(cumulative=True)
    is_reported = enough_measured(discs.covered, grid.min_coverage)
    percent = np.divide(100 * discs.area, discs.scanned, out=np.full(len(LEVELS), np.nan), where=is_reported)
    return CircleOverlap(
        ratios={disc: number(ratio) for disc, ratio in zip(LEVELS, percent, strict=True)},
        coverage=named_by_level(discs.covered),
        warnings=(
            *lesion_warnings({"pathology_thickness_map": pathology_thickness_map}, geometry.slice_thickness),
            *unreported([f"the disc of {disc}" for disc in LEVELS], discs.covered, is_reported),
            *_partly_scanned(discs.covered, is_reported),
        ),
    )


def _partly_scanned(covered: np.ndarray, is_reported: np.ndarray) -> Iterator[str]:
    for disc, share, is_shown in zip(LEVELS, covered, is_reported, strict=True):
        if is_shown and share < _WHOLE:
            yield f"the disc of {disc} is judged by the {share:.0%} of it that were scanned"
