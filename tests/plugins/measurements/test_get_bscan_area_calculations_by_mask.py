"""Area of each lesion on a B-scan, by the pixels that it covers."""

from __future__ import annotations

import numpy as np
import pytest

from foveola import InputError
from foveola_oct.measurements.get_bscan_area_calculations_by_mask import get_bscan_area_calculations_by_mask
from foveola_oct.measurements.get_bscan_area_calculations_by_polygon import get_bscan_area_calculations_by_polygon

PITCH = {"pixel_spacing_column": 0.01, "pixel_spacing_row": 0.004}
IMAGE = {"pixel_image_height": 200, "pixel_image_width": 300}
PIXEL = 4e-5
RECTANGLE = [[0, 0], [40, 0], [40, 20], [0, 20]]


def call(*outlines, **more):
    """The documented answer for some outlines."""
    instances = [{"points": points, "className": "fluid"} for points in outlines]
    return get_bscan_area_calculations_by_mask.call(
        {"pathology_segm_instances_per_bscan": instances, **PITCH, **IMAGE, **more}
    )


@pytest.mark.parametrize(
    ("points", "pixels"),
    [
        pytest.param(RECTANGLE, 861, id="rectangle"),
        pytest.param([[2, 3], [12, 3], [12, 8], [2, 8]], 66, id="rectangle_inside"),
        pytest.param([[0, 0], [10, 0], [0, 10]], 66, id="triangle"),
        pytest.param([[0, 0], [30, 7], [11, 23]], 309, id="slanted_triangle"),
        pytest.param([[0, 0], [9, 0], [0, 0]], 10, id="line"),
        pytest.param([[-20, 0], [20, 0], [20, 20], [-20, 20]], 21 * 21, id="half_outside"),
        pytest.param([[280, 190], [320, 190], [320, 210], [280, 210]], 20 * 10, id="over_the_corner"),
        pytest.param([[-50, -50], [-10, -50], [-10, -10]], 0, id="outside"),
        pytest.param([[400, 0], [500, 0], [500, 10]], 0, id="right_of_the_image"),
        pytest.param([], 0, id="nothing"),
    ],
)
def test_pixels_count_by_their_centres(points, pixels):
    """A pixel of the image counts if its centre lies inside or on the outline."""
    assert call(points)["areas"] == [pytest.approx(pixels * PIXEL)]


def test_a_traced_outline_gives_its_pixels_back():
    """The outline through the outermost pixel centres of a lesion covers what the model had marked."""
    mask = np.zeros((200, 300), dtype=bool)
    mask[40:60, 100:180] = True
    traced = [[100, 40], [179, 40], [179, 59], [100, 59]]
    assert call(traced)["areas"] == [pytest.approx(mask.sum() * PIXEL)]


def test_large_outlines_cover_what_they_enclose():
    """The two ways to measure differ by about half the outline's length, which vanishes beside a large area."""
    shape = np.array([[0, 0], [17, 3], [19, 12], [4, 15]])
    ratios = []
    for scale in (1, 10, 100):
        request = {
            "pathology_segm_instances_per_bscan": [{"points": (shape * scale).tolist(), "className": "fluid"}],
            **PITCH,
        }
        large = {"pixel_image_height": 2000, "pixel_image_width": 2000}
        [covered] = get_bscan_area_calculations_by_mask.call({**request, **large})["areas"]
        [enclosed] = get_bscan_area_calculations_by_polygon.call(request)["areas"]
        ratios.append(covered / enclosed - 1)
    assert ratios == sorted(ratios, reverse=True)
    assert 0 < ratios[-1] < 0.003


def test_the_largest_image_is_counted_run_by_run():
    """Four thousand million pixels cost no more than their 65,535 rows."""
    largest = {"pixel_image_height": 65535, "pixel_image_width": 65535}
    around = [[-1e6, -1e6], [1e6, -1e6], [1e6, 1e6], [-1e6, 1e6]]
    assert call(around, **largest)["areas"] == [pytest.approx(65535**2 * PIXEL, rel=1e-12)]


def test_instances_keep_their_order_and_degenerate_ones_are_warned_of():
    """A line covers the pixels on it, and is said to enclose nothing."""
    answer = call(RECTANGLE, [[5, 5], [8, 5]], include_extras=True)
    assert answer["areas"] == pytest.approx([861 * PIXEL, 4 * PIXEL])
    assert answer["warnings"] == ["instance 1 (fluid) encloses nothing: its outline has no area"]


def test_without_instances_there_are_no_areas():
    """An empty list is answered by an empty list."""
    assert call() == {"areas": []}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("pixel_spacing_row", None),
        ("pixel_spacing_column", 11.7),
        ("pixel_image_height", 0),
        ("pixel_image_height", 10**9),
        ("pixel_image_width", -5),
        ("pixel_image_width", 10.5),
        ("pixel_image_height", "200"),
        ("pixel_image_height", None),
    ],
)
def test_bad_requests_name_the_field(field, value):
    """What is wrong is told by the name of the field."""
    with pytest.raises(InputError) as caught:
        call(RECTANGLE, **{field: value})
    assert caught.value.field == field
