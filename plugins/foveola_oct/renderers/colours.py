"""Fixed colours for thickness: the same colour is the same thickness in every report.

Two scales, which share no colours: one for the whole retina, in the order that clinical devices made customary (blue
thin, green usual, red thick), and one for single layers and sums of a few, which runs evenly from dark to light and is
told apart by the colour-blind.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

STEPS = 127
"""Shades of a scale; with 127 steps the pictures of a report stay small and no border between two is seen."""


@dataclass(frozen=True)
class Scale:
    """Colours by value, linear between knots; below the first and above the last they stay.

    Attributes:
        name: what it is for.
        unit: of the knots.
        knots: values, rising.
        colours: one for each, `rrggbb`; equal steps of colour, not always of value.
    """

    name: str
    unit: str
    knots: tuple[float, ...]
    colours: tuple[str, ...]

    @cached_property
    def palette(self) -> NDArray[np.uint8]:
        """Red, green and blue of each step [STEPS, 3]."""
        stops = np.array([[int(one[k : k + 2], 16) for k in (0, 2, 4)] for one in self.colours], dtype=np.float64)
        places = np.linspace(0, len(stops) - 1, STEPS)
        shades = [np.interp(places, np.arange(len(stops)), stops[:, channel]) for channel in range(3)]
        return np.stack(shades, axis=1).round().astype(np.uint8)

    def steps(self, values: NDArray[np.float64]) -> NDArray[np.intp]:
        """The step of each value; NaN has any."""
        places = np.interp(np.nan_to_num(values), self.knots, np.linspace(0, STEPS - 1, len(self.knots)))
        return places.round().astype(np.intp)

    def colour(self, value: float) -> str:
        """The colour of a value, `#rrggbb`."""
        return _hex(self.palette[self.steps(np.array(value))])


RETINA = Scale(
    "whole retina",
    "µm",
    (0, 100, 175, 225, 260, 300, 340, 380, 430, 500),
    (
        *("101018", "3b1a78", "1f4fd8", "18a5d8", "1fa84f"),
        *("9bd02a", "f7d51d", "f28a1a", "d8281c", "ffffff"),
    ),
)
"""0 to 500 µm, as Spectralis and Cirrus draw the macula; a healthy parafovea is green to yellow."""

LAYER = Scale(
    "single layers",
    "µm",
    (0, 10, 20, 30, 40, 60, 80, 120, 160),
    ("2a0a4a", "46226f", "433e85", "33638d", "24868e", "2fb47c", "7ad151", "c8e020", "fdf3a8"),
)
"""0 to 160 µm, finer where layers are thin."""

DIFFERENCE = Scale("difference", "µm", (-30, -15, 0, 15, 30), ("a50f26", "f08a62", "f4f4f4", "6aaed6", "08519c"))
"""Red is less, blue is more."""

CATEGORIES = ("#d55e00", "#0072b2", "#cc79a7", "#009e73", "#e69f00", "#56b4e9", "#7a4fbf", "#8a5a2b")
"""For kinds that have no order; told apart by the colour-blind (Okabe and Ito), and two more."""

_KINDS: Mapping[str, str] = {
    "hard_drusen": "#e69f00",
    "soft_drusen": "#d55e00",
    "confluent_drusen": "#8a5a2b",
    "drusen": "#d55e00",
    "subretinal_fluid": "#0072b2",
    "intraretinal_fluid": "#56b4e9",
    "intraretinal_hyperreflective_foci": "#7a4fbf",
}


def of_kinds(names: Iterable[str]) -> dict[str, str]:
    """A colour for each pathology: its own in every report, else the next that is free."""
    listed = list(names)
    free = iter([one for one in CATEGORIES if one not in {_KINDS.get(name) for name in listed}] or CATEGORIES)
    return {name: _KINDS.get(name) or next(free, CATEGORIES[0]) for name in listed}


def ink_on(colour: str) -> str:
    """Black or white, whichever is read more easily on a colour.

    >>> ink_on("#ffffff"), ink_on("#1f4fd8")
    ('#000', '#fff')
    """
    light = _luminance(colour)
    return "#000" if (light + 0.05) ** 2 > 0.05 * 1.05 else "#fff"  # equal contrast: WCAG 2.2, 1.4.3


def _luminance(colour: str) -> float:
    shares = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)]) / 255
    linear = np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)  # noqa: PLR2004  sRGB
    return float(linear @ (0.2126, 0.7152, 0.0722))


def _hex(shade: NDArray[np.uint8]) -> str:
    return "#" + "".join(f"{channel:02x}" for channel in shade.ravel()[:3].tolist())
