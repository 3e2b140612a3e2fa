"""The shortest way is the shortest of all, however early the search stops."""

from math import nan

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from foveola_oct.retina.shortest_way import shortest_ways


def every_way(top, bottom, lateral):
    """The distance of every top to the broken polyline of the bottoms, every piece tried."""
    x = np.arange(len(top)) * lateral
    pieces = [shapely.Point(x[k], bottom[k]) for k in np.flatnonzero(np.isfinite(bottom))]
    pieces += [
        shapely.LineString([(x[k], bottom[k]), (x[k + 1], bottom[k + 1])])
        for k in np.flatnonzero(np.isfinite(np.diff(bottom)))
    ]
    line = shapely.geometrycollections(pieces)
    measured = bottom >= top
    return [shapely.distance(line, shapely.Point(x[k], top[k])) if measured[k] else nan for k in range(len(top))]


heights = st.one_of(st.integers(0, 60).map(float), st.floats(0, 100, allow_subnormal=False), st.just(nan))
jagged = st.integers(1, 40).flatmap(lambda width: arrays(np.float64, (2, width), elements=heights))


@given(jagged, st.sampled_from([0.05, 0.3, 1.0, 2.5, 40.0]))
def test_the_search_stops_early_but_never_too_early(sides, lateral):
    """However ragged the borders, however wide a pixel, no way is shorter than the one that was found."""
    found = shortest_ways(*sides, lateral)
    np.testing.assert_allclose(found, every_way(*sides, lateral), rtol=1e-9, atol=1e-9)


def test_each_row_has_its_own_boundary():
    """A whole exam is searched in blocks of rows; no way leads from one row to another."""
    rng = np.random.default_rng(3)
    borders = np.cumsum(rng.uniform(0, 12, (4, 40, 300)), axis=0)
    borders[rng.random(borders.shape) < 0.02] = nan
    found = shortest_ways(borders[:-1], borders[1:], 1.5)
    for layer, index in [(0, 0), (1, 17), (2, 39)]:
        expected = every_way(borders[layer, index], borders[layer + 1, index], 1.5)
        np.testing.assert_allclose(found[layer, index], expected, rtol=1e-9)


@pytest.mark.parametrize(
    ("top", "bottom", "expected"),
    [
        pytest.param([0, 0, 0], [5, 5, 5], [5, 5, 5], id="straight down"),
        pytest.param([0, 0, 0], [9, 3, 9], [np.hypot(3, 1), 3, np.hypot(3, 1)], id="to a peak beside"),
        pytest.param([0, nan, 0], [5, 5, nan], [5, nan, nan], id="where both sides are"),
        pytest.param([0, 7, 0], [5, 5, 5], [5, nan, 5], id="not upwards"),
        pytest.param([4], [4], [0], id="nowhere to go"),
    ],
)
def test_ways_one_can_see(top, bottom, expected):
    """Few columns, one pixel apart."""
    np.testing.assert_allclose(shortest_ways(np.array(top, float), np.array(bottom, float), 1.0), expected)
