"""A fundus-like picture from B-scans: their shadowgraph, in which vessels are dark.

Vessels throw shadows on all layers below. One number per A-scan, the brightness of the outer band where shadows have
most contrast (Biomed Opt Express 3(7):1478) or of the whole depth, makes a row of the picture per B-scan.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import floor
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from foveola import InputError, PixelsPerMillimetre
from foveola_oct.retina.arrays import Floats
from foveola_oct.retina.exam import BScanImages

Bools = NDArray[np.bool_]
Bytes = NDArray[np.uint8]

ScalingFactor = Annotated[PixelsPerMillimetre, Field(gt=0, le=1000, description="pixels of the picture per mm.")]
Images = Annotated[BScanImages, Field(description="grey values of the B-scans [slices][rows][columns].")]
Projection = Annotated[
    Literal["rpe_band", "mean"],
    Field(description="What makes the picture: the bright outer band of the retina, or the mean over the whole depth."),
]
ArtifactK = Annotated[
    float, Field(gt=0, description="How many robust deviations from its neighbours make a slice an artifact.")
]

# The outer band: the idea is that of Biomed Opt Express 3(7):1478, the numbers are our choice.
SMOOTHING_PX = (2.0, 4.0)
"""Standard deviations of the Gaussian along rows and along columns before the band is looked for."""
FEWEST_ROWS = 3
"""Of an image that can have a local maximum."""
BRIGHT = 0.6
"""Of an A-scan's maximum: what may be the band."""
MEDIAN_COLUMNS = 31
"""Columns over which the band's place is a median."""
BAND_REACH = (0.02, 0.04)
"""How far the band reaches up and down, in heights of the image."""
MOST_WITHOUT_BAND = 0.2
"""With more columns without a band, a slice is projected by its mean."""

# What an artifact is, our choice.
NEIGHBOURS = 7
"""Rows whose running median a row is held against."""
LEAST_ARTIFACT = 0.02
"""Of the whole grey range: a smaller deviation is none."""
MAD_TO_SIGMA = 1.4826
"""Standard deviation of normally distributed values over their median absolute deviation."""
MOST_ARTIFACTS = 0.3
"""With more bad rows there is too little to paint from."""

# How the picture looks, our choice.
STRETCH_PERCENT = (1, 99)
MIDDLE_GREY = 128
INPAINT_RADIUS_PX = 3
FRAME_PX = 8
"""What is painted beyond the picture's sides, more than the radius reaches."""
EPSILON = 1e-9
"""What rounding may cost."""


@dataclass(frozen=True)
class FundusPicture:
    """A picture in the acquisition frame.

    Attributes:
        grey: [slices, columns].
        inpainted: the slices that were painted from their neighbours.
        warnings: what a viewer should know.
    """

    grey: Bytes
    inpainted: tuple[int, ...]
    warnings: tuple[str, ...]


def fundus_picture(
    images: BScanImages, projection: Literal["rpe_band", "mean"], artifact_k: float, *, inpaint: bool
) -> FundusPicture:
    """Make the picture: project, find bad rows, stretch the grey range, paint bad rows.

    Args:
        images: the B-scans.
        projection: of the outer band, or of the whole depth.
        artifact_k: robust deviations from the neighbours that make a row bad.
        inpaint: whether to paint bad rows from their neighbours.

    Raises:
        InputError: no images, or grey values that are none.
    """
    values = grey_values(images.images)
    by_band = projection == "rpe_band" and values.shape[1] >= FEWEST_ROWS
    projected = project_band(values) if by_band else project_mean(values)
    is_bad = find_artifacts(projected, artifact_k)
    grey = stretch(projected, ~is_bad)
    too_many = is_bad.mean() > MOST_ARTIFACTS
    is_painted = is_bad if inpaint and not too_many else np.zeros_like(is_bad)
    if is_painted.any():
        grey = _paint(grey, is_painted)
    bad, painted = ([int(index) for index in np.flatnonzero(flags)] for flags in (is_bad, is_painted))
    return FundusPicture(grey, tuple(painted), tuple(_warnings(projected, bad, painted)))


