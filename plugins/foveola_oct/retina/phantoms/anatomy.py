"""An eye as functions of millimetres: layers, pit, disc, lesions and vessels whose measures are known.

Places are (x, y) in mm from the fovea as the fundus is seen, x to the right and y down. An eye is *described* as a
right one, nasal being +x; a left eye is its mirror image, and only there are x as described and x as seen different.
Depths are in mm and grow downwards, from the plane that touches Bruch's membrane at the centre of the disc.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from math import pi, sqrt
from typing import Literal, get_args

import numpy as np

from foveola_oct.retina.arrays import Floats
from foveola_oct.retina.geometry import Laterality
from foveola_oct.retina.layer_names import LAYER_NAMES
from foveola_oct.retina.phantoms.arcades import ARCADES

LesionKind = Literal[
    "hard_drusen",
    "soft_drusen",
    "confluent_drusen",
    "subretinal_fluid",
    "intraretinal_fluid",
    "intraretinal_hyperreflective_foci",
]

LAYERS = LAYER_NAMES
"""The layers of an eye from the vitreous down; between and around them lie twelve borders."""

CUP_OFFSET_MM = 0.15
"""Height above the plane of the BMO at which the cup is read."""

RNFL_MEAN_MM, RNFL_SWING_MM = 0.0935, 0.0416
"""Nerve-fibre layer 1 mm from the edge of a healthy disc: mean - swing * cos(2 theta), thickest above and below.

The mean over a quadrant is mean +- swing * 2 / pi: 120.0 um above and below, 67.0 um on either side.
"""

PIT_RIM_MM = 0.94
"""Radius at which the inner surface stands highest round the pit."""

# Thickness of each layer in um: far from the fovea, what the parafoveal ring adds, what the pit takes (if < 0: adds).
# The last row is the room between RPE and Bruch's membrane, closed in health. The RNFL has a formula of its own.
_PROFILES_UM = np.array(
    [
        (0, 0, 0),  # rnfl
        (20, 48, 66),  # gcl
        (26, 31.7, 53.7),  # ipl
        (28, 16, 34),  # inl
        (26, 8, 18),  # opl
        (52, 12, -30),  # onl
        (5, 0, 0),  # elm
        (13, 0, 0),  # mz
        (14, 0, 0),  # ez
        (26, 0, -14),  # os
        (22, 0, 0),  # rpe
        (0, 0, 0),  # below the RPE
    ],
    dtype=np.float64,
)
_RING_WIDTH_MM, _PIT_WIDTH_MM = 1.9, 0.55

_SEATS: dict[LesionKind, tuple[int, float]] = {
    # the row of _PROFILES_UM that a lesion thickens, and how far up in it the lesion begins
    "hard_drusen": (11, 0.0),
    "soft_drusen": (11, 0.0),
    "confluent_drusen": (11, 0.0),
    "subretinal_fluid": (LAYERS.index("os"), 0.0),
    "intraretinal_fluid": (LAYERS.index("onl"), 0.5),
    "intraretinal_hyperreflective_foci": (LAYERS.index("inl"), 0.5),
}

_EYEBALL_MM = 80.0  # radius of curvature as a B-scan shows it
_RIM_HEIGHT_MM = 0.42  # mean height of the inner surface over the edge of the disc; shapes the floor of the cup


@dataclass(frozen=True)
class Lesion:
    """A cap, flat or bulging to both sides: its axial thickness is height * (1 - (dx/a)^2 - (dy/b)^2).

    It lifts all that lies above it and so thickens the layer that holds it: drusen the room below the RPE, subretinal
    fluid the OS, intraretinal fluid the ONL, hyperreflective foci the INL. Lesions of one layer should not overlap.
    """

    kind: LesionKind
    center_mm: tuple[float, float]
    radii_mm: tuple[float, float]
    """The half-axes a and b, along x and y."""
    height_mm: float

    @property
    def area_mm2(self) -> float:
        """What it covers, seen from the front."""
        a, b = self.radii_mm
        return pi * a * b

    @property
    def volume_mm3(self) -> float:
        """Half of the cylinder round it."""
        return self.area_mm2 * self.height_mm / 2

    def thickness(self, x: Floats, y: Floats) -> Floats:
        """Axial thickness in mm at places of the eye as described; 0 outside."""
        (cx, cy), (a, b) = self.center_mm, self.radii_mm
        return self.height_mm * np.maximum(0.0, 1.0 - ((x - cx) / a) ** 2 - ((y - cy) / b) ** 2)


def druse(x_mm: float, y_mm: float, diameter_mm: float, height_mm: float, *, confluent: bool = False) -> Lesion:
    """Make a round druse; below 63 um it is hard, else soft.

    >>> druse(1.0, 0.5, 0.05, 0.02).kind
    'hard_drusen'
    """
    small: LesionKind = "hard_drusen" if diameter_mm < 0.063 else "soft_drusen"  # noqa: PLR2004 - AREDS: small is < 63 um
    kind: LesionKind = "confluent_drusen" if confluent else small
    return Lesion(kind, (x_mm, y_mm), (diameter_mm / 2, diameter_mm / 2), height_mm)


@dataclass(frozen=True)
class Disc:
    """The optic nerve head: an elliptic opening in Bruch's membrane (BMO), and a cup of the same shape and centre."""

    center_mm: tuple[float, float] = (4.5, -0.5)
    """From the fovea, in the eye as described: the axis rises by 6.3 degrees, as in the median eye."""
    bmo_mm: tuple[float, float] = (0.85, 0.85)
    """The half-axes of the opening, along x and y."""
    cup_to_disc: float = 0.44
    """Radius of the cup, where the inner surface sinks below `CUP_OFFSET_MM`, over that of the disc; 0 to < 1."""

    @property
    def cup_mm(self) -> tuple[float, float]:
        """The half-axes of the cup."""
        a, b = self.bmo_mm
        return a * self.cup_to_disc, b * self.cup_to_disc

    @property
    def radius_mm(self) -> float:
        """Radius of the circle that has the disc's area."""
        a, b = self.bmo_mm
        return sqrt(a * b)

    @property
    def depth_mm(self) -> float:
        """Depth of the plane in which the BMO lies."""
        return -(self.radius_mm**2) / (2 * _EYEBALL_MM)


