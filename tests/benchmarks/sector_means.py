"""Mean and spread of every layer in the nine ETDRS fields, by exact area weights that were made before.

Beside us: boolean masks of whole pixels, a `mean` and a `std` each, as users of numpy write it. Floor: numpy reads the
maps and the weights and writes the answers, once. `get_etdrs` is the operation on each layer in turn: the sum of its
layers, its warnings and its answer by level and index are in it.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from measuring import best_seconds, read_options, report
from numpy.typing import NDArray
from synthetic import SIDE_MM, Size, make_borders

from foveola_oct.circles.get_etdrs import get_etdrs
from foveola_oct.retina import (
    ETDRS_RINGS,
    LayerThicknessMaps,
    SectorWeights,
    ThicknessMap,
    sector_weights,
    weighted_statistics,
)

Maps = NDArray[np.float64]


def floor(maps: Maps, weights: SectorWeights) -> Maps:
    """Read all that is needed, write all that is asked for."""
    read = maps.sum() + weights.matrix.data.sum() + weights.matrix.indices.max()
    return np.full((2, len(maps), len(weights.sector_areas)), read)


def by_masks(maps: Maps, masks: list[NDArray[np.bool_]]) -> Maps:
    """Pick the pixels of each field, layer by layer."""
    return np.array([[(one[mask].mean(), one[mask].std()) for mask in masks] for one in maps])


def by_operation(maps: LayerThicknessMaps, size: Size) -> list[object]:
    """`get_etdrs` as a recipe's `foreach` runs it."""
    common = {"layers_thickness_maps": maps, "statistics": ["mean", "std"], **size.spacings}
    return [get_etdrs.run({**common, "used_layers": [layer]}) for layer in size.layer_names]


def main() -> None:
    """Measure."""
    options = read_options(__doc__ or "")
    size = Size.of(options)
    stack = np.diff(make_borders(size), axis=0)
    shape, pitch = stack.shape[1:], (SIDE_MM / size.slices, SIDE_MM / size.columns)
    place = (size.slices / 2, size.columns / 2)
    weigh = partial(sector_weights, shape, pitch, place, ETDRS_RINGS, zone_mm=SIDE_MM)
    weights = weigh()
    whole = weigh(coverage="center").matrix
    masks = [whole[[sector]].toarray().reshape(shape) > 0 for sector in range(whole.shape[0])]
    maps = LayerThicknessMaps(
        maps={name: ThicknessMap(values=one) for name, one in zip(size.layer_names, stack, strict=True)}
    )
    contestants = {
        "foveola": partial(weighted_statistics, weights, stack),
        "floor": partial(floor, stack, weights),
        "boolean masks": partial(by_masks, stack, masks),
        "get_etdrs": partial(by_operation, maps, size),
        "weights, once": partial(sector_weights.__wrapped__, shape, pitch, place, ETDRS_RINGS, zone_mm=SIDE_MM),
    }
    naive = contestants["boolean masks"]()
    assert np.abs(contestants["foveola"]().mean - naive[..., 0]).max() < 0.05 * naive[..., 0].max()  # the same work
    seconds = best_seconds(contestants, options.seconds)
    report("sector statistics, all layers", "<= 5 x floor", size, seconds)


if __name__ == "__main__":
    main()