def _paint(grey: Bytes, is_painted: Bools) -> Bytes:
    """Paint some rows of a picture from the others."""
    import cv2  # noqa: PLC0415  a listing must not pay for it

    frame = ((0, 0), (FRAME_PX, FRAME_PX))
    framed = np.pad(grey, frame, mode="edge")  # Telea's method errs where the picture ends
    mask = np.repeat(is_painted[:, None], framed.shape[1], axis=1).astype(np.uint8)
    painted = cv2.inpaint(framed, mask, INPAINT_RADIUS_PX, cv2.INPAINT_TELEA)
    return np.asarray(painted[:, FRAME_PX:-FRAME_PX], dtype=np.uint8)


def grey_values(images: np.ndarray) -> np.ndarray:
    """Check images [slices, rows, columns] and turn other numbers than 8 and 16 bit into 0 to 1.

    Raises:
        InputError: there are none, or they are not grey values.
    """
    if images.size == 0:
        raise InputError("bscan_images", f"holds no pixel: [slices, rows, columns] is {list(images.shape)}")
    if images.dtype in {np.dtype(np.uint8), np.dtype(np.uint16)}:
        return images
    if images.dtype.kind not in "biuf":
        raise InputError("bscan_images", "takes numbers")
    low, high = float(images.min()), float(images.max())
    if not 0 <= low <= high <= np.iinfo(np.uint16).max:
        raise InputError("bscan_images", "takes grey values of 8 or 16 bit, or from 0 to 1; this holds others")
    is_share = images.dtype.kind in "bf" and high <= 1
    limit = 1 if is_share else np.iinfo(np.uint8 if high <= np.iinfo(np.uint8).max else np.uint16).max
    return images.astype(np.float32) / np.float32(limit)


def project_mean(images: np.ndarray) -> Floats:
    """The mean of every A-scan [slices, columns], 0 to 1, of images [slices, rows, columns]."""
    return np.asarray(images.mean(axis=1, dtype=np.float64) / _white(images))


def project_band(images: np.ndarray) -> Floats:
    """The mean of every A-scan's outer band [slices, columns], 0 to 1, of images [slices, rows, columns].

    The band lies about the most posterior bright local maximum of the smoothed A-scan.
    """
    rows, is_found = (np.stack(parts) for parts in zip(*(_outer_band(image) for image in images), strict=True))
    with_band = np.flatnonzero((~is_found).mean(axis=1) <= MOST_WITHOUT_BAND)
    projected = project_mean(images)
    if with_band.size:
        projected[with_band] = _band_means(images[with_band], _settled(rows[with_band], is_found[with_band]))
    return projected


def _white(images: np.ndarray) -> float:
    return float(np.iinfo(images.dtype).max) if images.dtype.kind == "u" else 1.0


def _outer_band(image: np.ndarray) -> tuple[NDArray[np.intp], Bools]:
    """Each A-scan's most posterior bright local maximum: its row [columns], and whether there is one [columns]."""
    import cv2  # noqa: PLC0415  a listing must not pay for it

    down, across = SMOOTHING_PX
    smooth = cv2.GaussianBlur(image.astype(np.float32), (0, 0), sigmaX=across, sigmaY=down)
    inner = smooth[1:-1]
    is_peak = (inner > smooth[:-2]) & (inner >= smooth[2:]) & (inner >= BRIGHT * smooth.max(axis=0))
    return len(inner) - is_peak[::-1].argmax(axis=0), is_peak.any(axis=0)


def _settled(rows: NDArray[np.intp], is_found: Bools) -> NDArray[np.intp]:
    """The band's rows [slices, columns], interpolated where it was not found, by their running median."""
    from scipy.ndimage import median_filter  # noqa: PLC0415  a listing must not pay for scipy

    columns = np.arange(rows.shape[1])
    every = np.stack([np.interp(columns, columns[seen], row[seen]) for row, seen in zip(rows, is_found, strict=True)])
    return np.asarray(np.rint(median_filter(every, (1, MEDIAN_COLUMNS), mode="nearest")).astype(np.intp))


def _band_means(images: np.ndarray, rows: NDArray[np.intp]) -> Floats:
    """The means [slices, columns], 0 to 1, of what lies about the band's rows, as far as the image reaches."""
    height = images.shape[1]
    up, down = (floor(reach * height + EPSILON) for reach in BAND_REACH)
    total, count = np.zeros(rows.shape), np.zeros(rows.shape)
    for offset in range(-up, down + 1):
        row = rows + offset
        is_inside = (row >= 0) & (row < height)
        values = np.take_along_axis(images, row.clip(0, height - 1)[:, None], axis=1)[:, 0]
        total += np.where(is_inside, values, 0)
        count += is_inside
    return total / (count * _white(images))


