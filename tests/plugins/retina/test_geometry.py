"""Frames, orientations and pitches."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foveola import InputError
from foveola.adapters import adapter, read_as
from foveola_oct.retina import ORIENTATIONS, EnFaceGeometry, Orientation, ScanGeometry

CANONICAL = np.arange(24).reshape(4, 6)
"""Distinct values: no two places are alike."""

TABLE = [
    ("HORIZONTAL_3D", "TOP_BOTTOM", "LEFT_RIGHT", lambda a: a),
    ("HORIZONTAL_3D", "TOP_BOTTOM", "RIGHT_LEFT", lambda a: a[:, ::-1]),
    ("HORIZONTAL_3D", "BOTTOM_TOP", "LEFT_RIGHT", lambda a: a[::-1, :]),
    ("HORIZONTAL_3D", "BOTTOM_TOP", "RIGHT_LEFT", lambda a: a[::-1, ::-1]),
    ("VERTICAL_3D", "LEFT_RIGHT", "TOP_BOTTOM", lambda a: a.T),
    ("VERTICAL_3D", "LEFT_RIGHT", "BOTTOM_TOP", lambda a: a[:, ::-1].T),
    ("VERTICAL_3D", "RIGHT_LEFT", "TOP_BOTTOM", lambda a: a[::-1, :].T),
    ("VERTICAL_3D", "RIGHT_LEFT", "BOTTOM_TOP", lambda a: a[::-1, ::-1].T),
]
EIGHT = pytest.mark.parametrize(
    ("protocol", "across", "along", "turn"), TABLE, ids=["-".join(row[:3]) for row in TABLE]
)


def oriented(protocol, across, along):
    """Make an orientation."""
    return Orientation(scan_protocol=protocol, slice_direction=across, pixel_direction=along)


@EIGHT
def test_table_of_the_eight(protocol, across, along, turn):
    """Each combination turns the acquired map as its row says, and the inverse turns it back."""
    orientation = oriented(protocol, across, along)
    acquired = orientation.to_acquisition(CANONICAL)
    np.testing.assert_array_equal(orientation.canonicalise(acquired), CANONICAL)
    np.testing.assert_array_equal(turn(acquired), CANONICAL)


@EIGHT
def test_pitches_of_the_canonical_frame(protocol, across, along, turn):
    """Rows are slices apart in a horizontal scan and columns in a vertical one."""
    del turn
    geometry = EnFaceGeometry(
        scan_protocol=protocol,
        slice_direction=across,
        pixel_direction=along,
        pixel_spacing_column=0.01,
        slice_thickness=0.2,
    )
    assert geometry.canonical_pitch == ((0.01, 0.2) if protocol == "VERTICAL_3D" else (0.2, 0.01))


def test_there_are_eight():
    """All eight, each once."""
    assert [(o.scan_protocol, o.slice_direction, o.pixel_direction) for o in ORIENTATIONS] == [row[:3] for row in TABLE]


def test_superior_left_sample_goes_to_its_corner(orientation):
    """A marker at the superior left of the fundus lies where first or last slice and column meet."""
    canonical = np.zeros((4, 6))
    canonical[0, 0] = 1
    slices, columns = np.nonzero(orientation.to_acquisition(canonical))
    is_last_slice = orientation.slice_direction in {"BOTTOM_TOP", "RIGHT_LEFT"}
    is_last_column = orientation.pixel_direction in {"BOTTOM_TOP", "RIGHT_LEFT"}
    shape = orientation.to_acquisition(canonical).shape
    assert (slices[0], columns[0]) == ((shape[0] - 1) * is_last_slice, (shape[1] - 1) * is_last_column)


def test_map_equal_under_both_flips(orientation):
    """What is symmetric looks the same in the four combinations of one protocol."""
    quarter = np.arange(6).reshape(2, 3)
    half = np.concatenate([quarter, quarter[:, ::-1]], axis=1)
    symmetric = np.concatenate([half, half[::-1]])
    expected = symmetric.T if orientation.is_vertical else symmetric
    np.testing.assert_array_equal(orientation.to_acquisition(symmetric), expected)


def test_stacks_are_turned_map_by_map(orientation):
    """Leading axes stay; nothing is copied."""
    acquired = orientation.to_acquisition(CANONICAL)
    stack = np.stack([acquired, acquired + 100])
    turned = orientation.canonicalise(stack)
    np.testing.assert_array_equal(turned, [CANONICAL, CANONICAL + 100])
    assert np.shares_memory(turned, stack)


@given(which=st.integers(0, 7), row=st.integers(0, 3), column=st.integers(0, 5))
def test_positions_go_where_samples_go(which, row, column):
    """The centre of a sample, in cell edges, is turned as the sample itself is."""
    orientation = ORIENTATIONS[which]
    acquired = orientation.to_acquisition(CANONICAL)
    slice_index, column_index = np.argwhere(acquired == CANONICAL[row, column])[0]
    position = orientation.canonical_position((slice_index + 0.5, column_index + 0.5), acquired.shape)
    assert position == (row + 0.5, column + 0.5)


@pytest.mark.parametrize(
    ("protocol", "across", "along", "field"),
    [
        ("HORIZONTAL_3D", "LEFT_RIGHT", "LEFT_RIGHT", "slice_direction"),
        ("HORIZONTAL_3D", "RIGHT_LEFT", "TOP_BOTTOM", "slice_direction"),
        ("HORIZONTAL_3D", "TOP_BOTTOM", "BOTTOM_TOP", "pixel_direction"),
        ("VERTICAL_3D", "TOP_BOTTOM", "TOP_BOTTOM", "slice_direction"),
        ("VERTICAL_3D", "LEFT_RIGHT", "LEFT_RIGHT", "pixel_direction"),
    ],
)
def test_directions_that_do_not_fit_the_protocol(protocol, across, along, field):
    """Any other combination is refused, with the words that would fit."""
    with pytest.raises(InputError, match=f"a {protocol} scan has ") as refused:
        oriented(protocol, across, along)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"pixel_spacing_column": 1.01}, "pixel_spacing_column"),
        ({"pixel_spacing_column": 0}, "pixel_spacing_column"),
        ({"pixel_spacing_row": 0.11}, "pixel_spacing_row"),
        ({"pixel_spacing_row": -0.004}, "pixel_spacing_row"),
        ({"slice_thickness": 3.01}, "slice_thickness"),
        ({"slice_thickness": float("nan")}, "slice_thickness"),
        ({"scan_protocol": "horizontal"}, "scan_protocol"),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(f"{k}_{v}" for k, v in value.items()),
)
def test_limits_of_the_pitches(wrong, field):
    """Micrometres where millimetres belong, nothing and no number are refused."""
    fields = ORIENTATIONS[0].model_dump()
    fields |= {"pixel_spacing_column": 1.0, "pixel_spacing_row": 0.1, "slice_thickness": 3.0}
    assert read_as(adapter(ScanGeometry), fields).slice_thickness == 3.0
    with pytest.raises(InputError) as refused:
        read_as(adapter(ScanGeometry), fields | wrong)
    assert refused.value.field == field


def test_height_of_a_pixel():
    """What turns axial pixels into thickness."""
    fields = {"pixel_spacing_column": 0.01, "pixel_spacing_row": 0.004, "slice_thickness": 0.2}
    assert ScanGeometry(**ORIENTATIONS[0].model_dump(), **fields).micrometres_per_pixel == 4.0
