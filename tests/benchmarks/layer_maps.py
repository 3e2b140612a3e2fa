"""Thickness maps of all layers, axial, exact, from polygons in memory.

Beside us: polygons filled by cv2, whose pixels are counted down each column; voxel masks that eyepy projects, with its
ETDRS grid on each, as its users do. Floor: numpy reads the vertices and writes the maps, once.
"""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from measuring import best_seconds, optional, read_options, report
from numpy.typing import NDArray
from synthetic import PIXEL_SPACING_ROW_MM, SIDE_MM, Size, as_outlines

from foveola_oct.retina import LayerSegmentation, Outlines
from foveola_oct.thickness.get_layer_thickness_map import get_layer_thickness_map

Maps = NDArray[np.float64]


def ours(layers: LayerSegmentation, size: Size) -> list[Maps]:
    """The operation, whole: warnings, absence, the window."""
    answer = get_layer_thickness_map.run(
        {
            "segmentation_instances": layers,
            **size.spacings,
            "pixel_image_height": size.rows,
            "pixel_image_width": size.columns,
            "exam_center_coordinate_xz": size.center,
            "zone_of_interest": None,
            "run_resolution": None,
            "padding_value": None,
        }
    )
    return [one.values for one in answer.thickness_maps.maps.values()]


def floor(points: NDArray[np.float64], shape: tuple[int, int, int]) -> Maps:
    """Read all that is needed, write all that is asked for."""
    return np.full(shape, points.sum())


def by_cv2(outlines: Outlines, size: Size) -> Maps:
    """Fill each polygon, count down the columns: the edge's own pixels count, so it is one too thick."""
    import cv2  # noqa: PLC0415  a peer

    maps = np.zeros((size.layers, size.slices, size.columns))
    starts = outlines.offsets.tolist()
    corners = np.rint(outlines.points).astype(np.int32)
    for place, (start, end) in enumerate(pairwise(starts)):
        mask = np.zeros((size.rows, size.columns), np.uint8)
        cv2.fillPoly(mask, [corners[start:end]], 1)
        maps[outlines.classes[place], outlines.slices[place]] += mask.sum(axis=0, dtype=np.uint32)
    return maps


def eyepy_volume(size: Size) -> Any:
    """What eyepy keeps its annotations in; no part of the time."""
    import eyepy  # noqa: PLC0415  a peer

    heights = np.arange(size.slices)[::-1] * SIDE_MM / size.slices
    meta = eyepy.EyeVolumeMeta(
        scale_z=SIDE_MM / size.slices,
        scale_x=SIDE_MM / size.columns,
        scale_y=PIXEL_SPACING_ROW_MM,
        scale_unit="mm",
        laterality="OD",
        bscan_meta=[eyepy.EyeBscanMeta(start_pos=(0, y), end_pos=(SIDE_MM, y), pos_unit="mm") for y in heights],
    )
    return eyepy.EyeVolume(np.zeros((size.slices, size.rows, size.columns), np.float32), meta)


def by_eyepy(volume: Any, tops: Maps, bottoms: Maps, size: Size) -> Maps:
    """A voxel mask of each layer, projected by eyepy and measured on its ETDRS grid."""
    from eyepy.core.annotations import EyeVolumePixelAnnotation  # noqa: PLC0415  a peer

    rows = np.arange(size.rows)[:, None]
    etdrs = {"radii": (0.5, 1.5, 3.0), "n_sectors": (1, 4, 4), "rotation": (0, 45, 45)}
    maps = np.empty(tops.shape)
    for place, (top, bottom) in enumerate(zip(tops, bottoms, strict=True)):
        mask = (rows >= top[:, None]) & (rows < bottom[:, None])
        layer = EyeVolumePixelAnnotation(volume, mask, {"name": size.layer_names[place], "color": "#000000"}, **etdrs)
        assert layer.quantification
        maps[place] = np.flip(layer.projection, axis=0)
    return maps


def main() -> None:
    """Measure."""
    options = read_options(__doc__ or "")
    size = Size.of(options)
    outlines = as_outlines(size)
    layers = LayerSegmentation(outlines=outlines)
    y = outlines.points[:, 1].reshape(size.slices, size.layers, 2, size.columns).swapaxes(0, 1)
    tops, bottoms = y[:, :, 0], y[:, :, 1, ::-1]

    contestants = {
        "foveola": partial(ours, layers, size),
        "floor": partial(floor, outlines.points, tops.shape),
        "cv2": partial(by_cv2, outlines, size) if optional("cv2") else None,
        "eyepy": partial(by_eyepy, eyepy_volume(size), tops, bottoms, size) if optional("eyepy") else None,
    }
    exact = bottoms - tops
    np.testing.assert_array_equal(np.stack(ours(layers, size)), exact)
    for name, thicker in (("cv2", 1.0), ("eyepy", 0.0)):
        if contestants[name]:
            assert abs((contestants[name]() - exact).mean() - thicker) < 0.1, name
    seconds = best_seconds(contestants, options.seconds)
    reach = "<= 12 x floor; cv2 >= 10 x, eyepy >= 80 x as long"
    report("all layer maps, axial, from polygons", reach, size, seconds, contestants)


if __name__ == "__main__":
    main()
