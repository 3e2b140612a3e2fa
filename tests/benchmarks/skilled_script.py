"""What a skilled user would write: the macular part of an exam by numpy, cv2 and eyepy, from its folder to a JSON file.

    python tests/benchmarks/skilled_script.py EXAM RESULT.json

Polygons are filled by cv2 and counted down the columns; ETDRS is eyepy's grid on voxel masks, halves, quadrants and the
asymmetry matrix are boolean masks on the map. It fits one orientation, and fills nothing that was not scanned.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import cv2
import eyepy
import numpy as np
from eyepy.core.annotations import EyeVolumePixelAnnotation

GCC = ("rnfl", "gcl", "ipl")
GRID = {"radii": (0.5, 1.5, 3.0), "n_sectors": (1, 4, 4), "rotation": (0, 45, 45)}


def main(folder: Path, target: Path) -> None:
    """Measure an exam."""
    exam = json.loads((folder / "exam.json").read_text(encoding="utf-8"))
    with np.load(folder / "exam.npz") as archive:
        layers = {name.partition("/")[2]: archive[name] for name in archive.files if name.startswith("layer_")}
    shape = exam["num_slices"], exam["pixel_image_height"], exam["pixel_image_width"]
    names = [str(name) for name in layers["class_names"]]
    masks = {name: np.zeros(shape, np.uint8) for name in names}
    corners = np.rint(layers["points"]).astype(np.int32)
    for start, end, at, kind in zip(
        layers["offsets"], layers["offsets"][1:], layers["slices"], layers["classes"], strict=False
    ):
        cv2.fillPoly(masks[names[kind]][at], [corners[start:end]], 1)
    row = 1000 * exam["pixel_spacing_row"]
    maps = {name: mask.sum(axis=1, dtype=np.uint32) * row for name, mask in masks.items()}

    z = int(np.argmax(exam["landmarks"]["center"]))
    x = exam["landmarks"]["coordinates"][z][1][0]
    inner = sum(maps[name] for name in GCC)
    down = (np.arange(shape[0]) - z)[:, None] * exam["slice_thickness"]
    right = (np.arange(shape[2]) - x)[None] * exam["pixel_spacing_column"]
    disc = down**2 + right**2 <= 9
    turn = np.degrees(np.arctan2(down, right))
    result: dict[str, Any] = {
        "retina": etdrs(np.maximum.reduce([*masks.values()]), exam),
        "etdrs": etdrs(np.maximum.reduce([masks[name] for name in GCC]), exam),
        "halves": {"superior": mean(inner, disc & (down < 0)), "inferior": mean(inner, disc & (down > 0))},
        "quadrants": [mean(inner, disc & ((turn + 45) % 360 // 90 == k)) for k in range(4)],
    }
    within = (abs(down) <= 3) & (abs(right) <= 3)
    cells = [
        [
            mean(inner, within & (np.floor((down + 3) / 0.75) == i) & (np.floor((right + 3) / 0.75) == j))
            for j in range(8)
        ]
        for i in range(8)
    ]
    result["asymmetry"] = (np.array(cells[:4]) - np.array(cells[:3:-1])).tolist()
    least = min(result["halves"].values())
    result["stage"] = next(
        (name for name, limit in (("NORMAL", 85), ("EARLY", 75), ("MODERATE", 64)) if least >= limit), "ADVANCED"
    )
    target.write_text(json.dumps(result), encoding="utf-8")


def etdrs(mask: np.ndarray, exam: dict[str, Any]) -> dict[str, float]:
    """The fields of a mask's thickness, by eyepy."""
    slices, _, columns = mask.shape
    high, wide = slices * exam["slice_thickness"], columns * exam["pixel_spacing_column"]
    meta = eyepy.EyeVolumeMeta(
        scale_z=exam["slice_thickness"],
        scale_x=exam["pixel_spacing_column"],
        scale_y=exam["pixel_spacing_row"],
        scale_unit="mm",
        laterality="OD",
        bscan_meta=[
            eyepy.EyeBscanMeta(start_pos=(0, y), end_pos=(wide, y), pos_unit="mm")
            for y in np.arange(slices)[::-1] * high / slices
        ],
    )
    volume = eyepy.EyeVolume(np.zeros(mask.shape, np.float32), meta)
    layer = EyeVolumePixelAnnotation(volume, mask.astype(bool), {"name": "layer", "color": "#000000"}, **GRID)
    return {name: float(value) for name, value in layer.quantification.items() if isinstance(value, int | float)}


def mean(values: np.ndarray, chosen: np.ndarray) -> float:
    """The mean of what a mask chooses."""
    return float(values[chosen].mean())


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:3]))
