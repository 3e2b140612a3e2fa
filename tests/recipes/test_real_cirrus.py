"""Real B-scans of another vendor: masks of eight layers, turned into outlines, measured, compared with the masks."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from skimage.measure import find_contours

import foveola

FOLDER = Path(__file__).parents[2] / "../shared/data/cirrus_onh_bscans"
LAYERS = {0: "rnfl", 30: "gcl+ipl", 60: "inl", 90: "opl", 120: "onl", 150: "is", 180: "os", 210: "rpe"}
SCAN = {
    "pixel_spacing_column": 0.030,
    "slice_thickness": 0.030,
    "scan_protocol": "HORIZONTAL_3D",
    "slice_direction": "TOP_BOTTOM",
    "pixel_direction": "LEFT_RIGHT",
}
ROW_UM = 1.953125

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the real scans are not beside this checkout")


def outlines(mask: np.ndarray) -> list[dict[str, object]]:
    """Each layer's outlines, half way between its pixels and their neighbours."""
    return [
        {"points": (contour[:-1, ::-1] - 1).tolist(), "className": name}
        for value, name in LAYERS.items()
        for contour in find_contours(np.pad(mask == value, 1).astype(float), 0.5)
    ]


@pytest.fixture(scope="module")
def masks() -> list[np.ndarray]:
    """The two masks [1024, 200]."""
    return [cv2.imread(str(FOLDER / f"bscan{number}_mask.png"), cv2.IMREAD_GRAYSCALE) for number in (1, 2)]


@pytest.fixture(scope="module")
def maps(masks: list[np.ndarray]) -> dict[str, list[list[float]]]:
    """Thickness of each layer, px, on the two B-scans."""
    answer = foveola.call(
        "get_layer_thickness_map",
        segmentation_instances=[outlines(mask) for mask in masks],
        zone_of_interest=None,
        run_resolution=None,
        pixel_image_height=1024,
        pixel_image_width=200,
        exam_center_coordinate_xz=[100, 0],
        **SCAN,
    )
    return answer["thickness_maps"]


@pytest.mark.parametrize("value", LAYERS)
def test_thickness_is_the_number_of_pixels_in_each_column(value: int, masks, maps) -> None:
    """Outlines half way between pixels give back exactly what the mask counts, in every column."""
    counted = [(mask == value).sum(axis=0).tolist() for mask in masks]
    np.testing.assert_allclose(maps[LAYERS[value]], counted, atol=1e-9)


def test_nerve_fibres_near_the_disc_are_as_thick_as_in_health(maps) -> None:
    """The means of the two B-scans, which lie where Cirrus finds those of healthy eyes (93 µm, deviation 9)."""
    assert np.mean(maps["rnfl"], axis=1) * ROW_UM == pytest.approx([93.887, 108.623], abs=1e-3)
