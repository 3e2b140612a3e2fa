"""The B-scan that shows most of each pathology."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import floor

import numpy as np

from foveola import InputError, Output, Record, SquareMillimetres, operation
from foveola_oct.retina import ExamCenter, Laterality, PixelSpacingColumn, PixelSpacingRow, ThicknessMap
from foveola_oct.retina.geometry import LARGEST_COUNT, ScanProtocol
from foveola_oct.retina.lesions import LesionMapsInPixels, lesion_warnings, present

_ROUNDING = 1e-12
"""Cross-sections that differ by less than this share are equal: sums of the same samples in another order."""


class MaximalPresence(Record):
    """Where a pathology is most present."""

    slice_index: int | None
    """The B-scan, counted in the exam; null if there is none of it."""
    max_presence: SquareMillimetres
    """Its cross-section there."""


class MaximalPresences(Output):
    """Where each pathology is most present."""

    max_pathologies: Mapping[str, MaximalPresence]
    """By name of the pathology."""


@operation("get_maximal_pathology_slice_index_from_thm")
def get_maximal_pathology_slice_index_from_thm(
    pathology_thickness_maps: LesionMapsInPixels,
    exam_center_coordinate_xz: ExamCenter,
    pixel_spacing_column: PixelSpacingColumn,
    pixel_spacing_row: PixelSpacingRow,
    scan_protocol: ScanProtocol,  # noqa: ARG001  the guide sends it; rows of a map are slices in both protocols
    window_start_slice: int | None = None,
    laterality: Laterality | None = None,  # noqa: ARG001  every operation about lesions takes it; slices have no side
) -> MaximalPresences:
    """Find the B-scan to show first: the one on which a pathology has its largest cross-section.

    Rows of a map are counted from the first slice of the zone window: from `window_start_slice` if it is given, else
    from where the map knows its fovea to be, else from where the window about the exam's centre begins.
    Of equal cross-sections the one nearest the middle of the map is taken, then the first. Protocol and laterality are
    taken and change nothing: a row of a map is a slice in either.

    Args:
        pathology_thickness_maps: the lesions.
        exam_center_coordinate_xz: the fovea in the exam.
        pixel_spacing_column: distance between columns.
        pixel_spacing_row: height of a pixel.
        scan_protocol: Whether the B-scans lie horizontally or vertically on the fundus.
        window_start_slice: the exam's slice that is the map's first row, negative if the map is padded before the exam;
            0 for a map of the whole exam.
        laterality: the eye, L or R.

    Raises:
        InputError: the centre lies before the exam, or beyond any exam.

    Sources:
        Geometry alone: no number is taken from elsewhere.

    >>> get_maximal_pathology_slice_index_from_thm.call(
    ...     {"pathology_thickness_maps": {"fluid": [[0, 0], [0, 5], [20, 5]]}, "exam_center_coordinate_xz": [1, 31],
    ...      "pixel_spacing_column": 0.01, "pixel_spacing_row": 0.004, "scan_protocol": "HORIZONTAL_3D"})
    {'max_pathologies': {'fluid': {'slice_index': 32, 'max_presence': 0.001}}}
    """
    if not all(0 <= place < LARGEST_COUNT for place in exam_center_coordinate_xz):
        raise InputError("exam_center_coordinate_xz", f"{list(exam_center_coordinate_xz)} is outside the exam")
    pixel_area = pixel_spacing_row * pixel_spacing_column
    found = {
        name: _maximal_presence(lesion, exam_center_coordinate_xz[1], window_start_slice, pixel_area)
        for name, lesion in pathology_thickness_maps.maps.items()
    }
    return MaximalPresences(
        max_pathologies=found,
        warnings=(*lesion_warnings(pathology_thickness_maps.maps), *_slices_before_the_exam(found)),
    )


def _maximal_presence(
    lesion: ThicknessMap, z: float, window_start_slice: int | None, pixel_area: float
) -> MaximalPresence:
    presence = present(lesion.values).sum(axis=1)
    if not presence.any():
        return MaximalPresence(slice_index=None, max_presence=0.0)
    middle = len(presence) // 2
    candidates = np.flatnonzero(presence >= presence.max() * (1 - _ROUNDING))
    row = int(candidates[np.argmin(np.abs(candidates - middle))])
    if window_start_slice is not None:
        start = window_start_slice
    elif lesion.center is not None:
        start = floor(z - lesion.center[1] + 0.5)
    else:
        start = floor(z + 0.5) - middle
    return MaximalPresence(slice_index=row + start, max_presence=float(presence[row]) * pixel_area)


def _slices_before_the_exam(found: Mapping[str, MaximalPresence]) -> Iterator[str]:
    for name, one in found.items():
        if one.slice_index is not None and one.slice_index < 0:
            yield f"{name}: slice {one.slice_index} is before the exam; say where the map begins by window_start_slice"
