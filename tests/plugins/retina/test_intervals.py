"""Where columns run inside outlines."""

from __future__ import annotations

import numpy as np
import pytest

from foveola_oct.retina.intervals import axial_intervals, following, spread


def test_intervals_come_by_instance_column_and_top():
    """The intervals of a column run downwards."""
    points = np.array([(0.0, 0), (2, 0), (2, 9), (0, 9), (0, 6), (2, 6), (2, 3), (0, 3)] * 2)
    found = axial_intervals(points, np.array([0, 8, 8, 16]), columns=np.arange(4.0), width=4)
    assert found.instance.tolist() == [0, 0, 0, 0, 2, 2, 2, 2]
    assert found.column.tolist() == [0, 0, 1, 1] * 2
    assert found.top.tolist() == [0, 6] * 4
    assert found.bottom.tolist() == [3, 9] * 4


@pytest.mark.parametrize(
    ("offsets", "expected"),
    [
        pytest.param([0], [], id="no_outline"),
        pytest.param([0, 1], [0], id="a_point"),
        pytest.param([0, 3, 3, 5], [1, 2, 0, 4, 3], id="one_without_points"),
    ],
)
def test_the_last_vertex_is_followed_by_the_first(offsets, expected):
    """Outlines close themselves, each for itself."""
    assert following(np.array(offsets)).tolist() == expected


def test_an_item_that_ends_before_it_begins_has_no_numbers():
    """Nor has one that ends where it begins."""
    item, number = spread(np.array([3, 5, 7]), np.array([1, 5, 9]))
    assert item.tolist() == [2, 2]
    assert number.tolist() == [7, 8]
