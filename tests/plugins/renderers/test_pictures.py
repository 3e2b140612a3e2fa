"""Each picture of what an operation answers: it says the numbers, in their places, of the right side."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from math import cos, pi, sin
from xml.etree import ElementTree as ET

import cv2
import numpy as np
import pytest

from foveola.hookspecs import Subject
from foveola_oct.renderers import foveola_picture
from foveola_oct.renderers.colours import LAYER, RETINA

EXAM = {
    "pixel_spacing_column": 0.1,
    "pixel_spacing_row": 0.004,
    "slice_thickness": 0.2,
    "scan_protocol": "HORIZONTAL_3D",
    "slice_direction": "TOP_BOTTOM",
    "pixel_direction": "LEFT_RIGHT",
    "num_slices": 30,
    "pixel_image_width": 60,
    "pixel_image_height": 400,
    "laterality": "R",
}
LEFT = {**EXAM, "laterality": "L"}


def ask(operation, value, part=(), **rest):
    """What a renderer of ours answers."""
    return foveola_picture(Subject("it", operation, part, value, **{"exam": EXAM, **rest}))


def drawings(picture):
    """Every drawing of a picture, parsed: it is well-formed."""
    found = [ET.fromstring(one) for one in re.findall(r"<svg.*?</svg>", picture.markup, re.DOTALL)]  # noqa: S314  our own
    assert found
    return found


def texts(root):
    """What is said in a drawing, with x and y."""
    said = root.iter("{http://www.w3.org/2000/svg}text")
    return [(one.text or "", float(one.get("x")), float(one.get("y"))) for one in said]


def place_of(root, said):
    """Where something is said."""
    return next((x, y) for text, x, y in texts(root) if text == said)


def etdrs(values):
    """Statistics of the nine fields, in their order."""
    nine = iter(values)
    return {level: {str(k): {"mean": next(nine)} for k in range(n)} for level, n in (("0", 1), ("1", 4), ("2", 4))}


# The head


def test_heading_names_the_eye_and_the_field():
    """In words, and T and N on their sides."""
    right, left = ask(None, EXAM), ask(None, LEFT, exam=LEFT)
    assert (right.title, left.title) == ("Right eye (OD)", "Left eye (OS)")
    assert ("field", "6.00 mm wide, 6.00 mm high") in right.table.rows
    (drawn,), (mirrored,) = drawings(right), drawings(left)
    assert place_of(drawn, "N")[0] > place_of(drawn, "T")[0]
    assert place_of(mirrored, "N")[0] < place_of(mirrored, "T")[0]


def test_heading_says_how_wide_a_circle_is():
    """What a clinician knows a circular scan by."""
    assert ("circle", "3.46 mm across") in ask(None, {}, exam={"laterality": "R", "circle_radius_mm": 1.73}).table.rows


# Wheels


def test_etdrs_numbers_stand_where_they_belong():
    """Index 0 is the image's right, 1 inferior, 2 left, 3 superior, in both eyes."""
    for exam, side in ((EXAM, 1), (LEFT, -1)):
        picture = ask("get_etdrs", etdrs(range(300, 309)), exam=exam, given={"used_layers": ["rnfl", "rpe"]})
        wheel = drawings(picture)[0]
        (x, _), middle = place_of(wheel, "301"), place_of(wheel, "300")
        assert x > middle[0]
        assert place_of(wheel, "302")[1] > middle[1]
        assert place_of(wheel, "303")[0] < middle[0]
        assert place_of(wheel, "304")[1] < middle[1]
        assert place_of(wheel, "305")[0] > x
        assert (place_of(wheel, "N")[0] - middle[0]) * side > 0


def test_etdrs_names_follow_the_eye():
    """The field on the right is nasal in a right eye, temporal in a left one."""
    heads = [ask("get_etdrs", etdrs(range(9)), exam=exam).table.rows[1][0] for exam in (EXAM, LEFT)]
    assert heads == ["nasal, 1 to 3 mm", "temporal, 1 to 3 mm"]


def test_what_was_not_wholly_measured_is_hatched_and_says_its_share():
    """And what was not reported is a dash."""
    values = etdrs([300] * 8 + [None])
    coverage = {"0": {"0": 1.0}, "1": dict.fromkeys("0123", 1.0), "2": {"0": 0.7, "1": 1.0, "2": 1.0, "3": 0.2}}
    picture = ask("get_etdrs", values, beside={"coverage": coverage})
    said = [text for text, *_ in texts(drawings(picture)[0])]
    assert "70% seen" in said
    assert "20% seen" in said
    assert said.count("\N{EN DASH}") == 1
    assert picture.markup.count("url(#hd") == 2
    assert picture.table.rows[5][-1] == 70.0


