"""How an eye is scanned: where the samples of an exam lie on it, in whatever order they were acquired."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from foveola_oct.retina import geometry
from foveola_oct.retina.arrays import Floats

_T = TypeVar("_T")
_Lengths = TypeVar("_Lengths", float, Floats)

_SENSES = {"LEFT_RIGHT": 1, "RIGHT_LEFT": -1, "TOP_BOTTOM": 1, "BOTTOM_TOP": -1}
"""Along x or y."""

ORIENTATIONS = tuple((one.scan_protocol, one.slice_direction, one.pixel_direction) for one in geometry.ORIENTATIONS)
"""The eight that there are: scan_protocol, slice_direction, pixel_direction."""

_POSITIVE = ("width_mm", "height_mm", "num_slices", "pixel_image_width", "pixel_image_height", "pixel_spacing_row")


@dataclass(frozen=True)
class Axis:
    """`count` cells side by side over `extent_mm`; a sample stands for its cell and lies in its middle."""

    count: int
    extent_mm: float
    center_mm: float
    sense: int
    """-1 if the first sample is the rightmost or lowest."""

    @property
    def pitch_mm(self) -> float:
        """Distance from sample to sample."""
        return self.extent_mm / self.count

    @property
    def positions(self) -> Floats:
        """Where the samples lie, in mm from the fovea.

        >>> Axis(4, 2.0, 0.0, -1).positions
        array([ 0.75,  0.25, -0.25, -0.75])
        """
        cells = np.arange(self.count, dtype=np.float64) + 0.5 - self.count / 2
        return self.center_mm + self.sense * self.pitch_mm * cells

    def index(self, mm: _Lengths) -> _Lengths:
        """The sample at a position, whole in the middle of a cell."""
        return self.sense * (mm - self.center_mm) / self.pitch_mm + self.count / 2 - 0.5

    def holds(self, mm: Floats | float) -> NDArray[np.bool_]:
        """Whether a position was scanned."""
        return np.asarray(np.abs(mm - self.center_mm) <= self.extent_mm / 2)


@dataclass(frozen=True)
class Scan:
    """A rectangle of the fundus as it is seen, and the order in which it was sampled."""

    width_mm: float = 6.0
    height_mm: float = 6.0
    center_mm: tuple[float, float] = (0.0, 0.0)
    """Of the rectangle: x to the right and y down from the fovea."""
    num_slices: int = 49
    pixel_image_width: int = 512
    pixel_image_height: int = 496
    pixel_spacing_row: float = 0.0039
    """mm from row to row."""
    scan_protocol: str = "HORIZONTAL_3D"
    slice_direction: str = "TOP_BOTTOM"
    pixel_direction: str = "LEFT_RIGHT"
    disc_depth_mm: float = 1.4
    """Where Bruch's membrane lies at the disc, below the upper edge of the images."""

    def __post_init__(self) -> None:
        orientation = (self.scan_protocol, self.slice_direction, self.pixel_direction)
        if orientation not in ORIENTATIONS:
            raise ValueError(f"{' '.join(orientation)} is none of the eight orientations")
        for name in _POSITIVE:
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} is {getattr(self, name)}, not a positive number")

    @property
    def along(self) -> Axis:
        """The columns of a B-scan."""
        extent, _ = self.turn(self.width_mm, self.height_mm)
        center, _ = self.turn(*self.center_mm)
        return Axis(self.pixel_image_width, extent, center, _SENSES[self.pixel_direction])

    @property
    def across(self) -> Axis:
        """The slices."""
        _, extent = self.turn(self.width_mm, self.height_mm)
        _, center = self.turn(*self.center_mm)
        return Axis(self.num_slices, extent, center, _SENSES[self.slice_direction])

    @property
    def grid(self) -> tuple[Floats, Floats]:
        """The x and the y of all samples, in mm from the fovea; both broadcast to [num_slices, pixel_image_width]."""
        return self.turn(self.along.positions[None, :], self.across.positions[:, None])

    def turn(self, first: _T, second: _T) -> tuple[_T, _T]:
        """X and y as along and across, or along and across as x and y."""
        return (second, first) if self.scan_protocol == "VERTICAL_3D" else (first, second)

    def locate(self, place_mm: tuple[float, float]) -> tuple[float, float]:
        """Column and slice of a place that is seen x, y mm from the fovea; (0, 0) gives the exam's center.

        >>> Scan(num_slices=25, pixel_image_width=300).locate((0.0, 0.0))
        (149.5, 12.0)
        """
        along, across = self.turn(*place_mm)
        return self.along.index(along), self.across.index(across)

    def from_corner(self, place_mm: tuple[float, float]) -> tuple[float, float]:
        """The same place in mm from the upper left corner of the scanned rectangle."""
        (x, y), (cx, cy) = place_mm, self.center_mm
        return x - cx + self.width_mm / 2, y - cy + self.height_mm / 2

    def row(self, depth_mm: Floats) -> Floats:
        """The row of the images, in px, at a depth of the eye."""
        return (depth_mm + self.disc_depth_mm) / self.pixel_spacing_row
