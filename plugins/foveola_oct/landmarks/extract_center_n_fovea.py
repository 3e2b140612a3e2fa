"""The B-scans that cross the foveal pit, the central one of them, and the fovea's place en face."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from foveola import ABSENT_WHEN_NULL, Array, InputError, Output, Unit, operation
from foveola_oct.retina.slice_runs import (
    DECIMALS,
    ConnectivityLevel,
    LandmarkCoordinates,
    LandmarkProbabilities,
    MinSlices,
    Probability,
    SliceIndices,
    SliceProbabilities,
    best_run,
    sorted_by_slice,
    valid_landmarks,
)

LANDMARKS = 3
"""Left rim, pit and right rim of the fovea, in this order (user guide, extract_center_n_fovea: len x 3 x 2)."""
PIT = 1


class FoveaZone(Output):
    """Where the fovea is; nothing but the status if it was not found."""

    status: Literal["found", "not_found"]
    """Whether it was found."""
    fovea_zone_slice_indices: Annotated[tuple[int, ...] | None, ABSENT_WHEN_NULL] = None
    """The slices that cross the pit, those between them that do not seem to left out."""
    central_slice_index: Annotated[int | None, ABSENT_WHEN_NULL] = None
    """The slice through its centre."""
    fovea_zone_landmarks: Annotated[
        Annotated[np.ndarray, Array("slices", "landmarks", "xy"), Unit("px")] | None, ABSENT_WHEN_NULL
    ] = None
    """The landmarks of each slice of the zone [slices, 3, 2], px; null where they are not valid."""
    exam_center_coordinate: Annotated[tuple[float, int] | None, ABSENT_WHEN_NULL] = None
    """The fovea en face as [x, z]: column and slice index."""


@operation("extract_center_n_fovea")
def extract_center_n_fovea(
    center_probabilities: SliceProbabilities,
    fovea_probabilities: SliceProbabilities,
    indices: SliceIndices,
    coordinates: LandmarkCoordinates,
    landmark_probabilities: LandmarkProbabilities,
    fovea_existence_threshold: Probability = 0.5,
    fovea_landmark_existence_threshold: Probability = 0.35,
    fovea_min_number_of_sequential_slices: MinSlices = 2,
    fovea_connectivity_level: ConnectivityLevel = 3,
    pit_landmark_index: Annotated[int, Field(ge=0, lt=LANDMARKS)] = PIT,
) -> FoveaZone:
    """Find the run of B-scans that crosses the foveal pit, and the fovea's place, the centre of every macular grid.

    The central slice is that of the largest centre probability in the run; of equal ones the closest to the run's mean
    index, weighted by the fovea probability. Landmarks of a slice are the left rim of the pit, its bottom and its right
    rim. The fovea's x is that of the bottom on the central slice, else the middle of the two rims, else interpolated
    between the bottoms on the nearest slices of the run.

    Args:
        center_probabilities: that the slice is the central one [n].
        fovea_probabilities: that the slice crosses the foveal pit [n].
        indices: the slice of each row [n].
        coordinates: left rim, pit and right rim of the fovea on each slice [n][3][2].
        landmark_probabilities: of each of them [n][3].
        fovea_existence_threshold: least probability of a slice that crosses the pit.
        fovea_landmark_existence_threshold: least probability of a valid landmark of the fovea.
        fovea_min_number_of_sequential_slices: how many slices make a foveal zone.
        fovea_connectivity_level: largest difference between the indices of neighbours in the foveal zone.
        pit_landmark_index: which of the three landmarks is the pit; the others are its rims.

    Raises:
        InputError: unequal lengths, an index twice, a probability outside 0 to 1; naming the field.

    Sources:
        thresholds: the user guide.
        why the grid must be centred: Odell, PMC3157761.

    >>> landmarks = [[[200, 90], [250, 120], [300, 90]]] * 3
    >>> found = extract_center_n_fovea.call({
    ...     "indices": [4, 5, 6], "center_probabilities": [0.2, 0.9, 0.3], "fovea_probabilities": [0.9, 0.9, 0.9],
    ...     "coordinates": landmarks, "landmark_probabilities": [[0.8, 0.9, 0.8]] * 3})
    >>> found["fovea_zone_slice_indices"], found["central_slice_index"], found["exam_center_coordinate"]
    ([4, 5, 6], 5, [250.0, 5])
    """
    slices, center, fovea, points, existence = sorted_by_slice(
        indices,
        center_probabilities=center_probabilities,
        fovea_probabilities=fovea_probabilities,
        coordinates=coordinates,
        landmark_probabilities=landmark_probabilities,
    )
    if len(slices) and points.shape[1] != LANDMARKS:
        raise InputError("coordinates", f"take {LANDMARKS} landmarks a slice, not {points.shape[1]}")
    points = valid_landmarks(points, existence, fovea_landmark_existence_threshold)
    zone = best_run(
        slices,
        fovea,
        threshold=fovea_existence_threshold,
        min_slices=fovea_min_number_of_sequential_slices,
        connectivity_level=fovea_connectivity_level,
    )
    if zone is None:
        return FoveaZone(status="not_found")
    slices, points = slices[zone], points[zone]
    central = _central(slices, center[zone], fovea[zone])
    rims = [landmark for landmark in range(LANDMARKS) if landmark != pit_landmark_index]
    x = _center_column(slices, points[:, pit_landmark_index, 0], points[:, rims, 0], central)
    if x is None:
        return FoveaZone(status="not_found", warnings=("no landmark of the foveal zone tells its column",))
    return FoveaZone(
        status="found",
        fovea_zone_slice_indices=tuple(slices.tolist()),
        central_slice_index=int(slices[central]),
        fovea_zone_landmarks=points,
        exam_center_coordinate=(x, int(slices[central])),
    )


def _central(slices: NDArray[np.int64], center: np.ndarray, fovea: np.ndarray) -> int:
    """The place of the central slice in the zone; probabilities that are all 0 are a tie like any other."""
    mean = np.average(slices, weights=fovea if fovea.any() else None)
    off_mean = np.abs(slices - mean).round(DECIMALS)
    return int(np.lexsort((slices, off_mean, -center))[0])


def _center_column(slices: NDArray[np.int64], pits: np.ndarray, rims: np.ndarray, central: int) -> float | None:
    """The column of the fovea on the central slice; None if no landmark tells."""
    if np.isnan(pits[central]) and np.isfinite(rims[central]).all():
        return float(rims[central].mean())
    is_valid = np.isfinite(pits)
    return float(np.interp(slices[central], slices[is_valid], pits[is_valid])) if is_valid.any() else None
