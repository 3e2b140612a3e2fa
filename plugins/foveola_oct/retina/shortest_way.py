"""The shortest way from one border of a layer to the other, over the whole exam at once.

Frame: rows of samples one column apart, y growing downwards in pixels. The way from a sample of the upper border leads
to the polyline through the samples of the lower one, not only to its vertices.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from foveola_oct.retina.arrays import Floats

Indices = NDArray[np.intp]

BLOCK = 65_536
"""Samples whose distances are sought at a time: enough to be worth numpy's calls, few enough for the cache."""
SPARSE = 0.25
"""Of all samples: when fewer may still come nearer they are picked; to pick costs as much as to try three times."""


def shortest_ways(top: Floats, bottom: Floats, lateral: float) -> Floats:
    """Measure the distance from each (column, top) to the polyline of its row's bottoms.

    Args:
        top: [..., K], y in px.
        bottom: [..., K], y in px; NaN breaks the polyline.
        lateral: from column to column, in the same unit.

    Returns:
        [..., K], px; NaN where top or bottom is, or bottom lies above top.

    A layer on a slope of 3/4 is 4/5 as thick as it is high:

    >>> slope = np.arange(9.0) * 3 / 4
    >>> shortest_ways(slope, slope + 2, lateral=1.0)[2:7].round(12).tolist()
    [1.6, 1.6, 1.6, 1.6, 1.6]
    """
    columns = top.shape[-1]
    distance = np.subtract(bottom, top, order="C")  # so that its rows are a view
    distance[distance < 0] = np.nan
    rows = distance.reshape(-1, columns)
    tops, bottoms = (np.reshape(y, rows.shape) for y in (top, bottom))
    for start in range(0, len(rows), max(1, BLOCK // columns)):
        block = slice(start, start + max(1, BLOCK // columns))
        nearest = _squared_distances(tops[block] / lateral, bottoms[block] / lateral, rows[block] / lateral)
        np.minimum(rows[block], np.sqrt(nearest) * lateral, out=rows[block])
    return distance


def _squared_distances(top: Floats, bottom: Floats, drop: Floats) -> Floats:
    """The squares of the shortest ways, columns one apart, where the axial distance `drop` is not NaN.

    A segment n columns away is at least n away, and as far below as the highest bottom around: segments are tried
    outwards until that exceeds the best distance found.
    """
    best = drop**2
    clear = _clearance(top, bottom, best)
    columns = top.shape[1]
    margin = min(columns, int(np.sqrt(np.fmax.reduce(best - clear, axis=None, initial=0)))) + 1

    def padded(values: Floats) -> Floats:
        framed = np.full((len(values) + 1, margin + columns), np.nan)
        framed[:-1, margin:] = values
        return framed.ravel()

    top, bottom, best, clear = padded(top), padded(bottom), padded(best), padded(clear)
    slope = np.append(np.diff(bottom), np.nan)
    ends = np.isnan(slope)  # here a segment is its first point
    slope[ends] = 0
    weight = np.where(ends, 0, 1 / (1 + slope**2))

    def nearer(best: Floats, top: Floats, right: slice | Indices, left: slice | Indices) -> Floats:
        """The least of some squares and those of the ways to the segments that begin `away` columns on either side."""
        for at, x in ((right, away), (left, -away - 1)):
            rise, y = slope[at], bottom[at] - top
            part = (x + y * rise) * weight[at]
            np.clip(part, -1, 0, out=part)
            y -= part * rise
            best = np.fmin(best, (x - part) ** 2 + y**2)
        return best

    everywhere, away = slice(margin, best.size - margin - columns), 0
    samples = best[everywhere]
    while away < margin and np.count_nonzero(away**2 + clear[everywhere] < samples) > SPARSE * samples.size:
        right, left = (slice(everywhere.start + shift, everywhere.stop + shift) for shift in (away, -away - 1))
        samples[:] = nearer(samples, top[everywhere], right, left)
        away += 1
    active = np.flatnonzero(away**2 + clear < best)
    while active.size and away < margin:
        best[active] = nearest = nearer(best[active], top[active], active + away, active - away - 1)
        away += 1
        active = active[away**2 + clear[active] < nearest]
    return best.reshape(-1, margin + columns)[:-1, margin:]


def _clearance(top: Floats, bottom: Floats, best: Floats) -> Floats:
    """The square of how far each top lies above the highest bottom among those within its reach.

    The reach of a point is what its distance, whose square is `best`, leaves for the lateral way. Narrower windows
    have more clearance and so less reach: from the widest to the narrowest, each that holds the reach shortens it.
    """
    windows, span = [(0, bottom)], 0
    limit = np.fmax.reduce(best, axis=None, initial=0)
    while span**2 < limit:
        shift, inner = span + 1, windows[-1][1]
        outer = inner.copy()
        np.fmin(outer[:, shift:], inner[:, :-shift], out=outer[:, shift:])
        np.fmin(outer[:, :-shift], inner[:, shift:], out=outer[:, :-shift])
        span += shift
        windows.append((span, outer))
    clear = np.zeros_like(best)
    for span, highest in reversed(windows):
        clear = np.where(best - clear <= span**2, np.fmax(highest - top, 0) ** 2, clear)
    return clear