def test_same_thickness_has_the_same_colour_in_wheel_and_scale():
    """The whole retina by its own scale, layers by theirs."""
    whole = ask("get_etdrs", etdrs([300] * 9), given={"used_layers": ["rnfl", "gcl", "rpe"]})
    layer = ask("get_etdrs", etdrs([40] * 9), given={"used_layers": ["gcl"]})
    assert RETINA.colour(300) in whole.markup
    assert LAYER.colour(40) in layer.markup
    assert "ETDRS, whole retina" in whole.title


def test_gcc_ring_has_seven_numbers_about_the_raphe():
    """0 to 2 lie above, 3 to 5 below."""
    value = {"0": {"0": {"mean": 50}}, "1": {str(k): {"mean": 100 + k} for k in range(6)}}
    wheel = drawings(ask("get_gcc_circle", value))[0]
    middle = place_of(wheel, "50")[1]
    assert all(place_of(wheel, str(100 + k))[1] < middle for k in range(3))
    assert all(place_of(wheel, str(100 + k))[1] > middle for k in range(3, 6))


def test_halves_and_quadrants_are_wheels_too():
    """Of the zone that was looked at."""
    halves = ask(
        "get_two_segment_circle",
        {"superior": 98.0, "inferior": 70.0},
        beside={"coverage": {"superior": 1, "inferior": 0.6}},
    )
    assert [row[:2] for row in halves.table.rows] == [("superior, 6 mm", 98.0), ("inferior, 6 mm", 70.0)]
    assert halves.table.rows[1][2] == 60.0
    quadrants = ask("get_four_segment_circle", {str(k): {"mean": 90 + k} for k in range(4)}, ("statistics",))
    assert [row[1] for row in quadrants.table.rows] == [90, 91, 92, 93]


def test_quadrants_that_the_raphe_bounds_are_drawn_so():
    """A start of 0 degrees is no missing start: the first quadrant begins on the right."""
    value = {str(k): {"mean": 90 + k} for k in range(4)}
    turned, usual = (
        ask("get_four_segment_circle", value, ("statistics",), given={"start_angle_deg": start})
        for start in (0.0, -45.0)
    )
    assert drawings(turned)[0] != drawings(usual)[0]
    assert [row[0] for row in turned.table.rows][:2] == ["inferonasal, 6 mm", "inferotemporal, 6 mm"]


def test_a_change_is_drawn_with_its_sign():
    """After less before, of the layers that were summed; what rounds to nothing has no sign."""
    given = {"used_layers": ["rnfl"]}
    picture = ask("get_etdrs", etdrs([300] * 9), given=given, before=etdrs([310, 300.01] + [299] * 7))
    said = [text for text, *_ in texts(drawings(picture)[0])]
    assert (said.count("-10.0"), said.count("0.0"), said.count("+1.0")) == (1, 1, 7)
    assert picture.title == "ETDRS, rnfl, change"


def test_coverage_is_no_thickness():
    """Another part of an answer is not drawn as its statistics."""
    assert ask("get_etdrs", etdrs([1.0] * 9), ("coverage",)) is None
    assert ask("get_two_segment_circle", {"superior": 1.0, "inferior": 1.0}, ("coverage",)) is None


def test_lesions_by_field_are_told_in_nanolitres():
    """A thousandth of a cubic millimetre; the darkest field holds most."""
    value = {"drusen": {"0": {"0": 0.002}, "1": dict.fromkeys("0123", 0.0), "2": dict.fromkeys("0123", 0.0)}}
    picture = ask("get_pathology_volume_etdrs_calculations_zone", value, ("volumes",))
    assert "2.0" in [text for text, *_ in texts(drawings(picture)[0])]
    assert picture.table.heads[1] == "drusen, nl"


# Maps


def layers(columns=60):
    """Two layers of 25 and 50 px, thicker at the first slice; one corner not measured."""
    rnfl = np.full((30, columns), 25.0)
    rnfl[0] = 100.0
    rnfl[29, 0] = np.nan
    return {"rpe": np.full((30, columns), 50.0), "rnfl": rnfl}


