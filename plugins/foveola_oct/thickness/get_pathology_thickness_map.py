"""Thickness of lesions, seen from the front."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

from foveola import InputError, UnitBy, operation
from foveola_oct.retina import (
    EnFaceGeometry,
    Outlines,
    PathologySegmentation,
    PathologyThicknessMaps,
    WindowStatus,
)
from foveola_oct.retina.en_face import EnFaceMaps, EnFaceSampling, lesion_thickness
from foveola_oct.retina.instances import check_names


class PathologyMaps(EnFaceMaps):
    """Lesions of one zone."""

    thickness_maps: Annotated[PathologyThicknessMaps, UnitBy("use_real_units", {True: "mm", False: "px"})]
    """Thickness by pathology [slices][columns], acquisition frame, in mm or axial px; 0 where there is none."""
    status: Literal[WindowStatus, "NO_ENFACE_MAPS"]
    """How the zone of interest was cut out; NO_ENFACE_MAPS: there is no lesion of the classes in use."""


@operation("get_pathology_thickness_map")
def get_pathology_thickness_map(
    segmentation_instances: PathologySegmentation,
    use_real_units: bool,
    sampling: EnFaceSampling,
    geometry: EnFaceGeometry,
    used_segmentation_classes: tuple[str, ...] | None = None,
) -> PathologyMaps:
    """Map the thickness of lesions over the zone of interest about the fovea.

    What was not drawn is not there: 0, never missing. Outlines are cut at the sampled columns exactly, by the even-odd
    rule; several of one pathology are united.

    Args:
        segmentation_instances: lesions on every slice, as outlines.
        use_real_units: Whether the answer is in real units; otherwise it is in px.
        sampling: how the B-scans are sampled, and what zone is wanted.
        geometry: pitches and orientation of the scan.
        used_segmentation_classes: pathologies to map, a map of zeros for one without lesions; null is all that were
            drawn.

    Raises:
        InputError: real units without `pixel_spacing_row`, a class twice, a centre outside the exam, coordinates that
            are not finite; naming the field.

    Sources:
        32 B-scans over 6 mm err by 3.5 % on average, by up to 22 % (Velaga, PMC5233945).

    >>> scan = dict(scan_protocol="HORIZONTAL_3D", slice_direction="TOP_BOTTOM", pixel_direction="LEFT_RIGHT")
    >>> scan |= dict(pixel_spacing_column=1, slice_thickness=1, pixel_image_height=496, pixel_image_width=4)
    >>> fluid = {"points": [[1, 100], [3, 100], [3, 125], [1, 125]], "className": "subretinal_fluid"}
    >>> get_pathology_thickness_map.call({"segmentation_instances": [[], [fluid]], **scan, "use_real_units": True,
    ...     "pixel_spacing_row": 0.004, "exam_center_coordinate_xz": [2, 1], "zone_of_interest": 2})
    {'thickness_maps': {'subretinal_fluid': [[0.0, 0.0], [0.1, 0.1]]}, 'status': 'OK_CROPPED'}
    """
    if use_real_units and sampling.pixel_spacing_row is None:
        raise InputError("pixel_spacing_row", "is needed where use_real_units is true: it makes mm of axial pixels")
    outlines = segmentation_instances.outlines
    drawn = outlines.class_names
    if used_segmentation_classes is not None:
        check_names("used_segmentation_classes", used_segmentation_classes)
        outlines = outlines.only(used_segmentation_classes)
    measured = lesion_thickness(outlines, sampling, geometry)
    window = sampling.window(outlines.num_slices, geometry)
    warnings = (*measured.warnings, *_absent(outlines, drawn))
    if window is None or not measured.names:
        return PathologyMaps(thickness_maps=PathologyThicknessMaps(maps={}), status="NO_ENFACE_MAPS", warnings=warnings)
    maps = measured.maps(window, sampling, sampling.pixel_spacing_row if use_real_units else None)
    return PathologyMaps.within(window, geometry, thickness_maps=PathologyThicknessMaps(maps=maps), warnings=warnings)


def _absent(outlines: Outlines, drawn: Sequence[str]) -> Iterator[str]:
    for name in outlines.class_names:
        if name not in drawn:
            yield f"no slice has an outline of {name} (there are {', '.join(drawn) or 'none at all'})"
