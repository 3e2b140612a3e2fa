"""The B-scans that cross the optic nerve head, with the ends of Bruch's membrane opening on each."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np

from foveola import ABSENT_WHEN_NULL, Array, InputError, Output, Unit, operation
from foveola_oct.retina.slice_runs import (
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

FEWEST_LANDMARKS = 2
"""The two ends of the opening."""


class NerveZone(Output):
    """Which slices cross the optic nerve head; nothing but the status if none does."""

    status: Literal["found", "not_found"]
    """Whether it was found."""
    nerve_zone_slice_indices: Annotated[tuple[int, ...] | None, ABSENT_WHEN_NULL] = None
    """The slices that cross it, those between them that do not seem to left out."""
    nerve_zone_landmarks: Annotated[
        Annotated[np.ndarray, Array("slices", "landmarks", "xy"), Unit("px")] | None, ABSENT_WHEN_NULL
    ] = None
    """The ends of the opening on each slice [slices, k, 2], px, from left to right; null where they are not valid."""


@operation("extract_nerve_zone_landmarks")
def extract_nerve_zone_landmarks(
    nerve_probabilities: SliceProbabilities,
    indices: SliceIndices,
    coordinates: LandmarkCoordinates,
    landmark_probabilities: LandmarkProbabilities,
    nerve_existence_threshold: Probability = 0.3,
    nerve_confidence_threshold: Probability = 0.65,
    nerve_landmark_existence_threshold: Probability = 0.3,
    nerve_min_number_of_sequential_slices: MinSlices = 2,
    nerve_connectivity_level: ConnectivityLevel = 3,
) -> NerveZone:
    """Find the run of B-scans that crosses the optic nerve head, with the ends of Bruch's membrane opening on each.

    Hysteresis: the slices of the run need but a low probability, one of them a high one. Landmarks of a slice,
    two or more, are sorted from left to right where all of them are valid, else they keep their order.

    Args:
        nerve_probabilities: that the slice crosses the optic nerve head [n].
        indices: the slice of each row [n].
        coordinates: the ends of Bruch's membrane opening on each slice [n][k][2], k >= 2.
        landmark_probabilities: of each of them [n][k].
        nerve_existence_threshold: least probability of a slice that crosses the nerve head.
        nerve_confidence_threshold: least probability of the likeliest slice of the zone.
        nerve_landmark_existence_threshold: least probability of a valid landmark of the nerve head.
        nerve_min_number_of_sequential_slices: how many slices make a zone of the nerve head.
        nerve_connectivity_level: largest difference between the indices of neighbours in the zone of the nerve head.

    Raises:
        InputError: unequal lengths, an index twice, a probability outside 0 to 1; naming the field.

    Sources:
        thresholds: the user guide.

    >>> found = extract_nerve_zone_landmarks.call({
    ...     "indices": [10, 11], "nerve_probabilities": [0.4, 0.7],
    ...     "coordinates": [[[90, 200], [40, 210]], [[38, 205], [0, 0]]], "landmark_probabilities": [[1, 1], [1, 0]]})
    >>> found["nerve_zone_slice_indices"], found["nerve_zone_landmarks"]
    ([10, 11], [[[40.0, 210.0], [90.0, 200.0]], [[38.0, 205.0], [None, None]]])
    """
    slices, nerve, points, existence = sorted_by_slice(
        indices,
        nerve_probabilities=nerve_probabilities,
        coordinates=coordinates,
        landmark_probabilities=landmark_probabilities,
    )
    if len(slices) and points.shape[1] < FEWEST_LANDMARKS:
        raise InputError("coordinates", f"take {FEWEST_LANDMARKS} landmarks a slice or more, not {points.shape[1]}")
    points = valid_landmarks(points, existence, nerve_landmark_existence_threshold)
    zone = best_run(
        slices,
        nerve,
        threshold=nerve_existence_threshold,
        min_slices=nerve_min_number_of_sequential_slices,
        connectivity_level=nerve_connectivity_level,
        confidence=nerve_confidence_threshold,
    )
    if zone is None:
        return NerveZone(status="not_found")
    return NerveZone(
        status="found",
        nerve_zone_slice_indices=tuple(slices[zone].tolist()),
        nerve_zone_landmarks=np.stack([_left_to_right(landmarks) for landmarks in points[zone]]),
    )


def _left_to_right(landmarks: np.ndarray) -> np.ndarray:
    """The landmarks [k, 2] of a slice by x, if all of them are valid."""
    return landmarks if np.isnan(landmarks).any() else landmarks[np.argsort(landmarks[:, 0], kind="stable")]
