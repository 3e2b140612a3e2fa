"""Lesions seen from the front: ellipses, balls and phantoms have their volumes, absence is 0."""

from __future__ import annotations

from math import pi

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foveola import InputError, UnitBy
from foveola_oct.measurements.get_bscan_area_calculations_by_mask import get_bscan_area_calculations_by_mask
from foveola_oct.measurements.get_en_face_area_calculations import get_en_face_area_calculations
from foveola_oct.measurements.get_volume_calculations import get_volume_calculations
from foveola_oct.retina import ORIENTATIONS, EnFaceGeometry, PathologySegmentation
from foveola_oct.retina.en_face import EnFaceSampling
from foveola_oct.retina.phantoms import Eye, Lesion, macula_phantom
from foveola_oct.thickness.get_pathology_thickness_map import get_pathology_thickness_map

SCAN = ORIENTATIONS[0].model_dump()
METHODS = pytest.mark.parametrize("distance_method", ["axial", "min_dist"])
UNITS = pytest.mark.parametrize(("use_real_units", "map_unit"), [(False, "px"), (True, "mm")])


def lesion(points, name="fluid"):
    """An instance."""
    return {"points": np.asarray(points, dtype=float).tolist(), "className": name}


def box(left, right, top=100, bottom=110, name="fluid"):
    """A rectangular lesion."""
    return lesion([[left, top], [right, top], [right, bottom], [left, bottom]], name)


def ellipse(column, row, a, b, corners=2000):
    """A lesion with semi-axes a along the columns and b along the rows."""
    angle = np.arange(corners) * 2 * pi / corners
    return lesion(np.column_stack([column + a * np.cos(angle), row + b * np.sin(angle)]))


