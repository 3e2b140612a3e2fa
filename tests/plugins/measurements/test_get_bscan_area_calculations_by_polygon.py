"""Area of each lesion on a B-scan, enclosed by its outline."""

from __future__ import annotations

from math import cos, pi, sin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foveola import InputError
from foveola_oct.measurements.get_bscan_area_calculations_by_polygon import get_bscan_area_calculations_by_polygon

PITCH = {"pixel_spacing_column": 0.01, "pixel_spacing_row": 0.004}
CIRCLE = [(20 * cos(2 * pi * k / 360), 50 * sin(2 * pi * k / 360)) for k in range(360)]


def lesion(points):
    """An instance of no special class."""
    return {"points": points, "className": "fluid"}


def call(*outlines, **more):
    """The documented answer for some outlines."""
    return get_bscan_area_calculations_by_polygon.call(
        {"pathology_segm_instances_per_bscan": [lesion(points) for points in outlines], **PITCH, **more}
    )


@pytest.mark.parametrize("step", [1, -1], ids=["forwards", "backwards"])
@pytest.mark.parametrize(
    ("points", "area"),
    [
        pytest.param([[0, 0], [40, 0], [40, 20], [0, 20]], 0.032, id="rectangle"),
        pytest.param([[0, 0], [30, 0], [0, 100]], 0.06, id="triangle"),
        pytest.param([[0, 0], [10, 10], [10, 0], [0, 10]], 0.002, id="bow_tie"),
        pytest.param(CIRCLE, 0.125657, id="circle"),
        pytest.param([[-40, -20], [0, -20], [0, 0], [-40, 0]], 0.032, id="outside_the_image"),
        pytest.param([[0, 0], [40, 0], [40, 0], [40, 20], [0, 20], [0, 0]], 0.032, id="closed_twice"),
        pytest.param([{"x": 0, "y": 0}, {"x": 30, "y": 0}, {"x": 0, "y": 100}], 0.06, id="points_by_name"),
    ],
)
def test_areas_have_their_closed_forms(points, area, step):
    """An outline encloses what geometry says, whichever way it runs."""
    assert call(points[::step])["areas"] == [pytest.approx(area, rel=1e-5)]


def test_a_flat_outline_is_read():
    """Points may stand in one flat list."""
    assert call([0, 0, 30, 0, 0, 100]) == {"areas": [pytest.approx(0.06)]}


def test_instances_are_not_merged():
    """Areas come in the order of the instances, overlapping or not."""
    square = [[0, 0], [10, 0], [10, 10], [0, 10]]
    assert call(square, [[0, 0], [30, 0], [0, 100]], square)["areas"] == pytest.approx([0.004, 0.06, 0.004])


def test_without_instances_there_are_no_areas():
    """An empty list is answered by an empty list."""
    assert call() == {"areas": []}


@pytest.mark.parametrize("points", [[], [[1, 1]], [[0, 0], [5, 5]], [[0, 0], [1, 1], [2, 2]]], ids=len)
def test_what_encloses_nothing_is_warned_of(points):
    """Fewer than three points, or points on a line, have no area."""
    answer = call(points, include_extras=True)
    assert answer == {"areas": [0.0], "warnings": ["instance 0 (fluid) encloses nothing: its outline has no area"]}


@given(st.lists(st.tuples(st.floats(-500, 500), st.floats(-500, 500)), max_size=9))
def test_areas_fit_the_box_round_the_outline(points):
    """However an outline crosses itself, it encloses something between nothing and its box."""
    [area] = call(points)["areas"]
    x, y = zip(*points, strict=True) if points else ((0,), (0,))
    assert 0 <= area <= (max(x) - min(x)) * (max(y) - min(y)) * 4e-5 + 1e-9


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        pytest.param({"pixel_spacing_row": None}, "pixel_spacing_row", id="no_axial_spacing"),
        pytest.param({"pixel_spacing_row": 3.9}, "pixel_spacing_row", id="micrometres"),
        pytest.param({"pixel_spacing_column": 0}, "pixel_spacing_column", id="no_width"),
        pytest.param({"pathology_segm_instances_per_bscan": None}, "pathology_segm_instances_per_bscan", id="no_list"),
        pytest.param({"spacing": 1}, "spacing", id="unknown_name"),
    ],
)
def test_bad_requests_name_the_field(changed, field):
    """What is wrong is told by the name of the field."""
    with pytest.raises(InputError) as caught:
        call([[0, 0], [30, 0], [0, 100]], **changed)
    assert caught.value.field == field


def test_the_axial_spacing_must_be_given():
    """It is optional in the guide, and needed for an area."""
    with pytest.raises(InputError) as caught:
        get_bscan_area_calculations_by_polygon.call(
            {"pathology_segm_instances_per_bscan": [], "pixel_spacing_column": 0.01}
        )
    assert caught.value.field == "pixel_spacing_row"


@pytest.mark.parametrize("points", [[[0, 0], [1, float("nan")], [2, 2]], [[0, 0], [1]], "0 0 1 1"], ids=str)
def test_bad_points_name_the_instances(points):
    """A coordinate that is no number is refused, never repaired."""
    with pytest.raises(InputError) as caught:
        call([[0, 0], [30, 0], [0, 100]], points)
    assert caught.value.field == "pathology_segm_instances_per_bscan.1.points"
