"""Synthetic exams whose truth is known: an `Eye` in mm, a `Scan` of it, and `phantom_exam`, what both make.

The truth: `scan.locate((0, 0))` is the fovea's column and slice; `scan.from_corner(eye.seen(eye.disc.center_mm))` is
the centre of disc and cup, `eye.disc.bmo_mm` and `eye.disc.cup_mm` are their half-axes; `RNFL_MEAN_MM` and
`RNFL_SWING_MM` make the healthy profile 1 mm round the disc; `eye.thicknesses(x, y)` is any layer anywhere;
`volume_mm3`, `area_mm2` and `radii_mm` measure each of `eye.lesions`.
"""

from foveola_oct.retina.phantoms.anatomy import (
    CUP_OFFSET_MM,
    LAYERS,
    RNFL_MEAN_MM,
    RNFL_SWING_MM,
    Disc,
    Eye,
    Lesion,
    druse,
)
from foveola_oct.retina.phantoms.exam import layer_outlines, phantom_exam
from foveola_oct.retina.phantoms.examples import (
    GLAUCOMATOUS,
    HEALTHY,
    PATHOLOGICAL,
    disc_phantom,
    disc_scan,
    glaucoma_phantom,
    macula_phantom,
    pathological_phantom,
    wide_phantom,
    wide_scan,
)
from foveola_oct.retina.phantoms.scan import ORIENTATIONS, Scan

__all__ = [
    "CUP_OFFSET_MM",
    "GLAUCOMATOUS",
    "HEALTHY",
    "LAYERS",
    "ORIENTATIONS",
    "PATHOLOGICAL",
    "RNFL_MEAN_MM",
    "RNFL_SWING_MM",
    "Disc",
    "Eye",
    "Lesion",
    "Scan",
    "disc_phantom",
    "disc_scan",
    "druse",
    "glaucoma_phantom",
    "layer_outlines",
    "macula_phantom",
    "pathological_phantom",
    "phantom_exam",
    "wide_phantom",
    "wide_scan",
]