def request(instances, width=64, **changes):
    """A request for the whole of an exam, its pixels 0.01 mm wide and its slices 0.1 mm apart."""
    return {
        "segmentation_instances": instances,
        "use_real_units": False,
        "pixel_image_height": 496,
        "pixel_image_width": width,
        "pixel_spacing_column": 0.01,
        "slice_thickness": 0.1,
        "exam_center_coordinate_xz": [width // 2, 0],
        "zone_of_interest": None,
        "run_resolution": None,
        **SCAN,
        **changes,
    }


def maps(instances, width=64, **changes):
    """The maps of a request as arrays, null as NaN."""
    shown = get_pathology_thickness_map.call(request(instances, width, **changes))["thickness_maps"]
    return {name: np.array(values, dtype=float) for name, values in shown.items()}


# --- what is measured -------------------------------------------------------------------------------------------------


@UNITS
def test_an_ellipse_has_its_chords_and_its_volume(use_real_units, map_unit):
    """The chord at x is 2 b sqrt(1 - (x - c)^2 / a^2), and what they add up to is the volume, in both units."""
    x = np.arange(512)
    changes = {"use_real_units": use_real_units, "pixel_spacing_row": 0.004}
    shown = maps([[], [ellipse(256, 100, 50, 10)], []], 512, **changes)
    unit = 0.004 if use_real_units else 1
    chords = 20 * np.sqrt(np.clip(1 - (x - 256) ** 2 / 2500, 0, None))
    assert shown["fluid"][1] == pytest.approx(chords * unit, abs=2e-3 * unit)
    assert shown["fluid"].sum() == pytest.approx(pi * 500 * unit, rel=0.005)
    spacings = {"pixel_spacing_column": 0.01, "pixel_spacing_row": 0.004, "slice_thickness": 0.1, "map_unit": map_unit}
    volumes = get_volume_calculations.call({"pathology_thickness_maps": shown, **spacings})["volumes"]
    assert volumes["fluid"] == pytest.approx(pi * 500 * 0.01 * 0.004 * 0.1, rel=0.005)


def test_a_ball_has_its_volume():
    """Cut into slices 0.05 mm apart, a ball of 0.3 mm keeps 4/3 pi r^3."""
    row, column, between, radius = 0.004, 0.012, 0.05, 0.3
    rims = np.sqrt(np.maximum(radius**2 - ((np.arange(20) - 9.5) * between) ** 2, 0))
    instances = [[ellipse(50, 150, rim / column, rim / row)] if rim else [] for rim in rims]
    pitch = {"pixel_spacing_column": column, "slice_thickness": between, "pixel_spacing_row": row}
    shown = maps(instances, 100, **pitch)
    volumes = get_volume_calculations.call({"pathology_thickness_maps": shown, **pitch})["volumes"]
    assert volumes["fluid"] == pytest.approx(4 / 3 * pi * radius**3, rel=0.02)


LESIONS = (
    Lesion("subretinal_fluid", (0.3, -0.2), (0.9, 0.7), 0.18),
    Lesion("intraretinal_fluid", (-0.4, 0.5), (0.4, 0.5), 0.12),
    Lesion("intraretinal_fluid", (1.4, -0.3), (0.5, 0.4), 0.08),
)


def test_lesions_of_a_phantom_have_their_volumes(orientation):
    """Whichever way an eye was scanned, its lesions are as large as they were made."""
    directions = orientation.model_dump()
    exam = macula_phantom(Eye(lesions=LESIONS), images=False, num_slices=61, pixel_image_width=300, **directions)
    pitch = {name: exam[name] for name in ("pixel_spacing_column", "slice_thickness", "pixel_spacing_row")}
    asked = request(exam["pathology_segmentation"], 300, **pitch, **directions)
    asked |= {"zone_of_interest": 6.0, "exam_center_coordinate_xz": [150, 30], "use_real_units": True}
    answer = get_pathology_thickness_map.call(asked)
    assert answer["status"] == "OK"
    shown = {"pathology_thickness_maps": answer["thickness_maps"], **pitch, "map_unit": "mm"}
    for name, volume in get_volume_calculations.call(shown)["volumes"].items():
        assert volume == pytest.approx(sum(one.volume_mm3 for one in LESIONS if one.kind == name), rel=0.01)


@METHODS
def test_lesions_in_one_column_add_up(distance_method):
    """Two lesions one below the other are as thick as both."""
    shown = maps([[box(2, 6, 10, 14), box(2, 6, 20, 27)]], 8, distance_method=distance_method)
    assert shown["fluid"].tolist() == [[0, 0, 11, 11, 11, 11, 0, 0]]


@METHODS
def test_lesions_that_overlap_are_united(distance_method):
    """What two outlines of a pathology share counts once, what two pathologies share counts for both."""
    instances = [[box(0, 4, 100, 110), box(0, 4, 105, 120), box(0, 4, 100, 103, "drusen")]]
    shown = maps(instances, 4, distance_method=distance_method)
    assert {name: values.tolist() for name, values in shown.items()} == {"fluid": [[20] * 4], "drusen": [[3] * 4]}


def test_min_dist_is_never_more_than_axial():
    """The shortest way from the top of a slanting lesion to its lower side is shorter than the way down."""
    slanting = [[lesion([[5, 100], [45, 140], [45, 160], [5, 120]])]]
    axial, shortest = (
        maps(slanting, distance_method=method, pixel_spacing_row=0.01)["fluid"] for method in ("axial", "min_dist")
    )
    assert axial[0, 5:45] == pytest.approx(20)
    assert (shortest <= axial + 1e-9).all()
    assert shortest[0, 20:44] == pytest.approx(20 / np.sqrt(2))


def test_a_lesion_that_crosses_itself_is_measured_by_the_even_odd_rule():
    """A bow-tie is as thick as its two triangles, and has their area."""
    shown = maps([[lesion([[0, 0], [10, 10], [10, 0], [0, 10]])]], 12)["fluid"][0]
    assert shown == pytest.approx([10, 8, 6, 4, 2, 0, 2, 4, 6, 8, 0, 0])


@given(st.integers(0, 500), st.integers(4, 60))
def test_fewer_samples_do_not_widen_a_lesion(left, columns):
    """The nearest sample is taken: at two columns a sample a lesion gains or loses one column at most, at each side."""
    shown = maps([[box(left, left + columns)]], 1024, run_resolution=512)["fluid"]
    assert abs(np.count_nonzero(shown) - columns) <= 1
    assert set(np.unique(shown)) <= {0, 10}


def test_a_lesion_that_fits_the_samples_keeps_its_columns():
    """Of two columns a sample, three samples are six columns; interpolation would make eight of them."""
    assert np.flatnonzero(maps([[box(20, 26)]], 64, run_resolution=32)["fluid"][0]).tolist() == list(range(20, 26))


def test_a_traced_lesion_has_the_area_of_its_pixels():
    """What was traced through pixels adds up to the area that is measured by mask."""
    instances = [box(3, 43, 100, 120), lesion([[50, 90], [60, 90], [50, 100]])]
    shown = maps([instances], polygon_convention="pixel_contour")["fluid"]
    pixels = {"pixel_spacing_column": 0.01, "pixel_spacing_row": 0.004}
    image = {"pixel_image_height": 496, "pixel_image_width": 64}
    covered = get_bscan_area_calculations_by_mask.call(
        {"pathology_segm_instances_per_bscan": instances, **pixels, **image}
    )["areas"]
    assert shown.sum() * 0.01 * 0.004 == pytest.approx(sum(covered))
    assert shown.sum() == 41 * 21 + 66


def test_a_lesion_beside_the_image_is_cut_off():
    """Columns before the first and behind the last one are not there."""
    shown = maps([[box(-10, 2), box(62, 80)]])["fluid"][0]
    assert np.flatnonzero(shown).tolist() == [0, 1, 62, 63]


# --- absence ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("instances", "classes"),
    [
        pytest.param([], None, id="no_slices"),
        pytest.param([], ["fluid"], id="no_slices_of_a_class"),
        pytest.param([[], [], []], None, id="no_instances"),
        pytest.param([[box(1, 5)]], ["drusen"], id="none_of_the_class"),
        pytest.param([[box(1, 5)]], [], id="no_class"),
        pytest.param([[lesion([[3, 3], [9, 9]])]], None, id="only_two_points"),
        pytest.param([[lesion([])]], None, id="only_no_points"),
    ],
)
@METHODS
@pytest.mark.parametrize("run_resolution", [None, 16])
def test_without_lesions_there_are_no_maps(instances, classes, distance_method, run_resolution):
    """The status tells that from a zone that was not reached."""
    changes = {"used_segmentation_classes": classes, "distance_method": distance_method, "zone_of_interest": 6.0}
    answer = get_pathology_thickness_map.call(request(instances, **changes, run_resolution=run_resolution))
    assert answer == {"thickness_maps": {}, "status": "NO_ENFACE_MAPS"}


