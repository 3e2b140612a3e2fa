"""Runs of B-scans in which a landmark model saw something, and the landmarks that it saw there.

Slices are known by their indices, which need be neither sorted nor complete. Landmarks are x (column) and y (row) of
the B-scan in pixels; what was not seen is NaN.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from math import fsum
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, BeforeValidator, Field

from foveola import Array, InputError, Unit

DECIMALS = 9
"""To which sums and distances are compared, so that rounding breaks no tie."""


def no_slices_as(*shape: int) -> BeforeValidator:
    """Read an empty list as an array of no slices, whatever its other axes."""

    def read(value: Any) -> Any:
        is_empty = value.shape == (0,) if isinstance(value, np.ndarray) else value in ([], ())
        return np.empty(shape) if is_empty else value

    return BeforeValidator(read)


def _all(holds: Callable[[np.ndarray], np.ndarray], otherwise: str) -> AfterValidator:
    def check(values: np.ndarray) -> np.ndarray:
        if not holds(values).all():
            raise ValueError(otherwise)
        return values

    return AfterValidator(check)


Probability = Annotated[float, Field(ge=0, le=1)]
SliceProbabilities = Annotated[
    np.ndarray, Array("slices"), _all(lambda p: (p >= 0) & (p <= 1), "must lie between 0 and 1")
]
SliceIndices = Annotated[
    np.ndarray,
    Array("slices", dtype="int64"),
    _all(lambda indices: indices >= 0, "must be whole numbers from 0 on"),
    Field(description="The slice that each row of the predictions is about [n]."),
]
LandmarkCoordinates = Annotated[
    np.ndarray,
    Array("slices", "landmarks", "xy"),
    Unit("px"),
    no_slices_as(0, 0, 2),
    Field(description="Landmarks of each slice as x and y in the B-scan [n][landmarks][2]; null where there is none."),
]
LandmarkProbabilities = Annotated[
    np.ndarray,
    Array("slices", "landmarks"),
    no_slices_as(0, 0),
    _all(lambda p: ~((p < 0) | (p > 1)), "must lie between 0 and 1"),
    Field(description="Probability of each landmark of each slice [n][landmarks]; null where there is none."),
]
MinSlices = Annotated[int, Field(ge=1)]
ConnectivityLevel = Annotated[int, Field(ge=1)]


def sorted_by_slice(indices: np.ndarray, **rows: np.ndarray) -> list[np.ndarray]:
    """Put rows about slices into the order of the slices.

    Args:
        indices: the slice that each row is about [n], whole numbers.
        rows: arrays [n, ...] by the name of their parameter.

    Returns:
        The indices, increasing, and the rows, in the order in which they were given.

    Raises:
        InputError: the lengths differ, or a slice is named twice.

    >>> sorted_by_slice(np.array([7, 3]), fovea_probabilities=np.array([0.7, 0.3]))
    [array([3, 7]), array([0.3, 0.7])]
    """
    lengths = {"indices": len(indices)} | {field: len(values) for field, values in rows.items()}
    [(usual, _)] = Counter(lengths.values()).most_common(1)
    for field, length in lengths.items():
        if length != usual:
            raise InputError(field, f"speaks of {length} slices, the others of {usual}")
    order = np.argsort(indices)
    increasing = indices[order]
    if (np.diff(increasing) == 0).any():
        raise InputError("indices", "names a slice more than once")
    return [increasing, *(values[order] for values in rows.values())]


def best_run(
    indices: NDArray[np.int64],
    probabilities: np.ndarray,
    *,
    threshold: float,
    min_slices: int,
    connectivity_level: int,
    confidence: float = 0.0,
) -> NDArray[np.intp] | None:
    """Find the likeliest run of slices: that of the largest sum of probabilities.

    Of equal sums the run of more slices is taken, then the one closest to the middle of all slices, then the first.

    Args:
        indices: of all slices [n], increasing.
        probabilities: that the slice belongs to a run [n].
        threshold: the least probability of a slice of a run.
        min_slices: how many such slices make a run.
        connectivity_level: the largest difference between the indices of neighbours in a run; 1 is strict adjacency.
        confidence: the least maximum of the probabilities of a run.

    Returns:
        The places of its slices in `indices`; None where there is no such run.

    >>> indices, probabilities = np.array([2, 3, 8, 9]), np.array([0.6, 0.6, 0.9, 0.8])
    >>> best_run(indices, probabilities, threshold=0.5, min_slices=2, connectivity_level=3)
    array([2, 3])
    """
    likely = np.flatnonzero(probabilities >= threshold)
    runs = np.split(likely, np.flatnonzero(np.diff(indices[likely]) > connectivity_level) + 1)
    kept = [run for run in runs if len(run) >= min_slices and probabilities[run].max() >= confidence]

    def rank(run: NDArray[np.intp]) -> tuple[float, int, float]:
        off_middle = abs((indices[run[0]] + indices[run[-1]]) - (indices[0] + indices[-1])) / 2
        return -round(fsum(probabilities[run]), DECIMALS), -len(run), off_middle

    return min(kept, key=rank, default=None)


def valid_landmarks(coordinates: np.ndarray, probabilities: np.ndarray, threshold: float) -> NDArray[np.float64]:
    """Blot out the landmarks that are not valid.

    Args:
        coordinates: [n, landmarks, 2], px.
        probabilities: [n, landmarks].
        threshold: the least probability of a valid landmark.

    Returns:
        The coordinates [n, landmarks, 2], NaN where the landmark is unlikely or one of its coordinates is not finite.

    Raises:
        InputError: the shapes differ.

    >>> valid_landmarks(np.array([[[250.0, 120], [300, 90]]]), np.array([[0.9, 0.2]]), 0.35).tolist()
    [[[250.0, 120.0], [nan, nan]]]
    """
    if coordinates.shape != (*probabilities.shape, 2):
        raise InputError(
            "coordinates",
            f"have the shape {list(coordinates.shape)}; by landmark_probabilities it is {[*probabilities.shape, 2]}",
        )
    is_valid = (probabilities >= threshold) & np.isfinite(coordinates).all(axis=-1)
    return np.where(is_valid[..., None], coordinates, np.nan)
