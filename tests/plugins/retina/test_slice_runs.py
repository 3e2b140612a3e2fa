"""Runs of slices in which a model saw something."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foveola import InputError
from foveola_oct.retina.slice_runs import best_run, sorted_by_slice, valid_landmarks

PROBABILITIES = st.lists(st.floats(0, 1), min_size=1, max_size=30)


def chosen(indices, probabilities, min_slices=1, level=1, threshold=0.5, confidence=0.0):
    """Give the indices of the best run, or None."""
    indices = np.array(indices)
    places = best_run(
        indices,
        np.array(probabilities, float),
        threshold=threshold,
        min_slices=min_slices,
        connectivity_level=level,
        confidence=confidence,
    )
    return None if places is None else indices[places].tolist()


@pytest.mark.parametrize(
    ("level", "expected"),
    [(1, [4, 5]), (2, [4, 5, 7]), (3, [4, 5, 7, 10]), (4, [4, 5, 7, 10]), (5, [4, 5, 7, 10, 15])],
)
def test_connectivity_is_a_difference_of_indices(level, expected):
    """Neighbours in a run are at most `level` apart, by index and not by place in the list."""
    assert chosen([4, 5, 7, 10, 15], [0.9] * 5, level=level) == expected


@pytest.mark.parametrize(
    ("indices", "probabilities", "expected"),
    [
        pytest.param([2, 3, 10, 11, 12], [0.6, 0.6, 0.8, 0.8, 0.8], [10, 11, 12], id="largest_sum"),
        pytest.param([2, 3, 10, 11, 12], [0.75, 0.75, 0.5, 0.5, 0.5], [10, 11, 12], id="equal_sums_more_slices"),
        pytest.param([0, 1, 5, 6, 14], [0.6, 0.6, 0.6, 0.6, 0.1], [5, 6], id="equal_lengths_nearest_the_middle"),
        pytest.param([0, 1, 9, 10], [0.6, 0.6, 0.6, 0.6], [0, 1], id="equally_far_the_lower"),
        pytest.param([0, 1, 2, 7, 8, 9], [0.9, 0.9, 0.6, 0.6, 0.9, 0.9], [0, 1, 2], id="rounding_breaks_no_tie"),
        pytest.param([3, 4], [0.5, 0.5], [3, 4], id="the_threshold_itself_counts"),
        pytest.param([3, 4], [0.4, 0.4], None, id="none"),
        pytest.param([], [], None, id="no_slices"),
    ],
)
def test_choice_of_the_run(indices, probabilities, expected):
    """The likeliest run is taken; ties have an order."""
    assert chosen(indices, probabilities) == expected


def test_fewest_slices_are_counted_not_spanned():
    """Two positives three slices apart are two slices, not four."""
    assert chosen([4, 7], [0.9, 0.9], min_slices=2, level=3) == [4, 7]
    assert chosen([4, 7], [0.9, 0.9], min_slices=3, level=3) is None


def test_confidence_is_asked_of_the_best_slice():
    """A run without a confident slice does not count, however large its sum."""
    assert chosen([0, 1, 2, 9], [0.6, 0.6, 0.6, 0.7], confidence=0.65) == [9]


@given(probabilities=PROBABILITIES, level=st.integers(1, 4), fewest=st.integers(1, 3))
def test_runs_keep_their_promises(probabilities, level, fewest):
    """A run holds likely slices only, at most `level` apart, and no likely slice could be joined to it."""
    run = chosen(range(len(probabilities)), probabilities, min_slices=fewest, level=level)
    likely = [index for index, probability in enumerate(probabilities) if probability >= 0.5]
    if run is None:
        return
    assert len(run) >= fewest
    assert set(run) <= set(likely)
    assert np.diff(run).max(initial=0) <= level
    assert all(min(abs(index - member) for member in run) > level for index in set(likely) - set(run))


@given(order=st.permutations(range(6)))
def test_rows_are_sorted_together(order):
    """Every row goes with its index."""
    order = np.array(order)
    indices, tens, pairs = sorted_by_slice(order, tens=order * 10, pairs=np.column_stack([order, -order]))
    assert indices.tolist() == list(range(6))
    assert tens.tolist() == [index * 10 for index in range(6)]
    assert pairs.tolist() == [[index, -index] for index in range(6)]


@pytest.mark.parametrize(
    ("indices", "rows", "field"),
    [([1, 2], {"coordinates": np.zeros((3, 3, 2))}, "coordinates"), ([1, 1], {"coordinates": np.zeros(2)}, "indices")],
    ids=["unequal_lengths", "duplicates"],
)
def test_rows_that_do_not_fit(indices, rows, field):
    """Unequal lengths and repeated indices are refused by name."""
    with pytest.raises(InputError) as refused:
        sorted_by_slice(np.array(indices), **rows)
    assert refused.value.field == field


def test_landmarks_that_are_not_valid_are_blotted_out():
    """A landmark needs its probability and two finite coordinates."""
    coordinates = np.array([[[1.0, 2], [3, np.nan], [5, 6], [np.inf, 8], [9, 10]]])
    probabilities = np.array([[0.3, 0.9, 0.29, 0.9, np.nan]])
    expected = np.full((1, 5, 2), np.nan)
    expected[0, 0] = 1, 2
    np.testing.assert_array_equal(valid_landmarks(coordinates, probabilities, 0.3), expected)


def test_landmarks_of_another_shape_are_refused():
    """As many probabilities as landmarks."""
    with pytest.raises(InputError, match="landmark_probabilities"):
        valid_landmarks(np.zeros((2, 3, 2)), np.zeros((2, 2)), 0.5)