def find_artifacts(projected: Floats, artifact_k: float) -> Bools:
    """Find rows [slices] that are black, or whose median strays from that of their neighbours.

    Args:
        projected: [slices, columns], 0 to 1.
        artifact_k: how many robust deviations are too many.

    >>> find_artifacts(np.array([[0.50], [0.49], [0.51], [0.90], [0.50], [0.0], [0.49]]), artifact_k=5).tolist()
    [False, False, False, True, False, True, False]
    """
    is_bad: Bools = (projected == 0).all(axis=1)
    if not is_bad.all():
        medians = np.median(projected[~is_bad], axis=1)  # black rows are judged already, and judge no others
        framed = np.pad(medians, NEIGHBOURS // 2, constant_values=np.nan)
        running = np.nanmedian(np.lib.stride_tricks.sliding_window_view(framed, NEIGHBOURS), axis=1)
        strays = medians - running
        deviation = MAD_TO_SIGMA * np.median(np.abs(strays - np.median(strays)))
        is_bad[~is_bad] = np.abs(strays) > max(artifact_k * deviation, LEAST_ARTIFACT)
    return is_bad


def stretch(projected: Floats, is_good: Bools) -> Bytes:
    """Stretch the 1st to the 99th percentile of the good rows to 0 to 255.

    Where these coincide, what equals them is middle grey. Without a good row all is.

    >>> stretch(np.array([[0.2, 0.4, 0.8], [0.0, 0.0, 0.0]]), np.array([True, False])).tolist()
    [[0, 85, 255], [0, 0, 0]]
    """
    if not is_good.any():
        return np.full(projected.shape, MIDDLE_GREY, dtype=np.uint8)
    low, high = np.percentile(projected[is_good], STRETCH_PERCENT)
    if high - low > EPSILON:
        return np.asarray(np.floor((projected - low) / (high - low) * 255 + 0.5).clip(0, 255).astype(np.uint8))
    sides = [projected < low - EPSILON, projected > high + EPSILON]
    return np.select(sides, [np.uint8(0), np.uint8(255)], np.uint8(MIDDLE_GREY))


def resample(picture: np.ndarray, shape: tuple[int, int]) -> Bytes:
    """Bring a picture [rows, columns] to another size, cell by cell: linearly where it grows, by area where it shrinks.

    >>> resample(np.array([[0, 100, 200, 40]], dtype=np.uint8), (1, 2)).tolist()
    [[50, 120]]
    >>> resample(np.array([[0, 100]], dtype=np.uint8), (1, 4)).tolist()
    [[0, 25, 75, 100]]
    """
    grey = picture.astype(np.float64)
    for size in shape:
        grey = _resized(grey, size).T  # rows first, then columns
    return np.asarray(np.floor(grey + (0.5 + EPSILON)).clip(0, 255).astype(np.uint8))


def _resized(values: Floats, size: int) -> Floats:
    """Values of cells [count, n] on cells of the same extent altogether [size, n]."""
    step = len(values) / size
    if size < len(values):
        total = np.concatenate([np.zeros((1, values.shape[1])), values.cumsum(axis=0)])
        return np.asarray(np.diff(_between(total, np.arange(size + 1, dtype=np.float64) * step), axis=0) / step)
    return _between(values, (np.arange(size, dtype=np.float64) + 0.5) * step - 0.5)


def _between(values: Floats, places: Floats) -> Floats:
    """Values [count, n] at places between their indices, linearly; constant beyond the ends."""
    places = places.clip(0, len(values) - 1)
    low = places.astype(np.intp)
    high, share = np.minimum(low + 1, len(values) - 1), (places - low)[:, None]
    return np.asarray(values[low] * (1 - share) + values[high] * share)


def _warnings(projected: Floats, bad: list[int], painted: list[int]) -> Iterator[str]:
    if not projected.any():
        yield "all images are black"
    elif bad and not painted:
        why = ", too many to paint" if len(bad) > MOST_ARTIFACTS * len(projected) else ""
        yield f"slices {', '.join(map(str, bad))} look like artifacts{why}"
