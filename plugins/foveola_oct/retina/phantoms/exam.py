"""An eye, scanned: the named values of an exam, in the frame in which they would have been acquired."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foveola_oct.retina.arrays import Floats
from foveola_oct.retina.outlines import outlines_between
from foveola_oct.retina.phantoms.anatomy import LAYERS, PIT_RIM_MM, Eye, Lesion
from foveola_oct.retina.phantoms.images import Section, bscan_images
from foveola_oct.retina.phantoms.scan import Scan

_PIT_REACH_MM = 0.35
"""Distance from the fovea at which a slice is as likely as not to be taken for one that crosses the pit."""
_CENTER_REACH_MM = 0.1
"""The same for the slice through its very centre."""


def phantom_exam(eye: Eye, scan: Scan, *, seed: int = 0, images: bool = True) -> dict[str, object]:
    """Scan an eye.

    Args:
        eye: the truth.
        scan: where and how it is sampled.
        seed: of the speckle in the images; nothing else is random.
        images: whether `bscan_images` are wanted, which take most of the time and of the memory.

    Returns:
        The values of an exam by name: spacings in mm; borders in px rows, [12, num_slices, width], NaN where there is
        none; pathologies as polygons per slice; landmarks and their probabilities as a model would give them.
    """
    borders = scan.row(eye.borders(*scan.grid))
    sections = [list(_sections(eye, scan, across)) for across in scan.across.positions]
    exam: dict[str, object] = {
        "pixel_spacing_column": scan.along.pitch_mm,
        "pixel_spacing_row": scan.pixel_spacing_row,
        "slice_thickness": scan.across.pitch_mm,
        "scan_protocol": scan.scan_protocol,
        "slice_direction": scan.slice_direction,
        "pixel_direction": scan.pixel_direction,
        "num_slices": scan.num_slices,
        "pixel_image_width": scan.pixel_image_width,
        "pixel_image_height": scan.pixel_image_height,
        "laterality": eye.laterality,
        "layer_segmentation": {"borders": borders, "layers": LAYERS},
        "pathology_segmentation": [[section.instance for section in slice_] for slice_ in sections],
        "landmarks": _landmarks(eye, scan),
        "unique_scan_diseases": list(eye.diseases),
    }
    if images:
        exam["bscan_images"] = bscan_images(borders, sections, eye.vessels(*scan.grid), scan.pixel_image_height, seed)
    return exam


def layer_outlines(borders: Floats, layers: Sequence[str]) -> list[list[dict[str, object]]]:
    """Write borders as polygons, those of each slice: a vertex per column, apart where a border is missing.

    Args:
        borders: rows in px, [len(layers) + 1, num_slices, width], from top to bottom; NaN where there is none.
        layers: their names.

    >>> layer_outlines(np.array([[[1.0, 1.0]], [[3.0, 4.0]]]), ["rnfl"])
    [[{'points': [[0.0, 1.0], [1.0, 1.0], [1.0, 4.0], [0.0, 3.0]], 'className': 'rnfl'}]]
    """
    return [
        [
            {"points": outline.tolist(), "className": layer}
            for layer, top, bottom in zip(layers, rows, rows[1:], strict=False)
            for outline in outlines_between(top, bottom)
        ]
        for rows in borders.swapaxes(0, 1)
    ]


def _half_chord(distance: Floats | float, radius_across: float, radius_along: float) -> Floats:
    """Half of what a line cuts out of an ellipse, passing at a distance from its centre; 0 if it misses."""
    return radius_along * np.sqrt(np.maximum(0.0, 1.0 - (distance / radius_across) ** 2))


def _sections(eye: Eye, scan: Scan, across: float) -> Iterator[Section]:
    """The lesions that a slice cuts in at least one column."""
    for lesion in eye.lesions:
        center_along, center_across = scan.turn(*eye.seen(lesion.center_mm))
        radius_along, radius_across = scan.turn(*lesion.radii_mm)
        half = _half_chord(across - center_across, radius_across, radius_along)
        ends = center_along + scan.along.sense * np.array([-half, half])
        left, right = scan.along.index(ends)
        columns = np.arange(max(0, np.ceil(left)), min(scan.pixel_image_width, np.floor(right) + 1), dtype=np.intp)
        if half and columns.size:
            top, bottom = _rows(eye, scan, lesion, scan.along.positions[columns], across)
            tips, _ = _rows(eye, scan, lesion, ends, across)
            yield Section(lesion.kind, columns, top, bottom, np.column_stack([(left, right), tips]))


def _rows(eye: Eye, scan: Scan, lesion: Lesion, along: Floats, across: float) -> tuple[Floats, Floats]:
    top, bottom = eye.span(lesion, *scan.turn(along, np.full_like(along, across)))
    return scan.row(top), scan.row(bottom)


def _landmarks(eye: Eye, scan: Scan) -> dict[str, NDArray[Any]]:
    across = scan.across.positions
    left_to_right = scan.along.sense * np.array([-1.0, 0.0, 1.0])

    pit = scan.along.holds(0.0) * eye.pit_is_recognised
    fovea = _likelihood(pit * _bell(across / _PIT_REACH_MM))
    rims = np.outer(_half_chord(across, PIT_RIM_MM, PIT_RIM_MM), left_to_right)
    surface = eye.borders(*scan.turn(rims, across[:, None]))[0]

    disc_along, disc_across = scan.turn(*eye.seen(eye.disc.center_mm))
    radius_along, radius_across = scan.turn(*eye.disc.bmo_mm)
    chord = _half_chord(across - disc_across, radius_across, 1.0)
    nerve = _likelihood(chord * scan.along.holds(disc_along))
    openings = disc_along + radius_along * np.outer(chord, left_to_right[[0, 2]])

    return {
        "center": _likelihood(pit * _bell(across / _CENTER_REACH_MM)),
        "fovea": fovea,
        "nerve": nerve,
        "indices": np.arange(scan.num_slices),
        "coordinates": _points(scan, rims, surface),
        "existence": fovea[:, None] * scan.along.holds(rims),
        "nerve_coordinates": _points(scan, openings, np.full_like(openings, eye.disc.depth_mm)),
        "nerve_existence": nerve[:, None] * scan.along.holds(openings),
    }


def _points(scan: Scan, along: Floats, depth: Floats) -> Floats:
    """Places of the B-scans as (x, y) in px, drawn to the edge of the image where they lie outside."""
    return np.stack([scan.along.index(along).clip(0, scan.pixel_image_width - 1), scan.row(depth)], axis=-1)


def _bell(distance: Floats) -> Floats:
    """1 at 0 and one half at a distance of 1."""
    return np.exp(-log(2) * distance**2)


def _likelihood(evidence: Floats) -> Floats:
    """What a model says, which is never quite sure: 0.02 to 0.98; one half stays one half."""
    return 0.02 + 0.96 * evidence
