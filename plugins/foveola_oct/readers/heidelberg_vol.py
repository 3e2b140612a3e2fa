"""Heidelberg Spectralis examinations, as HEYEX exports them to `.vol` files."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from math import inf
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foveola import LazyValues, Reader
from foveola_oct.readers.scan_lines import describe_lines
from foveola_oct.retina import LAYER_NAMES, names_between

MAGIC = b"HSF-OCT-"
BSCAN_MAGIC = b"HSF-BS-"

# Field: format and byte, as eyepy, heyexr and retimat read them. A file is its header, the SLO image, then for each
# B-scan a header (borders included) and its pixels. Who the patient is stands in the file header too, and stays unread.
HEADER_SIZE = 2048
HEADER = {
    "SizeX": ("<i4", 12),
    "NumBScans": ("<i4", 16),
    "SizeZ": ("<i4", 20),
    "ScaleX": ("<f8", 24),
    "ScaleZ": ("<f8", 40),
    "SizeXSlo": ("<i4", 48),
    "SizeYSlo": ("<i4", 52),
    "ScaleXSlo": ("<f8", 56),
    "ScaleYSlo": ("<f8", 64),
    "ScanPosition": ("S4", 84),
    "ScanPattern": ("<i4", 96),
    "BScanHdrSize": ("<i4", 100),
}
BSCAN_HEADER_SIZE = 64
BSCAN_HEADER = {
    "Version": ("S12", 0),
    "Start": ("(2,)<f8", 16),
    "End": ("(2,)<f8", 32),
    "NumSeg": ("<i4", 48),
    "OffSeg": ("<i4", 52),
    "Quality": ("<f4", 56),
}
POSITIVE = ("SizeX", "NumBScans", "SizeZ", "ScaleX", "ScaleZ", "SizeXSlo", "SizeYSlo", "ScaleXSlo", "ScaleYSlo")
INVALID = 3e38  # HEYEX writes the largest float32, 3.4e38, where it has no value

PATTERNS = {1: "line", 2: "circle", 3: "raster", 4: "raster"}
LATERALITIES = {b"OD": "R", b"OS": "L"}

CLASSES = tuple(name for name in LAYER_NAMES if name != "elm")  # which is a border here
# Row of a border in the file: how many classes lie above it. In this order: ILM, lower borders of RNFL, GCL, IPL, INL
# and OPL, ELM, RPE, BM. PR1 and PR2 (rows 14, 15) are left out, since no two readers mean the same by them: PR1 is to
# retimat the upper edge of the ellipsoid zone, to eyepy the zone. The other rows bear no border of a class.
BORDERS = {0: 0, 2: 1, 3: 2, 4: 3, 5: 4, 6: 5, 8: 6, 16: 9, 1: 10}

LONGEST = 100.0  # mm; no eye is larger

QUIETLY = np.errstate(invalid="ignore", over="ignore")  # a corrupt number is refused by comparison, with its place


def recognises(path: Path) -> bool:
    """Whether the file begins as a `.vol` file does."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


@QUIETLY
def read(path: Path) -> LazyValues:
    """Read the exam of a line, circle or raster scan.

    Lengths are in mm, positions (x, y) on the SLO from its upper left corner, y down. Borders are in pixels,
    [L+1, num_slices, width], with the file's sub-pixel precision; NaN where there is none, and crossing where the
    device's do. What the file does not say is absent; the images are read when they are asked for.

    Raises:
        ValueError: the file is no `.vol` file, is truncated or corrupt, or holds a radial or an unknown scan.
    """
    header = _read_header(path)
    bscans = _map_bscans(path, header)
    slo_shape = int(header["SizeYSlo"]), int(header["SizeXSlo"])
    slo_spacing = float(header["ScaleXSlo"]), float(header["ScaleYSlo"])
    pattern = PATTERNS[int(header["ScanPattern"])]
    ends = _read_ends(bscans)
    exam = {
        "scan_pattern": pattern,
        "laterality": LATERALITIES.get(header["ScanPosition"]),
        "num_slices": len(bscans),
        "pixel_image_width": int(header["SizeX"]),
        "pixel_image_height": int(header["SizeZ"]),
        "pixel_spacing_column": float(header["ScaleX"]),
        "pixel_spacing_row": float(header["ScaleZ"]),
        "slo_pixel_spacing": slo_spacing,
        "slo_image": np.fromfile(path, np.uint8, slo_shape[0] * slo_shape[1], offset=HEADER_SIZE).reshape(slo_shape),
        "image_quality_db": _read_quality(bscans),
        "layer_segmentation": _read_layers(bscans),
        **(_describe_circle(*ends[0]) if pattern == "circle" else _describe_lines(ends, max(slo_spacing))),
    }
    return LazyValues(exam, {"bscan_images": partial(_display, bscans["pixels"])})


READER = Reader("heidelberg_vol", recognises, read)


def _record(fields: Mapping[str, tuple[str, int]], size: int) -> np.dtype[np.void]:
    formats, offsets = zip(*fields.values(), strict=True)
    return np.dtype({"names": list(fields), "formats": formats, "offsets": offsets, "itemsize": size})


