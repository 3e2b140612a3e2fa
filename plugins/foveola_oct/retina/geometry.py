"""Where samples of a scan lie: pitch in mm, orientation, and the way to the canonical en-face frame.

Frames. *Acquisition*: `[slice, column]` in file order; all maps that travel between operations are in it. *Canonical*:
row 0 is the superior edge, column 0 the left edge of the image as a clinician sees a fundus picture (right eye: disc on
the right). A sample stands for the cell centred on it, so n samples are n x pitch long. Positions in cells are counted
in *cell edges* (0 is the outer edge of the first cell, its centre is 0.5) or in *indices* (the first centre is 0).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from foveola import Group, InputError, Millimetres, Unit

ScanProtocol = Literal["HORIZONTAL_3D", "VERTICAL_3D"]
Direction = Literal["TOP_BOTTOM", "BOTTOM_TOP", "LEFT_RIGHT", "RIGHT_LEFT"]
Laterality = Literal["L", "R"]

# The limits catch micrometres where millimetres belong: lateral pitches are 0.005 to 0.03 mm, axial ones 0.0018 to
# 0.005 mm, distances between B-scans 0.01 to 0.5 mm.
SMALLEST_PITCH_MM = 1e-4
"""A tenth of a micrometre: less is no pitch of light, and makes zones of more samples than memory holds."""

PixelSpacingColumn = Annotated[
    Millimetres,
    Field(
        ge=SMALLEST_PITCH_MM,
        le=1,
        description="Distance between neighbouring columns of a B-scan (lateral; DICOM Pixel Spacing).",
    ),
]
PixelSpacingRow = Annotated[
    Millimetres,
    Field(
        ge=SMALLEST_PITCH_MM,
        le=0.1,
        description="Distance between neighbouring rows of a B-scan (axial; DICOM Pixel Spacing).",
    ),
]
SliceThickness = Annotated[
    Millimetres,
    Field(
        ge=SMALLEST_PITCH_MM,
        le=3,
        description="Centre-to-centre distance of neighbouring B-scans (DICOM Spacing Between Slices).",
    ),
]

LARGEST_COUNT = 65_535
"""Rows, columns and frames of a scan: DICOM counts them in 16 bits (Rows, Columns: US)."""

NumSlices = Annotated[int, Field(ge=1, le=LARGEST_COUNT, description="B-scans of the exam.")]
PixelImageWidth = Annotated[int, Unit("px"), Field(ge=1, le=LARGEST_COUNT, description="columns of a B-scan.")]
PixelImageHeight = Annotated[int, Unit("px"), Field(ge=1, le=LARGEST_COUNT, description="rows of a B-scan.")]

_VERTICAL_WORDS = ("TOP_BOTTOM", "BOTTOM_TOP")
_HORIZONTAL_WORDS = ("LEFT_RIGHT", "RIGHT_LEFT")
_REVERSED = ("BOTTOM_TOP", "RIGHT_LEFT")


@dataclass(frozen=True)
class AsAcquired:
    """Marks a field of an answer, in its annotation: it counts slices or columns, and changes when a scan is turned."""


AS_ACQUIRED = AsAcquired()


class Orientation(Group):
    """Which way slices and A-scans follow one another: one of eight combinations."""

    scan_protocol: ScanProtocol
    """Whether the B-scans lie horizontally or vertically on the fundus."""
    slice_direction: Direction
    """Which way B-scans follow one another, first to last."""
    pixel_direction: Direction
    """Which way A-scans follow one another within a B-scan, first to last."""

    @model_validator(mode="after")
    def _directions_fit_protocol(self) -> Self:
        across, along = _VERTICAL_WORDS, _HORIZONTAL_WORDS
        if self.is_vertical:
            across, along = along, across
        for field, direction, words in (
            ("slice_direction", self.slice_direction, across),
            ("pixel_direction", self.pixel_direction, along),
        ):
            if direction not in words:
                raise InputError(field, f"is {direction}; a {self.scan_protocol} scan has {' or '.join(words)}")
        return self

    @property
    def is_vertical(self) -> bool:
        """Whether slices are columns of the canonical frame."""
        return self.scan_protocol == "VERTICAL_3D"

    def canonicalise(self, acquired: np.ndarray) -> np.ndarray:
        """From the acquisition frame `[..., slices, columns]` to the canonical frame `[..., rows, columns]`, as a view.

        >>> scan = Orientation(scan_protocol="VERTICAL_3D", slice_direction="RIGHT_LEFT", pixel_direction="TOP_BOTTOM")
        >>> scan.canonicalise(np.array([[1, 2, 3], [4, 5, 6]]))
        array([[4, 1],
               [5, 2],
               [6, 3]])
        """
        flipped = self._flip(acquired)
        return np.swapaxes(flipped, -1, -2) if self.is_vertical else flipped

    def to_acquisition(self, canonical: np.ndarray) -> np.ndarray:
        """The way back: from `[..., rows, columns]` to `[..., slices, columns]`, as a view."""
        return self._flip(np.swapaxes(canonical, -1, -2) if self.is_vertical else canonical)

    def _flip(self, acquired: np.ndarray) -> np.ndarray:
        if self.slice_direction in _REVERSED:
            acquired = acquired[..., ::-1, :]
        if self.pixel_direction in _REVERSED:
            acquired = acquired[..., ::-1]
        return acquired

    def canonical_position(self, position: tuple[float, float], extent: tuple[float, float]) -> tuple[float, float]:
        """Turn a position (along slices, along columns) into the canonical (row, column).

        Args:
            position: counted from the outer edge of the first slice and of the first column, in any one unit per axis.
            extent: how long the scan is along slices and along columns, in the same units.
        """
        along_slices, along_columns = position
        if self.slice_direction in _REVERSED:
            along_slices = extent[0] - along_slices
        if self.pixel_direction in _REVERSED:
            along_columns = extent[1] - along_columns
        return (along_columns, along_slices) if self.is_vertical else (along_slices, along_columns)


ORIENTATIONS: tuple[Orientation, ...] = tuple(
    Orientation(scan_protocol=protocol, slice_direction=across, pixel_direction=along)
    for protocol, slice_words, pixel_words in (
        ("HORIZONTAL_3D", _VERTICAL_WORDS, _HORIZONTAL_WORDS),
        ("VERTICAL_3D", _HORIZONTAL_WORDS, _VERTICAL_WORDS),
    )
    for across in slice_words
    for along in pixel_words
)
"""All eight."""


class EnFaceGeometry(Orientation):
    """Orientation and the two pitches of the en-face plane."""

    pixel_spacing_column: PixelSpacingColumn
    slice_thickness: SliceThickness

    @property
    def canonical_pitch(self) -> tuple[float, float]:
        """Row and column pitch of the canonical frame (dy, dx), mm."""
        pitch = (self.slice_thickness, self.pixel_spacing_column)
        return pitch[::-1] if self.is_vertical else pitch


class ScanGeometry(EnFaceGeometry):
    """Orientation and all three pitches."""

    pixel_spacing_row: PixelSpacingRow

    @property
    def micrometres_per_pixel(self) -> float:
        """Height of a pixel, µm: what turns axial pixels into thickness."""
        return self.pixel_spacing_row * 1000
