"""The centre of an exam's macular grids: the fovea where somebody found it, else the middle of the scan."""

from __future__ import annotations

from typing import Literal

from foveola import Output, operation
from foveola_oct.retina import ExamCenter
from foveola_oct.retina.geometry import NumSlices, PixelImageWidth


class ChosenCenter(Output):
    """The place about which grids are laid, and who said so."""

    status: Literal["fovea", "scan_center"]
    """Whether it is the fovea, or the middle of the scan for want of one."""
    exam_center_coordinate: tuple[float, float]
    """The place as [x, z]: column and slice index."""


@operation("choose_exam_center")
def choose_exam_center(
    exam_center_coordinate: ExamCenter | None, num_slices: NumSlices, pixel_image_width: PixelImageWidth
) -> ChosenCenter:
    """Take the fovea as the centre of an exam's grids, or say that the middle of the scan stands for it.

    Lesions can hide the fovea. Their volumes and areas are wanted all the same; their distances from "the fovea" are
    then distances from where the operator aimed, and the status says so.

    Args:
        exam_center_coordinate: the fovea, if it was found.
        num_slices: B-scans of the exam.
        pixel_image_width: columns of a B-scan.

    Sources:
        Errors of a grid that does not lie on the fovea: PMC3157761.

    >>> choose_exam_center.call({"exam_center_coordinate": None, "num_slices": 25, "pixel_image_width": 512})
    {'status': 'scan_center', 'exam_center_coordinate': [255.5, 12.0]}
    """
    if exam_center_coordinate is not None:
        return ChosenCenter(status="fovea", exam_center_coordinate=exam_center_coordinate)
    middle = ((pixel_image_width - 1) / 2, (num_slices - 1) / 2)
    return ChosenCenter(
        status="scan_center",
        exam_center_coordinate=middle,
        warnings=("the fovea was not found: the middle of the scan stands for it",),
    )
