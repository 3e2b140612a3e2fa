"""The columns of a B-scan at which thickness is sampled, and the way back to all of its pixels."""

from __future__ import annotations

import numpy as np

from foveola_oct.retina.arrays import Floats


def sampling_columns(width: int, run_resolution: int | None) -> Floats:
    """Place the samples of a B-scan: the centres of `run_resolution` equal parts, or those of all its pixels.

    Args:
        width: of the B-scan, px.
        run_resolution: number of samples; None, or not less than the width, means every pixel.

    Returns:
        x of the samples, px, increasing and equally spaced.

    >>> sampling_columns(8, 4).tolist()
    [0.5, 2.5, 4.5, 6.5]
    """
    if run_resolution is None or run_resolution >= width:
        return np.arange(width, dtype=np.float64)
    return np.asarray((np.arange(run_resolution) + 0.5) * (width / run_resolution) - 0.5, dtype=np.float64)


def resample_columns(values: Floats, columns: Floats, width: int, *, nearest: bool) -> Floats:
    """Bring samples to the centres of the pixels.

    Args:
        values: [..., K], any unit; NaN is missing.
        columns: [K], x of the samples, px, as `sampling_columns` places them.
        width: of the B-scan, px.
        nearest: take the nearest sample, the right one of two equally near, instead of interpolating linearly:
            interpolation would widen a lesion.

    Returns:
        [..., width], constant beyond the first and the last sample; NaN where a sample that counts is missing.

    >>> resample_columns(np.array([1.0, 3.0]), np.array([0.5, 2.5]), 4, nearest=False).tolist()
    [1.0, 1.5, 2.5, 3.0]
    """
    if _are_pixel_centres(columns, width):
        return values
    if nearest:  # whose part of the B-scan holds the pixel's centre, in whole numbers: none is rounded astray
        return values[..., (2 * np.arange(width) + 1) * columns.size // (2 * width)]
    return interpolate(values, np.interp(np.arange(width), columns, np.arange(columns.size)))


def spacing_of(columns: Floats) -> float:
    """How far apart samples [K] are, px; 1 where there is but one."""
    return float(columns[1] - columns[0]) if columns.size > 1 else 1.0


def interpolate(values: Floats, at: Floats) -> Floats:
    """Values [..., W] between their indices, constant beyond the ends; NaN where a neighbour that counts is NaN."""
    if _are_pixel_centres(at, values.shape[-1]):
        return values
    whole = np.round(at)  # 2.9999999999999996 does not ask for the sample at 2
    at = np.clip(np.where(np.isclose(at, whole, rtol=0, atol=1e-9), whole, at), 0, values.shape[-1] - 1)
    left, right = np.floor(at).astype(np.intp), np.ceil(at).astype(np.intp)
    start = values[..., left]
    return start + (at - left) * (values[..., right] - start)


def _are_pixel_centres(columns: Floats, width: int) -> bool:
    return np.array_equal(columns, np.arange(width))
