"""Volume of each pathology in the levels of the ETDRS circle."""

from __future__ import annotations

from collections.abc import Mapping

from foveola import CubicMillimetres, operation
from foveola_oct.retina import CircleGrid, ScanGeometry
from foveola_oct.retina.lesions import InEtdrsLevels, LesionMapsInPixels, etdrs_totals, lesion_warnings, named_by_level


class LevelVolumes(InEtdrsLevels):
    """Volumes by level of the ETDRS circle."""

    volumes: Mapping[str, Mapping[str, CubicMillimetres]]
    """The volume of each pathology in each ring or disc (1mm, 3mm, 6mm)."""


@operation("get_pathology_volume_etdrs_calculations")
def get_pathology_volume_etdrs_calculations(
    pathology_thickness_maps: LesionMapsInPixels,
    is_cumulative: bool,
    geometry: ScanGeometry,
    grid: CircleGrid = CircleGrid(),
) -> LevelVolumes:
    """Measure each pathology's volume in the rings of the ETDRS circle, or in the discs that they fill.

    Args:
        pathology_thickness_maps: the lesions.
        is_cumulative: the discs of 1, 3 and 6 mm rather than the rings within 1, from 1 to 3 and from 3 to 6 mm.
        geometry: pitches and orientation of the scan.
        grid: how the circle is laid on the map.

    Sources:
        Circles of 1, 3 and 6 mm: ETDRS report 10, Ophthalmology 1991;98:786.
        32 B-scans over 6 mm err by 3.5 % on average, by up to 22 % (Velaga, PMC5233945).

    >>> scan = dict(scan_protocol="HORIZONTAL_3D", slice_direction="TOP_BOTTOM", pixel_direction="LEFT_RIGHT")
    >>> scan |= dict(pixel_spacing_column=0.1, pixel_spacing_row=0.004, slice_thickness=0.1)
    >>> answer = get_pathology_volume_etdrs_calculations.call(
    ...     {"pathology_thickness_maps": {"fluid": [[10.0] * 60] * 60}, "is_cumulative": True, **scan})
    >>> {level: round(volume, 6) for level, volume in answer["volumes"]["fluid"].items()}
    {'1mm': 0.031416, '3mm': 0.282743, '6mm': 1.130973}
    """
    totals = {
        name: etdrs_totals(lesion, geometry, grid).by_level(cumulative=is_cumulative)
        for name, lesion in pathology_thickness_maps.maps.items()
    }
    return LevelVolumes.of(
        totals,
        volumes={name: named_by_level(one.thickness * geometry.pixel_spacing_row) for name, one in totals.items()},
        warnings=lesion_warnings(pathology_thickness_maps.maps, geometry.slice_thickness),
    )
