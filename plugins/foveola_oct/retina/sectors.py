"""Sectors of fovea-centred circles on an anisotropic en-face grid, by exact area weights.

Coordinates are canonical: row 0 is the superior edge, column 0 the left edge of the image. Positions are counted in
cells from the outer edge of the first row and column, so that cell (i, j) spans [i, i + 1] x [j, j + 1]. Angles are
``atan2(row - row_c, col - col_c)`` in mm and degrees: 0 is image right, +90 inferior, -180 left, -90 superior.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from math import inf, pi
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_array  # at run time only once weights are made: a listing must not pay for scipy

Floats: TypeAlias = NDArray[np.float64]
Numbers = TypeVar("Numbers", bound=NDArray[Any])
Shares: TypeAlias = Iterator[tuple[NDArray[np.intp], Floats]]
"""Sector by sector, the flat indices of the cells that it meets and the shares of them that it holds."""
Ray: TypeAlias = tuple[float, float]
"""(a, b) of a half-plane ``a * y + b * x >= 0`` whose border runs through the centre."""

_SLIVER = 1e-12
"""Shares of a cell below this are rounding where a cell only touches a sector."""

_FLAT = 1e-4
"""Below this part of the mean square a variance is not told by mean squares: it lost four of sixteen digits."""


@dataclass(frozen=True, slots=True)
class Ring:
    """A ring about the fovea, cut into equal sectors; sector k begins at ``start_deg + k * 360 / sectors``."""

    inner_mm: float
    outer_mm: float
    sectors: int = 1
    start_deg: float = -45.0

    @property
    def sector_area(self) -> float:
        """The area of one whole sector, in mm2.

        >>> round(Ring(0.5, 1.5, 4).sector_area, 6)
        1.570796
        """
        return pi * (self.outer_mm**2 - self.inner_mm**2) / self.sectors


# Early Treatment Diabetic Retinopathy Study report 10, Ophthalmology 1991;98:786: circles of 1, 3 and 6 mm.
# The quarters are, in order, image right, inferior, left, superior.
ETDRS_RINGS = (Ring(0.0, 0.5), Ring(0.5, 1.5, 4, -45.0), Ring(1.5, 3.0, 4, -45.0))

# User guide, get_gcc_circle: circles of 1 and 6 mm. The sixths are, in order, superior left, superior, superior right,
# inferior right, inferior, inferior left: Zeiss' order for a right eye, doi:10.1038/s41598-021-04563-3, table 2.
GCC_RINGS = (Ring(0.0, 0.5), Ring(0.5, 3.0, 6, -180.0))


def halves(diameter_mm: float, inner_diameter_mm: float = 0.0) -> Ring:
    """Cut a circle along the raphe: sector 0 is superior, sector 1 inferior.

    >>> halves(6.0)
    Ring(inner_mm=0.0, outer_mm=3.0, sectors=2, start_deg=-180.0)
    """
    return Ring(inner_diameter_mm / 2, diameter_mm / 2, 2, -180.0)


def quarters(diameter_mm: float, start_deg: float = -45.0) -> Ring:
    """Cut a circle into quarters: by default image right, inferior, left, superior.

    >>> quarters(6.0)
    Ring(inner_mm=0.0, outer_mm=3.0, sectors=4, start_deg=-45.0)
    """
    return Ring(0.0, diameter_mm / 2, 4, start_deg)


@dataclass(frozen=True, eq=False)
class SectorWeights:
    """The share of every cell that lies in every sector, for one geometry."""

    matrix: csr_array
    """[sectors, rows * cols], the sectors of all rings in order: area(cell in sector) / area(cell)."""
    cell_area: float
    """The area of a cell, mm2."""
    sector_areas: Floats
    """[sectors]: whole areas in mm2, cut neither by the map nor by the zone."""

    @classmethod
    def of(cls, shares: Shares, shape: tuple[int, int], pitch: tuple[float, float], areas: Floats) -> SectorWeights:
        """The weights of sectors whose shares of a grid's cells are told one by one."""
        from scipy.sparse import csr_array  # noqa: PLC0415  a listing must not pay for scipy

        cells, held = zip(*shares, strict=True)
        begins = np.cumsum([0, *map(len, cells)])
        matrix = csr_array(
            (np.concatenate(held), np.concatenate(cells), begins), shape=(len(cells), shape[0] * shape[1])
        )
        return cls(_read_only_matrix(matrix), pitch[0] * pitch[1], _read_only(areas))

    @cached_property
    def starts(self) -> NDArray[np.intp]:
        """[runs]: the first cells of runs of neighbours whose shares are equal, sector by sector."""
        begins = np.zeros(self.matrix.shape[1] + 1, dtype=np.bool_)
        begins[0] = True
        for begin, end in pairwise(self.matrix.indptr):
            cells, shares = self.matrix.indices[begin:end], self.matrix.data[begin:end]
            goes_on = (np.diff(cells) == 1) & (np.diff(shares) == 0)
            begins[cells[np.append(True, ~goes_on)[: cells.size]]] = True
            begins[cells[np.append(~goes_on, True)[: cells.size]] + 1] = True
        return _read_only(np.flatnonzero(begins[:-1]))

    @cached_property
    def runs(self) -> csr_array:
        """[sectors, runs]: the shares of the cells of each run. There are twenty times fewer runs than cells."""
        return _read_only_matrix(self.matrix[:, self.starts])


