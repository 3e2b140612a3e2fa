"""The B-scan that shows most of each pathology."""

from __future__ import annotations

import numpy as np
import pytest

from foveola import InputError, Unit
from foveola_oct.pathology.get_maximal_pathology_slice_index_from_thm import get_maximal_pathology_slice_index_from_thm
from foveola_oct.retina import PathologyThicknessMaps, ThicknessMap

PIXEL = {"pixel_spacing_column": 0.01, "pixel_spacing_row": 0.004}


def rows(count, **thickness):
    """A map of three columns with some thickness in the rows r3, r20, ..."""
    lesion = np.zeros((count, 3))
    for name, value in thickness.items():
        lesion[int(name[1:])] = value
    return lesion


def call(maps, center=(256, 12), **more):
    """The documented answer for maps about a centre."""
    return get_maximal_pathology_slice_index_from_thm.call(
        {
            "pathology_thickness_maps": maps,
            "exam_center_coordinate_xz": list(center),
            "scan_protocol": "HORIZONTAL_3D",
            **PIXEL,
            **more,
        }
    )


def slice_index(lesion, **more):
    """The slice of one lesion."""
    return call({"fluid": lesion}, **more)["max_pathologies"]["fluid"]["slice_index"]


@pytest.mark.parametrize("protocol", ["HORIZONTAL_3D", "VERTICAL_3D"])
@pytest.mark.parametrize(
    ("lesion", "center", "expected"),
    [
        pytest.param(rows(25, r7=4, r9=3), (256, 12), 7, id="whole_exam"),
        pytest.param(rows(25, r7=4, r9=3), (256, 30), 25, id="cut_from_61_slices"),
        pytest.param(rows(25, r7=4), (256, 5), 0, id="padded_before_the_exam"),
        pytest.param(rows(24, r7=4), (256, 12), 7, id="even_number_of_rows"),
        pytest.param(rows(25, r7=4), (256, 11.5), 7, id="half_is_rounded_up"),
        pytest.param(rows(25, r3=4, r20=4), (256, 12), 20, id="tie_nearest_the_middle"),
        pytest.param(rows(25, r10=4, r14=4), (256, 12), 10, id="tie_lower"),
        pytest.param(rows(25, r3=[9, 0, 0], r14=[3, 3, 3]), (256, 12), 14, id="thick_and_wide"),
        pytest.param(rows(25, r3=[0.3, 0, 0], r14=[0.1, 0.1, 0.1]), (256, 12), 14, id="tie_but_for_rounding"),
        pytest.param(rows(25, r3=[9, -20, np.nan], r14=[3, 3, 0]), (256, 12), 3, id="absence_takes_nothing_away"),
        pytest.param(rows(1, r0=1), (256, 3), 3, id="one_slice"),
    ],
)
def test_the_largest_cross_section_is_found(lesion, center, expected, protocol):
    """Rows are slices, counted from where the zone window begins in the exam."""
    assert slice_index(lesion, center=center, scan_protocol=protocol) == expected


@pytest.mark.parametrize("laterality", ["L", "R", None])
def test_the_eye_changes_nothing(laterality):
    """It is taken, as by every operation about lesions, but slices have no side."""
    assert slice_index(rows(25, r7=10), laterality=laterality) == 7


def test_presence_is_a_cross_section():
    """The largest presence is an area on the B-scan, and each pathology has its own slice."""
    answer = call({"fluid": rows(25, r7=10), "ped": rows(25, r9=2)})
    assert answer == {
        "max_pathologies": {
            "fluid": {"slice_index": 7, "max_presence": pytest.approx(3 * 10 * 4e-5)},
            "ped": {"slice_index": 9, "max_presence": pytest.approx(3 * 2 * 4e-5)},
        }
    }


@pytest.mark.parametrize("absent", [0.0, np.nan, -1.0])
def test_where_there_is_nothing_no_slice_is_named(absent):
    """An empty map has no largest cross-section."""
    answer = call({"fluid": np.full((25, 3), absent)})
    assert answer["max_pathologies"]["fluid"] == {"slice_index": None, "max_presence": 0.0}
    assert call({}) == {"max_pathologies": {}}


@pytest.mark.parametrize(("start", "expected"), [(0, 7), (18, 25), (-3, 4)])
def test_the_caller_may_say_where_the_map_begins(start, expected):
    """For a map that was not cut about the centre."""
    assert slice_index(rows(25, r7=4), center=(256, 40), window_start_slice=start) == expected


@pytest.mark.parametrize(("center_row", "z", "expected"), [(12.0, 30.0, 25), (4.0, 4.0, 7), (9.5, 3.5, 1)])
def test_a_map_knows_where_it_begins(center_row, z, expected):
    """The fovea's row in the map and its slice in the exam tell the first row's slice, cropped or not."""
    lesion = ThicknessMap(values=rows(25, r7=4), center=(1.0, center_row))
    maps = PathologyThicknessMaps(maps={"fluid": lesion})
    found = get_maximal_pathology_slice_index_from_thm(maps, (256.0, z), 0.01, 0.004, "HORIZONTAL_3D")
    assert found.max_pathologies["fluid"].slice_index == expected


def test_a_slice_before_the_exam_is_warned_of():
    """A lesion cannot lie there: the map was not cut about the centre."""
    answer = call({"fluid": rows(25, r1=4)}, center=(256, 5), include_extras=True)
    assert answer["max_pathologies"]["fluid"]["slice_index"] == -6
    assert answer["warnings"] == ["fluid: slice -6 is before the exam; say where the map begins by window_start_slice"]


def test_maps_are_in_pixels():
    """A recipe cannot wire maps in millimetres here."""
    assert get_maximal_pathology_slice_index_from_thm.parameters["pathology_thickness_maps"].unit == Unit("px")


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"exam_center_coordinate_xz": None}, "exam_center_coordinate_xz"),
        ({"exam_center_coordinate_xz": [5]}, "exam_center_coordinate_xz"),
        ({"exam_center_coordinate_xz": [5, -1]}, "exam_center_coordinate_xz"),
        ({"exam_center_coordinate_xz": [5, 1e300]}, "exam_center_coordinate_xz"),
        ({"scan_protocol": "RADIAL"}, "scan_protocol"),
        ({"pixel_spacing_row": 3.9}, "pixel_spacing_row"),
        ({"window_start_slice": 1.5}, "window_start_slice"),
        ({"pathology_thickness_maps": {"fluid": [[]]}}, "pathology_thickness_maps.fluid"),
    ],
    ids=str,
)
def test_bad_requests_name_the_field(changed, field):
    """What is wrong is told by the name of the field."""
    with pytest.raises(InputError) as caught:
        call({"fluid": rows(25, r7=4)}, **changed)
    assert caught.value.field in {field, f"{field}.1"}