@dataclass(frozen=True)
class Eye:
    """A whole eye with known truth.

    Places go in as they are seen; arrays of x and y may be of any shapes that broadcast.
    """

    laterality: Laterality = "R"
    disc: Disc = Disc()
    lesions: tuple[Lesion, ...] = ()
    superior: float = 1.0
    """Share of rnfl, gcl and ipl that is left above the horizontal line through the fovea; 1 is health."""
    inferior: float = 1.0
    """The same below it; on the line itself their mean."""
    pit_is_recognised: bool = True
    """Whether a landmark model would find the fovea."""
    diseases: tuple[str, ...] = ()
    """What a classifier would say of any scan of it."""

    def __post_init__(self) -> None:
        if self.laterality not in get_args(Laterality):
            raise ValueError(f"laterality is {self.laterality!r}, neither L nor R")

    def seen(self, place_mm: tuple[float, float]) -> tuple[float, float]:
        """Where a place of the description is seen (and back): a left eye is mirrored."""
        x, y = place_mm
        return (-x if self.laterality == "L" else x), y

    def thicknesses(self, x: Floats, y: Floats) -> Floats:
        """Axial thickness of each layer in mm, [11, ...], lesions included, as if there were no disc."""
        return self._thicknesses(self._nasal(x), y)[:-1]

    def borders(self, x: Floats, y: Floats) -> Floats:
        """Depth of the twelve borders in mm, [12, ...]; within the BMO there is only the first (the others are NaN)."""
        x = self._nasal(x)
        borders = self._lifted(x, y)[:-1]
        opening = np.broadcast_to(self._opening(x, y), borders.shape[1:])
        inside = opening < 1
        borders[1:, inside] = np.nan
        x, y = (np.broadcast_to(side, inside.shape)[inside] for side in (x, y))
        borders[0, inside] = self._excavation(x, y, opening[inside])
        return borders

    def span(self, lesion: Lesion, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Depth of the top and of the bottom of one of the lesions in mm; the same where it is not."""
        x = self._nasal(x)
        seat, share = _SEATS[lesion.kind]
        bottom = self._lifted(x, y)[seat + 1] - share * self._healthy(x, y)[seat]
        return bottom - lesion.thickness(x, y), bottom

    def vessels(self, x: Floats, y: Floats) -> Floats:
        """How much the vessels above a place shade it, 0 to 1."""
        cx, cy = self.disc.center_mm
        dx, dy = self._nasal(x) - cx, y - cy
        return reduce(np.maximum, [arcade.shade(dx, dy) for arcade in ARCADES])

    def _nasal(self, x: Floats) -> Floats:
        return -x if self.laterality == "L" else x

    def _opening(self, x: Floats, y: Floats) -> Floats:
        """Square of the distance from the disc's centre, 1 on its edge."""
        (cx, cy), (a, b) = self.disc.center_mm, self.disc.bmo_mm
        return ((x - cx) / a) ** 2 + ((y - cy) / b) ** 2

    def _healthy(self, x: Floats, y: Floats) -> Floats:
        """Thickness of the rows of _PROFILES_UM in mm, without lesions."""
        squared = x**2 + y**2
        ring, pit = np.exp(-squared / _RING_WIDTH_MM**2), np.exp(-squared / _PIT_WIDTH_MM**2)
        rows = np.tensordot(_PROFILES_UM / 1000, np.stack([np.ones_like(squared), ring, -pit]), axes=1)
        rows[0] = self._nerve_fibres(x, y) * (1 - pit)
        rows[:3] *= self.superior + (self.inferior - self.superior) * np.heaviside(y, 0.5)
        return rows

    def _nerve_fibres(self, x: Floats, y: Floats) -> Floats:
        """As many fibres cross every circle round the disc: their layer thins as the circle grows."""
        cx, cy = self.disc.center_mm
        across, down = (x - cx) ** 2, (y - cy) ** 2
        squared: Floats = np.maximum(across + down, 0.01)  # within the disc nobody looks, but it must be finite
        swing = RNFL_SWING_MM * (across - down) / squared
        thickness: Floats = (RNFL_MEAN_MM - swing) * (self.disc.radius_mm + 1.0) / np.sqrt(squared)
        return thickness

    def _thicknesses(self, x: Floats, y: Floats) -> Floats:
        rows = self._healthy(x, y)
        for lesion in self.lesions:
            rows[_SEATS[lesion.kind][0]] += lesion.thickness(x, y)
        return rows

    def _lifted(self, x: Floats, y: Floats) -> Floats:
        """Depth of the twelve borders and of Bruch's membrane, as if there were no disc."""
        bruch = self._opening(x, y) * self.disc.depth_mm
        upwards = self._thicknesses(x, y)[::-1]
        heights: Floats = np.cumsum([np.zeros_like(upwards[0]), *upwards], axis=0)[::-1]
        return bruch - heights

    def _excavation(self, x: Floats, y: Floats, opening: Floats) -> Floats:
        """Depth of the inner surface within the BMO.

        Its height over the plane of the BMO is CUP_OFFSET_MM + k * (opening - cup_to_disc^2): whatever k > 0 is, the
        cup has exactly its radius. k lets the surface meet the retina at the edge, and have one value in the middle.
        """
        cx, cy = self.disc.center_mm
        radius: Floats = np.sqrt(np.maximum(opening, 1e-12))
        edge: Floats = self._thicknesses(cx + (x - cx) / radius, cy + (y - cy) / radius).sum(axis=0)
        cup = self.disc.cup_to_disc**2
        k = (_RIM_HEIGHT_MM + (edge - _RIM_HEIGHT_MM) * opening - CUP_OFFSET_MM) / (1 - cup)
        return self.disc.depth_mm - CUP_OFFSET_MM - k * (opening - cup)
