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

ZoneOfInterest = Annotated[
    Millimetres, Field(gt=0, le=20, description="Side of the square about the fovea that is looked at.")
]
ExamCenter = Annotated[
    tuple[float, float],
    Field(
        description="The fovea as [x, z]: column index and slice index, acquisition frame; whole numbers are centres."
    ),
]
MinExamWidth = Annotated[
    Millimetres,
    Field(gt=0, description="How much of the zone must be scanned along both axes; 5 mm, or the zone if that is less."),
]
PaddingValue = Annotated[
    float | None,
    Field(description="What samples of the zone outside the scan are shown as at flat edges; null is recommended."),
]

DEFAULT_ZONE_MM = 6.0
DEFAULT_MIN_EXAM_WIDTH_MM = 5.0


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
        """The window of a zone (mm) about a centre (index)."""
        length = max(1, floor(zone / pitch + 0.5))
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


@dataclass(frozen=True, slots=True)
class ZoneWindow:
    """The window of an en-face map, and what became of it.

    Attributes:
        slices: along slices.
        columns: along columns.
        status: as the guide words it.
        center_offset_mm: from the window's geometric centre to the fovea, [along columns, along slices].
    """

    slices: AxisWindow
    columns: AxisWindow
    status: WindowStatus
    center_offset_mm: tuple[float, float]

    @property
    def valid_window(self) -> Window:
        """The scanned part, [row0, row1, col0, col1], counted in the window."""
        return (*self.slices.valid, *self.columns.valid)

    def cut(self, values: np.ndarray, fill: float = np.nan) -> np.ndarray:
        """The window of a map `[slices, columns]`; samples outside the scan are `fill`."""
        row0, row1, col0, col1 = self.valid_window
        if (row0, row1, col0, col1) == (0, self.slices.length, 0, self.columns.length):
            top, left = self.slices.start, self.columns.start
            return values[top : top + row1, left : left + col1]
        cut = np.full((self.slices.length, self.columns.length), fill, dtype=np.result_type(values, type(fill)))
        top, left = self.slices.start, self.columns.start
        cut[row0:row1, col0:col1] = values[top + row0 : top + row1, left + col0 : left + col1]
        return cut

    def map_of(self, values: np.ndarray, center: tuple[float, float], padding_value: float | None) -> ThicknessMap:
        """The window of a whole exam's samples as a map that knows where it is.

        Args:
            values: [slices, columns], NaN where not measured.
            center: the fovea, [x, z] in indices of the exam.
            padding_value: what unscanned samples are shown as.
        """
        return ThicknessMap(
            values=self.cut(values),
            center=(center[0] - self.columns.start, center[1] - self.slices.start),
            valid_window=self.valid_window,
            padding_value=padding_value,
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
        min_exam_width_mm: how much of the window must be scanned along both axes, mm.

    Raises:
        InputError: the centre lies outside the exam, or the minimum is more than the zone.
    """
    for name, place, count in zip("xz", center, reversed(shape), strict=True):
        if not 0 <= place < count:
            raise InputError("exam_center_coordinate_xz", f"{name} = {place:g} is outside the exam (0 to {count - 1})")
    pitches = (geometry.slice_thickness, geometry.pixel_spacing_column)
    whole = tuple(AxisWindow(0, count, count) for count in shape)
    if zone_of_interest is None:
        return _placed(whole, "OK", center, pitches)
    minimum = min(DEFAULT_MIN_EXAM_WIDTH_MM, zone_of_interest) if min_exam_width_mm is None else min_exam_width_mm
    if minimum > zone_of_interest:
        raise InputError(
            "min_exam_width_mm", f"is {minimum:g} mm, more than the zone of interest, {zone_of_interest:g} mm"
        )
    axes = tuple(
        AxisWindow.about(place, pitch, count, zone_of_interest)
        for place, pitch, count in zip(reversed(center), pitches, shape, strict=True)
    )
    for axis, pitch in zip(axes, pitches, strict=True):
        first, end = axis.valid
        if (end - first) * pitch < minimum - pitch / 2:
            return _placed(whole, "ZONE_OF_INTEREST_NOT_REACHED", center, pitches)
    cropped = any(axis.is_cropped for axis in axes)
    padded = any(axis.is_padded for axis in axes)
    status: WindowStatus = "OK"
    if cropped and padded:
        status = "OK_CROPPED_PADDED"
    elif cropped:
        status = "OK_CROPPED"
    elif padded:
        status = "OK_PADDED"
    return _placed(axes, status, center, pitches)


def _placed(
    axes: tuple[AxisWindow, ...], status: WindowStatus, center: tuple[float, float], pitches: tuple[float, float]
) -> ZoneWindow:
    slices, columns = axes
    offset_z, offset_x = (
        (place + 0.5 - (axis.start + axis.length / 2)) * pitch
        for place, axis, pitch in zip(reversed(center), axes, pitches, strict=True)
    )
    return ZoneWindow(slices, columns, status, (offset_x, offset_z))