def test_thickness_maps_are_in_micrometres_from_the_vitreous_down():
    """Sums first; NaN in any layer is NaN in the sum."""
    picture = ask("get_layer_thickness_map", {"thickness_maps": layers(), "status": "OK"})
    names = [row[0] for row in picture.table.rows]
    assert names == ["Whole retina", "rnfl", "rpe"]
    retina = picture.table.rows[0]
    assert retina[1:4] == (pytest.approx(310.006, abs=0.2), 300.0, 600.0)
    assert retina[4] == pytest.approx(100 * (1 - 1 / 1800))


def test_maps_are_turned_as_the_fundus_is_seen():
    """A scan that began below shows its first slice at the bottom."""

    def bottom_is_thick(direction):
        exam = {**EXAM, "slice_direction": direction}
        picture = ask("get_layer_thickness_map", layers(), ("thickness_maps",), exam=exam)
        uri = re.search(r'href="data:image/png;base64,([^"]+)"', picture.markup)[1]
        image = cv2.imdecode(np.frombuffer(b64decode(uri), dtype=np.uint8), cv2.IMREAD_COLOR)
        return image[-1, 150].tolist() != image[150, 150].tolist()

    assert bottom_is_thick("BOTTOM_TOP")
    assert not bottom_is_thick("TOP_BOTTOM")


def test_the_fovea_of_a_cut_zone_is_found_again():
    """From the exam's centre and the zone, as the operation found it."""
    given = {"exam_center_coordinate_xz": [30, 15], "zone_of_interest": 6.0}
    picture = ask("get_layer_thickness_map", layers(), ("thickness_maps",), given=given)
    circles = list(drawings(picture)[0].iter("{http://www.w3.org/2000/svg}circle"))
    assert len(circles) == 3
    per_mm = 290 / 6
    assert float(circles[0].get("cx")) == pytest.approx(17 + 3.05 * per_mm, abs=0.01)
    assert float(circles[2].get("r")) == pytest.approx(3 * per_mm, abs=0.01)


def test_maps_without_a_geometry_are_left_to_tables():
    """Nobody can say where up is."""
    assert ask("get_layer_thickness_map", layers(), ("thickness_maps",), exam={"pixel_spacing_row": 0.004}) is None


def test_hostile_layer_names_are_text():
    """A name is no markup."""
    picture = ask("get_layer_thickness_map", {"<script>": np.ones((3, 3))}, ("thickness_maps",))
    assert "<script>" not in picture.markup
    assert "&lt;script&gt;" in picture.markup


def test_lesions_are_counted_and_measured():
    """Two drusen that do not touch: 1 and 2 samples of 0.02 mm2, 5 px of 4 µm thick; the small one is ringed."""
    drusen = np.zeros((30, 60))
    drusen[5, 5] = 5.0
    drusen[20, 30:32] = 5.0
    picture = ask(
        "get_pathology_thickness_map", {"soft_drusen": drusen}, ("thickness_maps",), given={"use_real_units": False}
    )
    name, count, area, volume, thickest = picture.table.rows[0]
    assert (name, count) == ("soft drusen", 2)
    assert (area, volume, thickest) == pytest.approx((0.06, 0.06 * 0.02, 20.0))
    assert picture.markup.count('r="6.5"') == 2
    assert "soft drusen: <b>2</b>, 0.06 mm²" in picture.markup


# Glaucoma


@pytest.mark.parametrize(
    ("superior", "inferior", "stage", "distance"),
    [
        (98.0, 98.0, "normal", 0.0),
        (98.0, 85.0, "normal, borderline", 1 / 3),
        (80.0, 98.0, "early", 0.5),
        (98.0, 69.5, "moderate", 5 / 6),
        (50.0, 98.0, "advanced", 1.0),
    ],
)
def test_slider_agrees_with_the_operations(superior, inferior, stage, distance):
    """The thinner half decides; the zone is the stage."""
    given = {"superior_thickness": superior, "inferior_thickness": inferior}
    picture = ask("get_glaucoma_stage", {"glaucoma_stage": "X", "borderline": False}, given=given)
    assert picture.title == f"Glaucoma: {stage}"
    assert picture.table.rows[3][1] == pytest.approx(distance)
    said = {text for text, *_ in texts(drawings(picture)[0])}
    assert {"97.8", "85", "75", "64", "borderline 89.6"} <= said


