"""The zone window is placed to the sample, and knows where the fovea is in it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foveola import InputError
from foveola_oct.retina import ORIENTATIONS, EnFaceGeometry, zone_window


def scan(across, along):
    """A scan's pitches, mm."""
    return EnFaceGeometry(**ORIENTATIONS[0].model_dump(), pixel_spacing_column=along, slice_thickness=across)


@pytest.mark.parametrize(
    ("shape", "pitch", "center", "status", "starts", "lengths"),
    [
        pytest.param((25, 512), (0.24, 0.01171875), (256, 12), "OK", (0, 0), (25, 512), id="6x6"),
        pytest.param((128, 512), (0.0703125, 0.017578125), (256, 64), "OK_CROPPED", (22, 86), (85, 341), id="9x9"),
        pytest.param((22, 550), (0.25, 0.01), (275, 11), "OK_PADDED", (-1, -25), (24, 600), id="5.5x5.5"),
        pytest.param((22, 900), (0.25, 0.01), (450, 11), "OK_CROPPED_PADDED", (-1, 150), (24, 600), id="9x5.5"),
        pytest.param((24, 450), (0.25, 0.01), (225, 12), "ZONE_OF_INTEREST_NOT_REACHED", (0, 0), (24, 450), id="4.5x6"),
        pytest.param((24, 600), (0.25, 0.01), (375, 12), "OK_CROPPED_PADDED", (0, 75), (24, 600), id="0.75_off"),
        pytest.param((24, 600), (0.25, 0.01), (450, 12), "ZONE_OF_INTEREST_NOT_REACHED", (0, 0), (24, 600), id="off"),
        pytest.param((24, 600), (0.25, 0.01), (299.5, 11.5), "OK", (0, 0), (24, 600), id="halves_are_rounded_up"),
    ],
)
def test_the_window_of_six_millimetres(shape, pitch, center, status, starts, lengths):
    """Samples are counted by pitch; the centre sample is the first of the second half."""
    window = zone_window(shape, scan(*pitch), center, 6.0)
    assert window.status == status
    assert (window.slices.start, window.columns.start) == starts
    assert (window.slices.length, window.columns.length) == lengths


