"""Thickness of retinal layers, seen from the front."""

from __future__ import annotations

from typing import Annotated

from foveola import EXTRA, operation
from foveola_oct.retina import EnFaceGeometry, LayerSegmentation, LayerThicknessMaps, WindowStatus
from foveola_oct.retina.en_face import EnFaceMaps, EnFaceSampling, layer_thickness


class LayerMaps(EnFaceMaps):
    """Layers of one zone."""

    thickness_maps: LayerThicknessMaps
    """Thickness by layer [slices][columns], axial px, acquisition frame; null where it was not segmented."""
    status: WindowStatus
    """How the zone of interest was cut out."""
    layers: Annotated[tuple[str, ...], EXTRA] = ()
    """The layers, in the order of the segmentation."""


@operation("get_layer_thickness_map")
def get_layer_thickness_map(
    segmentation_instances: LayerSegmentation, sampling: EnFaceSampling, geometry: EnFaceGeometry
) -> LayerMaps:
    """Map the thickness of retinal layers over the zone of interest about the fovea.

    Where other layers were segmented and this one was not, it has vanished, as the inner layers do in the foveal pit:
    it is 0 thick. Where none was segmented, and on slices without this one, it is missing. Outlines are cut at the
    sampled columns exactly, by the even-odd rule; several of one layer are united.

    Args:
        segmentation_instances: layers on every slice, as outlines or as borders.
        sampling: how the B-scans are sampled, and what zone is wanted.
        geometry: pitches and orientation of the scan.

    Raises:
        InputError: a centre outside the exam, borders of another width, coordinates that are not finite; naming the
            field.

    Sources:
        16 B-scans over 6 mm: Sadda, IOVS 2126359.
        What is not measured is not zero: DICOM PS3.17, III.3.

    >>> scan = dict(scan_protocol="HORIZONTAL_3D", slice_direction="TOP_BOTTOM", pixel_direction="LEFT_RIGHT")
    >>> scan |= dict(pixel_spacing_column=1, slice_thickness=1, pixel_image_height=496, pixel_image_width=6)
    >>> rnfl = {"points": [[0, 100], [5, 100], [5, 130], [0, 130]], "className": "rnfl"}
    >>> get_layer_thickness_map.call({"segmentation_instances": [[rnfl], [], [rnfl]], **scan,
    ...                               "exam_center_coordinate_xz": [3, 1], "zone_of_interest": 3})
    {'thickness_maps': {'rnfl': [[30.0, 30.0, 30.0], [None, None, None], [30.0, 30.0, 30.0]]}, 'status': 'OK_CROPPED'}
    """
    measured = layer_thickness(segmentation_instances, sampling, geometry)
    window = sampling.window(segmentation_instances.num_slices, geometry)
    if window is None or not measured.names:
        return LayerMaps(
            thickness_maps=LayerThicknessMaps(maps={}),
            status="ZONE_OF_INTEREST_NOT_REACHED",
            warnings=(*measured.warnings, "no layer was segmented on any slice"),
        )
    return LayerMaps.within(
        window,
        geometry,
        thickness_maps=LayerThicknessMaps(maps=measured.maps(window, sampling)),
        layers=measured.names,
        warnings=measured.warnings,
    )