@pytest.mark.parametrize(("superior", "inferior"), [(96.6, 99.0), (99.0, 96.6)])
def test_the_pointer_of_one_half_does_not_cross_the_words_of_the_other(superior, inferior):
    """Words stand to the right of their pointer, those of the pointer that is farther left higher up."""
    given = {"superior_thickness": superior, "inferior_thickness": inferior}
    root = drawings(ask("get_glaucoma_stage", {"glaucoma_stage": "NORMAL"}, given=given))[0]
    (thick_x, thick_y), (thin_x, thin_y) = (
        next((x, y) for said, x, y in texts(root) if said.endswith(number)) for number in ("99.0", "96.6")
    )
    assert (thick_x < thin_x, thick_y < thin_y) == (True, True)


def test_slider_takes_the_limits_that_were_given():
    """And says them."""
    given = {"superior_thickness": 80.0, "inferior_thickness": 80.0, "normal_limit_um": 79.0, "statistic": "mean"}
    picture = ask("get_glaucoma_distance_to_normal", 0.2, ("distance_to_normal",), given=given)
    assert picture.title == "Glaucoma: normal, borderline"
    assert "79" in {text for text, *_ in texts(drawings(picture)[0])}


def test_asymmetry_has_superior_above_and_hatches_what_is_not_whole():
    """Rows and columns as in the image."""
    superior = np.arange(32.0).reshape(4, 8) + 1
    value = {
        "superior": superior,
        "inferior": -superior[::-1],
        "superior_thickness": np.full((4, 8), 100.0),
        "inferior_thickness": np.full((4, 8), 90.0),
    }
    shares = np.ones((4, 8))
    shares[0, 0] = 0.8
    picture = ask(
        "get_mmzone_glaucoma_ppaa_matrix",
        value,
        given={"use_real_units": True, "zone_of_interest": 6.0},
        beside={"coverage": {"superior": shares, "inferior": np.ones((4, 8))}},
    )
    drawn = drawings(picture)[0]
    assert place_of(drawn, "+1")[1] < place_of(drawn, "+32")[1] < place_of(drawn, "-32")[1]
    assert place_of(drawn, "+1")[0] < place_of(drawn, "+8")[0]
    assert picture.markup.count("url(#hd") == 1
    assert dict(picture.table.rows)["mean difference, superior less inferior"] == pytest.approx(16.5)


# The optic nerve


def circle(radius, n=72):
    """A circle about (2, 2), mm."""
    return [[2 + radius * cos(2 * pi * k / n), 2 + radius * sin(2 * pi * k / n)] for k in range(n)]


def test_disc_shows_the_narrowest_rim_where_it_is_and_the_stage():
    """The red line runs between its two ends; the stage's box is filled."""
    value = {
        "disc": {"area": 2.5, "vertical_diameter": 1.8, "horizontal_diameter": 1.8},
        "cup": {"area": 0.6},
        "rim": {"area": 1.9, "min_width": 0.45, "min_width_points_px": [[245, 200], [290, 200]]},
        "ratios": {"area_cdr": 0.25},
        "ddls": {"stage": 3, "disc_size": "average"},
    }
    picture = ask("analyze_odn", value, given={"disk": circle(0.9), "cup": circle(0.45)})
    assert picture.title == "Optic disc, right eye: DDLS stage 3, average disc"
    disc, stages = drawings(picture)
    line = disc.find("{http://www.w3.org/2000/svg}line")
    per_mm = (270 - 44) / 1.8 * 0.92
    assert float(line.get("x2")) - float(line.get("x1")) == pytest.approx(0.45 * per_mm, abs=0.5)
    assert float(line.get("y1")) == pytest.approx(135, abs=0.5)
    assert "0.45 mm" in [text for text, *_ in texts(disc)]
    filled = [box for box in stages.iter("{http://www.w3.org/2000/svg}rect") if box.get("fill") != "#fff"]
    assert [float(box.get("x")) for box in filled] == [4 + 2 * 26]


def test_outlines_alone_are_drawn_where_nobody_measures_them():
    """Otherwise the measured picture holds them."""
    value = {"disc": {"mm": circle(0.9)}, "cup": {"mm": []}}
    assert ask("extract_neuroretinal_rim_circles", value).title == "Optic disc and cup"
    assert ask("extract_neuroretinal_rim_circles", value, operations=frozenset({"analyze_odn"})) is None


def rnfl(start=0.05):
    """All analyses; each sector its own thickness, mm."""
    counts = {"quadrant": 4, "single_segment": 1, "twelve_segments": 12, "graph": 36}
    return {name: {str(k): start + k / 1000 for k in range(n)} for name, n in counts.items()}


