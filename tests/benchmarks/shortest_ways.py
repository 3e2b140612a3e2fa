"""Thickness maps of all layers by the shortest way to the lower border (`min_dist`), from polygons in memory.

Beside us: a KD-tree of the lower border's vertices for each layer on each B-scan, asked by each vertex of the upper
one, which misses the way to what lies between vertices.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from measuring import best_seconds, read_options, report
from numpy.typing import NDArray
from scipy.spatial import KDTree
from synthetic import PIXEL_SPACING_ROW_MM, SIDE_MM, Size, as_outlines

from foveola_oct.retina.thickness import min_dist_thickness

Maps = NDArray[np.float64]


def by_tree(tops: Maps, bottoms: Maps, aspect: float) -> Maps:
    """The nearest vertex of the lower border."""
    ways = np.empty(tops.shape)
    x = np.arange(tops.shape[-1]) * aspect
    for place in np.ndindex(tops.shape[:2]):
        tree = KDTree(np.column_stack([x, bottoms[place]]))
        ways[place], _ = tree.query(np.column_stack([x, tops[place]]))
    return ways


def main() -> None:
    """Measure."""
    options = read_options(__doc__ or "")
    size = Size.of(options)
    outlines = as_outlines(size)
    columns, aspect = np.arange(float(size.columns)), SIDE_MM / size.columns / PIXEL_SPACING_ROW_MM
    y = outlines.points[:, 1].reshape(size.slices, size.layers, 2, size.columns).swapaxes(0, 1)
    tops, bottoms = y[:, :, 0], y[:, :, 1, ::-1]
    contestants = {
        "foveola": lambda: min_dist_thickness(outlines, columns, size.columns, aspect)[0],
        "floor": lambda: np.full(tops.shape, outlines.points.sum()),
        "KD-tree": partial(by_tree, tops, bottoms, aspect),
    }
    over = contestants["KD-tree"]() - contestants["foveola"]()
    assert over.min() > -1e-9, "the way to a polyline is never longer than that to its vertices"
    assert over.mean() < 0.1, "nor much shorter"
    seconds = best_seconds(contestants, options.seconds)
    report("min_dist, all layers", "KD-tree >= 5 x as long", size, seconds)


if __name__ == "__main__":
    main()
