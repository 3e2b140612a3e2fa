"""Grids of cells, upright and turned."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from foveola_oct.retina import ThicknessMap, map_warnings
from foveola_oct.retina.asymmetry import compare_halves, grid_weights

SHAPE, PITCH, CENTER, SIDES = (25, 60), (0.24, 0.1), (12.3, 31.1), (6.0, 5.0)


def shares_of(cells, angle=0.0, shape=SHAPE, pitch=PITCH, center=CENTER, sides=SIDES, coverage="area"):
    """Give the weights as dense maps, [cells, cells, rows, columns]."""
    return (
        grid_weights(shape, pitch, center, sides, cells, angle, coverage).matrix.toarray().reshape(cells, cells, *shape)
    )


def shares_by_shapely(cells, angle):
    """Give the same by clipping polygons."""
    y, x = ((np.arange(n + 1) - c) * d for n, c, d in zip(SHAPE, CENTER, PITCH, strict=True))
    samples = shapely.box(x[:-1], y[:-1, None], x[1:], y[1:, None])
    v, u = (np.linspace(-0.5, 0.5, cells + 1) * side for side in SIDES)
    expected = np.empty((cells, cells, *SHAPE))
    for row, column in product(range(cells), repeat=2):
        cell = shapely.affinity.rotate(
            shapely.box(u[column], v[row], u[column + 1], v[row + 1]), angle, origin=(0, 0)
        )  # shapely's axes are mathematical: its counter-clockwise is clockwise where y points down
        expected[row, column] = shapely.area(shapely.intersection(samples, cell)) / (PITCH[0] * PITCH[1])
    return expected


@pytest.mark.parametrize("angle", [0.0, 1e-12, -6.7, 17.5, 45.0, -45.0])
def test_shares_are_exact(angle):
    """Upright or turned, every share is that of the clipped polygon."""
    np.testing.assert_allclose(shares_of(4, angle), shares_by_shapely(4, angle), atol=1e-12)


def test_turning_is_clockwise_on_the_screen():
    """A grid turned by a positive angle has its right side lower."""
    rows = shares_of(2, 30.0)[0].sum(axis=0).nonzero()
    left, right = (rows[0][rows[1] == column].max() for column in (22, 40))
    assert right > left


@settings(max_examples=30, deadline=None)
@given(
    cells=st.sampled_from([2, 4, 8]),
    angle=st.floats(-45, 45),
    center=st.tuples(st.floats(0, 25), st.floats(0, 60)),
)
def test_cells_fill_the_grid(cells, angle, center):
    """No sample is shared out more than once, and cells inside the scan have their whole area."""
    shares = shares_of(cells, angle, center=center)
    assert shares.min() >= 0
    assert shares.sum(axis=(0, 1)).max() <= 1 + 1e-9
    areas = shares.sum(axis=(2, 3)) * PITCH[0] * PITCH[1]
    assert areas.max() <= SIDES[0] * SIDES[1] / cells**2 + 1e-9


@pytest.mark.parametrize("angle", [0.0, 20.0])
def test_center_rule_gives_whole_samples(angle):
    """By centres a sample belongs to the cell that holds most of it, near enough."""
    by_center = shares_of(4, angle, coverage="center")
    assert set(np.unique(by_center)) == {0.0, 1.0}
    assert by_center.sum(axis=(0, 1)).max() == 1
    whole = shares_of(4, angle) > 1 - 1e-9
    assert (by_center[whole] == 1).all()


def test_halves_by_hand():
    """Mirror cells are compared across the raphe; the inferior matrix begins next to it."""
    values = np.array([[9.0, 1, 0, 0], [5, 2, 0, 0], [4, 3, 0, 0], [7, np.nan, 0, 0]])
    weights = grid_weights((4, 4), (1.0, 0.5), (2.0, 2.0), (4.0, 2.0), 4)
    answer = compare_halves(values, weights, min_coverage=0.5, laterality=None)
    np.testing.assert_array_equal(answer.superior_thickness, values[:2])
    np.testing.assert_array_equal(answer.inferior_thickness, values[2:])
    np.testing.assert_array_equal(answer.superior, [[2, np.nan, 0, 0], [1, -1, 0, 0]])
    np.testing.assert_array_equal(answer.inferior, [[-1, 1, 0, 0], [-2, np.nan, 0, 0]])
    assert answer.coverage["inferior"].tolist() == [[1, 1, 1, 1], [1, 0, 1, 1]]
    assert answer.warnings == ("too little was measured of inferior[1][1] (0%): not reported",)


@pytest.mark.parametrize(
    ("laterality", "first", "last"),
    [("R", "superotemporal", "inferonasal"), ("L", "superonasal", "inferotemporal")],
)
def test_labels_are_quadrants(laterality, first, last):
    """Each cell is called by its quadrant; left and right change places in a left eye."""
    weights = grid_weights((4, 4), (1.0, 1.0), (2.0, 2.0), (4.0, 4.0), 4)
    labels = compare_halves(np.ones((4, 4)), weights, min_coverage=0.5, laterality=laterality).labels
    assert labels["superior"][0][0] == first
    assert labels["inferior"][-1][-1] == last
    assert [len(row) for half in labels.values() for row in half] == [4] * 4


def test_weights_are_made_once_and_read_only():
    """The same geometry gives the same read-only weights."""
    weights = grid_weights(SHAPE, PITCH, CENTER, SIDES, 8)
    assert grid_weights(SHAPE, PITCH, CENTER, SIDES, 8) is weights
    assert not weights.matrix.data.flags.writeable
    assert not weights.sector_areas.flags.writeable


@pytest.mark.parametrize(
    ("thickness", "told", "words"),
    [
        pytest.param(ThicknessMap(values=np.ones((4, 4))), {}, [], id="nothing_to_say"),
        pytest.param(ThicknessMap(values=np.zeros((4, 4))), {}, ["padding"], id="zeros"),
        pytest.param(ThicknessMap(values=np.zeros((4, 4))), {"valid_window": (0, 4, 0, 4)}, [], id="known_window"),
        pytest.param(ThicknessMap(values=np.zeros((4, 4)), valid_window=(0, 4, 0, 4)), {}, [], id="map_knows"),
        pytest.param(ThicknessMap(values=np.ones((4, 4))), {"slice_thickness": 0.5}, ["fewer than 16"], id="sparse"),
        pytest.param(ThicknessMap(values=np.ones((4, 4))), {"slice_thickness": 0.25}, [], id="dense"),
    ],
)
def test_warnings_of_a_map(thickness, told, words):
    """Zeros that may be padding and few B-scans are said."""
    warnings = list(map_warnings(thickness, **told))
    assert len(warnings) == len(words)
    assert all(word in warning for word, warning in zip(words, warnings, strict=True))
