"""The zone window: which part of a scan the zone of interest is, cut out and padded where the scan ends before it."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from foveola import InputError, Millimetres
from foveola_oct.retina.geometry import EnFaceGeometry
from foveola_oct.retina.maps import ThicknessMap, Window

WindowStatus = Literal["OK", "OK_CROPPED", "OK_PADDED", "OK_CROPPED_PADDED", "ZONE_OF_INTEREST_NOT_REACHED"]

ZONE = "Side of the square about the fovea that is looked at; null, where it is taken, is the whole exam."
ZoneOfInterest = Annotated[Millimetres, Field(gt=0, le=20, description=ZONE)]
ZoneOrWholeExam = Annotated[ZoneOfInterest | None, Field(description=ZONE)]
ExamCenter = Annotated[
    tuple[float, float],
    Field(
        description="The fovea as [x, z]: column index and slice index, acquisition frame; whole numbers are centres."
    ),
]
MinExamWidth = Annotated[
    Annotated[Millimetres, Field(gt=0)] | None,
    Field(
        description="How much of the zone must be scanned along both axes; null is 5 mm, or the zone if that is less."
    ),
]
PaddingValue = Annotated[
    float | None,
    Field(description="What samples of the zone outside the scan are shown as at flat edges; null is recommended."),
]

DEFAULT_ZONE_MM = 6.0
DEFAULT_MIN_EXAM_WIDTH_MM = 5.0
_ROUNDING = 1e-9
"""What a half, or a length in mm, may lack: 0.3 mm at 0.2 mm are one and a half samples, whatever their quotient is."""
MOST_SAMPLES = 2**26
"""Of a window, or of all maps of an exam: 20 mm at a pitch of 2.4 µm, and half a gigabyte. More is none of a scan."""

_STATUS: dict[tuple[bool, bool], WindowStatus] = {
    # is_cropped, is_padded
    (False, False): "OK",
    (True, False): "OK_CROPPED",
    (False, True): "OK_PADDED",
    (True, True): "OK_CROPPED_PADDED",
}


@dataclass(frozen=True, slots=True)
class AxisWindow:
    """The window along one axis.

    Attributes:
        start: index of its first sample; negative where the window begins before the scan.
        length: how many samples it has.
        scanned: how many samples the scan has.
    """

    start: int
    length: int
    scanned: int

    @classmethod
    def about(cls, center: float, pitch: float, scanned: int, zone: float) -> AxisWindow:
        """The window of a zone (mm) about a centre (index); halves are rounded up."""
        length = max(1, floor(zone / pitch + 0.5 + _ROUNDING))
        return cls(floor(center + 0.5) - length // 2, length, scanned)

    @property
    def valid(self) -> tuple[int, int]:
        """The scanned part, half open, counted in the window."""
        first = min(max(0, -self.start), self.length)
        return first, max(first, min(self.length, self.scanned - self.start))

    @property
    def is_padded(self) -> bool:
        """Whether the window reaches beyond the scan."""
        return self.start < 0 or self.start + self.length > self.scanned

    @property
    def is_cropped(self) -> bool:
        """Whether the scan reaches beyond the window."""
        return self.start > 0 or self.start + self.length < self.scanned

    def covers(self, minimum: float, pitch: float) -> bool:
        """Whether at least so much of the window was scanned, mm, but for the rounding of its length."""
        first, end = self.valid
        return (end - first) * pitch >= minimum - pitch / 2 - _ROUNDING


@dataclass(frozen=True, slots=True)
class ZoneWindow:
    """The window of an en-face map, and what became of it.

    Attributes:
        slices: along slices.
        columns: along columns.
        status: as the guide words it.
        center_offset_mm: from the window's geometric centre to the fovea, [along columns, along slices].
        map_center: the fovea, [column, row] in indices of the window.
    """

    slices: AxisWindow
    columns: AxisWindow
    status: WindowStatus
    center_offset_mm: tuple[float, float]
    map_center: tuple[float, float]

    @property
    def valid_window(self) -> Window:
        """The scanned part, [row0, row1, col0, col1], counted in the window."""
        return (*self.slices.valid, *self.columns.valid)

    def cut(self, values: np.ndarray, fill: float = np.nan) -> np.ndarray:
        """The window of a map `[slices, columns]`; samples outside the scan are `fill`."""
        row0, row1, col0, col1 = self.valid_window
        top, left = self.slices.start, self.columns.start
        inside = values[top + row0 : top + row1, left + col0 : left + col1]
        if inside.shape == (self.slices.length, self.columns.length):
            return inside
        cut = np.full((self.slices.length, self.columns.length), fill, dtype=np.result_type(values, type(fill)))
        cut[row0:row1, col0:col1] = inside
        return cut

    def map_of(
        self, values: np.ndarray, padding_value: float | None, missing_value: float | None = None
    ) -> ThicknessMap:
        """The window of a whole exam's samples as a map that knows where it is.

        Args:
            values: [slices, columns], NaN where not measured.
            padding_value: what unscanned samples are shown as.
            missing_value: what scanned samples that were not measured are shown as.
        """
        return ThicknessMap(
            values=self.cut(values),
            center=self.map_center,
            valid_window=self.valid_window,
            padding_value=padding_value,
            missing_value=missing_value,
        )


def zone_window(
    shape: tuple[int, int],
    geometry: EnFaceGeometry,
    center: tuple[float, float],
    zone_of_interest: float | None,
    min_exam_width_mm: float | None = None,
) -> ZoneWindow:
    """Place the zone window on a scan.

    Args:
        shape: (slices, columns) of the scan.
        geometry: its pitches.
        center: the fovea, [x, z] in indices.
        zone_of_interest: side of the zone, mm; None is the whole exam.
        min_exam_width_mm: how much of the window must be scanned along both axes, mm; None is 5 mm or the zone.

    Raises:
        InputError: the centre lies outside the exam, the minimum is more than the zone, or the zone has too many
            samples.

    >>> scan = dict(scan_protocol="HORIZONTAL_3D", slice_direction="TOP_BOTTOM", pixel_direction="LEFT_RIGHT")
    >>> scan = EnFaceGeometry(**scan, pixel_spacing_column=0.0175, slice_thickness=0.25)
    >>> window = zone_window((22, 512), scan, (256, 10), 6.0)
    >>> window.status, window.slices.start, window.columns.start, window.valid_window
    ('OK_CROPPED_PADDED', -2, 85, (2, 24, 0, 343))
    """
    for name, place, count in zip("xz", center, reversed(shape), strict=True):
        if not 0 <= place < count:
            raise InputError("exam_center_coordinate_xz", f"{name} = {place:g} is outside the exam (0 to {count - 1})")
    whole = tuple(AxisWindow(0, count, count) for count in shape)
    if zone_of_interest is None:
        return _placed(whole, "OK", center, geometry)
    minimum = min(DEFAULT_MIN_EXAM_WIDTH_MM, zone_of_interest) if min_exam_width_mm is None else min_exam_width_mm
    if minimum > zone_of_interest:
        raise InputError(
            "min_exam_width_mm", f"is {minimum:g} mm, more than the zone of interest, {zone_of_interest:g} mm"
        )
    pitches = (geometry.slice_thickness, geometry.pixel_spacing_column)
    axes = tuple(
        AxisWindow.about(place, pitch, count, zone_of_interest)
        for place, pitch, count in zip(reversed(center), pitches, shape, strict=True)
    )
    slices, columns = (axis.length for axis in axes)
    if slices * columns > MOST_SAMPLES:
        raise InputError("zone_of_interest", f"has {slices} x {columns} samples at these pitches; choose a smaller one")
    if not all(axis.covers(minimum, pitch) for axis, pitch in zip(axes, pitches, strict=True)):
        return _placed(whole, "ZONE_OF_INTEREST_NOT_REACHED", center, geometry)
    status = _STATUS[any(axis.is_cropped for axis in axes), any(axis.is_padded for axis in axes)]
    return _placed(axes, status, center, geometry)


def _placed(
    axes: tuple[AxisWindow, ...], status: WindowStatus, center: tuple[float, float], geometry: EnFaceGeometry
) -> ZoneWindow:
    slices, columns = axes
    x, z = center[0] - columns.start, center[1] - slices.start
    offset = (
        (x + 0.5 - columns.length / 2) * geometry.pixel_spacing_column,
        (z + 0.5 - slices.length / 2) * geometry.slice_thickness,
    )
    return ZoneWindow(slices, columns, status, center_offset_mm=offset, map_center=(x, z))
