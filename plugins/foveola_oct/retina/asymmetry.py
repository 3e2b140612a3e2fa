"""Posterior pole asymmetry: the retina in a grid of cells, each against its mirror image across the raphe.

Coordinates are canonical: row 0 is superior, column 0 the image's left. Samples stand for rectangles and are shared
among cells by area; rows and columns of a place are counted in samples from the outer edges of the first ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import product
from typing import Annotated, Literal, NamedTuple

import numpy as np
from pydantic import Field

from foveola import EXTRA, Array, Degrees, Output, UnitBy
from foveola_oct.retina.arrays import Floats
from foveola_oct.retina.circles import enough_measured, unreported
from foveola_oct.retina.geometry import Laterality
from foveola_oct.retina.sector_shares import SLIVER, Shares
from foveola_oct.retina.sectors import SectorWeights, cell_overlaps, weighted_statistics

CELLS = 8
"""Spectralis: 8 x 8 cells over the central 24 degrees, 32 against 32 (IOVS 2166607, 2336730)."""

GridSize = Annotated[
    int, Field(ge=2, le=64, multiple_of=2, description="Cells along each side of the grid; even, for the raphe.")
]

# The axis from fovea to disc is tilted by a median of -6.7 degrees in normal eyes (aaojournal.org
# S0161-6420(15)00547-3), and the tilt changes the asymmetry next to the raphe (PMC6218280). Devices turn the grid along
# it; nobody says here where the disc is, so that by default it is not turned.
FoveaDiscAngle = Annotated[
    Degrees,
    Field(
        ge=-45,
        le=45,
        description="By how much the grid is turned, clockwise on the screen, to lie along the axis of fovea and disc: "
        "negative in a right eye whose disc is higher than the fovea, positive in such a left eye.",
    ),
]
UseRealUnits = Annotated[bool, Field(description="Whether the answer is in real units; otherwise it is in px.")]
HalfGrid = Annotated[np.ndarray, Array("rows", "columns"), UnitBy("use_real_units", {True: "µm", False: "px"})]

HALVES = ("superior", "inferior")

_UPRIGHT_DEG = 1e-9
"""A turn that moves no corner by the width of an atom is none."""


class AsymmetryMatrix(Output):
    """Thickness of the cells above and below the raphe, and its difference from that of the mirror cell."""

    superior: HalfGrid
    """Each cell above less its mirror cell [rows, columns], row 0 most superior; null where too little was measured."""
    inferior: HalfGrid
    """Each cell below less its mirror cell [rows, columns], row 0 next to the raphe."""
    superior_thickness: HalfGrid
    """Mean thickness of the cells above [rows, columns]."""
    inferior_thickness: HalfGrid
    """Mean thickness of the cells below [rows, columns]."""
    coverage: Annotated[Mapping[str, Annotated[np.ndarray, Array("rows", "columns")]], EXTRA]
    """Share of each cell that was measured, 0 to 1."""
    labels: Annotated[Mapping[str, tuple[tuple[str, ...], ...]] | None, EXTRA] = None
    """The quadrant in which each cell lies; needs the laterality."""


def compare_halves(
    values: Floats,
    weights: SectorWeights,
    *,
    min_coverage: float,
    laterality: Laterality | None,
    warnings: Iterable[str] = (),
) -> AsymmetryMatrix:
    """Average a map over the cells of a grid and compare mirror cells.

    Args:
        values: thickness [rows, columns], canonical, in the unit of the answer; NaN where not measured.
        weights: of the cells, see `grid_weights`.
        min_coverage: share of a cell that must be measured for it to be reported.
        laterality: the eye, for the labels.
        warnings: what else a reader of the numbers should know.
    """
    measured = weighted_statistics(weights, values)
    cells = round(len(measured.mean) ** 0.5)
    is_reported = enough_measured(measured.covered, min_coverage)
    above, below = np.split(np.where(is_reported, measured.mean, np.nan).reshape(cells, cells), 2)
    covered = np.split(np.minimum(measured.covered, 1.0).reshape(cells, cells), 2)
    return AsymmetryMatrix(
        superior=above - below[::-1],
        inferior=below - above[::-1],
        superior_thickness=above,
        inferior_thickness=below,
        coverage=dict(zip(HALVES, covered, strict=True)),
        labels=_quadrants(cells, laterality),
        warnings=(*unreported(_places(cells), measured.covered, is_reported), *warnings),
    )


@lru_cache(maxsize=32)
def grid_weights(
    shape: tuple[int, int],
    pitch: tuple[float, float],
    center: tuple[float, float],
    sides: tuple[float, float],
    cells: int,
    angle_deg: float = 0.0,
    coverage: Literal["area", "center"] = "area",
) -> SectorWeights:
    """Share the samples of a map among the cells of a grid; made once per geometry and reused.

    Shares are exact: products of overlaps where the grid is upright, Green's theorem where it is turned.

    Args:
        shape: rows and columns of the map.
        pitch: height and width of a sample, mm.
        center: row and column of the grid's centre.
        sides: height and width of the grid, mm.
        cells: along each side.
        angle_deg: by which the grid is turned about its centre, clockwise on the screen.
        coverage: "center" gives a sample wholly to the cell that holds its centre.

    Returns:
        The cells row by row, as sectors.

    >>> weights = grid_weights((3, 4), (2.0, 1.0), (1.5, 2.0), (6.0, 4.0), 2)
    >>> weights.matrix.toarray()[0].reshape(3, 4)
    array([[1. , 1. , 0. , 0. ],
           [0.5, 0.5, 0. , 0. ],
           [0. , 0. , 0. , 0. ]])
    """
    grid = _Grid(shape, pitch, center, sides, cells, angle_deg)
    if coverage == "center":
        shares = _shares_by_center(grid)
    elif abs(angle_deg) > _UPRIGHT_DEG:
        shares = _shares_turned(grid)
    else:
        shares = _shares_upright(grid)
    return SectorWeights.of(shares, shape, pitch, np.full(cells**2, sides[0] * sides[1] / cells**2))


class _Grid(NamedTuple):
    """The arguments of `grid_weights`."""

    shape: tuple[int, int]
    pitch: tuple[float, float]
    center: tuple[float, float]
    sides: tuple[float, float]
    cells: int
    angle_deg: float

    @property
    def direction(self) -> tuple[float, float]:
        """Cosine and sine of the turn."""
        turn = np.radians(self.angle_deg)
        return float(np.cos(turn)), float(np.sin(turn))


def _shares_upright(grid: _Grid) -> Shares:
    shape, pitch, center, sides, cells, _ = grid
    borders = np.linspace(-0.5, 0.5, cells + 1)
    in_row, in_column = (
        cell_overlaps(n, c + borders * side / d) for n, c, side, d in zip(shape, center, sides, pitch, strict=True)
    )
    for row, column in product(range(cells), repeat=2):
        i, j = np.flatnonzero(in_row[row] > SLIVER), np.flatnonzero(in_column[column] > SLIVER)
        yield (i[:, None] * shape[1] + j).ravel(), np.outer(in_row[row, i], in_column[column, j]).ravel()


def _shares_turned(grid: _Grid) -> Shares:
    shape, pitch, center, sides, cells, _ = grid
    y, x = ((np.arange(n + 1.0) - c) * d for n, c, d in zip(shape, center, pitch, strict=True))
    v, u = (np.linspace(-0.5, 0.5, cells + 1) * side for side in sides)
    cos, sin = grid.direction
    for row, column in product(range(cells), repeat=2):
        along = u[[column, column + 1, column + 1, column]]
        down = v[[row, row, row + 1, row + 1]]
        corners = np.column_stack([along * cos - down * sin, along * sin + down * cos])
        (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
        i, j = np.flatnonzero((y[1:] > top) & (y[:-1] < bottom)), np.flatnonzero((x[1:] > left) & (x[:-1] < right))
        held = _area_inside(corners, y[i, None], y[i + 1, None], x[j], x[j + 1]) / (pitch[0] * pitch[1])
        samples = i[:, None] * shape[1] + j
        yield samples[held > SLIVER], held[held > SLIVER]


def _shares_by_center(grid: _Grid) -> Shares:
    shape, pitch, center, sides, cells, _ = grid
    y, x = ((np.arange(n) + 0.5 - c) * d for n, c, d in zip(shape, center, pitch, strict=True))
    cos, sin = grid.direction
    down, along = y[:, None] * cos - x * sin, y[:, None] * sin + x * cos
    row, column = (np.floor((t / side + 0.5) * cells) for t, side in zip((down, along), sides, strict=True))
    for cell in product(range(cells), repeat=2):
        samples = np.flatnonzero((row == cell[0]) & (column == cell[1]))
        yield samples, np.ones(len(samples))


def _area_inside(corners: Floats, top: Floats, bottom: Floats, left: Floats, right: Floats) -> Floats:
    """Measure, exactly, the parts of rectangles inside a polygon [corners, xy] that runs clockwise on the screen.

    By Green's theorem the area is the integral of x dy along the polygon, x and y held inside the rectangle. Between
    the borders of the rectangle x is linear, so that the trapezoidal rule is exact.
    """
    area: Floats = np.zeros(np.broadcast_shapes(top.shape, left.shape))
    for (x0, y0), (x1, y1) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        if y0 == y1:
            continue
        (x_high, high), (x_low, low) = sorted([(x0, y0), (x1, y1)], key=lambda corner: corner[1])
        slope = (x_low - x_high) / (low - high)
        begin, end = np.clip(high, top, bottom), np.clip(low, top, bottom)
        with np.errstate(divide="ignore", invalid="ignore"):  # a side that runs straight down crosses neither border
            crossings = np.sort([high + (border - x_high) / slope + 0 * top for border in (left, right)], axis=0)
        y = np.stack(np.broadcast_arrays(begin, *np.fmin(np.fmax(crossings, begin), end), end))
        x = np.clip(x_high + (y - high) * slope, left, right)
        area += np.sign(y1 - y0) * ((x[1:] + x[:-1]) / 2 * np.diff(y, axis=0)).sum(axis=0)
    return area


def _quadrants(cells: int, laterality: Laterality | None) -> dict[str, tuple[tuple[str, ...], ...]] | None:
    if laterality is None:
        return None
    sides = ("temporal", "nasal") if laterality == "R" else ("nasal", "temporal")
    half = cells // 2
    return {
        whole: ((*[prefix + sides[0]] * half, *[prefix + sides[1]] * half),) * half
        for whole, prefix in (("superior", "supero"), ("inferior", "infero"))
    }


def _places(cells: int) -> list[str]:
    """What the answer calls each cell, row by row."""
    half = cells // 2
    return [f"{name}[{row}][{column}]" for name, row, column in product(HALVES, range(half), range(cells))]
