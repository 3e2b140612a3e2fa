"""The zone window: where it lies, what is cut and what is padded."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foveola import InputError
from foveola_oct.retina import EnFaceGeometry, zone_window
from foveola_oct.retina.window import AxisWindow


def scan(pixel_spacing_column, slice_thickness):
    """Make a geometry."""
    return EnFaceGeometry(
        scan_protocol="HORIZONTAL_3D",
        slice_direction="TOP_BOTTOM",
        pixel_direction="LEFT_RIGHT",
        pixel_spacing_column=pixel_spacing_column,
        slice_thickness=slice_thickness,
    )


def window_of(width_mm, height_mm, off_mm=(0.0, 0.0), zone=6.0, minimum=5.0, columns=512, slices=25):
    """Place a window on a scan of some size, the fovea some mm off its middle."""
    geometry = scan(width_mm / columns, height_mm / slices)
    center = (
        columns // 2 + off_mm[0] / geometry.pixel_spacing_column,
        slices // 2 + off_mm[1] / geometry.slice_thickness,
    )
    return zone_window((slices, columns), geometry, center, zone, minimum)


@pytest.mark.parametrize(
    ("size", "off", "status"),
    [
        pytest.param((6.0, 6.0), (0, 0), "OK", id="6x6"),
        pytest.param((9.0, 9.0), (0, 0), "OK_CROPPED", id="9x9"),
        pytest.param((5.5, 5.5), (0, 0), "OK_PADDED", id="5.5x5.5"),
        pytest.param((9.0, 5.5), (0, 0), "OK_CROPPED_PADDED", id="9x5.5"),
        pytest.param((4.5, 6.0), (0, 0), "ZONE_OF_INTEREST_NOT_REACHED", id="4.5x6"),
        pytest.param((6.0, 4.5), (0, 0), "ZONE_OF_INTEREST_NOT_REACHED", id="6x4.5"),
        pytest.param((6.0, 6.0), (0.75, 0), "OK_CROPPED_PADDED", id="0.75_mm_off"),
        pytest.param((6.0, 6.0), (1.5, 0), "ZONE_OF_INTEREST_NOT_REACHED", id="1.5_mm_off"),
        pytest.param((6.0, 6.0), (0, -1.5), "ZONE_OF_INTEREST_NOT_REACHED", id="1.5_mm_up"),
    ],
)
def test_status_table(size, off, status):
    """The table of the specification."""
    assert window_of(*size, off).status == status


def test_window_of_a_large_exam():
    """9 x 9 mm of 512 x 128 samples hold a zone of 341 x 85."""
    window = zone_window((128, 512), scan(0.017578125, 0.0703125), (256, 64), 6.0, 5.0)
    assert window.status == "OK_CROPPED"
    assert (window.columns.length, window.slices.length) == (341, 85)
    assert window.cut(np.zeros((128, 512))).shape == (85, 341)


def test_window_that_is_the_whole_exam():
    """6 x 6 mm of 512 x 25 samples are the zone itself."""
    window = zone_window((25, 512), scan(0.01171875, 0.24), (256, 12), 6.0, 5.0)
    assert window.status == "OK"
    assert window.valid_window == (0, 25, 0, 512)


@pytest.mark.parametrize(
    ("count", "pitch", "center", "offset"),
    [
        pytest.param(25, 0.24, 12, 0.0, id="odd"),
        pytest.param(24, 0.25, 12, 0.125, id="even"),
        pytest.param(24, 0.25, 11.5, 0.0, id="even_between_samples"),
        pytest.param(25, 0.24, 12.3, 0.072, id="off_the_sample"),
    ],
)
def test_offset_of_the_fovea_from_the_middle(count, pitch, center, offset):
    """An even window has its middle half a sample before the centre sample."""
    window = zone_window((count, count), scan(pitch, pitch), (center, center), 6.0, 5.0)
    assert window.center_offset_mm == pytest.approx((offset, offset))


def test_whole_exam_without_a_zone():
    """No zone is the whole exam, uncut, OK, with the fovea's offset from its middle."""
    window = zone_window((20, 30), scan(0.1, 0.2), (20, 5), None)
    assert window.status == "OK"
    assert window.valid_window == (0, 20, 0, 30)
    assert window.center_offset_mm == pytest.approx(((20.5 - 15) * 0.1, (5.5 - 10) * 0.2))


