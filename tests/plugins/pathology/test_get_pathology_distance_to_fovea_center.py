"""How near a pathology comes to the fovea."""

from __future__ import annotations

from math import hypot

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foveola import InputError
from foveola_oct.pathology.get_pathology_distance_to_fovea_center import get_pathology_distance_to_fovea_center
from foveola_oct.retina import ORIENTATIONS, CircleGrid, EnFaceGeometry, ThicknessMap

FINE = (0.1, 0.1)


@pytest.fixture
def call(scan_of):
    """The answer for a canonical map, in any orientation."""

    def make(lesion, *, orientation=ORIENTATIONS[0], pitch=FINE, **more):
        scan = scan_of(orientation, *pitch)
        del scan["pixel_spacing_row"]
        acquired = orientation.to_acquisition(np.asarray(lesion, dtype=float))
        return get_pathology_distance_to_fovea_center.call({"pathology_thickness_map": acquired, **scan, **more})

    return make


def test_distance_is_to_the_border_of_a_cell(call, plane, orientation):
    """A lesion whose cells begin 1 mm right of the fovea is 1 mm away."""
    _, x = plane((60, 60), *FINE)
    assert call(x >= 1.0, orientation=orientation)["distance_to_fovea_center"] == pytest.approx(1.0)


def test_a_lesion_over_the_fovea_is_at_nought(call, orientation):
    """However sparse the B-scans are: the fovea lies in a cell of the lesion."""
    lesion = np.zeros((25, 61))
    lesion[12, 30] = 1.0
    assert call(lesion, pitch=(0.24, 0.1), orientation=orientation)["distance_to_fovea_center"] == 0.0


def test_one_cell_is_measured_at_its_corner(call, orientation):
    """A cell whose centre is (0.3, 0.4) mm away begins 0.05 mm nearer along both axes."""
    lesion = np.zeros((61, 61))
    lesion[30 + 4, 30 + 3] = 1.0
    answer = call(lesion, orientation=orientation)
    assert answer["distance_to_fovea_center"] == pytest.approx(hypot(0.25, 0.35))
    column, row = answer["nearest_point"]
    marked = np.zeros((61, 61))
    marked[row, column] = 1.0
    assert (orientation.canonicalise(marked) == lesion).all()


def test_vertical_scans_give_the_transposed_point(call):
    """The nearest point is a place in the map that was given."""
    lesion = np.zeros((61, 61))
    lesion[34, 33] = 1.0
    vertical = next(one for one in ORIENTATIONS if one.is_vertical)
    assert call(lesion)["nearest_point"] == [33, 34]
    assert call(lesion, orientation=vertical)["nearest_point"] == [34, 33]


def test_a_ring_is_as_far_as_its_inner_circle(call, plane, orientation):
    """Within a cell."""
    y, x = plane((600, 600), 0.01, 0.01)
    answer = call(np.hypot(y, x) > 2, pitch=(0.01, 0.01), orientation=orientation)
    assert answer["distance_to_fovea_center"] == pytest.approx(2.0, abs=0.015)


@given(turn=st.floats(0, 2 * np.pi))
def test_turning_a_lesion_about_the_fovea_leaves_its_distance(turn):
    """Within a cell, on a grid of square cells."""
    scan = EnFaceGeometry(**ORIENTATIONS[0].model_dump(), pixel_spacing_column=0.05, slice_thickness=0.05)
    y, x = (np.indices((120, 120)) + 0.5 - 60) * 0.05
    lesion = np.hypot(y - 1.5 * np.sin(turn), x - 1.5 * np.cos(turn)) < 0.5
    found = get_pathology_distance_to_fovea_center(ThicknessMap(values=lesion.astype(float)), scan, CircleGrid())
    assert found.distance_to_fovea_center == pytest.approx(1.0, abs=0.075)


@pytest.mark.parametrize(
    ("cells", "nearest"),
    [
        pytest.param([(25, 30), (35, 30)], [30, 25], id="first_row"),
        pytest.param([(30, 25), (30, 35)], [25, 30], id="then_first_column"),
        pytest.param([(30, 25), (25, 30), (35, 30)], [30, 25], id="row_before_column"),
    ],
)
def test_ties_go_to_the_first_sample(scan_of, orientation, cells, nearest):
    """Counted in the map that was given, whichever way the scan ran, and whatever rounding says."""
    acquired = np.zeros((61, 61))
    for cell in cells:
        acquired[cell] = 1.0
    scan = scan_of(orientation, 0.0117, 0.0117)
    del scan["pixel_spacing_row"]
    answer = get_pathology_distance_to_fovea_center.call({"pathology_thickness_map": acquired, **scan})
    assert answer["nearest_point"] == nearest


@pytest.mark.parametrize("absent", [0.0, np.nan, -2.0])
def test_without_pathology_there_is_no_distance(call, absent):
    """Both answers are null."""
    answer = call(np.full((5, 5), absent))
    assert answer == {"distance_to_fovea_center": None, "nearest_point": None}


def test_only_the_zone_is_searched(call):
    """A sample counts whose centre lies in the square, its border included, or in the scanned part."""
    lesion = np.zeros((61, 61))
    lesion[30, 45] = 1.0
    assert call(lesion, zone_of_interest=3.0)["nearest_point"] == [45, 30]
    assert call(lesion, zone_of_interest=2.9)["nearest_point"] is None
    assert call(lesion, valid_window=[0, 61, 0, 45])["nearest_point"] is None


def test_the_fovea_is_where_the_map_or_the_caller_says(call):
    """The caller's word goes before the geometric centre; on the border of the scan it is allowed."""
    lesion = np.zeros((61, 61))
    lesion[30, 60] = 1.0
    assert call(lesion, map_center=[60, 30])["distance_to_fovea_center"] == 0.0
    corner = call(lesion, map_center=[60.5, 60.5], zone_of_interest=7.0)
    assert corner["distance_to_fovea_center"] == pytest.approx(3.0)
    assert call(lesion, center_offset_mm=[1.0, 0.0])["distance_to_fovea_center"] == pytest.approx(1.95)


def test_warnings_are_extras(call):
    """Negative thickness and sparse B-scans are said on request."""
    answer = call([[-1.0, 1.0]], pitch=(0.24, 0.01), include_extras=True)
    assert [warning.split()[0] for warning in answer["warnings"]] == ["pathology_thickness_map", "B-scans"]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"pathology_thickness_map": [[]]}, "pathology_thickness_map"),
        ({"pixel_spacing_row": 0.004}, "pixel_spacing_row"),
        ({"map_center": [99, 0]}, "map_center"),
        ({"zone_of_interest": -1}, "zone_of_interest"),
        ({"scan_protocol": None}, "scan_protocol"),
    ],
    ids=str,
)
def test_bad_requests_name_the_field(call, changed, field):
    """What is wrong is told by the name of the field."""
    with pytest.raises(InputError) as caught:
        call(np.ones((60, 60)), **changed)
    assert caught.value.field.split(".")[0] == field
