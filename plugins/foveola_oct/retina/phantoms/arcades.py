"""The large vessels of an eye: arcades that leave the disc and bend round the macula, and their branches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from foveola_oct.retina.arrays import Floats


@dataclass(frozen=True)
class Arcade:
    """One arcade: from the disc to one side, bending towards a reach; a branch leaves it at `fork_mm` and drifts."""

    nasally: int
    downwards: int
    reach_mm: float
    bend_mm: float
    width_mm: float
    fork_mm: float = 0.0
    drift: float = 0.0

    def shade(self, dx: Floats, dy: Floats) -> Floats:
        """How much it shades places that lie so far from the disc's centre, mm, nasally and down: 0 to 1."""
        along = self.nasally * dx
        bend = np.exp(-np.maximum(along, 0.0) / self.bend_mm)
        middle = self.downwards * (self.reach_mm * (1 - bend) + self.drift * (along - self.fork_mm))
        slope = self.reach_mm / self.bend_mm * bend + self.drift
        across = (dy - middle) / np.sqrt(1 + slope**2)
        return np.where(along >= self.fork_mm, np.exp(-((2 * across / self.width_mm) ** 2)), 0.0)


ARCADES = (
    Arcade(-1, -1, 2.6, 1.2, 0.18),
    Arcade(-1, 1, 2.9, 1.2, 0.18),
    Arcade(1, -1, 1.9, 1.0, 0.16),
    Arcade(1, 1, 1.7, 1.0, 0.16),
    Arcade(-1, -1, 2.6, 1.2, 0.14, fork_mm=2.0, drift=0.3),
    Arcade(-1, -1, 2.6, 1.2, 0.12, fork_mm=2.8, drift=-0.4),
    Arcade(-1, 1, 2.9, 1.2, 0.14, fork_mm=1.7, drift=0.35),
    Arcade(-1, 1, 2.9, 1.2, 0.12, fork_mm=2.6, drift=-0.4),
    Arcade(1, -1, 1.9, 1.0, 0.13, fork_mm=0.9, drift=0.5),
    Arcade(1, 1, 1.7, 1.0, 0.13, fork_mm=1.1, drift=0.5),
)
