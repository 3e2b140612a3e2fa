"""Ellipses through points, outlines made smooth, and rays that leave them."""

from __future__ import annotations

from math import cos, radians, sin

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from foveola_oct.retina.fundus_outlines import farthest_crossings, fit_ellipse, ray_angles, smooth_outline


def ellipse(half_axes: tuple[float, float], turn: float, turns: np.ndarray) -> np.ndarray:
    """Points of an ellipse about (2, 1.5), turned by some degrees."""
    upright = np.column_stack([np.cos(turns), np.sin(turns)]) * half_axes
    c, s = cos(radians(turn)), sin(radians(turn))
    return upright @ np.array([[c, s], [-s, c]]) + (2, 1.5)


@settings(max_examples=50, deadline=None)
@given(
    minor=st.floats(0.2, 1.0),
    ratio=st.floats(1.0, 1.9),
    turn=st.floats(0, 180),
    places=st.lists(st.integers(0, 11), min_size=7, max_size=12, unique=True),
)
def test_ellipse_is_found_from_some_of_its_points(minor: float, ratio: float, turn: float, places: list[int]) -> None:
    """Seven points of twelve round it are enough, whichever way it lies."""
    points = ellipse((minor * ratio, minor), turn, np.radians(30.0 * np.array(places)))
    found = fit_ellipse(points)
    assert found is not None
    true = shapely.Polygon(ellipse((minor * ratio, minor), turn, np.radians(np.arange(0, 360, 0.25))))
    assert shapely.Polygon(found).symmetric_difference(true).area < 1e-3 * true.area


@pytest.mark.parametrize(
    "points",
    [
        ellipse((2.2, 2.1), 0, np.radians(np.arange(0, 360, 30))),
        ellipse((0.09, 0.09), 0, np.radians(np.arange(0, 360, 30))),
        ellipse((1.0, 0.39), 30, np.radians(np.arange(0, 360, 30))),
        np.column_stack([np.arange(6.0), np.arange(6.0)]),
        np.ones((6, 2)),
    ],
    ids=["wider than any disc", "smaller than any cup", "too long", "a line", "one point"],
)
def test_ellipse_that_is_no_disc_is_none(points: np.ndarray) -> None:
    """Full axes of 0.2 to 4 mm, at most 2.5 times as long as wide."""
    assert fit_ellipse(points) is None


def test_smoothing_leaves_circles_and_rounds_corners() -> None:
    """A circle is as round as before; a square's corners come in, its centre stays."""
    circle = ellipse((0.9, 0.9), 0, np.radians(np.arange(360)))
    np.testing.assert_allclose(np.hypot(*(smooth_outline(circle) - (2, 1.5)).T), 0.9, rtol=1e-3)
    square = np.array([(1.0, 1), (-1, 1), (-1, -1), (1, -1)])
    smooth = smooth_outline(square)
    assert np.hypot(*smooth.T).max() < np.hypot(1, 1) - 0.02
    np.testing.assert_allclose(smooth.mean(axis=0), 0, atol=1e-9)


@given(st.lists(st.tuples(st.floats(-2, 2), st.floats(-2, 2)), min_size=3, max_size=8, unique=True))
def test_rays_end_where_shapely_says(corners: list[tuple[float, float]]) -> None:
    """The farthest point that a ray from the centroid has in common with an outline, whatever its form."""
    hull = shapely.MultiPoint(corners).convex_hull
    if hull.geom_type != "Polygon" or hull.area < 1e-2:
        return
    center = np.array([hull.centroid.x, hull.centroid.y])
    found = farthest_crossings(np.array(hull.exterior.coords)[:-1], center, 16)
    for angle, distance in zip(np.radians(ray_angles(16)), found, strict=True):
        ray = shapely.LineString([center, center + 9 * np.array([np.cos(angle), np.sin(angle)])])
        assert distance == pytest.approx(ray.intersection(hull).length, abs=1e-7)


@pytest.mark.parametrize("count", [4, 5, 360, 3601])
def test_rays_leave_a_polygon_where_its_edges_are(count: int) -> None:
    """Distances to a square are exact at any angle, also through its corners."""
    turns = np.radians(-180 + np.arange(count) * 360 / count)
    square = np.array([(1.0, 1), (-1, 1), (-1, -1), (1, -1)])
    expected = 1 / np.maximum(np.abs(np.cos(turns)), np.abs(np.sin(turns)))
    np.testing.assert_allclose(farthest_crossings(square, np.zeros(2), count), expected, rtol=1e-9)
    np.testing.assert_allclose(farthest_crossings(square[::-1], np.zeros(2), count), expected, rtol=1e-9)


def test_rays_take_the_farthest_crossing() -> None:
    """Of a notch the outer wall counts; beside the outline there is nothing to cross."""
    notched = np.array([(-1.0, -1), (1, -1), (1, -0.1), (0.2, -0.1), (0.2, 0.1), (1, 0.1), (1, 1), (-1, 1)])
    assert farthest_crossings(notched, np.zeros(2), 4)[2] == pytest.approx(0.2)
    assert farthest_crossings(notched, np.array([0.5, 0.0]), 4).tolist() == pytest.approx([1.5, 1.0, 0.0, 1.0])