def test_tsnit_quadrants_are_mirrored_for_a_left_eye():
    """Index 0 is nasal in both eyes: right in the image of a right eye, left in that of a left one."""
    for exam, sign in ((EXAM, 1), (LEFT, -1)):
        picture = ask("analyze_odn_rnfl", rnfl(), ("rnfl_thickness_statistics",), exam=exam)
        _, quadrants, *_ = drawings(picture)
        nasal, temporal = place_of(quadrants, "50")[0], place_of(quadrants, "52")[0]
        assert (nasal - temporal) * sign > 0
        assert (place_of(quadrants, "N")[0] - place_of(quadrants, "T")[0]) * sign > 0
        assert place_of(quadrants, "51")[1] > place_of(quadrants, "53")[1]


def test_what_was_not_wholly_measured_round_the_disc_is_hatched():
    """Quadrants, hours and the mean; the table says the share, the sector only if it fits."""
    shares = {name: dict.fromkeys(values, 1.0) for name, values in rnfl().items()}
    shares["quadrant"]["1"] = shares["twelve_segments"]["3"] = 0.6
    beside = {"coverage": shares}
    picture = ask("analyze_circle_scan_rnfl", rnfl(), ("rnfl_thickness_statistics",), beside=beside)
    _, quadrants, hours, *_ = drawings(picture)
    for wheel, is_said in ((quadrants, True), (hours, False)):
        hatched = [one for one in wheel.iter("{http://www.w3.org/2000/svg}path") if "url" in one.get("fill")]
        assert len(hatched) == 1
        assert ("60% seen" in [said for said, *_ in texts(wheel)]) == is_said
    assert picture.table.heads[-1] == "measured, %"
    assert ("inferior", pytest.approx(51), pytest.approx(60)) in picture.table.rows


def test_tsnit_line_is_broken_where_nothing_was_measured():
    """Two strokes, not one that invents a value."""
    graph = {str(k): None if k == 10 else 0.1 for k in range(36)}
    picture = ask("analyze_odn_rnfl", {"graph": graph}, ("rnfl_thickness_statistics",))
    path = next(one.get("d") for one in drawings(picture)[0].iter("{http://www.w3.org/2000/svg}path"))
    assert path.count("M") == 2


def test_both_eyes_lie_over_one_another():
    """Two lines in one graph, told apart by dashes as well."""
    graphs = {name: {str(k): um / 1000 for k in range(36)} for name, um in (("graph_a", 100), ("graph_b", 90))}
    picture = ask("compare_odn_rnfl_graphs", 0.9, ("similarity_score",), given=graphs)
    graph = drawings(picture)[0]
    lines = [one for one in graph.iter("{http://www.w3.org/2000/svg}path") if one.get("fill") == "none"]
    assert [one.get("stroke-dasharray") for one in lines] == [None, "7 4"]
    assert dict(picture.table.rows)["greatest difference, µm"] == pytest.approx(10)
    assert picture.title == "Nerve fibre layer of both eyes: 90% alike"


# Vessels


def test_vessel_map_has_its_size_in_mm():
    """A picture of 600 x 300 pixels at 100 to the mm."""
    _, png = cv2.imencode(".png", np.zeros((300, 600), dtype=np.uint8))
    picture = ask(
        "get_vessel_map", b64encode(png.tobytes()).decode(), ("vessel_map",), beside={"inpainted_slices": (3,)}
    )
    assert [row[1] for row in picture.table.rows] == [6.0, 3.0, 1]


def test_large_vessel_maps_become_small():
    """Speckle that does not compress is told again with loss."""
    noise = np.random.default_rng(0).integers(0, 255, (900, 1200), dtype=np.uint8)
    _, png = cv2.imencode(".png", noise)
    picture = ask("get_vessel_map", {"vessel_map": b64encode(png.tobytes()).decode()})
    assert "data:image/jpeg" in picture.markup
    assert len(picture.markup) < 700_000


@pytest.mark.parametrize("value", ["no base64!", "", None, 3], ids=repr)
def test_what_is_no_picture_is_left_to_tables(value):
    """And raises nothing."""
    assert ask("get_vessel_map", value, ("vessel_map",)) is None


def test_operations_of_others_are_left_to_them():
    """We answer for ours alone."""
    assert ask("acme.asymmetry", 1.0) is None