def test_absence_is_zero():
    """Slices and columns without lesions are 0, and so is a class that was asked for and never drawn."""
    asked = request([[box(1, 3)], [], [box(2, 4, name="drusen")]], 5, used_segmentation_classes=["foci", "fluid"])
    answer = get_pathology_thickness_map.call({**asked, "include_extras": True})
    assert answer["thickness_maps"] == {"foci": [[0.0] * 5] * 3, "fluid": [[0.0, 10, 10, 0, 0], [0.0] * 5, [0.0] * 5]}
    assert answer["status"] == "OK"
    assert "no slice has an outline of foci (there are fluid, drusen)" in answer["warnings"]


def test_every_class_that_was_drawn_has_a_map():
    """Null, the default, is all of them, in the order in which they were met."""
    assert list(maps([[box(1, 5, name="drusen")], [box(2, 9)], [box(2, 9, name="drusen")]])) == ["drusen", "fluid"]


@pytest.mark.parametrize(
    "points",
    [
        pytest.param([], id="no_points"),
        pytest.param([[2, 2]], id="one_point"),
        pytest.param([[2, 2], [30, 30]], id="two_points"),
        pytest.param([[2, 2], [30, 30], [2, 2], [30, 30]], id="two_points_twice"),
        pytest.param([[2, 2], [16, 3.4], [30, 4.8]], id="points_on_a_line"),
        pytest.param([[2, 2], [30, 2], [30, 30], [30, 2]], id="there_and_back"),
    ],
)
@METHODS
def test_outlines_that_enclose_nothing_have_no_thickness(points, distance_method):
    """They are 0, and a warning says where they are."""
    asked = request([[box(1, 5)], [box(1, 5), lesion(points, "drusen")]], distance_method=distance_method)
    answer = get_pathology_thickness_map.call({**asked, "include_extras": True})
    assert answer["thickness_maps"]["drusen"] == [[0.0] * 64] * 2
    assert "outlines that enclose nothing have no thickness: 1, the first of drusen on slice 1" in answer["warnings"]


