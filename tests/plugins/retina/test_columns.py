"""Samples lie in the middle of equal parts of a B-scan, and every pixel gets what the samples around it say."""

from math import nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foveola_oct.retina.columns import resample_columns, sampling_columns


@pytest.mark.parametrize(
    ("width", "run_resolution", "expected"),
    [
        (4, None, [0, 1, 2, 3]),
        (4, 4, [0, 1, 2, 3]),
        (4, 9, [0, 1, 2, 3]),
        (8, 4, [0.5, 2.5, 4.5, 6.5]),
        (9, 3, [1, 4, 7]),
        (5, 2, [0.75, 3.25]),
    ],
)
def test_samples_lie_in_the_middle_of_equal_parts(width, run_resolution, expected):
    """A B-scan is cut into parts of equal width; there are never more than pixels."""
    assert sampling_columns(width, run_resolution).tolist() == expected


@pytest.mark.parametrize(
    ("values", "nearest", "expected"),
    [
        pytest.param(
            [1, 3, 5], False, [1, 1, 5 / 3, 7 / 3, 3, 11 / 3, 13 / 3, 5, 5], id="linear, constant at the ends"
        ),
        pytest.param([1, 3, 5], True, [1, 1, 1, 3, 3, 3, 5, 5, 5], id="nearest"),
        pytest.param([1, nan, 5], False, [1, 1, nan, nan, nan, nan, nan, 5, 5], id="linear: missing between"),
        pytest.param([1, nan, 5], True, [1, 1, 1, nan, nan, nan, 5, 5, 5], id="nearest: missing itself"),
    ],
)
def test_pixels_get_what_the_samples_around_them_say(values, nearest, expected):
    """A sample that has no weight at a pixel is not asked, not even whether it is missing."""
    resampled = resample_columns(np.array([values], float), sampling_columns(9, 3), 9, nearest=nearest)
    assert resampled.shape == (1, 9)
    np.testing.assert_allclose(resampled[0], expected, rtol=1e-12)


def test_the_right_one_of_two_equally_near_samples_is_taken():
    """Pixel 2 of five lies between the samples at 0.75 and 3.25: both parts are two and a half pixels wide."""
    values = np.array([1.0, 2.0])
    assert resample_columns(values, sampling_columns(5, 2), 5, nearest=True).tolist() == [1, 1, 2, 2, 2]


@given(st.integers(16, 500), st.integers(1, 500))
def test_no_sample_is_nearer_than_the_one_that_is_taken(run_resolution, more):
    """Told in whole numbers: of two equally near ones it is always the right one, however positions are rounded."""
    width = run_resolution + more
    distance = np.abs(
        (2 * np.arange(run_resolution) + 1) * width - (2 * np.arange(width)[:, None] + 1) * run_resolution
    )
    nearest = run_resolution - 1 - distance[:, ::-1].argmin(axis=1)
    columns = sampling_columns(width, run_resolution)
    taken = resample_columns(np.arange(run_resolution, dtype=float), columns, width, nearest=True)
    assert taken.tolist() == nearest.tolist()


@pytest.mark.parametrize(("nearest", "widened"), [(True, 0), (False, 1)])
def test_only_interpolation_widens_a_lesion(nearest, widened):
    """Of two columns at every sample, a lesion of three samples has six: no neighbour gets a part of it."""
    samples = np.zeros(32)
    samples[10:13] = 6.0
    resampled = resample_columns(samples, sampling_columns(64, 32), 64, nearest=nearest)
    assert np.count_nonzero(resampled) == 6 + 2 * widened


@pytest.mark.parametrize("nearest", [True, False])
@pytest.mark.parametrize("run_resolution", [300, 512, 999])
def test_a_constant_stays_constant(nearest, run_resolution):
    """Whatever the resolution, resampling a constant changes nothing and loses nothing."""
    columns = sampling_columns(1000, run_resolution)
    assert (resample_columns(np.full(columns.size, 7.5), columns, 1000, nearest=nearest) == 7.5).all()
