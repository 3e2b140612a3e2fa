"""Linear size of each lesion on a B-scan."""

from __future__ import annotations

from math import cos, hypot, pi, sin

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foveola import InputError
from foveola_oct.measurements.get_linear_calculations import get_linear_calculations

PITCH = {"pixel_spacing_column": 0.01, "pixel_spacing_row": 0.004}
LENGTHS = ("width", "height", "max_diameter", "min_diameter", "max_chord_width", "max_chord_height")
RECTANGLE = [[0, 0], [40, 0], [40, 20], [0, 20]]
TRIANGLE = [[0, 0], [30, 0], [0, 100]]
CIRCLE = [[20 * cos(2 * pi * k / 360), 50 * sin(2 * pi * k / 360)] for k in range(360)]
BAR = [[0, 0], [4, 0], [40, 90], [36, 90]]

star_radii = st.lists(st.floats(1, 30), min_size=3, max_size=12)


def call(*outlines, **more):
    """The measurements of some outlines."""
    instances = [{"points": points, "className": f"lesion_{place}"} for place, points in enumerate(outlines)]
    return get_linear_calculations.call({"pathology_segm_instances_per_bscan": instances, **PITCH, **more})


def measure(points, **more):
    """The measurement of one outline."""
    return call(points, **more)["linear_measurements"][0]


def lengths(points, **more):
    """The six lengths of one outline."""
    measured = measure(points, **more)
    return [measured[name] for name in LENGTHS]


def millimetres(ends):
    """How far apart two points are."""
    (x0, y0), (x1, y1) = ends
    return hypot((x1 - x0) * 0.01, (y1 - y0) * 0.004)


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        pytest.param(RECTANGLE, [0.4, 0.08, 0.1664**0.5, 0.08, 0.4, 0.08], id="rectangle"),
        pytest.param(TRIANGLE, [0.3, 0.4, 0.5, 0.24, 0.3, 0.4], id="triangle"),
        pytest.param(BAR, [0.4, 0.36, hypot(0.4, 0.36), 0.04 * 0.36 / hypot(0.36, 0.36), 0.04, 0.04], id="bar"),
    ],
)
def test_lengths_have_their_closed_forms(points, expected):
    """Everything is measured in millimetres: pixels are wider than high."""
    assert lengths(points) == pytest.approx(expected)


def test_a_circle_is_as_wide_as_high():
    """All six lengths of a circle are its diameter."""
    assert lengths(CIRCLE) == pytest.approx([0.4] * 6, rel=1e-4)


def test_a_slanted_bar_is_higher_than_any_line_in_it():
    """The extent of a bar at 45 degrees is more than its longest axial chord."""
    measured = measure(BAR)
    assert measured["height"] > 5 * measured["max_chord_height"]
    assert measured["width"] > 5 * measured["max_chord_width"]


def test_ends_are_where_the_lengths_are():
    """The end points are points of the outline, in pixels, as far apart as the lengths say."""
    measured = measure(TRIANGLE)
    assert measured["width_points"] == [[0, 0], [30, 0]]
    assert measured["height_points"] == [[0, 0], [0, 100]]
    assert sorted(measured["max_diameter_points"]) == [[0, 100], [30, 0]]
    assert measured["className"] == "lesion_0"


@pytest.mark.parametrize("shift", [(7, 0), (0, -31), (1000.25, 300.5)])
def test_lengths_do_not_depend_on_the_place(shift):
    """A lesion is as large wherever it lies."""
    moved = (np.array(BAR) + shift).tolist()
    assert lengths(moved) == pytest.approx(lengths(BAR))


@given(star_radii)
@settings(max_examples=50, deadline=None)
def test_lengths_are_in_order(radii):
    """No chord is longer than the extent along it, no extent longer than the diameter, and the ends agree."""
    points = [
        [radius * cos(2 * pi * k / len(radii)), radius * sin(2 * pi * k / len(radii))] for k, radius in enumerate(radii)
    ]
    measured = measure(points)
    slack = 1 + 1e-9
    assert measured["max_chord_width"] <= measured["width"] * slack <= measured["max_diameter"] * slack**2
    assert measured["max_chord_height"] <= measured["height"] * slack <= measured["max_diameter"] * slack**2
    assert measured["min_diameter"] <= min(measured["width"], measured["height"]) * slack
    assert millimetres(measured["max_diameter_points"]) == pytest.approx(measured["max_diameter"])
    (left, _), (right, _) = measured["width_points"]
    (_, top), (_, bottom) = measured["height_points"]
    assert [(right - left) * 0.01, (bottom - top) * 0.004] == pytest.approx([measured["width"], measured["height"]])


def test_a_crossed_outline_is_what_it_encloses():
    """Extents are of both wings of a bow-tie, diameters and chords of its larger wing."""
    small_wing_left = [[0, 40], [60, 100], [60, 0], [0, 60]]
    crossing_x = 10.0
    measured = measure(small_wing_left)
    assert measured["width"] == pytest.approx(0.6)
    assert measured["height"] == pytest.approx(0.4)
    assert measured["max_chord_height"] == pytest.approx(0.4)
    assert measured["max_chord_width"] == pytest.approx((60 - crossing_x) * 0.01)
    assert measured["max_diameter"] == pytest.approx(hypot(0.5, 0.2))


def test_traced_outlines_are_a_pixel_larger():
    """An outline through the centres of 41 x 21 pixels is 41 pixels wide and 21 high."""
    expected = [0.41, 0.084, hypot(0.41, 0.084), 0.084, 0.41, 0.084]
    assert lengths(RECTANGLE, polygon_convention="pixel_contour") == pytest.approx(expected)
    measured = measure(RECTANGLE, polygon_convention="pixel_contour")
    assert measured["width_points"] == [[-0.5, -0.5], [40.5, -0.5]]


@pytest.mark.parametrize("points", [[], [[3, 4]], [[0, 0], [9, 9]], [[0, 0], [9, 0], [4, 0]]], ids=len)
def test_what_encloses_nothing_measures_nothing(points):
    """A point or a line has zeros, no ends and a warning."""
    answer = call(TRIANGLE, points, include_extras=True)
    measured = answer["linear_measurements"][1]
    assert [measured[name] for name in LENGTHS] == [0.0] * 6
    assert [measured[f"{name}_points"] for name in ("width", "height", "max_diameter")] == [None] * 3
    assert answer["warnings"] == ["instance 1 (lesion_1) encloses nothing: its outline has no area"]


def test_answer_has_its_documented_shape():
    """A record for every instance, in their order, with its class."""
    answer = call(RECTANGLE, TRIANGLE)
    assert list(answer) == ["linear_measurements"]
    assert [one["className"] for one in answer["linear_measurements"]] == ["lesion_0", "lesion_1"]
    assert set(answer["linear_measurements"][0]) == {
        *("className", "width_points", "height_points", "max_diameter_points"),
        *LENGTHS,
    }
    assert call() == {"linear_measurements": []}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("pixel_spacing_row", None),
        ("pixel_spacing_column", 11.7),
        ("polygon_convention", "raster"),
        ("pathology_segm_instances_per_bscan", {}),
    ],
)
def test_bad_requests_name_the_field(field, value):
    """What is wrong is told by the name of the field."""
    with pytest.raises(InputError) as caught:
        call(RECTANGLE, **{field: value})
    assert caught.value.field == field
