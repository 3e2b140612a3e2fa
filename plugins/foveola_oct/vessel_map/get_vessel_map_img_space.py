"""The vessel map sample by sample, cut to the zone of interest as thickness maps are."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from foveola import EXTRA, Array, Output, operation
from foveola_oct.retina import (
    AS_ACQUIRED,
    DEFAULT_ZONE_MM,
    EnFaceGeometry,
    ExamCenter,
    MinExamWidth,
    PaddingValue,
    WindowStatus,
    zone_window,
)
from foveola_oct.retina.projection import ArtifactK, Images, Projection, ScalingFactor, fundus_picture
from foveola_oct.retina.window import ZoneOrWholeExam


class VesselMapInImageSpace(Output):
    """A picture in the acquisition frame."""

    vessel_map: Annotated[np.ndarray, Array("slices", "columns", dtype="")]
    """Grey values 0 to 255, a row a slice; the padding value outside the scan."""
    status: WindowStatus
    """How the zone of interest was cut out."""
    inpainted_slices: Annotated[tuple[int, ...], EXTRA, AS_ACQUIRED]
    """Slices of the exam that were artifacts and are painted from their neighbours."""


@operation("get_vessel_map_img_space")
def get_vessel_map_img_space(
    bscan_images: Images,
    exam_center_coordinate_xz: ExamCenter,
    geometry: EnFaceGeometry,
    inpaint_artifacts: bool = True,
    scaling_factor_visualization: ScalingFactor = 100.0,  # noqa: ARG001  the user guide's; samples are not scaled
    zone_of_interest: ZoneOrWholeExam = DEFAULT_ZONE_MM,
    min_exam_width_mm: MinExamWidth = None,
    padding_value: PaddingValue = 0.0,
    projection: Projection = "rpe_band",
    artifact_k: ArtifactK = 5.0,
) -> VesselMapInImageSpace:
    """Draw the vessels so that they overlay the thickness maps of the same exam sample by sample.

    The picture is that of get_vessel_map in the acquisition frame, one grey value a sample. The scaling factor is taken
    for the user guide's sake and changes nothing.

    Args:
        bscan_images: grey values of the B-scans [slices][rows][columns].
        exam_center_coordinate_xz: the fovea, column and slice.
        geometry: pitches and orientation of the scan.
        inpaint_artifacts: whether slices that are black or stray in brightness are painted from their neighbours.
        scaling_factor_visualization: pixels of the picture per mm; not used here.
        zone_of_interest: side of the square about the fovea that is looked at; null is the whole exam.
        min_exam_width_mm: how much of the zone must be scanned along both axes.
        padding_value: what samples of the zone outside the scan are.
        projection: what makes the picture.
        artifact_k: robust deviations that make a slice an artifact.

    Raises:
        InputError: no images, no grey values, or a centre outside the exam; naming the field.

    Sources:
        Shadows of vessels: Biomed Opt Express 3(7):1478.
        What the outer band is, and from where on a slice is an artifact: our choice.

    >>> scan = dict(scan_protocol="HORIZONTAL_3D", slice_direction="TOP_BOTTOM", pixel_direction="LEFT_RIGHT")
    >>> scan |= dict(pixel_spacing_column=1, slice_thickness=1)
    >>> images = [[[0, 50, 100]], [[0, 50, 100]]]
    >>> get_vessel_map_img_space.call({"bscan_images": images, "exam_center_coordinate_xz": [1, 1],
    ...                                "zone_of_interest": 3, "min_exam_width_mm": 2, **scan})
    {'vessel_map': [[0, 128, 255], [0, 128, 255], [0, 0, 0]], 'status': 'OK_PADDED'}
    """
    picture = fundus_picture(bscan_images, projection, artifact_k, inpaint=inpaint_artifacts)
    slices, columns = picture.grey.shape
    window = zone_window((slices, columns), geometry, exam_center_coordinate_xz, zone_of_interest, min_exam_width_mm)
    fill = np.nan if padding_value is None else padding_value
    return VesselMapInImageSpace(
        vessel_map=window.cut(picture.grey, int(fill) if float(fill).is_integer() else fill),
        status=window.status,
        inpainted_slices=picture.inpainted,
        warnings=picture.warnings,
    )
