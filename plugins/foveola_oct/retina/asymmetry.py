"""Posterior pole asymmetry: the retina in a grid of cells, each against its mirror image across the raphe.

Coordinates are canonical: row 0 is superior, column 0 the image's left. A turned grid is turned clockwise on the screen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import pairwise
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from foveola import EXTRA, Array, Degrees, Output, UnitBy
from foveola_oct.retina.geometry import Laterality
from foveola_oct.retina.sectors import SectorWeights, cell_overlaps, weighted_statistics

Floats = NDArray[np.float64]

CELLS = 8
"""Spectralis: 8 x 8 cells over the central 24 degrees, 32 against 32 (PPAA: IOVS 2166607, 2336730)."""

GridSize = Annotated[
    int, Field(ge=2, le=64, multiple_of=2, description="Cells along each side of the grid; even, for the raphe.")
]
FoveaDiscAngle = Annotated[
    Degrees,
    Field(
        ge=-45,
        le=45,
        description="By how much the grid is turned, clockwise on the screen, to lie along the axis from fovea to disc: "
        "negative in a right eye whose disc is the higher, positive in such a left eye.",
    ),
]
"""The axis is tilted by a median of -6.7 degrees in normal eyes (FoBMO angle: AAO S0161-6420(15)00547-3), and the tilt
changes the asymmetry next to the raphe (PMC6218280); where the disc is, nobody says here, so the default is 0."""
UseRealUnits = Annotated[bool, Field(description="Whether the answer is in µm; otherwise it is in axial px.")]

HalfGrid = Annotated[np.ndarray, Array("rows", "columns"), UnitBy("use_real_units", {True: "µm", False: "px"})]
Shares = Annotated[np.ndarray, Array("rows", "columns")]


class AsymmetryMatrix(Output):
    """Thickness of the cells above and below the raphe, and its difference from that of the mirror cell."""

    superior: HalfGrid
    """Each cell above less its mirror cell below [rows, columns], row 0 most superior; null where too little is known."""
    inferior: HalfGrid
    """Each cell below less its mirror cell above [rows, columns], row 0 next to the raphe."""
    superior_thickness: HalfGrid
    """Mean thickness of the cells above [rows, columns]."""
    inferior_thickness: HalfGrid
    """Mean thickness of the cells below [rows, columns]."""
    coverage: Annotated[Mapping[str, Shares], EXTRA]
    """Share of each cell that was measured, 0 to 1."""
    labels: Annotated[Mapping[str, tuple[tuple[str, ...], ...]] | None, EXTRA] = None
    """The quadrant of each cell as anatomy calls it; needs the laterality."""


def compare_halves(
    values: Floats,
    weights: SectorWeights,
    min_coverage: float,
    laterality: Laterality | None,
    warnings: tuple[str, ...] = (),
) -> AsymmetryMatrix:
    """Average a map over the cells of a grid and compare mirror cells.

    Args:
        values: thickness [rows, columns], canonical, NaN where not measured.
        weights: of the cells of the grid, see `grid_weights`.
        min_coverage: share of a cell that must be measured for it to be reported.
        laterality: of the eye, for the labels.
        warnings: what is to be said besides.
    """
    measured = weighted_statistics(weights, values)
    cells = round(len(measured.mean) ** 0.5)
    reported = measured.covered >= max(min_coverage - 1e-9, 1e-9)
    mean = np.where(reported, measured.mean, np.nan).reshape(cells, cells)
    superior, inferior = np.split(mean, 2)
    return AsymmetryMatrix(
        superior=superior - inferior[::-1],
        inferior=inferior - superior[::-1],
        superior_thickness=superior,
        inferior_thickness=inferior,
        coverage=_by_half(np.minimum(measured.covered, 1.0).reshape(cells, cells)),
        labels=_quadrants(cells, laterality),
        warnings=(*_unreported(reported.reshape(cells, cells)), *warnings),
    )


@lru_cache(maxsize=32)
def grid_weights(
    shape: tuple[int, int],
    pitch: tuple[float, float],
    center: tuple[float, float],
    side: tuple[float, float],
    cells: int,
    angle_deg: float = 0.0,
    coverage: Literal["area", "center"] = "area",
) -> SectorWeights:
    """Weigh the samples of a map by their shares in the cells of a grid, row by row; made once per geometry and reused.

    Areas are exact: products of overlaps where the grid is upright, by Green's theorem where it is turned.

    Args:
        shape: rows and columns of the map.
        pitch: height and width of a sample, mm.
        center: row and column of the grid's centre, in samples from the outer edges of the first row and column.
        side: height and width of the grid, mm.
        cells: along each side.
        angle_deg: by which the grid is turned about its centre, clockwise on the screen.
        coverage: "center" gives a sample wholly to the cell that holds its centre, the upper left one of two.

    >>> weights = grid_weights((3, 4), (2.0, 1.0), (1.5, 2.0), (6.0, 4.0), 2)
    >>> weights.matrix.toarray()[0].reshape(3, 4)
    array([[1. , 1. , 0. , 0. ],
           [0.5, 0.5, 0. , 0. ],
           [0. , 0. , 0. , 0. ]])
    """
    from scipy.sparse import csr_array  # noqa: PLC0415  a listing must not pay for scipy

    if coverage == "center":
        shares = _shares_by_center(shape, pitch, center, side, cells, angle_deg)
    elif angle_deg:
        shares = _shares_turned(shape, pitch, center, side, cells, angle_deg)
    else:
        shares = _shares_upright(shape, pitch, center, side, cells)
    parts = list(shares)
    matrix = csr_array(
        (
            np.concatenate([weights for _, weights in parts]),
            np.concatenate([samples for samples, _ in parts]),
            np.cumsum([0, *(len(samples) for samples, _ in parts)]),
        ),
        shape=(cells**2, shape[0] * shape[1]),
    )
    areas = np.full(cells**2, side[0] * side[1] / cells**2)
    for array in (matrix.data, matrix.indices, matrix.indptr, areas):
        array.flags.writeable = False
    return SectorWeights(matrix, pitch[0] * pitch[1], areas)


def zero_band_warning(values: np.ndarray) -> Iterator[str]:
    """Warn of an outer row or column of zeros, which may be padding."""
    if any((band == 0).all() for band in (values[0], values[-1], values[:, 0], values[:, -1])):
        yield "an outer row or column is all 0, perhaps padding: pad with null"