@pytest.mark.parametrize(
    ("width", "minimum", "zone", "is_reached"),
    [
        pytest.param(500, None, 6.0, True, id="5_mm"),
        pytest.param(499, None, 6.0, False, id="less_than_5_mm"),
        pytest.param(400, 4.0, 6.0, True, id="4_mm_are_enough"),
        pytest.param(590, 6.0, 6.0, False, id="all_of_it_is_demanded"),
        pytest.param(300, None, 3.0, True, id="a_zone_of_less_than_5_mm"),
        pytest.param(299, None, 3.0, False, id="which_must_be_reached_too"),
    ],
)
def test_how_much_must_be_scanned(width, minimum, zone, is_reached):
    """5 mm, or the zone if that is less, unless the caller says otherwise."""
    window = zone_window((700, width), scan(0.01, 0.01), (width // 2, 350), zone, minimum)
    assert (window.status != "ZONE_OF_INTEREST_NOT_REACHED") is is_reached


@pytest.mark.parametrize(
    ("slices", "pitch", "is_reached"), [(21, 0.24, True), (20, 0.245, True), (20, 0.24, False), (1, 3.0, False)]
)
def test_half_a_sample_may_be_missing(slices, pitch, is_reached):
    """Of 5 mm: 4.9 mm are enough at 0.245 mm from slice to slice, 4.8 mm are not at 0.24 mm."""
    window = zone_window((slices, 600), scan(pitch, 0.01), (300, slices // 2), 6.0)
    assert (window.status != "ZONE_OF_INTEREST_NOT_REACHED") is is_reached


@pytest.mark.parametrize(("zone", "pitch", "length"), [(0.3, 0.2, 2), (0.7, 0.28, 3), (1.4, 0.4, 4), (6.0, 0.16, 38)])
def test_half_a_sample_is_a_sample(zone, pitch, length):
    """Halves are rounded up, however the quotient of two decimal numbers is rounded."""
    window = zone_window((90, 90), scan(pitch, pitch), (45, 45), zone)
    assert (window.slices.length, window.columns.length) == (length, length)


@pytest.mark.parametrize(
    ("minimum", "pitch", "enough"), [(2.1, 0.6, 3), (0.9, 0.12, 7), (2.7, 0.072, 37), (5, 0.4, 12)]
)
def test_exactly_half_a_sample_may_be_missing(minimum, pitch, enough):
    """However the difference of two decimal numbers is rounded; one sample more may not."""
    found = (zone_window((n, 900), scan(pitch, 0.01), (450, n // 2), 6.0, minimum).status for n in (enough, enough - 1))
    assert [status == "ZONE_OF_INTEREST_NOT_REACHED" for status in found] == [False, True]


exams = st.tuples(st.integers(1, 60), st.integers(1, 60))
pitches = st.tuples(st.floats(0.05, 1.0), st.floats(0.05, 1.0))


@given(exams, pitches, st.floats(0, 0.999), st.floats(0, 0.999), st.floats(0.1, 20))
def test_what_is_cut_out_is_where_it_says(shape, pitch, right, down, zone):
    """Valid samples are the exam's, all others are NaN, and both ways of telling the fovea's place agree."""
    geometry, center = scan(*pitch), (right * shape[1], down * shape[0])
    window = zone_window(shape, geometry, center, zone, min(zone, 0.05))
    values = np.arange(shape[0] * shape[1], dtype=float).reshape(shape)
    cut = window.map_of(values, padding_value=None)
    row0, row1, col0, col1 = cut.valid_window
    x, z = cut.center
    left, top = round(center[0] - x), round(center[1] - z)
    kept = values[top + row0 : top + row1, left + col0 : left + col1]
    np.testing.assert_array_equal(cut.values[row0:row1, col0:col1], kept)
    assert np.isnan(cut.values).sum() == cut.values.size - kept.size
    rows, columns = cut.values.shape
    offset_x, offset_z = window.center_offset_mm
    assert columns / 2 + offset_x / geometry.pixel_spacing_column == pytest.approx(x + 0.5)
    assert rows / 2 + offset_z / geometry.slice_thickness == pytest.approx(z + 0.5)


@pytest.mark.parametrize("missing_value", [None, -1.0])
@pytest.mark.parametrize("padding_value", [None, 0.0, 9.0])
def test_maps_show_what_is_not_there_as_they_are_told(padding_value, missing_value):
    """What was not scanned and what was not measured are NaN inside, and numbers at flat edges if somebody wants."""
    window = zone_window((2, 2), scan(1, 1), (0, 0), 3.0, 2.0)
    cut = window.map_of(np.array([[1, np.nan], [3, 4.0]]), padding_value, missing_value)
    pad, missing = padding_value, missing_value
    assert cut.plain() == [[pad, pad, pad], [pad, 1, missing], [pad, 3, 4]]
    np.testing.assert_array_equal(cut.values, [[np.nan] * 3, [np.nan, 1, np.nan], [np.nan, 3, 4]])


def test_the_whole_exam_is_not_cut():
    """A zone of None is the exam as it is, the fovea where it was."""
    window = zone_window((7, 30), scan(0.2, 0.1), (4, 6), None, 5.0)
    assert (window.status, window.map_center, window.valid_window) == ("OK", (4, 6), (0, 7, 0, 30))
    values = np.zeros((7, 30))
    assert window.cut(values).base is values


@pytest.mark.parametrize(
    ("center", "zone", "minimum", "field"),
    [
        ((30, 0), 6.0, None, "exam_center_coordinate_xz"),
        ((-0.1, 0), 6.0, None, "exam_center_coordinate_xz"),
        ((0, 7), None, None, "exam_center_coordinate_xz"),
        ((0, 0), 4.0, 5.0, "min_exam_width_mm"),
    ],
)
def test_what_does_not_fit_is_refused(center, zone, minimum, field):
    """A centre outside the exam, and a minimum above the zone."""
    with pytest.raises(InputError) as refusal:
        zone_window((7, 30), scan(0.2, 0.1), center, zone, minimum)
    assert refusal.value.field == field


def test_zone_of_too_many_samples_is_refused():
    """A pitch that is none makes of millimetres a map that no memory holds."""
    with pytest.raises(InputError, match="has 200000 x 200000 samples") as refusal:
        zone_window((5, 5), scan(1e-4, 1e-4), (2, 2), 20.0, 1e-4)
    assert refusal.value.field == "zone_of_interest"
