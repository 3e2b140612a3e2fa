"""DICOM: Ophthalmic Tomography Images (PS3.3 A.52), one frame a B-scan. Who the patient is stays unread."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from foveola import LazyValues, Reader
from foveola_oct.readers.scan_lines import MOST_TILT, describe_lines
from foveola_oct.retina.arrays import Floats
from foveola_oct.retina.geometry import LARGEST_COUNT

if TYPE_CHECKING:
    from pydicom import Dataset

SHARED, PER_FRAME = "SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"
LOCATION = "OphthalmicFrameLocationSequence"

PREAMBLE, MAGIC = 128, b"DICM"
OPHTHALMIC_TOMOGRAPHY = "1.2.840.10008.5.1.4.1.1.77.1.5.4"
GREY = "MONOCHROME2"
INSTALL = "pip install 'foveola[dicom]'"

ATTRIBUTES = [
    *("SOPClassUID", "NumberOfFrames", "Rows", "Columns", "PhotometricInterpretation", "ImageLaterality"),
    *(SHARED, PER_FRAME),
    *("PixelSpacing", "SpacingBetweenSlices", "SliceThickness", "ImagePositionPatient", "ImageOrientationPatient"),
]
"""All that is read of the header; some devices write at the top what belongs to the functional groups."""
IMAGES = [
    *("NumberOfFrames", "Rows", "Columns", "SamplesPerPixel", "PhotometricInterpretation", "PlanarConfiguration"),
    *("BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation", "PixelData"),
]
"""What it takes to decode them."""

# The patient's axes: x to the left, y to the back, z to the head (PS3.3 C.7.6.2.1.1). A fundus picture is seen from the
# front, so that its right is the patient's left and its down the patient's feet, in either eye.
FUNDUS = np.array([(1.0, 0.0, 0.0), (0.0, 0.0, -1.0)])
DEPTH = 1
UNIT_TOLERANCE = 0.01
"""What a direction's length may differ from 1, written as text as it is."""


