"""The steps of `adding` as the plain functions that peers take."""

from __future__ import annotations

import numpy as np


def begin(value: float, count: int) -> np.ndarray:
    """Make as many numbers, from a value upwards."""
    return np.arange(count, dtype=np.float64) + value


def shift(values: np.ndarray, by: float) -> np.ndarray:
    """Add to all."""
    return values + by


def total(values: np.ndarray, by: float) -> float:
    """Sum all."""
    return float(values.sum()) * by