def test_zone_that_is_not_reached_leaves_the_exam_whole():
    """Uncropped, unpadded, the fovea known all the same."""
    window = window_of(4.5, 6.0)
    values = np.arange(25 * 512.0).reshape(25, 512)
    np.testing.assert_array_equal(window.cut(values), values)
    kept = window.map_of(values, 0.0)
    assert kept.center == (256, 12)
    assert kept.valid_window == (0, 25, 0, 512)


def test_cut_and_padded_samples():
    """A scanned sample stays beside its neighbours; others are NaN inside and the padding value outside."""
    values = np.arange(40 * 55.0).reshape(40, 55)
    window = zone_window((40, 55), scan(0.1, 0.2), (27, 20), 6.0, 5.0)
    assert window.status == "OK_CROPPED_PADDED"
    kept = window.map_of(values, 7.0)
    row0, row1, col0, col1 = kept.valid_window
    assert kept.values.shape == (30, 60)
    assert (row1 - row0, col1 - col0) == (30, 55)
    np.testing.assert_array_equal(kept.values[row0:row1, col0:col1], values[5:35])
    assert np.isnan(kept.values[:, :col0]).all()
    assert kept.values[round(kept.center[1]), round(kept.center[0])] == values[20, 27]
    shown = np.array(kept.plain())
    assert set(shown[:, :col0].ravel()) | set(shown[:, col1:].ravel()) == {7.0}


def test_padding_may_be_null():
    """Without a padding value what was not scanned is null."""
    window = zone_window((55, 55), scan(0.1, 0.1), (27, 27), 6.0, 5.0)
    shown = window.map_of(np.ones((55, 55)), None).plain()
    assert shown[0] == [None] * 60
    assert shown[30][0] is None
    assert shown[30][30] == 1.0


@pytest.mark.parametrize(
    ("center", "zone", "minimum", "field"),
    [
        ((30, 5), 6.0, 5.0, "exam_center_coordinate_xz"),
        ((-0.1, 5), 6.0, 5.0, "exam_center_coordinate_xz"),
        ((5, 20), 6.0, 5.0, "exam_center_coordinate_xz"),
        ((float("nan"), 5), 6.0, 5.0, "exam_center_coordinate_xz"),
        ((30, 5), None, None, "exam_center_coordinate_xz"),
        ((5, 5), 3.0, 5.0, "min_exam_width_mm"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(center, zone, minimum, field):
    """A fovea outside the exam, or a minimum of more than the zone."""
    with pytest.raises(InputError) as refused:
        zone_window((20, 30), scan(0.1, 0.2), center, zone, minimum)
    assert refused.value.field == field


def test_minimum_is_the_zone_if_that_is_less():
    """The default minimum of 5 mm does not forbid a zone of 3 mm."""
    assert window_of(6.0, 6.0, zone=3.0, minimum=None).status == "OK_CROPPED"
    assert window_of(2.5, 2.5, zone=3.0, minimum=None).status == "ZONE_OF_INTEREST_NOT_REACHED"


@pytest.mark.parametrize(("size", "status"), [(4.95, "OK_PADDED"), (4.85, "ZONE_OF_INTEREST_NOT_REACHED")])
def test_half_a_sample_is_forgiven(size, status):
    """What is short of the minimum by less than half a sample reaches it."""
    count = 20
    assert window_of(size, size, (-0.5 * size / count,) * 2, columns=count, slices=count).status == status


@given(
    count=st.integers(1, 60),
    center=st.floats(0, 1, exclude_max=True),
    pitch=st.floats(0.05, 1.0),
    zone=st.floats(0.1, 20),
)
def test_axis_of_a_window(count, center, pitch, zone):
    """It has the zone's samples, holds the centre, and its valid part is what was scanned of it."""
    axis = AxisWindow.about(center * count, pitch, count, zone)
    first, end = axis.valid
    assert abs(axis.length * pitch - zone) <= pitch * (0.5 + 1e-9) or axis.length == 1
    assert axis.start <= center * count + 0.5
    assert center * count - 0.5 <= axis.start + axis.length
    assert 0 <= first <= end <= axis.length
    scanned = [index for index in range(axis.length) if 0 <= axis.start + index < count]
    assert scanned == list(range(first, end))
    assert axis.is_padded == (len(scanned) < axis.length)
    assert axis.is_cropped == (len(scanned) < count)
