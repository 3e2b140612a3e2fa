"""What tests of the rim share: a scan of a round disc, and the measures of an outline."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import sqrt
from typing import Any

import numpy as np
import pytest

from foveola_oct.retina import ORIENTATIONS, Orientation

COLUMN_MM, ROW_MM, SLICE_MM = 0.01, 0.004, 0.12
EXTENT_MM = (3.96, 3.0)
CENTER_MM = (2.0, 1.5)
DISC_MM, CUP_MM, STEEPNESS = 0.9, 0.5, 0.4
DEPTH_MM = 1.2
RIGHT = ORIENTATIONS[0]
Flat = dict[str, Any]


def bowl(radius_mm: np.ndarray) -> np.ndarray:
    """Height of the inner surface above the opening: 0.15 mm at the edge of the cup."""
    return 0.15 + STEEPNESS * (radius_mm**2 - CUP_MM**2)


def scan(
    orientation: Orientation = RIGHT,
    height: Callable[[np.ndarray], np.ndarray] = bowl,
    without: Sequence[int] = (),
    **values: Any,
) -> Flat:
    """A scan of a round disc, whose inner surface has a height over it that depends on the radius.

    Args:
        orientation: of the scan.
        height: mm over the opening, by the distance from the disc's centre in mm.
        without: places among the nerve's slices whose ILM is missing.
        values: further or other parameters.
    """
    along_x, along_y = EXTENT_MM if not orientation.is_vertical else EXTENT_MM[::-1]
    count, width = round(along_y / SLICE_MM), round(along_x / COLUMN_MM)
    middle_x, middle_y = CENTER_MM if not orientation.is_vertical else CENTER_MM[::-1]
    if orientation.slice_direction in {"BOTTOM_TOP", "RIGHT_LEFT"}:
        middle_y = along_y - middle_y
    if orientation.pixel_direction in {"BOTTOM_TOP", "RIGHT_LEFT"}:
        middle_x = along_x - middle_x
    slices, landmarks, lines = [], [], []
    for index in range(count):
        across = (index + 0.5) * SLICE_MM - middle_y
        if abs(across) >= DISC_MM:
            continue
        chord = sqrt(DISC_MM**2 - across**2)
        ends = [(middle_x + side * chord) / COLUMN_MM - 0.5 for side in (-1, 1)]
        columns = np.arange(width)
        surface = height(np.hypot((columns + 0.5) * COLUMN_MM - middle_x, across))
        missing = len(slices) in without
        slices.append(index)
        landmarks.append([[x, DEPTH_MM / ROW_MM] for x in ends])
        lines.append([] if missing else np.column_stack([columns, (DEPTH_MM - surface) / ROW_MM]))
    return {
        **orientation.model_dump(),
        "pixel_spacing_column": COLUMN_MM,
        "pixel_spacing_row": ROW_MM,
        "slice_thickness": SLICE_MM,
        "num_slices": count,
        "pixel_image_width": width,
        "nerve_slices": slices,
        "nerve_landmarks_list": landmarks,
        "ilm_list": lines,
        "include_extras": True,
        **values,
    }


def measures(outline: Mapping[str, Any]) -> tuple[float, float, float, float]:
    """Area, mean radius about the disc's true centre, least and greatest, mm."""
    points = np.array(outline["mm"])
    x, y = points.T
    radii = np.hypot(*(points - CENTER_MM).T)
    area = abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2
    return area, radii.mean(), radii.min(), radii.max()


@pytest.fixture(scope="session")
def eye() -> Callable[..., Flat]:
    """Makes a scan of a disc of 0.9 mm with a cup of 0.5 mm, or of other heights."""
    return scan


@pytest.fixture(scope="session")
def shape() -> Callable[[Mapping[str, Any]], tuple[float, float, float, float]]:
    """Area, mean radius about the disc's true centre, least and greatest of an outline, mm."""
    return measures