def recognises(path: Path) -> bool:
    """Whether the file has DICOM's mark behind the preamble."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(PREAMBLE + len(MAGIC))[PREAMBLE:] == MAGIC


def read(path: Path) -> LazyValues:
    """Read the exam of an ophthalmic tomography.

    Lengths are in mm. The distance of the B-scans comes from where the frames lie, else from Spacing Between Slices,
    else from Slice Thickness; the orientation from where they lie in the patient, else on the reference image. What the
    file does not say is absent; the images are decoded when they are asked for.

    Raises:
        ValueError: pydicom is not installed; the file is damaged, of another kind, or no raster.
    """
    header = _read_header(path)
    frames, rows, columns = (_count(header, name) for name in ("NumberOfFrames", "Rows", "Columns"))
    spacing = _pixel_spacing(header, frames)
    values = {
        "laterality": _laterality(header, frames),
        "num_slices": frames,
        "pixel_image_width": columns,
        "pixel_image_height": rows,
        "pixel_spacing_row": None if spacing is None else float(spacing[0]),
        "pixel_spacing_column": None if spacing is None else float(spacing[1]),
        "slice_thickness": _nominal_pitch(header),
        **_describe_frames(header, frames, columns * (1.0 if spacing is None else float(spacing[1]))),
    }
    return LazyValues(values, {"bscan_images": partial(_read_images, path, (frames, rows, columns))})


READER = Reader("dicom", recognises, read)


def _read_header(path: Path) -> Dataset:
    try:
        from pydicom import dcmread  # noqa: PLC0415  the extra `dicom`
    except ImportError:
        raise ValueError(f"reading DICOM needs pydicom: {INSTALL}") from None
    try:
        with path.open("rb") as file:
            header = dcmread(file, stop_before_pixels=True, specific_tags=ATTRIBUTES)
            ends = not file.read(1) and not header.file_meta.TransferSyntaxUID.is_deflated
        header.walk(lambda *_: None)  # parses what pydicom would leave until it is asked for
    except Exception as error:  # pydicom has a dozen words for damage
        raise ValueError(f"is truncated or damaged: {error}") from error
    if ends:
        raise ValueError("is truncated: it ends before its images")
    kind = header.get("SOPClassUID") or "of no kind"
    if kind != OPHTHALMIC_TOMOGRAPHY:
        raise ValueError(f"is {getattr(kind, 'name', kind)}, not Ophthalmic Tomography Image Storage")
    if (colours := header.get("PhotometricInterpretation", GREY)) != GREY:
        raise ValueError(f"its images are {colours}, not {GREY}")
    if len(_items(header, PER_FRAME)) not in {0, _count(header, "NumberOfFrames")}:
        raise ValueError("Number of Frames is not that of the Per-frame Functional Groups")
    return header


def _count(header: Dataset, name: str) -> int:
    number = header.get(name) or (1 if name == "NumberOfFrames" else 0)
    if not (isinstance(number, int) and 1 <= number <= LARGEST_COUNT):
        raise ValueError(f"{name} is {number}, not a whole number from 1 to {LARGEST_COUNT}")
    return int(number)


def _items(dataset: Dataset, name: str) -> Sequence[Dataset]:
    """The items of a sequence; none where it is absent."""
    items: Any = dataset.get(name) or ()
    if not all(hasattr(item, "walk") for item in items):  # a dataset and nothing else can be walked
        raise ValueError(f"{name} is no sequence of items")
    return items  # type: ignore[no-any-return]


def _said(header: Dataset, frame: int, macro: str, name: str) -> Any:
    """What is said of a frame: in its own functional groups, in those of all frames, or at the top; None if nothing."""
    groups = (*_items(header, PER_FRAME)[frame : frame + 1], *_items(header, SHARED))
    items = [item for group in groups for item in _items(group, macro)]
    said = (item.get(name) for item in (*items, header))
    return next((value for value in said if value is not None and value != ""), None)


def _word(value: Any, name: str) -> str | None:
    if not (value is None or isinstance(value, str)):
        raise ValueError(f"{name} is {value}, not one word")
    return value


def _numbers(value: Any, name: str, count: int) -> Floats:
    try:
        numbers = np.array(value, dtype=np.float64).reshape(-1)
    except (TypeError, ValueError):
        numbers = np.empty(0)
    if len(numbers) != count or not np.isfinite(numbers).all():
        raise ValueError(f"{name} is {value}, not {'a number' if count == 1 else f'{count} numbers'}")
    return numbers


def _of_all_frames(header: Dataset, frames: int, macro: str, name: str, count: int) -> Floats | None:
    """Some numbers of each frame [frames, count]; None where a frame lacks them."""
    said = [_said(header, frame, macro, name) for frame in range(frames)]
    if any(value is None for value in said):
        return None
    return np.array([_numbers(value, name, count) for value in said])


def _pixel_spacing(header: Dataset, frames: int) -> Floats | None:
    """Between rows and between columns, in this order (PS3.3 10.7.1.3): axial, then lateral."""
    spacing = _of_all_frames(header, frames, "PixelMeasuresSequence", "PixelSpacing", 2)
    if spacing is None:
        return None
    if not np.allclose(spacing, spacing[0]):
        raise ValueError("Pixel Spacing differs from frame to frame")
    return np.array(spacing[0])


def _nominal_pitch(header: Dataset) -> float | None:
    for name in ("SpacingBetweenSlices", "SliceThickness"):
        said = _said(header, 0, "PixelMeasuresSequence", name)
        pitch = 0.0 if said is None else float(_numbers(said, name, 1)[0])
        if pitch < 0:
            raise ValueError(f"{name} is {pitch:g}, not a distance")
        if pitch:
            return pitch
    return None


def _laterality(header: Dataset, frames: int) -> str | None:
    said = [_said(header, frame, "FrameAnatomySequence", "FrameLaterality") for frame in range(frames)]
    eyes = {"L", "R"} & {_word(value, "Laterality") for value in (header.get("ImageLaterality"), *said)}
    if len(eyes) > 1:
        raise ValueError("Image Laterality and Frame Laterality speak of both eyes")
    return next(iter(eyes), None)


def _describe_frames(header: Dataset, frames: int, length: float) -> dict[str, str | float | None]:
    """Orientation and pitch, from where the frames lie in the patient, else orientation from the reference image.

    Args:
        header: of the file.
        frames: how many.
        length: of a B-scan, mm.
    """
    name = "OphthalmicImageOrientation"
    kinds = {_word(_said(header, frame, LOCATION, name), name) for frame in range(frames)}
    if "TRANSVERSE" in kinds:
        raise ValueError("holds transverse images, not B-scans")
    positions = _of_all_frames(header, frames, "PlanePositionSequence", "ImagePositionPatient", 3)
    axes = _of_all_frames(header, frames, "PlaneOrientationSequence", "ImageOrientationPatient", 6)
    if positions is not None and axes is not None and (frames == 1 or np.ptp(positions, axis=0).any()):
        return _describe_in_patient(positions, axes.reshape(frames, 2, 3), length)
    if kinds <= {"LINEAR", None}:
        return _describe_on_reference(_of_all_frames(header, frames, LOCATION, "ReferenceCoordinates", 4))
    return {}


def _describe_in_patient(positions: Floats, axes: Floats, length: float) -> dict[str, str | float | None]:
    """Orientation and pitch.

    Args:
        positions: of the first pixel of each frame [frames, 3], mm.
        axes: the directions of its rows and of its columns [frames, 2, 3].
        length: of a B-scan, mm.
    """
    if (abs(np.linalg.norm(axes, axis=-1) - 1) > UNIT_TOLERANCE).any():
        raise ValueError("Image Orientation (Patient) is no pair of directions of length 1")
    along, down = axes[0]
    is_seen_from_front = np.hypot(*(FUNDUS @ down)) <= MOST_TILT * down[DEPTH]
    plane = FUNDUS if is_seen_from_front else np.stack([along, np.cross(along, down)])
    ends = np.stack([positions, positions + length * axes[:, 0]], axis=1)
    lines = describe_lines(ends @ plane.T, precision=0.0)
    return lines if is_seen_from_front else {name: lines[name] for name in lines if name == "slice_thickness"}


def _describe_on_reference(ends: Floats | None) -> dict[str, str | float | None]:
    """Orientation.

    Args:
        ends: row and column of the first and of the last A-scan of each frame [frames, 4], px, taken for square.
    """
    if ends is None or (ends[:, :2] == ends[:, 2:]).all(axis=1).any():
        return {}
    lines = describe_lines(ends.reshape(-1, 2, 2)[..., ::-1], precision=1.0, unit="px")
    return {name: lines[name] for name in lines if name != "slice_thickness"}


def _read_images(path: Path, shape: tuple[int, int, int]) -> NDArray[np.generic]:
    from pydicom import dcmread  # noqa: PLC0415  the extra `dicom`

    try:
        return dcmread(path, specific_tags=IMAGES).pixel_array.reshape(shape)
    except Exception as error:  # pydicom and its decoders have a dozen words for damage
        said = str(error).partition("\n")[0]
        raise ValueError(f"{path}: its images cannot be decoded: {said}; {INSTALL} brings decoders") from error
