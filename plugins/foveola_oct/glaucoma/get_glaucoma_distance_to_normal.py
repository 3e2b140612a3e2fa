"""How far an eye is from normal on the way to glaucoma, as one number for a slider."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from foveola import Output, operation
from foveola_oct.retina.glaucoma_limits import GlaucomaLimits, HalfThicknessUm

ADVANCED, MODERATE, EARLY, HEALTHY = 1.0, 2 / 3, 1 / 3, 0.0
"""Where the slider's thirds end, so that green is normal, yellow early, red moderate and advanced, as staged."""


class DistanceToNormal(Output):
    """A place on the slider."""

    distance_to_normal: Annotated[float, Field(ge=0, le=1)]
    """0 is a healthy retina, 1 glaucoma."""


@operation("get_glaucoma_distance_to_normal")
def get_glaucoma_distance_to_normal(
    superior_thickness: HalfThicknessUm,
    inferior_thickness: HalfThicknessUm,
    limits: GlaucomaLimits = GlaucomaLimits(),  # noqa: B008  frozen
) -> DistanceToNormal:
    """Place an eye between healthy (0) and glaucoma (1) by the thinner half of the inner retina.

    Piecewise linear through the healthy mean (0), the least normal thickness (1/3), the moderate (2/3) and the advanced
    limit (1): the slider never contradicts the stage.

    Args:
        superior_thickness: mean thickness of the inner retina above the raphe.
        inferior_thickness: mean thickness of the inner retina below the raphe.
        limits: of the stages.

    Raises:
        InputError: a thickness that is none, or limits out of order; naming the field.

    Sources:
        97.8 and 89.6 µm, healthy and pre-perimetric, alike in both halves: Kostianeva-Zhelinska,
            doi:10.4236/ojoph.2018.82015.
        85 µm: the healthy mean less 1.645 standard deviations of 7.6 µm, an assumption; 6.6 µm were found in 236
            volunteers (International Eye Science, ies.ijo.cn 201912018).
        75 and 64 µm: RNFL loss by stage, PMC3729516, applied to the healthy mean; the transfer is an assumption.
        damage begins in one hemifield, hence the thinner half: our choice.

    >>> get_glaucoma_distance_to_normal.call({"superior_thickness": 98, "inferior_thickness": 80})
    {'distance_to_normal': 0.5}
    """
    thickness = limits.deciding(superior_thickness, inferior_thickness)
    ends = (limits.advanced_limit_um, limits.moderate_limit_um, limits.normal_limit_um, limits.normal_mean_um)
    return DistanceToNormal(distance_to_normal=float(np.interp(thickness, ends, (ADVANCED, MODERATE, EARLY, HEALTHY))))
