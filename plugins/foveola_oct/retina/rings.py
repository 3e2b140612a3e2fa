"""Rings about a point, each cut into equal sectors, and those that reading centres and devices lay about the fovea.

Angles are ``atan2(row - row_c, col - col_c)`` in mm and degrees: 0 is the image's right, +90 inferior, -180 left, -90
superior.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import pi


@dataclass(frozen=True, slots=True)
class Ring:
    """A ring about the fovea, cut into equal sectors; sector k begins at ``start_deg + k * 360 / sectors``."""

    inner_mm: float
    outer_mm: float
    sectors: int = 1
    start_deg: float = -45.0

    @property
    def sector_area(self) -> float:
        """The area of one whole sector, in mm2.

        >>> round(Ring(0.5, 1.5, 4).sector_area, 6)
        1.570796
        """
        return pi * (self.outer_mm**2 - self.inner_mm**2) / self.sectors


# Early Treatment Diabetic Retinopathy Study report 10, Ophthalmology 1991;98:786: circles of 1, 3 and 6 mm.
# The quarters are, in order, image right, inferior, left, superior.
ETDRS_RINGS = (Ring(0.0, 0.5), Ring(0.5, 1.5, 4, -45.0), Ring(1.5, 3.0, 4, -45.0))

# User guide, get_gcc_circle: circles of 1 and 6 mm. The sixths are, in order, superior left, superior, superior right,
# inferior right, inferior, inferior left: Zeiss' order for a right eye, doi:10.1038/s41598-021-04563-3, table 2.
GCC_RINGS = (Ring(0.0, 0.5), Ring(0.5, 3.0, 6, -180.0))


def halves(diameter_mm: float, inner_diameter_mm: float = 0.0) -> Ring:
    """Cut a circle along the raphe: sector 0 is superior, sector 1 inferior.

    >>> halves(6.0)
    Ring(inner_mm=0.0, outer_mm=3.0, sectors=2, start_deg=-180.0)
    """
    return Ring(inner_diameter_mm / 2, diameter_mm / 2, 2, -180.0)


def quarters(diameter_mm: float, start_deg: float = -45.0) -> Ring:
    """Cut a circle into quarters: by default image right, inferior, left, superior.

    >>> quarters(6.0)
    Ring(inner_mm=0.0, outer_mm=3.0, sectors=4, start_deg=-45.0)
    """
    return Ring(0.0, diameter_mm / 2, 4, start_deg)
