"""What tests of operations share: the eight orientations, and scans of any size laid out in them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from foveola_oct.retina import ORIENTATIONS, Orientation

Flat = dict[str, object]


@pytest.fixture(params=ORIENTATIONS, ids=lambda o: f"{o.scan_protocol}-{o.slice_direction}-{o.pixel_direction}")
def orientation(request: pytest.FixtureRequest) -> Orientation:
    """Each of the eight orientations."""
    return request.param


@pytest.fixture
def scan_of() -> Callable[..., Flat]:
    """The flat geometry of a scan whose canonical pitch is (dy, dx) mm."""

    def make(orientation: Orientation, dy: float, dx: float, pixel_spacing_row: float = 0.004) -> Flat:
        across, along = (dx, dy) if orientation.is_vertical else (dy, dx)
        return {
            **orientation.model_dump(),
            "pixel_spacing_column": along,
            "slice_thickness": across,
            "pixel_spacing_row": pixel_spacing_row,
        }

    return make


@pytest.fixture(scope="session")
def shape_of() -> Callable[..., tuple[int, int]]:
    """The samples of a scan of some pitch and size in mm."""
    return lambda pitch, height=6.0, width=6.0: (round(height / pitch[0]), round(width / pitch[1]))


@pytest.fixture
def plane() -> Callable[..., tuple[np.ndarray, np.ndarray]]:
    """Canonical sample positions (y_up, x) in mm about the middle of a map of some shape and pitch."""

    def make(shape: tuple[int, int], dy: float, dx: float) -> tuple[np.ndarray, np.ndarray]:
        rows, columns = shape
        y = (np.arange(rows) + 0.5 - rows / 2) * dy
        x = (np.arange(columns) + 0.5 - columns / 2) * dx
        return np.broadcast_to(-y[:, None], shape), np.broadcast_to(x[None, :], shape)

    return make
