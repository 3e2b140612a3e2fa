"""Which share of each cell of an anisotropic grid lies in each sector of rings, in closed form.

Places are canonical: rows and columns in cells from the outer edges of the first ones, or x and y in mm from the rings'
centre, to the right and down.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from foveola_oct.retina.arrays import Floats
from foveola_oct.retina.rings import Ring

Shares: TypeAlias = Iterator[tuple[NDArray[np.intp], Floats]]
"""Sector by sector, the flat indices of the cells that it meets and the shares of them that it holds."""
Ray: TypeAlias = tuple[float, float]
"""(a, b) of a half-plane ``a * y + b * x >= 0`` whose border runs through the centre."""

SLIVER = 1e-12
"""Shares of a cell below this are rounding where a cell only touches a sector."""


def shares_by_center(
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


def shares_by_area(
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
            i, j = np.nonzero(share > SLIVER)
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
