"""The part of a layer map that is kept: what is cropped, what is padded, and where the fovea lies in it."""

from __future__ import annotations

import numpy as np
import pytest

from foveola_oct.retina import ORIENTATIONS, EnFaceGeometry, LayerSegmentation
from foveola_oct.retina.en_face import EnFaceSampling
from foveola_oct.thickness.get_layer_thickness_map import get_layer_thickness_map

SCAN = ORIENTATIONS[0].model_dump()


def borders_of(num_slices, width):
    """A layer of rows 100 to 130, as borders."""
    return {"borders": np.stack([np.full((num_slices, width), row) for row in (100.0, 130.0)]), "layers": ["rnfl"]}


def answer_of(shape, center, **changes):
    """What is answered of such a layer, its pixels 0.01 mm wide and its slices 0.25 mm apart."""
    asked = {
        "segmentation_instances": borders_of(*shape),
        "pixel_image_height": 496,
        "pixel_image_width": shape[1],
        "pixel_spacing_column": 0.01,
        "slice_thickness": 0.25,
        "exam_center_coordinate_xz": center,
        "run_resolution": None,
        "include_extras": True,
    }
    return get_layer_thickness_map.call({**SCAN, **asked, **changes})


STATUS_TABLE = pytest.mark.parametrize(
    ("shape", "pitch", "center", "status", "window"),
    [
        pytest.param((25, 512), (0.24, 0.01171875), (256, 12), "OK", (25, 512), id="6x6"),
        pytest.param((128, 512), (0.0703125, 0.017578125), (256, 64), "OK_CROPPED", (85, 341), id="9x9"),
        pytest.param((22, 550), (0.25, 0.01), (275, 11), "OK_PADDED", (24, 600), id="5.5x5.5"),
        pytest.param((22, 900), (0.25, 0.01), (450, 11), "OK_CROPPED_PADDED", (24, 600), id="9_wide_5.5_high"),
        pytest.param(
            (24, 450), (0.25, 0.01), (225, 12), "ZONE_OF_INTEREST_NOT_REACHED", (24, 450), id="4.5_wide_6_high"
        ),
        pytest.param((24, 600), (0.25, 0.01), (375, 12), "OK_CROPPED_PADDED", (24, 600), id="0.75_off"),
        pytest.param((24, 600), (0.25, 0.01), (450, 12), "ZONE_OF_INTEREST_NOT_REACHED", (24, 600), id="1.5_off"),
    ],
)


@STATUS_TABLE
def test_the_zone_is_cropped_and_padded(shape, pitch, center, status, window):
    """The zone is cut out of the exam and padded where the exam ends; what is too small is left as it is."""
    changes = {"slice_thickness": pitch[0], "pixel_spacing_column": pitch[1], "zone_of_interest": 6.0}
    answer = answer_of(shape, center, **changes, padding_value=None)
    shown = np.array(answer["thickness_maps"]["rnfl"], dtype=float)
    assert answer["status"] == status
    assert shown.shape == window
    row0, row1, col0, col1 = answer["valid_window"]
    assert np.isfinite(shown).sum() == (row1 - row0) * (col1 - col0)
    assert (shown[row0:row1, col0:col1] == 30).all()
    padded = np.array(answer_of(shape, center, **changes)["thickness_maps"]["rnfl"])
    assert (padded == np.nan_to_num(shown)).all()


def test_the_whole_exam_is_a_zone_too():
    """Null cuts nothing off: the status is OK, the fovea is where it was."""
    answer = answer_of((9, 40), [7, 2], zone_of_interest=None)
    assert answer["status"] == "OK"
    assert answer["map_center"] == [7.0, 2.0]
    assert answer["valid_window"] == [0, 9, 0, 40]
    assert answer["layers"] == ["rnfl"]


@pytest.mark.parametrize(
    ("center", "map_center", "valid_window", "offset"),
    [
        pytest.param([300, 12], [300, 12], [0, 24, 0, 600], [0.005, 0.125], id="in_the_middle"),
        pytest.param([350.25, 12], [300.25, 12], [0, 24, 0, 550], [0.0075, 0.125], id="beside_it"),
        pytest.param([300, 10], [300, 12], [2, 24, 0, 600], [0.005, 0.125], id="above_it"),
        pytest.param([450, 12], [450, 12], [0, 24, 0, 600], [1.505, 0.125], id="not_reached"),
    ],
)
def test_maps_know_where_the_fovea_is(center, map_center, valid_window, offset):
    """`map_center` and `center_offset_mm` say the same, whether the zone was reached or not."""
    answer = answer_of((24, 600), center, zone_of_interest=6)
    assert answer["map_center"] == map_center
    assert answer["valid_window"] == valid_window
    assert answer["center_offset_mm"] == pytest.approx(offset)


def test_unscanned_samples_are_nan_inside_and_padding_outside():
    """Between steps nothing is filled; the answer at the edge is."""
    sampling = EnFaceSampling(
        pixel_image_height=496, pixel_image_width=550, exam_center_coordinate_xz=(275, 11), run_resolution=None
    )
    geometry = EnFaceGeometry(**SCAN, pixel_spacing_column=0.01, slice_thickness=0.25)
    inside = get_layer_thickness_map(LayerSegmentation.read(borders_of(22, 550)), sampling, geometry)
    one = inside.thickness_maps.maps["rnfl"]
    assert np.isnan(one.values).sum() == 24 * 600 - 22 * 550
    assert one.center == (300, 12)
    assert one.valid_window == (1, 23, 25, 575)
    shown = answer_of((22, 550), (275, 11), zone_of_interest=6.0)["thickness_maps"]["rnfl"]
    assert (shown == np.nan_to_num(one.values)).all()
