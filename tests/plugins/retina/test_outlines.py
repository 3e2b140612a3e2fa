"""Outlines are read as annotation tools write them and measured by the even-odd rule."""

from math import inf, nan

import numpy as np
import pytest

from foveola_oct.retina.outlines import clean_outline, even_odd_region, is_simple, outline_area, parse_points

TRIANGLE = [[0.0, 0.0], [4.0, 0.0], [4.0, 3.0]]
BOW_TIE = [(0, 0), (10, 10), (10, 0), (0, 10)]
STAR = [(0, 0), (10, 0), (2, 6), (5, -4), (8, 6)]


def outline(points):
    """Points as the functions want them."""
    return np.array(points, dtype=float).reshape(-1, 2)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(TRIANGLE, id="pairs"),
        pytest.param([{"x": x, "y": y} for x, y in TRIANGLE], id="objects"),
        pytest.param([0, 0, 4, 0, 4, 3], id="flat"),
        pytest.param(np.array(TRIANGLE, dtype=np.float32), id="array"),
        pytest.param(np.array(TRIANGLE).ravel(), id="flat array"),
        pytest.param(tuple(map(tuple, TRIANGLE)), id="tuples"),
    ],
)
def test_every_spelling_of_an_outline_is_read(value):
    """Pairs, objects, flat lists and arrays are the same outline."""
    points = parse_points(value)
    assert points.dtype == np.float64
    assert points.tolist() == TRIANGLE


@pytest.mark.parametrize(("value", "length"), [([], 0), ([[1, 2]], 1), ([[1, 2], [3, 4]], 2)])
def test_few_points_are_an_outline(value, length):
    """Whether an outline encloses anything is not asked where it is read."""
    assert parse_points(value).shape == (length, 2)


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        pytest.param(None, "a list of points whose coordinates are numbers", id="nothing"),
        pytest.param(7, "a list of points whose coordinates are numbers", id="a number"),
        pytest.param("0 0 4 0 4 3", "a list of points whose coordinates are numbers", id="text"),
        pytest.param([["0", "1"]], "a list of points whose coordinates are numbers", id="numbers as text"),
        pytest.param([[True, False]], "a list of points whose coordinates are numbers", id="booleans"),
        pytest.param([[0, None]], "a list of points whose coordinates are numbers", id="null"),
        pytest.param([[0, 0], {"x": 1, "y": 1}], "are pairs", id="pairs, then objects"),
        pytest.param([{"x": 1, "y": 1}, [0, 0]], 'is {"x": .., "y": ..}', id="objects, then pairs"),
        pytest.param([{"x": 1}], 'is {"x": .., "y": ..}', id="object without y"),
        pytest.param([[0, 0], [1]], "are pairs", id="ragged"),
        pytest.param([[0, 0, 0]], "shape [n, 2], not [1, 3]", id="three coordinates"),
        pytest.param([[], [], []], "shape [n, 2], not [3, 0]", id="points without coordinates"),
        pytest.param([0, 0, 1, 1], "at least 6, not 4", id="flat and short"),
        pytest.param([0, 0, 1, 1, 2, 2, 3], "even number of coordinates, at least 6, not 7", id="flat and odd"),
    ],
)
def test_what_is_no_outline_is_refused(value, sentence):
    """The error says what an outline looks like."""
    with pytest.raises(ValueError) as refusal:  # noqa: PT011 - the sentence is compared below
        parse_points(value)
    assert sentence in str(refusal.value)


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        pytest.param(TRIANGLE, TRIANGLE, id="nothing to do"),
        pytest.param([*TRIANGLE, TRIANGLE[0]], TRIANGLE, id="repeated last point"),
        pytest.param([TRIANGLE[0], *TRIANGLE, TRIANGLE[2], TRIANGLE[0], TRIANGLE[0]], TRIANGLE, id="both, twice"),
        pytest.param([[0, 0], [1, 1], [0, 0], [2, 0]], [[0, 0], [1, 1], [0, 0], [2, 0]], id="a point visited again"),
        pytest.param([[1, 1], [1, 1]], [[1, 1]], id="one point"),
        pytest.param([], [], id="no point"),
    ],
)
def test_cleaning_drops_what_repeats(points, expected):
    """Neighbours that are equal become one, the last and the first point being neighbours."""
    assert clean_outline(outline(points)).tolist() == expected


@pytest.mark.parametrize("coordinate", [nan, inf, -inf])
def test_a_coordinate_that_is_no_finite_number_is_refused(coordinate):
    """NaN and infinity are errors, never repaired."""
    with pytest.raises(ValueError, match="not a finite number"):
        clean_outline([(0, 0), (4, coordinate), (4, 3)])


@pytest.mark.parametrize("coordinate", [1e200, -1_000_001])
def test_a_coordinate_beyond_any_image_is_refused(coordinate):
    """Its area would not be a number."""
    with pytest.raises(ValueError, match="beyond 1,000,000 px"):
        clean_outline([(0, 0), (4, coordinate), (4, 3)])


@pytest.mark.parametrize(
    ("points", "simple", "area"),
    [
        pytest.param(TRIANGLE, True, 6, id="triangle"),
        pytest.param(TRIANGLE[::-1], True, 6, id="triangle, the other way round"),
        pytest.param([(0, 0), (4, 0), (4, 4), (2, 1), (0, 4)], True, 10, id="notched"),
        pytest.param(BOW_TIE, False, 50, id="bow-tie"),
        pytest.param([(0, 0), (2, 0), (2, 2), (0, 2)] * 2, False, 4, id="a square, twice round"),
        pytest.param(
            [(0, 0), (4, 0), (4, 4), (0, 4), (0, 0), (1, 1), (2, 1), (2, 2), (1, 2), (1, 1)], False, 15, id="hole"
        ),
        pytest.param([(0, 0), (4, 0), (8, 0)], False, 0, id="line"),
        pytest.param([(0, 0), (4, 0)], False, 0, id="two points"),
        pytest.param([(0, 0)], False, 0, id="one point"),
        pytest.param([], False, 0, id="no point"),
    ],
)
def test_area_is_that_of_the_even_odd_region(points, simple, area):
    """An outline that crosses or touches itself encloses what lies inside an odd number of times."""
    assert is_simple(outline(points)) is simple
    assert outline_area(outline(points)) == pytest.approx(area)
    assert even_odd_region(outline(points)).area == pytest.approx(area)


def test_area_far_from_the_origin_is_exact():
    """The shoelace formula does not lose digits where coordinates are large."""
    assert outline_area(outline(TRIANGLE) + 2**40) == 6


def test_the_heart_of_a_star_is_outside():
    """The pentagon in the middle of a five-pointed star is enclosed twice."""
    region = even_odd_region(outline(STAR))
    assert len(region.geoms) == 5
    assert not region.covers(region.centroid)


def test_lines_left_by_mending_are_dropped():
    """A spike has no area, so the region has no line."""
    region = even_odd_region(outline([(0, 0), (4, 0), (4, 4), (8, 4), (4, 4), (0, 4)]))
    assert region.geom_type == "MultiPolygon"
    assert region.area == 16
    assert region.bounds == (0, 0, 4, 4)