@dataclass(frozen=True, slots=True, eq=False)
class SectorMoments:
    """What the measured part of every sector says; each array is [..., sectors]."""

    mean: Floats
    """In the unit of the map; NaN where nothing was measured."""
    std: Floats
    """Population standard deviation, in the unit of the map; NaN where nothing was measured."""
    covered: Floats
    """Measured share of the whole sector, 0..1."""


@lru_cache(maxsize=32)
def sector_weights(
    shape: tuple[int, int],
    pitch: tuple[float, float],
    center: tuple[float, float],
    rings: tuple[Ring, ...],
    *,
    zone_mm: float | None = None,
    coverage: Literal["area", "center"] = "area",
) -> SectorWeights:
    """Weigh the cells of a grid by their shares in the sectors of rings; made once per geometry and reused.

    Areas are exact: the border of a cell is integrated by Green's theorem, see `_area_in_sector`.

    Args:
        shape: rows and columns of the canonical map.
        pitch: height and width of a cell, mm.
        center: row and column of the fovea, in cells from the outer edges of the first row and column.
        rings: the rings, from the inside out.
        zone_mm: side of the square about the center outside which nothing counts; None counts everything.
        coverage: "area" for exact shares; "center" gives a cell wholly to the sector that holds its center, sectors
            being half open (``inner <= r < outer``, ``start <= angle < end``) and the outermost circle closed; halves
            share the cells on the raphe.

    Returns:
        Weights with read-only arrays.

    >>> weights = sector_weights((25, 512), (0.24, 6 / 512), (12.5, 256.0), ETDRS_RINGS)
    >>> (weights.matrix.sum(axis=1) * weights.cell_area).round(6)
    array([0.785398, 1.570796, 1.570796, 1.570796, 1.570796, 5.301438,
           5.301438, 5.301438, 5.301438])
    """
    half = inf if zone_mm is None else zone_mm / 2
    shares = _shares_by_area if coverage == "area" else _shares_by_center
    areas = np.array([ring.sector_area for ring in rings for _ in range(ring.sectors)])
    return SectorWeights.of(shares(shape, pitch, center, rings, half), shape, pitch, areas)


