"""Eyes and scans that tests and the demo ask for by name."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from foveola_oct.retina.phantoms.anatomy import Disc, Eye, Lesion, druse
from foveola_oct.retina.phantoms.exam import phantom_exam
from foveola_oct.retina.phantoms.scan import Scan

HEALTHY = Eye()
"""GCC of 97.8 um over the 6 mm disc."""

GLAUCOMATOUS = Eye(disc=Disc(cup_to_disc=0.75), superior=0.82, inferior=0.68)
"""Both arcs are thinned, the lower one more, and the cup is large."""

_SLICE_MM = 6 / 49  # what is smaller than this lies on a slice of `Scan()`, or no slice would show it

PATHOLOGICAL = Eye(
    lesions=(
        Lesion("subretinal_fluid", (0.1, 0.05), (0.9, 0.7), 0.18),
        Lesion("intraretinal_fluid", (-0.2, 0.1), (0.4, 0.5), 0.12),
        Lesion("intraretinal_fluid", (0.9, -0.3), (0.25, 0.3), 0.08),
        Lesion("intraretinal_hyperreflective_foci", (-1.2, 6 * _SLICE_MM), (0.015, 0.015), 0.025),
        Lesion("intraretinal_hyperreflective_foci", (-0.9, -9 * _SLICE_MM), (0.014, 0.014), 0.02),
        Lesion("intraretinal_hyperreflective_foci", (1.3, 4 * _SLICE_MM), (0.013, 0.013), 0.02),
        druse(-1.6, -5 * _SLICE_MM, 0.05, 0.025),
        druse(1.5, 8 * _SLICE_MM, 0.055, 0.03),
        druse(-0.4, 12 * _SLICE_MM, 0.06, 0.03),
        druse(1.7, -9 * _SLICE_MM, 0.1, 0.05),
        druse(-1.9, 10 * _SLICE_MM, 0.12, 0.06),
        druse(0.5, -1.7, 0.2, 0.08),
        druse(-1.0, -1.9, 0.5, 0.1, confluent=True),
    ),
    pit_is_recognised=False,
    diseases=("wet_amd",),
)
"""Fluid under and in the fovea, so that its pit is not recognised, and drusen of every class around."""


def macula_phantom(eye: Eye = HEALTHY, *, seed: int = 0, images: bool = True, **scan: Any) -> dict[str, object]:
    """Scan 6 x 6 mm round the fovea; any field of `Scan` may be given."""
    return phantom_exam(eye, replace(Scan(), **scan), seed=seed, images=images)


def disc_scan(eye: Eye = HEALTHY) -> Scan:
    """6 x 6 mm round the disc; the fovea is not on it."""
    return Scan(center_mm=eye.seen(eye.disc.center_mm))


def disc_phantom(eye: Eye = HEALTHY, *, seed: int = 0, images: bool = True, **scan: Any) -> dict[str, object]:
    """Scan 6 x 6 mm round the disc; any field of `Scan` may be given."""
    return phantom_exam(eye, replace(disc_scan(eye), **scan), seed=seed, images=images)


def wide_scan(eye: Eye = HEALTHY) -> Scan:
    """12 x 9 mm round the middle between fovea and disc."""
    x, y = eye.seen(eye.disc.center_mm)
    return Scan(12.0, 9.0, (x / 2, y / 2), num_slices=75, pixel_image_width=768)


def wide_phantom(eye: Eye = HEALTHY, *, seed: int = 0, images: bool = True, **scan: Any) -> dict[str, object]:
    """Scan 12 x 9 mm with both fovea and disc; any field of `Scan` may be given."""
    return phantom_exam(eye, replace(wide_scan(eye), **scan), seed=seed, images=images)


def pathological_phantom(
    eye: Eye = PATHOLOGICAL, *, seed: int = 0, images: bool = True, **scan: Any
) -> dict[str, object]:
    """Scan 6 x 6 mm round a fovea that cannot be found, with drusen and fluid; any field of `Scan` may be given."""
    return macula_phantom(eye, seed=seed, images=images, **scan)


def glaucoma_phantom(eye: Eye = GLAUCOMATOUS, *, seed: int = 0, images: bool = True, **scan: Any) -> dict[str, object]:
    """Scan 12 x 9 mm of an eye with thinned nerve fibres and a large cup; any field of `Scan` may be given."""
    return wide_phantom(eye, seed=seed, images=images, **scan)
