"""A coarse stage of glaucoma, from the thickness of the two halves of the inner retina."""

from __future__ import annotations

from typing import Literal

from foveola import Output, operation
from foveola_oct.retina.glaucoma_limits import GlaucomaLimits, HalfThicknessUm


class GlaucomaStage(Output):
    """What the thickness alone makes likely."""

    glaucoma_stage: Literal["NORMAL", "EARLY_GLAUCOMA", "MODERATE_GLAUCOMA", "ADVANCED_GLAUCOMA"]
    """The stage."""
    borderline: bool
    """Whether it is normal, but thinner than the mean of pre-perimetric glaucoma."""


@operation("get_glaucoma_stage")
def get_glaucoma_stage(
    superior_thickness: HalfThicknessUm,
    inferior_thickness: HalfThicknessUm,
    limits: GlaucomaLimits = GlaucomaLimits(),  # noqa: B008  frozen
) -> GlaucomaStage:
    """Stage glaucoma by the thinner half of the inner retina.

    Glaucoma is staged clinically by disc, pressure and visual field: thickness alone gives a likelihood, no diagnosis.
    The relation to field loss flattens late (PubMed 20435603), so advanced is a class and not a scale.

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

    >>> get_glaucoma_stage.call({"superior_thickness": 98, "inferior_thickness": 88})
    {'glaucoma_stage': 'NORMAL', 'borderline': True}
    """
    thickness = limits.deciding(superior_thickness, inferior_thickness)
    if thickness >= limits.normal_limit_um:
        return GlaucomaStage(glaucoma_stage="NORMAL", borderline=thickness < limits.borderline_um)
    if thickness >= limits.moderate_limit_um:
        return GlaucomaStage(glaucoma_stage="EARLY_GLAUCOMA", borderline=False)
    if thickness >= limits.advanced_limit_um:
        return GlaucomaStage(glaucoma_stage="MODERATE_GLAUCOMA", borderline=False)
    return GlaucomaStage(glaucoma_stage="ADVANCED_GLAUCOMA", borderline=False)
