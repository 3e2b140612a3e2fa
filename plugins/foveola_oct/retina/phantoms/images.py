"""B-scan images of a phantom: grey by layer, speckle, and the shadows of vessels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from foveola_oct.retina.arrays import Floats
from foveola_oct.retina.phantoms.anatomy import LesionKind

# A B-scan is shown in decibels: attenuation subtracts and speckle adds.
_VITREOUS = 28
_LAYERS = (190, 122, 140, 92, 128, 66, 105, 84, 205, 120, 225)
_CHOROID = 112
_SHADOW = 75
_SPECKLE = 15
_LESIONS: dict[LesionKind, int] = {
    # what a lesion adds to the grey of the tissue that it lies in
    "hard_drusen": 35,
    "soft_drusen": 25,
    "confluent_drusen": 25,
    "subretinal_fluid": -85,
    "intraretinal_fluid": -35,
    "intraretinal_hyperreflective_foci": 110,
}


class Section(NamedTuple):
    """A lesion in one B-scan: top and bottom rows at whole columns, and the points where it tapers off."""

    kind: LesionKind
    columns: NDArray[np.intp]
    top: Floats
    bottom: Floats
    ends: Floats
    """[2, 2]: x and y of the left and of the right end."""

    @property
    def instance(self) -> dict[str, object]:
        """The polygon: left end, top, right end, bottom."""
        top, bottom = (np.column_stack([self.columns, side]) for side in (self.top, self.bottom))
        points = np.vstack([self.ends[:1], top, self.ends[1:], bottom[::-1]])
        return {"points": points.tolist(), "className": self.kind}


def bscan_images(
    borders: Floats, sections: Sequence[Iterable[Section]], shades: Floats, height: int, seed: int
) -> NDArray[np.uint8]:
    """Draw the images, [num_slices, height, width].

    Args:
        borders: rows of the borders, [12, num_slices, width], in px; NaN where there is none.
        sections: the lesions of each slice.
        shades: how dark the vessels make each A-scan below the first layer, 0 to 1, [num_slices, width].
        height: number of rows.
        seed: of the speckle.
    """
    random = np.random.default_rng(seed)
    steps = np.diff([_VITREOUS, *_LAYERS, _CHOROID])
    _, num_slices, width = borders.shape
    images = np.empty((num_slices, height, width), dtype=np.uint8)
    every = np.arange(width)

    def first_row_below(rows: Floats) -> NDArray[np.intp]:
        return np.ceil(np.nan_to_num(rows, nan=height)).clip(0, height).astype(np.intp)

    for image, rows, lesions, shade in zip(
        images, first_row_below(borders).swapaxes(0, 1), sections, shades, strict=True
    ):
        change = np.zeros(
            (height + 1, width), dtype=np.float32
        )  # from each row to the next; the last row is for what is not there
        change[0] = _VITREOUS
        for border, step in zip(rows, steps, strict=True):
            change[border, every] += step
        change[rows[1], every] -= _SHADOW * shade
        for lesion in lesions:
            change[first_row_below(lesion.top), lesion.columns] += _LESIONS[lesion.kind]
            change[first_row_below(lesion.bottom), lesion.columns] -= _LESIONS[lesion.kind]
        grey = change[:-1].cumsum(axis=0)
        grey += _SPECKLE * random.standard_normal(grey.shape, dtype=np.float32)
        image[:] = grey.clip(0, 255)
    return images