def weighted_statistics(weights: SectorWeights, values: ArrayLike) -> SectorMoments:
    """Describe a map sector by sector: ``mean = Σwt / Σw``, ``std = sqrt(Σw(t - mean)² / Σw)`` over finite samples.

    The deviations are taken from the mean of their own sector, so a constant sector has no spread.

    Args:
        weights: of the geometry of the map.
        values: [rows, cols] or a stack [..., rows, cols], canonical; what is not finite was not measured.

    >>> weights = sector_weights((2, 2), (1.0, 1.0), (1.0, 1.0), (halves(2.0),))
    >>> statistics = weighted_statistics(weights, [[1.0, 3.0], [5.0, np.nan]])
    >>> statistics.mean, statistics.std, statistics.covered.round(6)
    (array([2., 5.]), array([1., 0.]), array([1. , 0.5]))
    """
    maps = _flat(weights, values)
    rows = maps.reshape(-1, maps.shape[-1])
    sums = np.empty((2, len(rows), len(weights.starts)))
    with np.errstate(all="ignore"):  # what comes of samples that were not measured is measured again below
        for row, (plain, squared) in zip(rows, sums.swapaxes(0, 1), strict=True):
            np.add.reduceat(row, weights.starts, out=plain)
            np.add.reduceat(row * row, weights.starts, out=squared)
        total = np.tile(weights.matrix.sum(axis=1), (len(rows), 1))
        mean, mean_square = (_by_sector(weights, of) / total for of in sums)
        variance = mean_square - mean**2
        std = np.sqrt(variance)
    is_told = variance > _FLAT * mean_square
    for sector in np.flatnonzero(~is_told.all(axis=0)).tolist():
        which = ~is_told[:, sector]
        mean[which, sector], std[which, sector], total[which, sector] = _moments(weights, rows[which], sector)
    covered = total * weights.cell_area / weights.sector_areas
    return SectorMoments(*(moment.reshape(*maps.shape[:-1], -1) for moment in (mean, std, covered)))


def weighted_totals(weights: SectorWeights, values: ArrayLike) -> Floats:
    """Integrate a map over every sector: ``Σwt * cell_area``, in mm2 times the unit of the map.

    Args:
        weights: of the geometry of the map.
        values: [rows, cols] or a stack [..., rows, cols], canonical; NaN makes the sectors that it touches NaN.

    Returns:
        [..., sectors]; of a map of ones, the scanned areas.

    >>> weights = sector_weights((2, 2), (1.0, 1.0), (1.0, 1.0), (halves(2.0),))
    >>> weighted_totals(weights, [[1.0, 1.0], [2.0, 0.0]]).round(6)
    array([1.570796, 1.570796])
    """
    maps = _flat(weights, values)
    with np.errstate(invalid="ignore"):  # of infinities
        sums = np.add.reduceat(maps, weights.starts, axis=-1)
    return _by_sector(weights, sums) * weights.cell_area


def cell_overlaps(n: int, edges: ArrayLike) -> Floats:
    """Share n unit cells in a row among intervals, as fractional grid boundaries demand.

    Args:
        n: number of cells; cell j spans [j, j + 1].
        edges: [k + 1] ascending borders of k intervals, in cells; they may lie outside 0..n.

    Returns:
        [k, n]: the length of cell j inside interval k.

    >>> cell_overlaps(3, [0.0, 1.5, 3.0])
    array([[1. , 0.5, 0. ],
           [0. , 0.5, 1. ]])
    """
    borders = np.asarray(edges, dtype=np.float64)[:, None]
    cells = np.arange(n)
    lengths: Floats = np.maximum(np.minimum(borders[1:], cells + 1) - np.maximum(borders[:-1], cells), 0.0)
    return lengths


def _flat(weights: SectorWeights, values: ArrayLike) -> Floats:
    """Lay the cells of every map in one row: [..., rows, cols] to [..., rows * cols]."""
    maps = np.asarray(values, dtype=np.float64)
    return maps.reshape(*maps.shape[:-2], weights.matrix.shape[1])


