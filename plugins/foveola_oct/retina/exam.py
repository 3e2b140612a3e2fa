"""What an OCT exam can say: the names of its values and their types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Self

import numpy as np

from foveola import Array, Exam, InputError, Millimetres, Record, derived
from foveola_oct.retina.geometry import (
    Direction,
    Laterality,
    NumSlices,
    PixelImageHeight,
    PixelImageWidth,
    PixelSpacingColumn,
    PixelSpacingRow,
    ScanProtocol,
    SliceThickness,
)
from foveola_oct.retina.segmentation import Borders, LayerSegmentation, PathologySegmentation

Probabilities = Annotated[np.ndarray, Array("slices")]


class LandmarkPredictions(Record):
    """What a landmark model said of each slice: which it shows, and where in the B-scan (px)."""

    indices: Annotated[np.ndarray, Array("slices", dtype="int64")]
    """The slice that each row is about [n]."""
    center: Probabilities | None = None
    """Probability that the slice is the central one [n]."""
    fovea: Probabilities | None = None
    """Probability that the slice crosses the foveal pit [n]."""
    nerve: Probabilities | None = None
    """Probability that the slice crosses the optic nerve head [n]."""
    coordinates: Annotated[np.ndarray, Array("slices", "landmarks", "xy")] | None = None
    """Left rim, pit and right rim of the fovea [n, 3, 2], px."""
    existence: Annotated[np.ndarray, Array("slices", "landmarks")] | None = None
    """Probability of each of them [n, 3]."""
    nerve_coordinates: Annotated[np.ndarray, Array("slices", "landmarks", "xy")] | None = None
    """Ends of Bruch's membrane opening [n, k, 2], px; the fovea's where a slice has but one kind."""
    nerve_existence: Annotated[np.ndarray, Array("slices", "landmarks")] | None = None
    """Probability of each of them [n, k]."""

    @classmethod
    def read(cls, value: Any) -> Self:
        """From its fields by name; the nerve's landmarks default to the fovea's."""
        if isinstance(value, cls):
            return value
        if not isinstance(value, Mapping):
            raise ValueError(f"takes {', '.join(cls.model_fields)} by name, not {type(value).__name__}")
        fields = dict(value)
        fields.setdefault("nerve_coordinates", fields.get("coordinates"))
        fields.setdefault("nerve_existence", fields.get("existence"))
        return cls.model_validate(fields)


class BScanImages(Record, bare="images"):
    """The B-scans' grey values."""

    images: Annotated[np.ndarray, Array("slices", "rows", "columns", dtype="")]
    """[num_slices, pixel_image_height, pixel_image_width], 8 or 16 bit or 0 to 1."""


class DiseaseFlags(Record, bare="names"):
    """Diseases that were flagged on the scan."""

    names: tuple[str, ...]
    """Their names, `dry_amd` for one."""


class OctExam(Exam):
    """The values of an OCT examination."""

    pixel_spacing_column: PixelSpacingColumn
    pixel_spacing_row: PixelSpacingRow
    slice_thickness: SliceThickness
    scan_protocol: ScanProtocol
    slice_direction: Direction
    pixel_direction: Direction
    num_slices: NumSlices
    pixel_image_width: PixelImageWidth
    pixel_image_height: PixelImageHeight
    laterality: Laterality
    layer_segmentation: LayerSegmentation
    pathology_segmentation: PathologySegmentation
    landmarks: LandmarkPredictions
    unique_scan_diseases: DiseaseFlags
    bscan_images: BScanImages

    def __getitem__(self, name: str) -> Any:
        """A value; what it says of the exam's size must be what the exam says.

        Raises:
            InputError: it speaks of another number of slices, rows or columns.
        """
        value = super().__getitem__(name)
        for extent, count in _extents(value):
            if self.get(extent, count) != count:
                raise InputError(f"{self.name}.{name}", f"speaks of {count}, but {extent} is {self[extent]}")
        return value

    @derived
    def exam_width_mm(self) -> Millimetres | None:
        """Extent of the scan from left to right in the canonical frame: samples times pitch."""
        return self._extent(along_columns=self.get("scan_protocol") != "VERTICAL_3D")

    @derived
    def exam_height_mm(self) -> Millimetres | None:
        """Extent of the scan from superior to inferior in the canonical frame: samples times pitch."""
        return self._extent(along_columns=self.get("scan_protocol") == "VERTICAL_3D")

    def _extent(self, *, along_columns: bool) -> float | None:
        """How long the scan is along its B-scans or across them; None if the exam does not say."""
        count, pitch = (
            ("pixel_image_width", "pixel_spacing_column") if along_columns else ("num_slices", "slice_thickness")
        )
        if not all(name in self for name in ("scan_protocol", count, pitch)):
            return None
        return float(self[count] * self[pitch])


def _extents(value: Any) -> Iterable[tuple[str, int]]:
    """What a value of an exam says of the exam's size, by name."""
    match value:
        case BScanImages(images=images):
            return zip(("num_slices", "pixel_image_height", "pixel_image_width"), images.shape, strict=True)
        case LayerSegmentation(borders=Borders(borders=borders)):
            return zip(("num_slices", "pixel_image_width"), borders.shape[1:], strict=True)
        case LayerSegmentation() | PathologySegmentation():
            return (("num_slices", value.num_slices),)
        case _:
            return ()
