"""Area of each pathology in the nine ETDRS fields."""

from __future__ import annotations

from collections.abc import Mapping

from foveola import SquareMillimetres, operation
from foveola_oct.retina import ETDRS_RINGS, CircleGrid, ScanGeometry, nested_by_ring
from foveola_oct.retina.lesions import InEtdrsFields, LesionMaps, etdrs_totals, lesion_warnings


class FieldAreas(InEtdrsFields):
    """Areas by field of the ETDRS circle."""

    areas: Mapping[str, Mapping[str, Mapping[str, SquareMillimetres]]]
    """The area of each pathology by level and index of the field."""


@operation("get_pathology_area_etdrs_calculations_zone")
def get_pathology_area_etdrs_calculations_zone(
    pathology_thickness_maps: LesionMaps,
    geometry: ScanGeometry,
    grid: CircleGrid = CircleGrid(),
) -> FieldAreas:
    """Measure each pathology's area in the nine ETDRS fields.

    Level 0 is the centre, 1 the ring to 3 mm, 2 the ring to 6 mm; index 0 is the image's right (nasal in a right eye),
    1 inferior, 2 left, 3 superior.

    Args:
        pathology_thickness_maps: the lesions.
        geometry: pitches and orientation of the scan.
        grid: how the circle is laid on the map.

    Sources:
        Circles of 1, 3 and 6 mm: ETDRS report 10, Ophthalmology 1991;98:786.
        32 B-scans over 6 mm err by 3.5 % on average, by up to 22 % (Velaga, PMC5233945).

    >>> scan = dict(scan_protocol="HORIZONTAL_3D", slice_direction="TOP_BOTTOM", pixel_direction="LEFT_RIGHT")
    >>> scan |= dict(pixel_spacing_column=0.1, pixel_spacing_row=0.004, slice_thickness=0.1)
    >>> answer = get_pathology_area_etdrs_calculations_zone.call(
    ...     {"pathology_thickness_maps": {"drusen": [[1.0] * 60] * 60}, **scan})
    >>> {index: round(area, 6) for index, area in answer["areas"]["drusen"]["1"].items()}
    {'0': 1.570796, '1': 1.570796, '2': 1.570796, '3': 1.570796}
    """
    totals = {name: etdrs_totals(lesion, geometry, grid) for name, lesion in pathology_thickness_maps.maps.items()}
    return FieldAreas.of(
        totals,
        grid.laterality,
        areas={name: nested_by_ring(ETDRS_RINGS, one.area.tolist()) for name, one in totals.items()},
        warnings=lesion_warnings(pathology_thickness_maps.maps, geometry.slice_thickness),
    )
