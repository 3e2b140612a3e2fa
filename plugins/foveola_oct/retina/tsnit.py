"""Thickness along a circle round the optic disc, in sectors: quadrants, clock hours, the graph of 36, or all of it.

Angles are those of a right eye, in degrees: 0 is nasal, 90 inferior, -180 temporal, -90 superior, so that from -180 on
the order is temporal, superior, nasal, inferior (TSNIT). A left eye is mirrored first and then numbered likewise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from foveola import EXTRA, Millimetres, Output, Unit
from foveola_oct.retina.arrays import Floats
from foveola_oct.retina.circles import enough_measured, number
from foveola_oct.retina.geometry import Laterality
from foveola_oct.retina.rings import Ring
from foveola_oct.retina.sectors import cell_overlaps, sector_weights, weighted_statistics

AnalysisType = Annotated[
    Literal["quadrant", "single_segment", "twelve_segments", "graph", "all"],
    Field(description="Which sectors: 4 quadrants, the whole circle, 12 clock hours, a graph of 36, or all of these."),
]

MIN_COVERAGE = 0.5
"""Share of a sector that must be measured for it to be reported (our choice, as for circles about the fovea)."""

SAMPLES = 3600
"""Of a circle on a map."""
KNOTS = 36
"""Sectors of the graph."""

_CLOCK = (
    "nasal",
    "nasal inferior",
    "inferior nasal",
    "inferior",
    "inferior temporal",
    "temporal inferior",
    "temporal",
    "temporal superior",
    "superior temporal",
    "superior",
    "superior nasal",
    "nasal superior",
)


@dataclass(frozen=True)
class Sectors:
    """Equal sectors of a circle.

    Attributes:
        count: how many.
        start_deg: where the first one begins.
        names: what anatomy calls them.
    """

    count: int
    start_deg: float
    names: tuple[str, ...] = ()


# Number and start of the sectors: user guide, analyze_odn_rnfl. Quadrants of three clock hours each: LOINC LP248912-0.
ANALYSES: Mapping[str, Sectors] = {
    "quadrant": Sectors(4, -45, _CLOCK[::3]),
    "single_segment": Sectors(1, -180, ("mean",)),
    "twelve_segments": Sectors(12, -15, _CLOCK),
    "graph": Sectors(KNOTS, -180, tuple(_CLOCK[(k + 19) // 3 % 12] for k in range(KNOTS))),
}

Measure = Callable[[Sectors], tuple[Floats, Floats]]
"""Mean thickness of sectors in mm, NaN where nothing was measured, and the measured share of each."""

SectorThicknesses = Mapping[str, Annotated[Any, Unit("mm")]]
"""Thickness in mm by sector, or by analysis and sector; null where too little was measured."""


class RnflThickness(Output):
    """Thickness of the nerve fibre layer round the disc."""

    rnfl_thickness_statistics: SectorThicknesses
    """Mean thickness by sector; of "all", by analysis and sector. Null where too little was measured."""
    coverage: Annotated[Mapping[str, Any], EXTRA]
    """Measured share of each sector, 0 to 1."""
    labels: Annotated[Mapping[str, Any], EXTRA]
    """What anatomy calls each sector."""
    circle_radius_mm: Annotated[Millimetres | None, EXTRA] = None
    """Radius of the circle; null for an annulus."""


def describe(analysis_type: str, measure: Measure, laterality: Laterality) -> dict[str, Any]:
    """What `RnflThickness` says of sectors: statistics, coverage, labels and warnings."""
    chosen = ANALYSES if analysis_type == "all" else {analysis_type: ANALYSES[analysis_type]}
    statistics, coverage, labels, warnings = {}, {}, {}, []
    for name, sectors in chosen.items():
        mean, covered = measure(sectors)
        is_reported = enough_measured(covered, MIN_COVERAGE)
        statistics[name] = _by_index(number(value) for value in np.where(is_reported, mean, np.nan))
        coverage[name] = _by_index(np.minimum(covered, 1.0).tolist())
        labels[name] = _by_index(_clock_hours(laterality) if sectors.names is _CLOCK else sectors.names)
        if missing := [str(index) for index in np.flatnonzero(~is_reported)]:
            warnings.append(f"{name}: not reported, under {MIN_COVERAGE:.0%} measured: {', '.join(missing)}")
    fields = {"rnfl_thickness_statistics": statistics, "coverage": coverage, "labels": labels}
    if analysis_type != "all":
        fields = {field: by_name[analysis_type] for field, by_name in fields.items()}
    return {**fields, "warnings": tuple(warnings)}


def _clock_hours(laterality: Laterality) -> list[str]:
    """The names of the clock hours, with the hour at which each is seen."""
    hours = [(index + 2) % 12 + 1 for index in range(len(_CLOCK))]
    if laterality == "L":
        hours = [12 - hour % 12 for hour in hours]
    return [f"{name} ({hour} h)" for name, hour in zip(_CLOCK, hours, strict=True)]


def _by_index(values: Any) -> dict[str, Any]:
    return {str(index): value for index, value in enumerate(values)}


@dataclass(frozen=True)
class CircularProfile:
    """Samples in equal steps along a whole circle; each stands for its cell.

    Attributes:
        values: [n], NaN where not measured.
        begin_deg: where the first cell begins.
    """

    values: Floats
    begin_deg: float = -180.0

    def sectors(self, wanted: Sectors) -> tuple[Floats, Floats]:
        """Average equal sectors; a cell on a border belongs to both by its shares.

        Returns:
            Mean [sectors], NaN where nothing was measured, and measured share [sectors].

        >>> CircularProfile(np.array([1.0, 2.0, 3.0, np.nan])).sectors(Sectors(2, -180.0))
        (array([1.5, 3. ]), array([1. , 0.5]))
        """
        n, count = len(self.values), wanted.count
        begin = round((wanted.start_deg - self.begin_deg) * n / 360, 9) % n
        twice = cell_overlaps(2 * n, begin + np.arange(count + 1) * (n / count))
        shares = twice[:, :n] + twice[:, n:]
        measured = np.isfinite(self.values)
        weight = shares @ measured
        with np.errstate(invalid="ignore"):  # 0 / 0 is the NaN of a sector without samples
            mean = shares @ np.where(measured, self.values, 0.0) / weight
        return mean, weight * (count / n)


def on_circle(
    values: Floats, pitch: tuple[float, float], center: tuple[float, float], radius: float
) -> CircularProfile:
    """Sample a map on a circle, linearly between the centres of its cells.

    Args:
        values: [rows, columns], right-eye format, NaN where not measured.
        pitch: height and width of a cell, mm.
        center: row and column, in cells from the outer edges.
        radius: mm.

    Returns:
        3600 samples; NaN where a cell that counts was not measured or lies outside.

    >>> halves = np.repeat([[0.12], [0.08]], 8, axis=0) * np.ones(16)
    >>> means, shares = on_circle(halves, (0.25, 0.25), (8.0, 8.0), 1.5).sectors(ANALYSES["quadrant"])
    >>> means.round(3).tolist(), shares.round(3).tolist()
    ([0.1, 0.08, 0.1, 0.12], [1.0, 1.0, 1.0, 1.0])
    """
    turns = np.radians(-180 + (np.arange(SAMPLES) + 0.5) * (360 / SAMPLES))
    place = np.stack([center[0] + radius * np.sin(turns) / pitch[0], center[1] + radius * np.cos(turns) / pitch[1]])
    limits = np.array(values.shape)[:, None] + 1
    place = (place + 0.5).clip(0, limits).round(9)  # in the framed map; what is 2 but for rounding needs no cell beyond
    framed = np.pad(values, 1, constant_values=np.nan)
    low = np.floor(place).astype(np.intp)
    high, share = np.minimum(low + 1, limits), place - low
    samples = np.zeros(SAMPLES)
    for rows, row_share in ((low[0], 1 - share[0]), (high[0], share[0])):
        for columns, column_share in ((low[1], 1 - share[1]), (high[1], share[1])):
            weight = row_share * column_share
            samples += np.where(weight > 0, weight * framed[rows, columns], 0.0)
    return CircularProfile(samples)


def on_annulus(
    values: Floats, pitch: tuple[float, float], center: tuple[float, float], inner: float, outer: float
) -> Measure:
    """Average a map over an annulus between two radii, mm, by area weights; the rest as for the circle.

    >>> means, shares = on_annulus(np.full((16, 16), 0.1), (0.25, 0.25), (8.0, 8.0), 0.5, 1.5)(ANALYSES["quadrant"])
    >>> means.round(3).tolist(), shares.round(3).tolist()
    ([0.1, 0.1, 0.1, 0.1], [1.0, 1.0, 1.0, 1.0])
    """

    def measure(wanted: Sectors) -> tuple[Floats, Floats]:
        ring = Ring(inner, outer, wanted.count, wanted.start_deg)
        measured = weighted_statistics(
            sector_weights((values.shape[0], values.shape[1]), pitch, center, (ring,)), values
        )
        return measured.mean, measured.covered

    return measure


def interpolate_graph(knots: Floats, count: int) -> Floats:
    """Interpolate a graph of sector means linearly round the circle.

    Args:
        knots: [36], the first -175 degrees; NaN is bridged.
        count: how many values to give, in equal steps from -175 degrees on.

    >>> interpolate_graph(np.where(np.arange(36) == 1, np.nan, np.arange(36.0)), 36)[:3]
    array([0., 1., 2.])
    """
    degrees = -175 + 360 / KNOTS * np.arange(KNOTS)
    is_there = np.isfinite(knots)
    wanted = -175 + 360 / count * np.arange(count)
    return np.asarray(np.interp(wanted, degrees[is_there], knots[is_there], period=360), dtype=np.float64)
