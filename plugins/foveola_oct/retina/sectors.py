"""What a map says in each sector of fovea-centred circles: means, deviations and totals, by exact area weights.

Coordinates are canonical: row 0 is the superior edge, column 0 the left edge of the image. Positions are counted in
cells from the outer edge of the first row and column, so that cell (i, j) spans [i, i + 1] x [j, j + 1].
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from math import inf
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from foveola_oct.retina.arrays import Floats
from foveola_oct.retina.rings import Ring
from foveola_oct.retina.sector_shares import Shares, shares_by_area, shares_by_center

if TYPE_CHECKING:
    from scipy.sparse import csr_array  # at run time only once weights are made: a listing must not pay for scipy

Numbers = TypeVar("Numbers", bound=NDArray[Any])

_FLAT = 1e-4
"""Below this part of the mean square a variance is not told by mean squares: it lost four of sixteen digits."""


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

    Areas are exact: the border of a cell is integrated by Green's theorem.

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

    >>> from foveola_oct.retina import ETDRS_RINGS
    >>> weights = sector_weights((25, 512), (0.24, 6 / 512), (12.5, 256.0), ETDRS_RINGS)
    >>> (weights.matrix.sum(axis=1) * weights.cell_area).round(6)
    array([0.785398, 1.570796, 1.570796, 1.570796, 1.570796, 5.301438,
           5.301438, 5.301438, 5.301438])
    """
    half = inf if zone_mm is None else zone_mm / 2
    shares = shares_by_area if coverage == "area" else shares_by_center
    areas = np.array([ring.sector_area for ring in rings for _ in range(ring.sectors)])
    return SectorWeights.of(shares(shape, pitch, center, rings, half), shape, pitch, areas)


def weighted_statistics(weights: SectorWeights, values: ArrayLike) -> SectorMoments:
    """Describe a map sector by sector: ``mean = Σwt / Σw``, ``std = sqrt(Σw(t - mean)² / Σw)`` over finite samples.

    The deviations are taken from the mean of their own sector, so a constant sector has no spread.

    Args:
        weights: of the geometry of the map.
        values: [rows, cols] or a stack [..., rows, cols], canonical; what is not finite was not measured.

    >>> from foveola_oct.retina import halves
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

    >>> from foveola_oct.retina import halves
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
