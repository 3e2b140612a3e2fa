"""What a scan is of, told from its size and the landmarks that were found."""

from __future__ import annotations

from numbers import Real
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from foveola import InputError, Millimetres, Output, operation

LandmarkStatus = Literal["found", "not_found"]
ExamTypeName = Literal[
    "is_macula_scan",
    "is_optic_disk_scan",
    "is_wide_scan",
    "is_probably_pathological_macula_scan",
    "is_probably_pathological_wide_scan",
    "something_unusual",
]
Boundary = Annotated[Millimetres, Field(gt=0)]

# The boundaries are those of the user guide, get_exam_type.
WIDE_SCAN_MM = 9.0
OPTIC_DISK_SCAN_MM = 8.0
UNUSUAL_SCAN_MM = 3.0

SLACK_MM = 1e-6
"""Sides are products of counts and pitches: 512 x 0.01171875 shall be 6."""


def _unknown_as_none(side: Any) -> Any:
    """NaN and 0 say no more than null does."""
    is_number = isinstance(side, Real) and not isinstance(side, bool)
    return None if is_number and not (side > 0 or side < 0) else side


Side = Annotated[Annotated[Millimetres, Field(gt=0)] | None, BeforeValidator(_unknown_as_none)]


class ExamType(Output):
    """What a scan is of."""

    status: ExamTypeName
    """The first category that matches."""


@operation("get_exam_type")
def get_exam_type(
    fovea_status: LandmarkStatus,
    nerve_status: LandmarkStatus,
    exam_height_mm: Side = None,
    exam_width_mm: Side = None,
    wide_scan_boundary_mm: Boundary = WIDE_SCAN_MM,
    optic_disk_scan_boundary_mm: Boundary = OPTIC_DISK_SCAN_MM,
    unusual_scan_boundary_mm: Boundary = UNUSUAL_SCAN_MM,
    size_tolerance_mm: Annotated[Millimetres, Field(ge=0)] = 0.0,
) -> ExamType:
    """Decide what a scan is of: macula, optic disc, both (wide), the same without landmarks (pathological), or else.

    A scan lies within bounds if both its sides do, and above a bound if its longer side does: 12 x 9 mm is wide, a
    strip of 6 x 1 mm is no macular cube. Of an exam with one known side that side is both.

    Args:
        fovea_status: whether the fovea was found.
        nerve_status: whether the optic nerve head was found.
        exam_height_mm: height of the exam; null, NaN and 0 are unknown.
        exam_width_mm: width of the exam; null, NaN and 0 are unknown.
        wide_scan_boundary_mm: upper bound of the size of a macular scan; what is larger is wide.
        optic_disk_scan_boundary_mm: upper bound of the size of a scan of the disc.
        unusual_scan_boundary_mm: lower bound of the size of a macular scan.
        size_tolerance_mm: widens the upper bounds, for a scan of 9.02 mm that is called 9 mm.

    Raises:
        InputError: a boundary is out of order.

    Sources:
        categories, their order and the boundaries: the user guide.

    >>> found = {"fovea_status": "found", "nerve_status": "not_found"}
    >>> get_exam_type.call({"exam_height_mm": 6, "exam_width_mm": 6, **found})
    {'status': 'is_macula_scan'}
    """
    if unusual_scan_boundary_mm > wide_scan_boundary_mm:
        raise InputError(
            "unusual_scan_boundary_mm",
            f"is {unusual_scan_boundary_mm:g} mm, more than wide_scan_boundary_mm, {wide_scan_boundary_mm:g} mm",
        )
    fovea, nerve = fovea_status == "found", nerve_status == "found"
    sides = [side for side in (exam_height_mm, exam_width_mm) if side is not None and side > 0]
    if not sides:
        return ExamType(status=_by_landmarks(fovea=fovea, nerve=nerve))
    slack = size_tolerance_mm + SLACK_MM
    is_wide = max(sides) > wide_scan_boundary_mm + slack
    is_macular = min(sides) >= unusual_scan_boundary_mm - SLACK_MM and not is_wide
    is_small = max(sides) <= optic_disk_scan_boundary_mm + slack
    rules: tuple[tuple[bool, ExamTypeName], ...] = (
        (fovea and is_macular, "is_macula_scan"),
        (nerve and not fovea and is_small, "is_optic_disk_scan"),
        (fovea and is_wide, "is_wide_scan"),
        (not fovea and not nerve and is_macular, "is_probably_pathological_macula_scan"),
        (not fovea and is_wide, "is_probably_pathological_wide_scan"),
    )
    return ExamType(status=next((status for holds, status in rules if holds), "something_unusual"))


def _by_landmarks(*, fovea: bool, nerve: bool) -> ExamTypeName:
    """The category of a scan of unknown size."""
    if fovea:
        return "is_wide_scan" if nerve else "is_macula_scan"
    return "is_optic_disk_scan" if nerve else "something_unusual"
