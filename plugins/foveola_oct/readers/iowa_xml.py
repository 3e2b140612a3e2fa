"""Retinal surfaces as the Iowa Reference Algorithms (OCTExplorer) write them to `*_Surfaces_Iowa.xml`."""

from __future__ import annotations

import re
from math import inf
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError, iterparse

import numpy as np
from numpy.typing import NDArray

from foveola import Reader
from foveola_oct.retina import LAYER_NAMES, names_between

SUFFIXES = (".xml",)

# What may stand before the root element. A DOCTYPE may too, and there alone can entities be declared.
PROLOG = re.compile(rb"(?:\xef\xbb\xbf)?(?>\s+|<\?.*?\?>|<!--.*?-->)*+<(!DOCTYPE\s+)?surfaces[\s>\[]", re.DOTALL)
PROLOG_SIZE = 4096

LATERALITIES = {"OD": "R", "OS": "L"}
MILLIMETRES = {"mm": 1.0, "um": 1e-3, "µm": 1e-3}

CLASSES = tuple(name for name in LAYER_NAMES if name not in {"elm", "mz"})
# Surface (its name's last word): how many classes lie above it. `onl` is the outer nuclear layer with Henle's fibres
# and the myoids, there being no ELM; `os` reaches to the pigment epithelium, IB_OPR lying within: nine layers make up
# the retina.
SURFACES = {
    "ILM": 0,
    "RNFL-GCL": 1,
    "GCL-IPL": 2,
    "IPL-INL": 3,
    "INL-OPL": 4,
    "OPL-HFL": 5,
    "BMEIS": 6,
    "IS/OSJ": 7,
    "IB_OPR": None,
    "IB_RPE": 8,
    "OB_RPE": 9,
}

# The file does not say how it lies. Its readers know: heyexr reverses its B-scans to match Heidelberg's, which begin
# at the inferior one, and retimat lays the superior one on top as it is; A-scans run left to right in both.
ORIENTATION = {"scan_protocol": "HORIZONTAL_3D", "slice_direction": "TOP_BOTTOM", "pixel_direction": "LEFT_RIGHT"}


def recognises(path: Path) -> bool:
    """Whether the file is XML whose root element is `surfaces`."""
    return path.suffix.lower() in SUFFIXES and path.is_file() and _match_prolog(path) is not None


def read(path: Path) -> dict[str, object]:
    """Read an exam's geometry (mm) and its layers.

    Borders are in pixels, [L+1, num_slices, width], NaN in the A-scans that the file calls undefined.

    Raises:
        ValueError: the file is no such XML, is truncated or contradicts itself, or declares a DOCTYPE.
    """
    prolog = _match_prolog(path)
    if prolog is None:
        raise ValueError("the root element is not <surfaces>")
    if prolog[1]:
        raise ValueError("has a DOCTYPE, which surfaces do without and whose entities could be a bomb")
    try:
        return _read_elements(path)
    except ParseError as error:
        raise ValueError(f"truncated or not well-formed: {error}") from error


READER = Reader("iowa_xml", recognises, read)


def _match_prolog(path: Path) -> re.Match[bytes] | None:
    with path.open("rb") as file:
        return PROLOG.match(file.read(PROLOG_SIZE))


def _read_elements(path: Path) -> dict[str, object]:
    scan = Element("scan_characteristics")
    surfaces: dict[str, NDArray[np.float64]] = {}
    undefined: list[tuple[float, float]] = []
    with path.open("rb") as file:
        for _, element in iterparse(file):  # noqa: S314 - a DOCTYPE has been refused
            match element.tag:
                case "scan_characteristics":
                    scan = element
                case "surface":
                    abbreviation, heights = _read_surface(element, _read_size(scan))
                    if abbreviation in surfaces:
                        raise ValueError(f"surface {abbreviation!r} is there twice")
                    surfaces[abbreviation] = heights
                    element.clear()
                case "ascan":
                    undefined.append((_read_number(element, "z"), _read_number(element, "x")))
                    element.clear()
                case "surfaces" if (unit := element.findtext("unit")) != "voxel":
                    raise ValueError(f"the surfaces' unit is {unit!r}, not 'voxel'")
    return _assemble(scan, surfaces, undefined)


