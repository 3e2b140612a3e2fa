"""Which thickness of the inner retina is healthy, and from which on glaucoma is likely: limits of the two halves."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from foveola import Group, InputError, Micrometres

THICKEST_UM = 250.0
THINNEST_UM = 5.0
"""Glaucoma leaves a floor of several tens of µm (PubMed 20435603); less is a thickness in mm."""

# Healthy and pre-perimetric GCC of the RTVue (Kostianeva-Zhelinska, doi:10.4236/ojoph.2018.82015): no difference
# between the halves.
NORMAL_MEAN_UM = 97.8
BORDERLINE_UM = 89.6
# The mean less 1.645 standard deviations (the 5th percentile), rounded. The deviation of 7.6 µm is assumed: in 236
# healthy volunteers it was 6.6 µm (International Eye Science, ies.ijo.cn 201912018), with which the limit would be 87.
NORMAL_LIMIT_UM = 85.0
# Average RNFL loss is 18 % in early, 28 % in moderate, 41 % in severe glaucoma (PMC3729516); the mid-points, 23 % and
# 34.5 %, applied to the healthy mean. That the GCC thins as the RNFL does is an assumption: re-fit where data exist.
MODERATE_LIMIT_UM = 75.0
ADVANCED_LIMIT_UM = 64.0


def _in_micrometres(thickness: float) -> float:
    if 0 < thickness < THINNEST_UM:
        raise ValueError(f"is {thickness:g} µm; µm expected, mm given?")
    return thickness


HalfThicknessUm = Annotated[Micrometres, Field(gt=0, le=THICKEST_UM), AfterValidator(_in_micrometres)]
"""Mean thickness of the inner retina over half a disc."""

Limit = Annotated[Micrometres, Field(gt=0, le=THICKEST_UM)]


class GlaucomaLimits(Group):
    """Limits of the thickness of the inner retina; devices differ by several µm, so they are to be set for each."""

    normal_mean_um: Limit = NORMAL_MEAN_UM
    """Mean of healthy eyes."""
    borderline_um: Limit = BORDERLINE_UM
    """Mean of pre-perimetric glaucoma: less is borderline where it is normal still."""
    normal_limit_um: Limit = NORMAL_LIMIT_UM
    """Least normal thickness; less is early glaucoma."""
    moderate_limit_um: Limit = MODERATE_LIMIT_UM
    """Less than this is moderate glaucoma."""
    advanced_limit_um: Limit = ADVANCED_LIMIT_UM
    """Less than this is advanced glaucoma."""
    statistic: Literal["min", "mean"] = "min"
    """Whether the thinner half decides or the mean of both: damage begins in one hemifield."""

    @model_validator(mode="after")
    def _strictly_decreasing(self) -> Self:
        limits = [(name, getattr(self, name)) for name in type(self).model_fields if name != "statistic"]
        for (above, higher), (below, lower) in pairwise(limits):
            if lower >= higher:
                raise InputError(below, f"is {lower:g} µm; it must be less than {above}, {higher:g} µm")
        return self

    def deciding(self, superior: float, inferior: float) -> float:
        """The thickness, µm, that decides of two halves.

        >>> GlaucomaLimits().deciding(98.0, 74.0), GlaucomaLimits(statistic="mean").deciding(98.0, 74.0)
        (74.0, 86.0)
        """
        return min(superior, inferior) if self.statistic == "min" else (superior + inferior) / 2