def _by_sector(weights: SectorWeights, sums: Floats) -> Floats:
    """Weigh sums over runs and add them: [..., runs] to [..., sectors]; a run is nothing to sectors without it."""
    weighed: Floats = (weights.runs @ sums.reshape(-1, sums.shape[-1]).T).T
    return weighed.reshape(*sums.shape[:-1], -1)


def _moments(weights: SectorWeights, rows: Floats, sector: int) -> tuple[Floats, Floats, Floats]:
    """Mean, deviation and sum of the weights of the finite samples of one sector, sample by sample; each is [maps]."""
    cells = slice(*weights.matrix.indptr[sector : sector + 2])
    samples = rows[:, weights.matrix.indices[cells]]
    measured = np.isfinite(samples)
    share = weights.matrix.data[cells] * measured
    samples = np.where(measured, samples, 0.0)
    weight = share.sum(axis=-1)
    with np.errstate(invalid="ignore"):  # 0 / 0 is the NaN of a sector without samples
        mean = (share * samples).sum(axis=-1) / weight
        std = np.sqrt((share * (samples - mean[:, None]) ** 2).sum(axis=-1) / weight)
    return mean, std, weight


def _read_only_matrix(matrix: csr_array) -> csr_array:
    for array in (matrix.data, matrix.indices, matrix.indptr):
        _read_only(array)
    return matrix


def _read_only(array: Numbers) -> Numbers:
    array.flags.writeable = False
    return array


def _shares_by_center(
    shape: tuple[int, int],
    pitch: tuple[float, float],
    center: tuple[float, float],
    rings: tuple[Ring, ...],
    half: float,
) -> Shares:
    """Yield, sector by sector, the flat indices of the cells whose centers it holds, and ones.

    Halves share the cells whose centers lie on the raphe, as exact areas do: no middle row belongs to one of them.
    """
    y, x = ((np.arange(n) + 0.5 - c) * d for n, d, c in zip(shape, pitch, center, strict=True))
    radius = np.hypot(y[:, None], x)
    angle = np.degrees(np.arctan2(y[:, None], x))
    in_zone = (np.abs(y) <= half)[:, None] & (np.abs(x) <= half)
    outermost = max(ring.outer_mm for ring in rings)
    for ring in rings:
        within = np.less_equal if ring.outer_mm == outermost else np.less
        in_ring = in_zone & (radius >= ring.inner_mm) & within(radius, ring.outer_mm)
        turn = (angle - ring.start_deg) % 360 * ring.sectors / 360
        owner = np.minimum(turn.astype(int), ring.sectors - 1)  # the remainder of -1e-20 rounds up to a whole turn
        is_shared = (y == 0)[:, None] & (ring.sectors == 2)  # noqa: PLR2004  halves
        for sector in range(ring.sectors):
            share = np.where(is_shared, 0.5, owner == sector) * in_ring
            cells = np.flatnonzero(share)
            yield cells, share.ravel()[cells]


