"""Layers seen from the front: what slabs and wedges measure, in every orientation and at the edges."""

from __future__ import annotations

from math import hypot

import numpy as np
import pytest

from foveola import InputError
from foveola_oct.circles.get_etdrs import get_etdrs
from foveola_oct.retina import ORIENTATIONS
from foveola_oct.thickness.get_layer_thickness_map import get_layer_thickness_map

SCAN = ORIENTATIONS[0].model_dump()
RESOLUTIONS = pytest.mark.parametrize("run_resolution", [None, 512, 300, 16, 2000])
METHODS = pytest.mark.parametrize("distance_method", ["axial", "min_dist"])


def outline(top, bottom, name="rnfl", first=0):
    """A layer with a vertex per column, from its first column on."""
    x = first + np.arange(len(top))
    points = np.concatenate([np.column_stack([x, top]), np.column_stack([x, bottom])[::-1]])
    return {"points": points.tolist(), "className": name}


def slab(width, top=100, bottom=130, name="rnfl", first=0):
    """A layer of four corners, from its first column to the last one that it reaches."""
    last = first + width - 1
    return {"points": [[first, top], [last, top], [last, bottom], [first, bottom]], "className": name}


def request(instances, width=64, **changes):
    """A request for the whole of an exam, its pixels 0.01 mm wide and its slices 0.2 mm apart."""
    return {
        "segmentation_instances": instances,
        "pixel_image_height": 496,
        "pixel_image_width": width,
        "pixel_spacing_column": 0.01,
        "slice_thickness": 0.2,
        "exam_center_coordinate_xz": [width // 2, 0],
        "zone_of_interest": None,
        "run_resolution": None,
        **SCAN,
        **changes,
    }


def maps(instances, width=64, **changes):
    """The maps of a request as arrays, null as NaN."""
    shown = get_layer_thickness_map.call(request(instances, width, **changes))["thickness_maps"]
    return {name: np.array(values, dtype=float) for name, values in shown.items()}


def borders_of(num_slices, width, top=100.0, bottom=130.0):
    """A layer of one thickness, as borders."""
    return {"borders": np.stack([np.full((num_slices, width), row) for row in (top, bottom)]), "layers": ["rnfl"]}


# --- what is measured -------------------------------------------------------------------------------------------------


@METHODS
@RESOLUTIONS
@pytest.mark.parametrize("form", ["corners", "a vertex per column", "borders"])
def test_a_slab_is_equally_thick_everywhere(distance_method, run_resolution, form):
    """Rows 100 to 130 are 30 px, however they are drawn, sampled and measured."""
    drawn = {
        "corners": [[slab(700)]],
        "a vertex per column": [[outline([100] * 700, [130] * 700)]],
        "borders": borders_of(1, 700),
    }[form]
    found = maps(drawn, 700, run_resolution=run_resolution, distance_method=distance_method)
    assert found["rnfl"] == pytest.approx(np.full((1, 700), 30))


@pytest.mark.parametrize(("run_resolution", "exact"), [(None, slice(None)), (350, slice(1, -1))])
@pytest.mark.parametrize("form", ["outlines", "borders"])
def test_a_wedge_is_not_rounded(run_resolution, exact, form):
    """A border on a slope is exact; where fewer columns are sampled, it is held for half a sample at the ends."""
    x = np.arange(700)
    drawn = [[{"points": [[0, 100], [699, 134.95], [699, 140], [0, 140]], "className": "rnfl"}]]
    if form == "borders":
        drawn = {"borders": np.stack([100 + 0.05 * x, np.full(700, 140)])[:, None], "layers": ["rnfl"]}
    found = maps(drawn, 700, run_resolution=run_resolution)["rnfl"][0]
    assert found[exact] == pytest.approx(40 - 0.05 * x[exact], abs=1e-9)
    assert found == pytest.approx(40 - 0.05 * x, abs=0.05 * 0.5 + 1e-9)


@pytest.mark.parametrize("run_resolution", [None, 128])
def test_min_dist_of_a_tilted_slab_is_its_width(run_resolution):
    """On a slope of 3/4 in mm a slab is 4/5 as wide as it is high, away from its ends."""
    x = np.arange(256)
    top = 20 + 0.75 * x * 0.01 / 0.008
    drawn = [[outline(top, top + 40)]]
    spacings = {"pixel_spacing_row": 0.008, "run_resolution": run_resolution}
    assert maps(drawn, 256, **spacings)["rnfl"][0, 5:-5] == pytest.approx(40)
    found = maps(drawn, 256, distance_method="min_dist", **spacings)["rnfl"][0]
    assert found[40:] == pytest.approx(32)
    assert (found <= 40 + 1e-9).all()


def test_min_dist_without_the_row_spacing_is_in_plain_pixels():
    """Pixels are taken for squares, and a warning says so."""
    x = np.arange(64)
    asked = request([[outline(x, x + 10)]], distance_method="min_dist", include_extras=True)
    answer = get_layer_thickness_map.call(asked)
    assert answer["thickness_maps"]["rnfl"][0][20:] == pytest.approx([10 / hypot(1, 1)] * 44)
    assert any("give pixel_spacing_row" in warning for warning in answer["warnings"])
    assert "warnings" not in get_layer_thickness_map.call({**asked, "include_extras": False})


def test_instances_of_a_layer_are_united():
    """Rows 100 to 110 and 105 to 120 are 20 rows, not 25."""
    assert maps([[slab(64, 100, 110), slab(64, 105, 120)]])["rnfl"].tolist() == [[20.0] * 64]


@pytest.mark.parametrize("run_resolution", [None, 16])
def test_a_layer_that_was_traced_through_pixels_is_a_pixel_thicker(run_resolution):
    """Rows 100 to 129 of columns 0 to 19 are 30 rows and 20 columns, at whatever resolution."""
    changes = {"polygon_convention": "pixel_contour", "run_resolution": run_resolution}
    shown = maps([[slab(20, 100, 129), slab(64, 130, 139, "gcl")]], **changes)
    assert shown["rnfl"].tolist() == [[30.0] * 20 + [0.0] * 44]
    assert shown["gcl"].tolist() == [[10.0] * 64]


@pytest.mark.parametrize(
    ("instances", "changes", "sentence"),
    [
        (borders_of(1, 64), {}, "is about outlines"),
        ([[slab(64)]], {"distance_method": "min_dist"}, "goes with the distance_method axial"),
    ],
    ids=["borders", "min_dist"],
)
def test_only_outlines_are_traced_through_pixels(instances, changes, sentence):
    """And they are measured down the columns of pixels."""
    asked = request(instances, polygon_convention="pixel_contour", **changes)
    with pytest.raises(InputError, match=f"polygon_convention: .*{sentence}"):
        get_layer_thickness_map.call(asked)


def test_a_slice_without_outlines_is_a_row_of_nulls():
    """Slice 3 is missing; the circles about the fovea do not see it, and a constant stays constant."""
    full, changes = [slab(512)], {"exam_center_coordinate_xz": [256, 12], "slice_thickness": 0.24}
    changes |= {"pixel_spacing_column": 0.01171875, "zone_of_interest": 6.0}
    answer = get_layer_thickness_map.call(request([full] * 3 + [[]] + [full] * 21, 512, **changes))
    assert answer["thickness_maps"]["rnfl"][3] == [None] * 512
    geometry = {**SCAN, "pixel_spacing_column": 0.01171875, "slice_thickness": 0.24, "pixel_spacing_row": 0.004}
    asked = {"layers_thickness_maps": answer["thickness_maps"], "used_layers": ["rnfl"], "statistics": ["mean"]}
    means = [sector["mean"] for ring in get_etdrs.call({**asked, **geometry}).values() for sector in ring.values()]
    assert means == pytest.approx([120] * 9)


def test_absence_has_three_meanings():
    """A layer that vanishes is 0; one that a slice does not have, and columns that nobody segmented, are null."""
    instances = [[slab(4, name="rnfl"), slab(6, name="ipl", first=2)], [slab(9, name="ipl")]]
    shown = get_layer_thickness_map.call(request(instances, 10))["thickness_maps"]
    assert shown == {
        "rnfl": [[30.0] * 3 + [0.0] * 4 + [None] * 3, [None] * 10],
        "ipl": [[0.0] * 2 + [30.0] * 5 + [None] * 3, [30.0] * 8 + [None] * 2],
    }


def test_a_neighbour_that_is_missing_makes_a_column_missing():
    """Of 32 columns 16 are sampled; the columns beside the last one with a layer ask the one behind it."""
    shown = maps([[slab(17)]], 32, run_resolution=16)["rnfl"][0]
    assert shown[:15].tolist() == [30.0] * 15
    assert np.isnan(shown[15:]).all()


def test_missing_samples_can_be_shown_as_a_number():
    """`missing_value` fills what was scanned and not measured, `padding_value` what was not scanned."""
    changes = {"missing_value": -1, "padding_value": 7, "exam_center_coordinate_xz": [2, 0]}
    changes |= {"zone_of_interest": 3, "min_exam_width_mm": 2, "pixel_spacing_column": 1, "slice_thickness": 1}
    assert get_layer_thickness_map.call(request([[slab(4)], []], 5, **changes)) == {
        "thickness_maps": {"rnfl": [[7.0] * 3, [30.0, 30.0, -1.0], [-1.0] * 3]},
        "status": "OK_CROPPED_PADDED",
    }


def test_outlines_are_cut_off_at_the_first_and_the_last_column():
    """What is drawn beside the image is not seen."""
    beside = [[slab(30, first=-20), slab(40, first=50)]]
    assert np.nan_to_num(maps(beside)["rnfl"])[0].tolist() == [30.0] * 9 + [0.0] * 41 + [30.0] * 14


def test_an_outline_that_crosses_itself_is_measured_by_the_even_odd_rule():
    """A bow-tie is as thick as its two triangles."""
    bow_tie = {"points": [[0, 0], [10, 10], [10, 0], [0, 10]], "className": "rnfl"}
    assert maps([[bow_tie, slab(12, name="gcl")]], 12)["rnfl"][0] == pytest.approx(
        [10, 8, 6, 4, 2, 0, 2, 4, 6, 8, 0, 0]
    )


# --- every orientation ------------------------------------------------------------------------------------------------


def test_maps_stay_in_the_acquisition_frame(orientation):
    """A mark on slice 3 and column 20 is there in all orientations, which the answer repeats."""
    instances = [[] if index != 3 else [slab(2, first=20), slab(64, name="gcl")] for index in range(5)]
    answer = get_layer_thickness_map.call(request(instances, **orientation.model_dump(), include_extras=True))
    shown = np.array(answer["thickness_maps"]["rnfl"], dtype=float)
    assert np.argwhere(shown > 0).tolist() == [[3, 20]]
    assert {name: answer[name] for name in orientation.model_dump()} == orientation.model_dump()


def test_micrometres_come_out_of_the_circle(orientation, scan_of):
    """30 px of 0.004 mm are 120 µm in each ETDRS field, of 6 x 6 mm scanned in whichever way."""
    scan = scan_of(orientation, 0.1, 0.1)
    asked = request(borders_of(60, 60), 60, **scan, zone_of_interest=6.0, exam_center_coordinate_xz=[29.5, 29.5])
    shown = get_layer_thickness_map.call(asked)["thickness_maps"]
    measured = get_etdrs.call(
        {"layers_thickness_maps": shown, "used_layers": ["rnfl"], "statistics": ["mean", "std"], **scan}
    )
    for ring in measured.values():
        for sector in ring.values():
            assert sector == {"mean": pytest.approx(120), "std": pytest.approx(0, abs=1e-6)}


# --- at the edges -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "nothing",
    [
        pytest.param([], id="no_slices"),
        pytest.param([[], [], []], id="no_instances"),
        pytest.param([[{"points": [], "className": "rnfl"}]], id="no_points"),
        pytest.param({"borders": np.full((2, 3, 64), np.nan), "layers": ["rnfl"]}, id="no_borders"),
        pytest.param({"borders": np.zeros((1, 3, 64)), "layers": []}, id="no_layers"),
    ],
)
@METHODS
@pytest.mark.parametrize("run_resolution", [None, 16])
def test_without_layers_there_are_no_maps(nothing, distance_method, run_resolution):
    """Nothing was segmented: no maps, and the zone was not reached."""
    asked = request(nothing, distance_method=distance_method, run_resolution=run_resolution, zone_of_interest=0.6)
    none = {"thickness_maps": {}, "status": "ZONE_OF_INTEREST_NOT_REACHED"}
    assert get_layer_thickness_map.call(asked) == none
    extras = get_layer_thickness_map.call({**asked, "include_extras": True})
    assert "no layer was segmented on any slice" in extras["warnings"]
    assert extras["layers"] == []