def _read_header(path: Path) -> Any:
    with path.open("rb") as file:
        raw = file.read(HEADER_SIZE)
    if not raw.startswith(MAGIC):
        raise ValueError(f"byte 0: a .vol file begins with {MAGIC!r}, this one with {raw[: len(MAGIC)]!r}")
    if len(raw) < HEADER_SIZE:
        raise ValueError(f"truncated at byte {len(raw)}, within the file header of {HEADER_SIZE} bytes")
    header = np.frombuffer(raw, _record(HEADER, HEADER_SIZE))[0]
    for field in POSITIVE:
        if not 0 < header[field] < inf:
            raise ValueError(f"byte {HEADER[field][1]}: {field} is {header[field]}, not a positive number")
    if (size := header["BScanHdrSize"]) < BSCAN_HEADER_SIZE:
        raise ValueError(f"byte {HEADER['BScanHdrSize'][1]}: BScanHdrSize is {size}, less than {BSCAN_HEADER_SIZE}")
    place = f"byte {HEADER['ScanPattern'][1]}: ScanPattern"
    if (code := int(header["ScanPattern"])) not in PATTERNS:
        raise ValueError(f"{place} is {code}; only 1 (line), 2 (circle), 3 and 4 (raster) can be read")
    if (pattern := PATTERNS[code]) != "raster" and header["NumBScans"] != 1:
        raise ValueError(f"{place} says {pattern}, which is one B-scan, but NumBScans is {header['NumBScans']}")
    return header


def _map_bscans(path: Path, header: Any) -> NDArray[np.void]:
    """Map the B-scans into memory, once the file is known to hold all that its header declares."""
    number, height, width, header_size, slo_width, slo_height = (
        int(header[field]) for field in ("NumBScans", "SizeZ", "SizeX", "BScanHdrSize", "SizeXSlo", "SizeYSlo")
    )
    start = HEADER_SIZE + slo_width * slo_height
    size = header_size + 4 * height * width
    end, actual = start + number * size, path.stat().st_size
    if end > actual:
        raise ValueError(
            f"truncated at byte {actual}: the header declares an SLO image of {slo_height} x {slo_width} "
            f"and {number} B-scans of {height} x {width}, which end at byte {end}"
        )
    bscan = _record(
        {**BSCAN_HEADER, "header": (f"({header_size},)u1", 0), "pixels": (f"({height},{width})<f4", header_size)}, size
    )
    bscans = np.memmap(path, bscan, "r", start, number)
    for index, version in enumerate(bscans["Version"]):
        if not version.startswith(BSCAN_MAGIC):
            raise ValueError(f"byte {start + index * size}: B-scan {index} begins with {bytes(version)!r}")
    return bscans


@QUIETLY
def _display(pixels: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Turn reflectance (0 to 1) into what HEYEX displays, its fourth root; no value becomes black."""
    images = np.empty(pixels.shape, np.uint8)
    for image, values in zip(images, pixels, strict=True):
        image[:] = np.rint(255 * np.where(values < INVALID, values, 0).clip(0, 1) ** 0.25)
    return images


def _read_quality(bscans: NDArray[np.void]) -> NDArray[np.float64] | None:
    quality = np.where(bscans["Quality"] < INVALID, bscans["Quality"], np.nan).astype(np.float64)
    return None if np.isnan(quality).all() else quality


def _read_layers(bscans: NDArray[np.void]) -> dict[str, object] | None:
    """Read the borders that are valid anywhere, and name what lies between neighbours."""
    _, height, width = bscans["pixels"].shape
    borders = np.full((max(BORDERS) + 1, len(bscans), width), np.nan)
    for index, bscan in enumerate(bscans):
        number, start = int(bscan["NumSeg"]), int(bscan["OffSeg"])
        stop = start + 4 * number * width
        if number and not BSCAN_HEADER_SIZE <= start <= stop <= bscan["header"].size:
            raise ValueError(
                f"B-scan {index}: {number} borders (NumSeg) of {width} at byte {start} (OffSeg) "
                f"do not fit its header of {bscan['header'].size} bytes"
            )
        rows = bscan["header"][start:stop].view("<f4").reshape(-1, width)[: len(borders)]
        borders[: len(rows), index] = rows
    borders[~((borders > 0) & (borders <= height))] = np.nan  # some writers leave what is not segmented at zero
    valid = [row for row in BORDERS if not np.isnan(borders[row]).all()]
    if len(valid) < 2:  # noqa: PLR2004 - a layer has two borders
        return None
    return {
        "borders": borders[valid],
        "layers": names_between((BORDERS[row] for row in valid), CLASSES),
    }


def _read_ends(bscans: NDArray[np.void]) -> NDArray[np.float64]:
    """Read where the B-scans start and end, [num_slices, 2, 2]; a circle's end is its center."""
    ends = np.stack([bscans["Start"], bscans["End"]], axis=1)
    lengths = np.hypot(*(ends[:, 1] - ends[:, 0]).T)
    for index in np.flatnonzero(~((lengths > 0) & (lengths < LONGEST))):
        (x0, y0), (x1, y1) = ends[index]
        raise ValueError(f"B-scan {index} reaches from ({x0}, {y0}) to ({x1}, {y1}) mm, which is no scan")
    return ends


def _describe_circle(start: NDArray[np.float64], center: NDArray[np.float64]) -> dict[str, object]:
    return {
        "circle_center_mm": tuple(center.tolist()),
        "circle_radius_mm": float(np.hypot(*(start - center))),
        "circle_start_mm": tuple(start.tolist()),
    }


def _describe_lines(ends: NDArray[np.float64], slo_pixel: float) -> dict[str, object]:
    """Derive orientation and pitch from where the B-scans lie, which is more than the header says of either."""
    return {"slice_ends_mm": ends, **describe_lines(ends, slo_pixel)}
