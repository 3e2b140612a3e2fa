"""Distance between two points of a B-scan."""

from __future__ import annotations

from math import hypot
from typing import Annotated

from pydantic import Field

from foveola import Millimetres, Output, Unit, operation
from foveola_oct.retina import PixelSpacingColumn, PixelSpacingRow
from foveola_oct.retina.outlines import FARTHEST_PX

_Coordinate = Annotated[float, Field(ge=-FARTHEST_PX, le=FARTHEST_PX)]
_Point = Annotated[tuple[_Coordinate, _Coordinate], Unit("px")]


class Distance(Output):
    """A length on the B-scan."""

    distance: Millimetres
    """The straight line between the points."""


@operation("get_distance_between_two_points")
def get_distance_between_two_points(
    point_from: _Point,
    point_to: _Point,
    pixel_spacing_column: PixelSpacingColumn,
    pixel_spacing_row: PixelSpacingRow,
) -> Distance:
    """Measure the straight line between two points of a B-scan.

    Args:
        point_from: x and y of one end, inside the image or not.
        point_to: x and y of the other end.
        pixel_spacing_column: width of a pixel.
        pixel_spacing_row: height of a pixel.

    Sources:
        Pitch of pixels: DICOM Pixel Spacing (0028,0030).

    >>> get_distance_between_two_points.call(
    ...     {"point_from": [0, 0], "point_to": [300, 400], "pixel_spacing_column": 0.01, "pixel_spacing_row": 0.01})
    {'distance': 5.0}
    """
    (x0, y0), (x1, y1) = point_from, point_to
    return Distance(distance=hypot((x1 - x0) * pixel_spacing_column, (y1 - y0) * pixel_spacing_row))