def _read_surface(surface: Element, size: tuple[int, int, int]) -> tuple[str, NDArray[np.float64]]:
    name = surface.findtext("name", "")
    abbreviation = name.rstrip(")").rpartition("(")[2]
    if abbreviation not in SURFACES:
        raise ValueError(f"surface {name!r} is none of {', '.join(SURFACES)}")
    num_slices, height, width = size
    rows = [[y.text or "" for y in bscan.iterfind("y")] for bscan in surface.iterfind("bscan")]
    if len(rows) != num_slices:
        raise ValueError(f"surface {name!r} has {len(rows)} B-scans of {num_slices}")
    for index, row in enumerate(rows):
        if len(row) != width:
            raise ValueError(f"surface {name!r}, B-scan {index} has {len(row)} A-scans of {width}")
    try:
        heights = np.array(rows, np.float64)
    except ValueError as error:
        raise ValueError(f"surface {name!r}: {error}") from error
    return abbreviation, np.where((heights > 0) & (heights < height), heights, np.nan)  # zero: not found


def _assemble(
    scan: Element, surfaces: dict[str, NDArray[np.float64]], undefined: list[tuple[float, float]]
) -> dict[str, object]:
    num_slices, height, width = _read_size(scan)
    unit = scan.findtext("voxel_size/unit", "")
    if unit not in MILLIMETRES:
        raise ValueError(f"voxel_size/unit is {unit!r}, none of {', '.join(MILLIMETRES)}")
    exam = {
        **ORIENTATION,
        "laterality": LATERALITIES.get(scan.findtext("laterality", "")),
        "num_slices": num_slices,
        "pixel_image_width": width,
        "pixel_image_height": height,
        "pixel_spacing_column": _read_positive(scan, "voxel_size/x") * MILLIMETRES[unit],
        "pixel_spacing_row": _read_positive(scan, "voxel_size/y") * MILLIMETRES[unit],
        "slice_thickness": _read_positive(scan, "voxel_size/z") * MILLIMETRES[unit],
        "layer_segmentation": _join_layers(surfaces, _mark_undefined(undefined, (num_slices, width))),
    }
    return {name: value for name, value in exam.items() if value is not None}


def _mark_undefined(undefined: list[tuple[float, float]], shape: tuple[int, int]) -> NDArray[np.bool_]:
    mask = np.zeros(shape, bool)
    for z, x in undefined:
        if not (z.is_integer() and x.is_integer() and 0 <= z < shape[0] and 0 <= x < shape[1]):
            raise ValueError(f"undefined_region: A-scan x = {x:g}, z = {z:g} is none of the scan")
        mask[int(z), int(x)] = True
    return mask


def _join_layers(surfaces: dict[str, NDArray[np.float64]], undefined: NDArray[np.bool_]) -> dict[str, object] | None:
    """Sort the surfaces found, and name what lies between neighbours."""
    borders = {
        above: np.where(undefined, np.nan, surfaces[surface])
        for surface, above in SURFACES.items()
        if above is not None and surface in surfaces and not np.isnan(surfaces[surface]).all()
    }
    if len(borders) < 2:  # noqa: PLR2004 - a layer has two borders
        return None
    return {
        "borders": np.stack(list(borders.values())),
        "layers": names_between(borders, CLASSES),
    }


def _read_size(scan: Element) -> tuple[int, int, int]:
    x, y, z = (_read_positive(scan, f"size/{axis}") for axis in "xyz")
    for axis, number in zip("xyz", (x, y, z), strict=True):
        if not number.is_integer():
            raise ValueError(f"{scan.tag}/size/{axis} is {number:g}, not a whole number")
    return int(z), int(y), int(x)


def _read_positive(element: Element, path: str) -> float:
    number = _read_number(element, path)
    if not 0 < number < inf:
        raise ValueError(f"{element.tag}/{path} is {number:g}, not a positive number")
    return number


def _read_number(element: Element, path: str) -> float:
    text = element.findtext(path, "")
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"{element.tag}/{path} is {text!r}, not a number") from None