def test_points_that_repeat_enclose_nothing():
    """Arrays are taken as they are, uncleaned."""
    arrays = {"points": np.full((5, 2), 7.0), "offsets": [0, 5], "slices": [0], "classes": [0]}
    asked = request({**arrays, "class_names": ["fluid"], "num_slices": 1})
    assert get_pathology_thickness_map.call(asked)["status"] == "NO_ENFACE_MAPS"


def test_outlines_that_enclose_something_are_not_warned_of():
    """Neither a bow-tie, whose signed area is 0, nor the smallest of lesions."""
    instances = [[lesion([[0, 0], [10, 10], [10, 0], [0, 10]]), box(3, 3.01, 5, 5.01)]]
    warnings = get_pathology_thickness_map.call(request(instances, include_extras=True))["warnings"]
    assert warnings == []


@pytest.mark.parametrize(("slice_thickness", "warns"), [(0.1875, False), (0.188, True)])
def test_few_slices_are_warned_of(slice_thickness, warns):
    """Thirty-two B-scans over 6 mm are enough for lesions."""
    asked = request([[box(1, 5)]], slice_thickness=slice_thickness, include_extras=True)
    warnings = get_pathology_thickness_map.call(asked)["warnings"]
    assert any("fewer than 32 in 6 mm" in warning for warning in warnings) is warns


# --- the zone of interest ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shape", "center", "status", "window"),
    [
        pytest.param((60, 600), (300, 30), "OK", (60, 600), id="6x6"),
        pytest.param((90, 900), (450, 45), "OK_CROPPED", (60, 600), id="9x9"),
        pytest.param((55, 550), (275, 27), "OK_PADDED", (60, 600), id="5.5x5.5"),
        pytest.param((55, 900), (450, 27), "OK_CROPPED_PADDED", (60, 600), id="9_wide_5.5_high"),
        pytest.param((60, 450), (225, 30), "ZONE_OF_INTEREST_NOT_REACHED", (60, 450), id="4.5_wide_6_high"),
        pytest.param((60, 600), (375, 30), "OK_CROPPED_PADDED", (60, 600), id="0.75_off"),
        pytest.param((60, 600), (450, 30), "ZONE_OF_INTEREST_NOT_REACHED", (60, 600), id="1.5_off"),
    ],
)
def test_the_zone_is_cropped_and_padded(shape, center, status, window):
    """The lesion at the fovea is where `map_center` says, whatever was cut off or added."""
    x, z = center
    instances = [[box(x - 0.5, x + 0.5)] if index == z else [] for index in range(shape[0])]
    changes = {"exam_center_coordinate_xz": center, "zone_of_interest": 6.0, "padding_value": None}
    answer = get_pathology_thickness_map.call(request(instances, shape[1], **changes, include_extras=True))
    shown = np.array(answer["thickness_maps"]["fluid"], dtype=float)
    assert answer["status"] == status
    assert shown.shape == window
    column, row = map(int, answer["map_center"])
    assert np.argwhere(shown > 0).tolist() == [[row, column]]
    row0, row1, col0, col1 = answer["valid_window"]
    assert np.isfinite(shown).sum() == np.isfinite(shown[row0:row1, col0:col1]).sum() == (row1 - row0) * (col1 - col0)


def test_a_lesion_outside_the_zone_is_not_in_it():
    """The map is cropped, and 0."""
    changes = {"exam_center_coordinate_xz": [450, 45], "zone_of_interest": 6.0}
    asked = request([[box(10, 50)], *[[]] * 89], 900, **changes)
    answer = get_pathology_thickness_map.call(asked)
    assert answer["status"] == "OK_CROPPED"
    assert not np.array(answer["thickness_maps"]["fluid"]).any()


