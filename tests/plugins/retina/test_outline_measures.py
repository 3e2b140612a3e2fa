"""Lengths and pixels of one outline."""

from __future__ import annotations

from itertools import pairwise
from math import hypot, pi

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from foveola_oct.retina import Instance
from foveola_oct.retina.outline_measures import (
    degenerate_warnings,
    enclosed_area,
    extent,
    feret,
    longest_chord,
    pixels_inside,
)
from foveola_oct.retina.outlines import clean_outline, even_odd_region

BOW_TIE = [(0, 0), (10, 10), (10, 0), (0, 10)]
PENTAGRAM = [(10, 0), (16, 18), (0, 7), (20, 7), (4, 18)]

whole = st.integers(-4, 14)
lattice_outlines = st.lists(st.tuples(whole, whole), min_size=1, max_size=8).map(
    lambda points: clean_outline(np.array(points, dtype=float))
)
corners = st.lists(st.tuples(st.floats(0, 100), st.floats(0, 100)), min_size=3, max_size=12).map(np.array)


def outline(points):
    """Points as the functions want them."""
    return np.array(points, dtype=float).reshape(-1, 2)


def is_on(point, begin, end):
    """Tell exactly whether a lattice point lies on the segment between two others."""
    (x, y), (x0, y0), (x1, y1) = point, begin, end
    is_level = (x1 - x0) * (y - y0) == (x - x0) * (y1 - y0)
    return is_level and min(x0, x1) <= x <= max(x0, x1) and min(y0, y1) <= y <= max(y0, y1)


def crosses(point, begin, end):
    """Tell exactly whether a ray to the right of a lattice point crosses a segment."""
    (x, y), (x0, y0), (x1, y1) = point, begin, end
    if (y0 <= y) == (y1 <= y):
        return False
    return (x - x0) * (y1 - y0) < (x1 - x0) * (y - y0) if y1 > y0 else (x - x0) * (y1 - y0) > (x1 - x0) * (y - y0)


def count_one_by_one(points, height, width):
    """Count pixels by whole numbers alone."""
    edges = list(pairwise([*points, points[0]]))
    pixels = [(x, y) for x in range(width) for y in range(height)]
    return sum(
        any(is_on(pixel, *edge) for edge in edges) or sum(crosses(pixel, *edge) for edge in edges) % 2 == 1
        for pixel in pixels
    )


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        pytest.param([(0, 0), (40, 0), (40, 20), (0, 20)], 41 * 21, id="rectangle"),
        pytest.param([(2, 3), (12, 3), (12, 8), (2, 8)], 66, id="rectangle_inside"),
        pytest.param([(0, 0), (10, 0), (0, 10)], 66, id="triangle"),
        pytest.param([(0, 0), (30, 7), (11, 23)], 309, id="slanted_triangle"),
        pytest.param(BOW_TIE, 71, id="bow_tie"),
        pytest.param([(0, 0), (9, 0)], 10, id="line"),
        pytest.param([(0, 0), (5, 5), (9, 9)], 10, id="diagonal"),
        pytest.param([(0, 0), (0.5, 9)], 1, id="line_between_centres"),
        pytest.param([(7, 3)], 1, id="point"),
        pytest.param([(7.5, 3)], 0, id="point_between_centres"),
        pytest.param([], 0, id="nothing"),
        pytest.param([(0.5, 0.5), (1.5, 0.5), (1.5, 1.5), (0.5, 1.5)], 1, id="one_pixel"),
        pytest.param([(0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9)], 0, id="between_centres"),
        pytest.param([(-5, -5), (-1, -5), (-1, -1)], 0, id="outside"),
        pytest.param([(-10, -10), (1e12, -10), (1e12, 1e12), (-10, 1e12)], 100 * 100, id="all_around"),
        pytest.param([(0, 0), (4, 0), (4, 4), (0, 4), (0, 0), (4, 0), (4, 4), (0, 4)], 16, id="wound_twice"),
        pytest.param([(0.1 + 0.2, 0), (3.3, 3), (0.3, 3)], 6, id="rational"),
    ],
)
def test_pixels_are_counted_by_their_centres(points, expected):
    """A pixel counts if its centre lies inside, an odd number of times, or on the outline."""
    assert pixels_inside(outline(points), 100, 100) == expected


@given(lattice_outlines)
@settings(max_examples=150, deadline=None)
def test_pixels_of_lattice_outlines_are_exact(points):
    """Whatever the outline crosses and however it leaves the image, the count is that of exact arithmetic."""
    assert pixels_inside(points, 9, 11) == count_one_by_one([(int(x), int(y)) for x, y in points], 9, 11)


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=3, max_size=9, unique=True))
@settings(max_examples=60, deadline=None)
def test_pixels_of_a_lattice_polygon_follow_pick(points):
    """A convex lattice polygon covers A + B/2 + 1 pixels."""
    hull = shapely.convex_hull(shapely.multipoints(points))
    assume(hull.geom_type == "Polygon")
    ring = shapely.get_coordinates(hull)[:-1]
    steps = np.abs(np.diff(ring, axis=0, append=ring[:1])).astype(int)
    assert pixels_inside(ring, 50, 50) == hull.area + np.gcd(*steps.T).sum() / 2 + 1


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize(
    ("points", "chords"),
    [
        pytest.param([(0, 0), (40, 0), (40, 20), (0, 20)], (40, 20), id="rectangle"),
        pytest.param([(0, 0), (30, 0), (0, 100)], (30, 100), id="triangle"),
        pytest.param([(0, 0), (3, 0), (30, 27), (27, 27)], (3, 3), id="slanted_bar"),
        pytest.param([(0, 0), (10, 0), (10, 10), (6, 10), (6, 4), (4, 4), (4, 10), (0, 10)], (10, 10), id="u"),
        pytest.param([(0, 0), (1, 0), (1, 4), (2, 4), (2, 10), (1, 10), (1, 6), (0, 6)], (2, 6), id="step"),
    ],
)
def test_chords_stay_inside(points, chords, axis):
    """The longest chord does not run through what is not in the polygon, nor along a border between two steps."""
    assert longest_chord([outline(points)], axis) == pytest.approx(chords[axis])