def test_one_slice_is_an_exam():
    """A line scan has a map of one row."""
    assert maps([[slab(64)]], zone_of_interest=0.2)["rnfl"].shape == (1, 20)


@METHODS
@pytest.mark.parametrize("beside", [[], [slab(64)]], ids=["alone", "beside_another"])
@pytest.mark.parametrize(
    "outline",
    [
        pytest.param([], id="no_points"),
        pytest.param([[3, 3]], id="one_point"),
        pytest.param([[0, 100], [63, 100]], id="two_points"),
        pytest.param([[0, 100], [63, 100], [0, 100], [63, 100], [63, 100]], id="a_line_there_and_back"),
        pytest.param([[0, 100], [20, 102], [50, 105]], id="points_on_a_line"),
    ],
)
def test_outlines_that_enclose_nothing_have_no_thickness(outline, beside, distance_method):
    """The slice has the layer, 0 thick where nothing else is drawn of it; a warning says where."""
    instances = [[slab(64)], [slab(64, name="gcl"), *beside, {"points": outline, "className": "rnfl"}]]
    asked = request(instances, distance_method=distance_method, include_extras=True)
    answer = get_layer_thickness_map.call(asked)
    assert answer["thickness_maps"]["rnfl"][1] == pytest.approx([30.0 if beside else 0.0] * 64)
    assert answer["thickness_maps"]["rnfl"][0] == [30.0] * 64
    assert "outlines that enclose nothing have no thickness: 1, the first of rnfl on slice 1" in answer["warnings"]


