"""The synthetic exam on which the benchmarks run: layers as borders or as polygons with a vertex per column.

Borders undulate, have a foveal pit and jitter by a fraction of a pixel, as a model's do that draws by column.
"""

from __future__ import annotations

from argparse import ArgumentParser
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foveola_oct.readers.exam_folder import write_exam
from foveola_oct.retina import LAYER_NAMES, Borders, Outlines

Floats = NDArray[np.float64]

SIDE_MM = 6.0
PIXEL_SPACING_ROW_MM = 0.0039
PIT_DEPTH = 0.45
"""Of the thickness of the retina."""
PIT_WIDTH_MM = 0.6
JITTER_PX = 0.3


@dataclass(frozen=True)
class Size:
    """How large the exam is."""

    slices: int = 128
    rows: int = 512
    columns: int = 1024
    layers: int = 11

    def __str__(self) -> str:
        return f"{self.slices} x {self.rows} x {self.columns}, {self.layers} layers"

    @property
    def layer_names(self) -> tuple[str, ...]:
        """As many names as layers, the usual ones first."""
        return (*LAYER_NAMES, *(f"layer_{place}" for place in range(len(LAYER_NAMES), self.layers)))[: self.layers]

    @property
    def spacings(self) -> dict[str, Any]:
        """Pitches and orientation by the guide's names."""
        return {
            "pixel_spacing_column": SIDE_MM / self.columns,
            "pixel_spacing_row": PIXEL_SPACING_ROW_MM,
            "slice_thickness": SIDE_MM / self.slices,
            "scan_protocol": "HORIZONTAL_3D",
            "slice_direction": "TOP_BOTTOM",
            "pixel_direction": "LEFT_RIGHT",
        }

    @property
    def center(self) -> tuple[float, float]:
        """Where the pit is: column and slice index."""
        return (self.columns - 1) / 2, (self.slices - 1) / 2

    @classmethod
    def add_options(cls, parser: ArgumentParser) -> None:
        """Let a command choose the size."""
        for name, default in vars(cls()).items():
            parser.add_argument(f"--{name}", type=int, default=default)

    @classmethod
    def of(cls, options: Any) -> Size:
        """The size that was chosen."""
        return cls(options.slices, options.rows, options.columns, options.layers)


def make_borders(size: Size, seed: int = 0) -> Floats:
    """Borders [layers + 1, slices, columns], y in px from top to bottom, never crossing."""
    z = (np.arange(size.slices) - size.center[1])[:, None] * SIDE_MM / size.slices
    x = (np.arange(size.columns) - size.center[0]) * SIDE_MM / size.columns
    pit = 1 - PIT_DEPTH * np.exp(-(x**2 + z**2) / (2 * PIT_WIDTH_MM**2))
    floor = size.rows * (0.75 - 0.02 * x + 0.01 * np.sin(2 * x + z) - 0.01 * z**2 / SIDE_MM)
    share = np.linspace(1, 0, size.layers + 1)[:, None, None]
    borders = floor - share * pit * size.rows * 0.18
    jitter = np.random.default_rng(seed).normal(0, JITTER_PX, borders.shape)
    return np.maximum.accumulate(borders + jitter, axis=0)


def as_borders(size: Size, seed: int = 0) -> Borders:
    """The layers as borders."""
    return Borders(borders=make_borders(size, seed), layers=size.layer_names)


def as_outlines(size: Size, seed: int = 0) -> Outlines:
    """The layers as polygons, slice by slice: there along the upper border and back along the lower one."""
    borders = make_borders(size, seed)
    tops, bottoms = (side.swapaxes(0, 1).reshape(-1, size.columns) for side in (borders[:-1], borders[1:]))
    instances = size.slices * size.layers
    points = np.empty((instances, 2 * size.columns, 2))
    points[:, : size.columns, 0] = np.arange(size.columns)
    points[:, size.columns :, 0] = np.arange(size.columns)[::-1]
    points[:, : size.columns, 1], points[:, size.columns :, 1] = tops, bottoms[:, ::-1]
    slices, classes = np.divmod(np.arange(instances), size.layers)
    return Outlines(
        points=points.reshape(-1, 2),
        offsets=np.arange(instances + 1) * 2 * size.columns,
        slices=slices,
        classes=classes,
        class_names=size.layer_names,
        num_slices=size.slices,
    )


def make_landmarks(size: Size) -> dict[str, object]:
    """What a model says of the pit: found on the slices round the middle, rims beside it; no disc."""
    indices = np.arange(size.slices)
    near = np.exp(-(((indices - size.center[1]) / (size.slices / 16)) ** 2))
    x, y = size.center[0], 0.6 * size.rows
    rim = 0.05 * size.columns
    return {
        "indices": indices,
        "center": near,
        "fovea": near,
        "nerve": np.zeros(size.slices),
        "coordinates": np.tile([[x - rim, y], [x, y], [x + rim, y]], (size.slices, 1, 1)),
        "existence": np.repeat(near[:, None], 3, axis=1),
    }


def as_exam(size: Size, layers: Outlines | Borders) -> dict[str, Any]:
    """The named values of an exam with these layers."""
    return {
        **size.spacings,
        "num_slices": size.slices,
        "pixel_image_width": size.columns,
        "pixel_image_height": size.rows,
        "laterality": "R",
        "layer_segmentation": layers,
        "landmarks": make_landmarks(size),
    }


def exam_folder(size: Size, folder: Path) -> Path:
    """An exam on disk, polygons in its `exam.npz`."""
    write_exam(as_exam(size, as_outlines(size)), folder)
    return folder


if __name__ == "__main__":
    options = ArgumentParser(description="Write the synthetic exam to a folder.")
    options.add_argument("folder", type=Path)
    Size.add_options(options)
    chosen = options.parse_args()
    exam_folder(Size.of(chosen), chosen.folder)
