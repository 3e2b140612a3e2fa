"""The vessel map sample by sample: statuses of the zone, padding, and that samples stay where they are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from foveola import InputError
from foveola_oct.retina import ORIENTATIONS, Orientation
from foveola_oct.vessel_map.get_vessel_map_img_space import get_vessel_map_img_space as operation

RIGHT = ORIENTATIONS[0]

Flat = dict[str, Any]


def scan(shape: tuple[int, int], pitch: tuple[float, float], center: tuple[float, float], **values: Any) -> Flat:
    """A scan of shape (slices, columns) and pitch (between slices, columns) whose images have a gradient."""
    rows = np.add.outer(np.arange(shape[0]), np.arange(shape[1])) % 200
    images = np.repeat(rows[:, None, :], 8, axis=1).astype(np.uint8)
    return {
        "bscan_images": images,
        "exam_center_coordinate_xz": list(center),
        **RIGHT.model_dump(),
        "slice_thickness": pitch[0],
        "pixel_spacing_column": pitch[1],
        "include_extras": True,
        **values,
    }


@pytest.mark.parametrize(
    ("shape", "pitch", "center", "status", "size"),
    [
        ((25, 512), (0.24, 0.01171875), (256, 12), "OK", (25, 512)),
        ((128, 512), (0.0703125, 0.017578125), (256, 64), "OK_CROPPED", (85, 341)),
        ((22, 110), (0.25, 0.05), (55, 11), "OK_PADDED", (24, 120)),
        ((22, 180), (0.25, 0.05), (90, 11), "OK_CROPPED_PADDED", (24, 120)),
        ((24, 90), (0.25, 0.05), (45, 12), "ZONE_OF_INTEREST_NOT_REACHED", (24, 90)),
        ((24, 120), (0.25, 0.05), (75, 12), "OK_CROPPED_PADDED", (24, 120)),
        ((24, 120), (0.25, 0.05), (90, 12), "ZONE_OF_INTEREST_NOT_REACHED", (24, 120)),
    ],
)
def test_status_and_shape(
    shape: tuple[int, int], pitch: tuple[float, float], center: tuple[float, float], status: str, size: tuple[int, int]
) -> None:
    """The zone window of thickness maps: 6 mm, of which 5 must be scanned."""
    found = operation.call(scan(shape, pitch, center), lists=False)
    assert (found["status"], found["vessel_map"].shape) == (status, size)


def test_documented_answer() -> None:
    """Without extras there are the map, whole numbers in lists, and the status."""
    found = operation.call(scan((24, 120), (0.25, 0.05), (60, 12), include_extras=False))
    assert set(found) == {"vessel_map", "status"}
    assert {type(grey) for row in found["vessel_map"] for grey in row} == {int}


@pytest.mark.parametrize(("padding", "shown"), [(0, 0), (7, 7), (-1, -1), (0.5, 0.5), (None, None), (300, 300)])
def test_padded_samples_are_the_padding_value(padding: float | None, shown: float | None) -> None:
    """Padding comes after stretching and is not stretched; null is null."""
    found = operation.call(scan((22, 110), (0.25, 0.05), (55, 11), padding_value=padding))
    picture = found["vessel_map"]
    assert {picture[0][0], picture[-1][-1], picture[12][0]} == {shown}
    assert 0 <= picture[12][60] <= 255


def test_samples_stay_where_they_are() -> None:
    """A bright spot at slice i and column j lands at i and j less the window's start."""
    request = scan((40, 200), (0.25, 0.05), (110, 22), projection="mean")
    images = np.full((40, 8, 200), 60, dtype=np.uint8)
    images[25, :, 120] = 250
    found = operation.call(request | {"bscan_images": images}, lists=False)
    spot = np.argwhere(found["vessel_map"] == 255)
    assert spot.tolist() == [[25 - (22 - 12), 120 - (110 - 60)]]


def test_frame_is_the_acquisition(orientation: Orientation) -> None:
    """However it was scanned, rows are slices in file order: the map overlays thickness maps."""
    request = scan((24, 120), (0.25, 0.05), (60, 12))
    turned = operation.call(request | orientation.model_dump())
    assert turned["vessel_map"] == operation.call(request)["vessel_map"]


def test_scaling_changes_nothing() -> None:
    """Samples are samples: the scaling factor is read, checked and not used."""
    request = scan((24, 120), (0.25, 0.05), (60, 12))
    assert operation.call(request | {"scaling_factor_visualization": 7}) == operation.call(request)


def test_whole_exam() -> None:
    """Without a zone of interest the exam stays whole."""
    found = operation.call(scan((30, 200), (0.25, 0.05), (0, 0), zone_of_interest=None), lists=False)
    assert (found["status"], found["vessel_map"].shape) == ("OK", (30, 200))


def test_artifacts_are_counted_in_the_exam() -> None:
    """Painted slices are named by their index in the exam, and left where painting is not wanted."""
    request = scan((40, 200), (0.25, 0.05), (110, 22))
    images = request["bscan_images"].copy()
    images[25] = 0
    painted = operation.call(request | {"bscan_images": images}, lists=False)
    left = operation.call(request | {"bscan_images": images, "inpaint_artifacts": False}, lists=False)
    assert painted["inpainted_slices"] == [25]
    assert left["vessel_map"][25 - 10].max() == 0 < painted["vessel_map"][25 - 10].mean()


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("exam_center_coordinate_xz", {"exam_center_coordinate_xz": [120, 12]}),
        ("exam_center_coordinate_xz", {"exam_center_coordinate_xz": [60, -1]}),
        ("min_exam_width_mm", {"min_exam_width_mm": 7}),
        ("zone_of_interest", {"zone_of_interest": 0}),
        ("padding_value", {"padding_value": float("inf")}),
        ("bscan_images", {"bscan_images": []}),
        ("scaling_factor_visualization", {"scaling_factor_visualization": 0}),
    ],
)
def test_wrong_input_is_refused_by_name(field: str, change: Flat) -> None:
    """A centre outside the exam, a zone that is none, no images: the error names the field."""
    with pytest.raises(InputError) as error:
        operation.call(scan((24, 120), (0.25, 0.05), (60, 12)) | change)
    assert error.value.field.partition(".")[0] == field
