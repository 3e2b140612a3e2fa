"""Where B-scans lie on the fundus, and what follows of it: orientation and pitch."""

from __future__ import annotations

from math import radians, tan

import numpy as np
from numpy.typing import NDArray

PROTOCOLS = {
    "LEFT_RIGHT": "HORIZONTAL_3D",
    "RIGHT_LEFT": "HORIZONTAL_3D",
    "TOP_BOTTOM": "VERTICAL_3D",
    "BOTTOM_TOP": "VERTICAL_3D",
}

# A raster along the line from fovea to disc is called horizontal, in its own frame. That line is tilted by 7.8 degrees,
# standard deviation 3.6 (Jonas et al., PLoS One 2015;10:e0141771): two deviations above the mean.
MOST_TILT = tan(radians(15))


@np.errstate(invalid="ignore")
def describe_lines(ends: NDArray[np.float64], precision: float, unit: str = "mm") -> dict[str, str | float | None]:
    """Derive orientation and pitch of a line or a raster.

    Args:
        ends: where each B-scan starts and ends, x to the right and y down on the fundus as it is seen
            [num_slices, 2, 2]; none of length 0.
        precision: how fine the positions are meant.
        unit: of both.

    Returns:
        `scan_protocol` and `pixel_direction`, None if oblique; of several B-scans `slice_direction` and, in that unit,
        `slice_thickness`.

    Raises:
        ValueError: the B-scans are no raster.

    >>> describe_lines(np.array([[[0.0, 2.0], [6.0, 2.0]], [[0.0, 1.75], [6.0, 1.75]]]), 0.01)["slice_direction"]
    'BOTTOM_TOP'
    """
    along = (ends[:, 1] - ends[:, 0]).mean(axis=0)
    along /= np.hypot(*along)
    pixel_direction = _name_direction(*along)
    orientation = {
        "scan_protocol": None if pixel_direction is None else PROTOCOLS[pixel_direction],
        "pixel_direction": pixel_direction,
    }
    if len(ends) == 1:
        return {**orientation}
    across = np.array([-along[1], along[0]])
    pitch = (ends[-1] - ends[0]).mean(axis=0) @ across / (len(ends) - 1)
    regular = ends[0] + np.arange(len(ends))[:, None, None] * pitch * across
    strays = np.hypot(*(ends - regular).T).max(axis=0)
    worst = strays.argmax()
    # Nearer to its own place than to any other. NaN, where opposite B-scans cancel out, is not.
    if not (pitch and strays[worst] <= max(abs(pitch) / 4, precision)):
        raise ValueError(
            f"the B-scans are not parallel, side by side and evenly spaced: B-scan {worst} lies "
            f"{strays[worst]:.3g} {unit} off its place at a pitch of {abs(pitch):.3g} {unit}"
        )
    return {**orientation, "slice_direction": _name_direction(*pitch * across), "slice_thickness": float(abs(pitch))}


def _name_direction(x: float, y: float) -> str | None:
    """Name where a vector points, x to the right and y down; None if it is oblique."""
    if abs(y) <= MOST_TILT * abs(x):
        return "LEFT_RIGHT" if x > 0 else "RIGHT_LEFT"
    if abs(x) <= MOST_TILT * abs(y):
        return "TOP_BOTTOM" if y > 0 else "BOTTOM_TOP"
    return None