def _shares_by_area(
    shape: tuple[int, int],
    pitch: tuple[float, float],
    center: tuple[float, float],
    rings: tuple[Ring, ...],
    half: float,
) -> Shares:
    """Yield, sector by sector, the flat indices of the cells that it meets and the shares of them that it holds.

    Only cells that a circle or a ray crosses need the closed form; the others are in or out.
    """
    edges = [
        np.clip(np.arange(n + 1.0), c - half / d, c + half / d) for n, d, c in zip(shape, pitch, center, strict=True)
    ]
    y, x = ((edge - c) * d for edge, d, c in zip(edges, pitch, center, strict=True))
    for ring in rings:
        rows, cols = (np.flatnonzero((t[1:] > -ring.outer_mm) & (t[:-1] < ring.outer_mm)) for t in (y, x))
        top, bottom, left, right = y[rows, None], y[rows + 1, None], x[cols], x[cols + 1]
        in_zone = np.diff(edges[0])[rows, None] * np.diff(edges[1])[cols]
        nearest = np.maximum(np.maximum(top, -bottom), 0.0) ** 2 + np.maximum(np.maximum(left, -right), 0.0) ** 2
        farthest = np.maximum(-top, bottom) ** 2 + np.maximum(-left, right) ** 2
        in_ring = (nearest >= ring.inner_mm**2) & (farthest <= ring.outer_mm**2)
        off_ring = (farthest <= ring.inner_mm**2) | (nearest >= ring.outer_mm**2)
        for sector in range(ring.sectors):
            inside, outside = in_ring, off_ring
            rays = _rays(ring, sector)
            for a, b in rays:
                inside = inside & (np.minimum(a * top, a * bottom) + np.minimum(b * left, b * right) >= 0)
                outside = outside | (np.maximum(a * top, a * bottom) + np.maximum(b * left, b * right) <= 0)
            share = np.where(inside, in_zone, 0.0)
            i, j = np.nonzero(~(inside | outside))
            crossed = _area_in_sector(y[rows[i]], y[rows[i] + 1], x[cols[j]], x[cols[j] + 1], ring, rays)
            share[i, j] = crossed / (pitch[0] * pitch[1])
            i, j = np.nonzero(share > _SLIVER)
            yield rows[i] * shape[1] + cols[j], share[i, j]


def _rays(ring: Ring, sector: int) -> tuple[Ray, ...]:
    """Give the half-planes whose intersection is the wedge of a sector: two, or none for a whole ring."""
    from scipy.special import cosdg, sindg  # noqa: PLC0415  as above; exact at right angles, unlike cos and sin

    if ring.sectors == 1:
        return ()
    begin, end = (ring.start_deg + k * 360 / ring.sectors for k in (sector, sector + 1))
    return (float(cosdg(begin)), -float(sindg(begin))), (-float(cosdg(end)), float(sindg(end)))


def _area_in_sector(
    top: Floats, bottom: Floats, left: Floats, right: Floats, ring: Ring, rays: tuple[Ray, ...]
) -> Floats:
    """Measure, exactly, the parts of rectangles in one sector of a ring about the origin; all lengths in mm.

    By Green's theorem the area is the integral of ``r² dθ / 2`` along the border of the part. The rays run through the
    origin and add nothing, so it is enough to cut the four edges of the rectangle at the rays, and r at the circles.
    """
    mirrored = tuple((b, a) for a, b in rays)
    return (
        _swept(top, left, right, ring, rays)
        - _swept(bottom, left, right, ring, rays)
        + _swept(left, top, bottom, ring, mirrored)
        - _swept(right, top, bottom, ring, mirrored)
    )


def _swept(height: Floats, begin: Floats, end: Floats, ring: Ring, rays: tuple[Ray, ...]) -> Floats:
    """Measure what a radius sweeps of a ring's sector while its end runs from (begin, height) to (end, height)."""
    for a, b in rays:
        cut = np.clip(-a * height / b, begin, end) if b else np.where(a * height >= 0, begin, end)
        begin, end = (cut, end) if b >= 0 else (begin, cut)
    return _swept_disc(height, begin, end, ring.outer_mm) - _swept_disc(height, begin, end, ring.inner_mm)


def _swept_disc(height: Floats, begin: Floats, end: Floats, radius: float) -> Floats:
    """Measure the same for a disc: a triangle over the chord of the edge, circular sectors beside it."""
    chord = np.sqrt(np.maximum(radius**2 - height**2, 0.0))
    enter, leave = np.clip(begin, -chord, chord), np.clip(end, -chord, chord)
    angle = _turn(height, begin, enter) + _turn(height, leave, end)
    swept: Floats = (height * (enter - leave) + radius**2 * angle) / 2
    return swept


def _turn(height: Floats, begin: Floats, end: Floats) -> Floats:
    """Measure the angle at the origin from (begin, height) to (end, height), in radians."""
    return np.arctan2(height * (begin - end), begin * end + height**2)