def test_unscanned_samples_are_nan_inside_and_padding_outside():
    """Between steps nothing is filled; the answer at the edge is."""
    sampling = EnFaceSampling(
        pixel_image_height=496,
        pixel_image_width=5,
        exam_center_coordinate_xz=(1, 0),
        zone_of_interest=3,
        min_exam_width_mm=2,
        padding_value=-7,
    )
    geometry = EnFaceGeometry(**SCAN, pixel_spacing_column=1, slice_thickness=1)
    segmentation = PathologySegmentation.read([[box(1, 2)], [], []])
    answer = get_pathology_thickness_map(segmentation, use_real_units=False, sampling=sampling, geometry=geometry)
    inside = answer.thickness_maps.maps["fluid"].values
    np.testing.assert_array_equal(inside, [[np.nan] * 3, [0, 10, 0], [0, 0, 0]])
    assert answer.plain()["thickness_maps"] == {"fluid": [[-7.0] * 3, [0.0, 10.0, 0.0], [0.0] * 3]}


def test_maps_stay_in_the_acquisition_frame(orientation):
    """A lesion at the superior left corner is there once the map is turned to the canonical frame."""
    corner = np.zeros((4, 6))
    corner[0, 0] = 1
    acquired = orientation.to_acquisition(corner)
    instances = [[box(column - 0.5, column + 0.5) for column in np.flatnonzero(slice_)] for slice_ in acquired.tolist()]
    shown = maps(instances, acquired.shape[1], **orientation.model_dump())["fluid"]
    assert (orientation.canonicalise(shown) == 10 * corner).all()


def test_areas_count_the_columns_of_a_lesion():
    """A lesion of 12 columns on 3 slices has 36 cells."""
    shown = maps([[box(20, 32)]] * 3 + [[]])
    areas = get_en_face_area_calculations.call(
        {"pathology_thickness_maps": shown, "pixel_spacing_column": 0.01, "slice_thickness": 0.1}
    )["areas"]
    assert areas["fluid"] == pytest.approx(36 * 0.001)


# --- what is wrong ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        pytest.param({"use_real_units": True}, "pixel_spacing_row", id="real_units_of_unknown_size"),
        pytest.param({"use_real_units": "yes"}, "use_real_units", id="real_units"),
        pytest.param({"used_segmentation_classes": "fluid"}, "used_segmentation_classes", id="classes"),
        pytest.param({"used_segmentation_classes": ["fluid"] * 2}, "used_segmentation_classes", id="class_twice"),
        pytest.param({"exam_center_coordinate_xz": [64, 0]}, "exam_center_coordinate_xz", id="x_beside_the_exam"),
        pytest.param({"exam_center_coordinate_xz": [3, 1]}, "exam_center_coordinate_xz", id="z_beyond_the_list"),
        pytest.param({"segmentation_instances": {"borders": [[[1]]]}}, "segmentation_instances", id="borders"),
        pytest.param({"segmentation_instances": [[{"points": []}]]}, "segmentation_instances.0.0", id="no_class"),
        pytest.param({"distance_method": "euclid"}, "distance_method", id="method"),
        pytest.param({"run_resolution": 0}, "run_resolution", id="resolution"),
        pytest.param({"pixel_spacing_row": 0}, "pixel_spacing_row", id="no_height"),
        pytest.param({"slice_direction": "RIGHT_LEFT"}, "slice_direction", id="direction_of_slices"),
        pytest.param({"scan_protocol": "VERTICAL_3D"}, "slice_direction", id="protocol"),
    ],
)
def test_what_is_wrong_is_named(changes, field):
    """Each error names the field that is wrong."""
    with pytest.raises(InputError) as refusal:
        get_pathology_thickness_map.call(request([[box(1, 5)]], **changes))
    assert refusal.value.field == field


def test_the_unit_is_chosen_by_the_request():
    """A recipe's plan can tell px from mm before anything runs."""
    unit = UnitBy("use_real_units", {True: "mm", False: "px"})
    assert unit in get_pathology_thickness_map.output.model_fields["thickness_maps"].metadata
    asked = request([[box(1, 5)]])
    del asked["use_real_units"]
    with pytest.raises(InputError, match="use_real_units: get_pathology_thickness_map needs it"):
        get_pathology_thickness_map.call(asked)