def test_thin_layers_enclose_something():
    """Neither a hair's breadth of a layer nor several outlines of one are warned of."""
    instances = [[slab(64, 100, 100.0001)], [slab(20), slab(20, first=40)], [slab(2, first=3, name="gcl")]]
    assert get_layer_thickness_map.call(request(instances, include_extras=True))["warnings"] == []


@pytest.mark.parametrize(("slice_thickness", "warns"), [(0.375, False), (0.376, True), (3.0, True)])
def test_few_slices_are_warned_of(slice_thickness, warns):
    """Sixteen B-scans over 6 mm are enough for layers."""
    asked = request([[slab(64)]], slice_thickness=slice_thickness, include_extras=True)
    warnings = get_layer_thickness_map.call(asked)["warnings"]
    assert any("fewer than 16 in 6 mm" in warning for warning in warnings) is warns


@pytest.mark.parametrize(("bottom", "warns"), [(496, False), (520, True)])
def test_outlines_beyond_the_image_are_warned_of(bottom, warns):
    """Perhaps the outlines belong to images of another height; they are measured nevertheless."""
    answer = get_layer_thickness_map.call(request([[slab(64, 100, bottom)]], include_extras=True))
    assert answer["thickness_maps"]["rnfl"] == [[bottom - 100.0] * 64]
    assert any("496 rows" in warning for warning in answer["warnings"]) is warns


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        pytest.param({"exam_center_coordinate_xz": [64, 0]}, "exam_center_coordinate_xz", id="x_beside_the_exam"),
        pytest.param({"exam_center_coordinate_xz": [-0.5, 0]}, "exam_center_coordinate_xz", id="x_before_the_exam"),
        pytest.param({"exam_center_coordinate_xz": [3, 1]}, "exam_center_coordinate_xz", id="z_beyond_the_list"),
        pytest.param({"exam_center_coordinate_xz": [3]}, "exam_center_coordinate_xz.1", id="half_a_center"),
        pytest.param({"exam_center_coordinate_xz": [3, np.nan]}, "exam_center_coordinate_xz.1", id="center_nan"),
        pytest.param({"segmentation_instances": borders_of(1, 63)}, "pixel_image_width", id="borders_of_other_width"),
        pytest.param({"segmentation_instances": None}, "segmentation_instances", id="no_segmentation"),
        pytest.param({"segmentation_instances": [None]}, "segmentation_instances.0", id="no_slice"),
        pytest.param({"segmentation_instances": [[{"points": []}]]}, "segmentation_instances.0.0", id="no_class"),
        pytest.param(
            {"segmentation_instances": [[{"points": [[0, 0], [1, np.nan], [1, 1]], "className": "rnfl"}]]},
            "segmentation_instances.0.0.points",
            id="points_nan",
        ),
        pytest.param(
            {"segmentation_instances": [[slab(64)], *[[]] * 1024], "pixel_image_width": 65535},
            "segmentation_instances",
            id="more_samples_than_memory",
        ),
        pytest.param({"distance_method": "shortest"}, "distance_method", id="method"),
        pytest.param({"run_resolution": 15}, "run_resolution", id="resolution"),
        pytest.param({"zone_of_interest": 0}, "zone_of_interest", id="no_zone"),
        pytest.param({"zone_of_interest": 20.5}, "zone_of_interest", id="zone_too_large"),
        pytest.param({"zone_of_interest": 4, "min_exam_width_mm": 5}, "min_exam_width_mm", id="least_width"),
        pytest.param({"padding_value": np.inf}, "padding_value", id="padding"),
        pytest.param({"pixel_spacing_column": 10}, "pixel_spacing_column", id="micrometres_along"),
        pytest.param({"slice_thickness": 240}, "slice_thickness", id="micrometres_across"),
        pytest.param({"pixel_spacing_row": 4}, "pixel_spacing_row", id="micrometres_down"),
        pytest.param({"slice_direction": "LEFT_RIGHT"}, "slice_direction", id="direction_of_slices"),
        pytest.param({"pixel_direction": "TOP_BOTTOM"}, "pixel_direction", id="direction_of_columns"),
        pytest.param({"pixel_image_width": 0}, "pixel_image_width", id="no_columns"),
    ],
)
def test_what_is_wrong_is_named(changes, field):
    """Each error names the field that is wrong."""
    with pytest.raises(InputError) as refusal:
        get_layer_thickness_map.call(request([[slab(64)]], **changes))
    assert refusal.value.field == field


@pytest.mark.parametrize(
    "name",
    [
        "segmentation_instances",
        "pixel_image_height",
        "pixel_image_width",
        "pixel_spacing_column",
        "slice_thickness",
        "scan_protocol",
        "slice_direction",
        "pixel_direction",
        "exam_center_coordinate_xz",
    ],
)
def test_what_the_guide_wants_is_required(name):
    """Nothing else is: all that has a default is optional."""
    asked = request([[slab(64)]])
    assert {one.name for one in get_layer_thickness_map.parameters.values() if one.required} <= set(asked)
    del asked[name]
    with pytest.raises(InputError, match="needs it") as refusal:
        get_layer_thickness_map.call(asked)
    assert refusal.value.field == name