def test_chords_stop_at_holes():
    """A hole shortens the chords that would run through it."""
    border, hole = outline([(0, 0), (10, 0), (10, 10), (0, 10)]), outline([(1, 1), (9, 1), (9, 9), (1, 9)])
    slim = outline([(0, 4), (10, 4), (10, 6), (0, 6)])
    assert longest_chord([border, hole], 0) == 10
    assert longest_chord([slim, outline([(4, 4.5), (6, 4.5), (6, 5.5), (4, 5.5)])], 1) == 2


@given(lattice_outlines)
@settings(max_examples=80, deadline=None)
def test_chords_agree_with_cuts(points):
    """No vertical cut beside a vertex is longer than the longest chord, and one is as long."""
    region = even_odd_region(points)
    assume(not region.is_empty)
    largest = max(region.geoms, key=lambda part: part.area)
    rings = [shapely.get_coordinates(ring)[:-1] for ring in (largest.exterior, *largest.interiors)]
    levels = np.unique(np.concatenate(rings)[:, 0])
    assume(np.diff(levels).min() > 1e-3)
    cuts = [
        shapely.LineString([(x, -10), (x, 20)]).intersection(largest)
        for level in levels
        for x in (level - 1e-7, level + 1e-7)
    ]
    longest = max(part.length for cut in cuts for part in shapely.get_parts(cut))
    assert longest_chord(rings, 1) == pytest.approx(longest, abs=1e-3)


@given(corners)
@settings(max_examples=60, deadline=None)
def test_feret_diameters_bound_every_width(points):
    """Seen from any side an outline is no wider than the largest and no narrower than the smallest Feret diameter."""
    hull = shapely.convex_hull(shapely.multipoints(points))
    assume(hull.geom_type == "Polygon" and hull.area > 1e-3)
    pitch = (0.01, 0.004)
    largest, smallest, (one, other) = feret(points, pitch)
    turns = np.linspace(0, pi, 721)
    shadows = np.ptp((points * pitch) @ np.stack([np.cos(turns), np.sin(turns)]), axis=0)
    assert shadows.max() <= largest + 1e-9
    assert shadows.min() >= smallest - 1e-9
    assert shadows.max() == pytest.approx(largest, rel=1e-5)
    assert hypot((one[0] - other[0]) * pitch[0], (one[1] - other[1]) * pitch[1]) == pytest.approx(largest)


def test_feret_is_measured_in_millimetres():
    """The farthest points of a lesion are not those that are farthest apart in pixels."""
    points = outline([(0, 0), (30, 0), (30, 50), (0, 50)])
    assert feret(points, (0.01, 0.004))[0] == pytest.approx(hypot(0.3, 0.2))
    kite = outline([(0, 50), (20, 0), (40, 50), (20, 60)])
    assert feret(kite, (0.01, 0.004))[2] == ((0.0, 50.0), (40.0, 50.0))
    assert feret(kite, (0.01, 0.01))[2] != ((0.0, 50.0), (40.0, 50.0))


@pytest.mark.parametrize("turn", range(4))
@pytest.mark.parametrize("step", [1, -1])
def test_extents_do_not_depend_on_where_an_outline_begins(turn, step):
    """Of equally far points the first along the other axis is taken, wherever the outline begins and runs."""
    points = np.roll(outline([(0, 0), (40, 0), (40, 20), (0, 20)]), turn, axis=0)[::step]
    assert extent(points, 0) == ((0, 0), (40, 0))
    assert extent(points, 1) == ((0, 0), (0, 20))


@pytest.mark.parametrize(
    ("points", "area"),
    [
        pytest.param([], 0, id="nothing"),
        pytest.param([(1, 1)], 0, id="point"),
        pytest.param([(1, 1), (5, 7)], 0, id="line"),
        pytest.param([(0, 0), (1, 0.1), (3, 0.3)], 0, id="points_on_a_line"),
        pytest.param(BOW_TIE, 50, id="bow_tie"),
        pytest.param([(0, 0), (1, 0), (0, 1)], 0.5, id="half_a_pixel"),
    ],
)
def test_what_has_no_inside_has_no_area(points, area):
    """Rounding is no area; a bow-tie has both its wings."""
    assert enclosed_area(outline(points)) == area


def test_degenerate_instances_are_named():
    """A warning names the instance by its place and its class."""
    triangle = Instance(points=outline([(0, 0), (4, 0), (0, 4)]), class_name="drusen")
    line = Instance(points=outline([(0, 0), (4, 0)]), class_name="fluid")
    assert degenerate_warnings([triangle, line]) == ("instance 1 (fluid) encloses nothing: its outline has no area",)
    assert degenerate_warnings([]) == ()


def test_corners_that_are_all_but_below_one_another_have_a_chord():
    """However little lies between two levels, a chord is a number."""
    ring = np.array([(0.0, 0), (5e-324, 3), (0, 10), (4, 5)])
    assert longest_chord([ring], axis=1) == pytest.approx(10)
