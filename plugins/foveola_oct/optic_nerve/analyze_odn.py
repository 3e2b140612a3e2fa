"""Measures of the optic disc, its cup and the neuroretinal rim, and the stage of glaucoma by disc damage likelihood."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from math import sqrt
from typing import Annotated, Any, Literal

from pydantic import Field

from foveola import (
    EXTRA,
    InputError,
    Millimetres,
    Output,
    Pixels,
    Record,
    SquareMillimetres,
    operation,
)
from foveola_oct.retina import Laterality
from foveola_oct.retina.fundus_outlines import DiscOutline, clip_to, largest_region
from foveola_oct.retina.projection import ScalingFactor
from foveola_oct.retina.rim import TIE, QuarterWidths, Rim, measure_rim

DiscSize = Literal["small", "average", "large"]

# Disc damage likelihood scale: PMC1856990, table 1. A stage falls by one from small to average discs and again to large
# ones. The gaps that the table prints (0.49 to 0.5, 45 to 46 degrees) are closed: [0.4, 0.5) and (0, 45].
RIM_RATIOS = (0.5, 0.4, 0.3, 0.2, 0.1)
"""Narrowest rim over the disc's diameter, at least, in stages 1, 2, ... of a small disc."""
RIM_ABSENCES_DEG = (45, 90, 180, 270)
"""How much of the circle is without rim, at most, in stages 7, 8, ... of a small disc."""
STAGES_LESS: dict[DiscSize, int] = {"small": 0, "average": 1, "large": 2}
LAST_STAGE = 10
SMALL_DISC_MM, LARGE_DISC_MM = 1.5, 2.0
"""Vertical diameter: small below the first, large above the second (PMC1856990; doi:10.1007/s00417-015-3239-0)."""

RIM_ABSENCE_RATIO = 0.01
"""Some 18 µm, less than any scan resolves (our choice); 0 is the strict definition."""
SLACK = 1e-6
"""A rim of exactly 0.2 shall not be lost to rounding."""

ISNT = {"R": ("superior", "right", "left"), "L": ("superior", "left", "right")}
"""Where superior, nasal and temporal are."""


class Extent(Record):
    """The measures of disc or cup."""

    area: SquareMillimetres
    """What it encloses."""
    vertical_diameter: Millimetres
    """From its highest to its lowest point."""
    horizontal_diameter: Millimetres
    """From its leftmost to its rightmost point."""
    center_px: tuple[Pixels, Pixels]
    """Its centroid in the picture."""

    @classmethod
    def of(cls, region: Any, scale: float) -> Extent:
        """The measures of a shapely polygon in mm."""
        left, top, right, bottom = region.bounds
        return cls(
            area=region.area,
            vertical_diameter=bottom - top,
            horizontal_diameter=right - left,
            center_px=(region.centroid.x * scale, region.centroid.y * scale),
        )


class CupToDisc(Record):
    """Ratios of cup to disc."""

    area_cdr: float
    """Of the areas."""
    vertical_cdr: float
    """Of the vertical diameters."""
    horizontal_cdr: float
    """Of the horizontal diameters."""
    linear_cdr: float
    """The square root of the areas' ratio."""


class DamageLikelihood(Record):
    """Disc damage likelihood scale."""

    stage: int
    """1 to 10: to 4 at risk, to 7 damaged, then disabled."""
    disc_size: DiscSize
    """By its vertical diameter."""


class Isnt(Record):
    """Mean width of the rim by anatomy; in health it falls from inferior by superior and nasal to temporal."""

    I: Millimetres  # noqa: E741  the rule's own letters
    """Inferior."""
    S: Millimetres
    """Superior."""
    N: Millimetres
    """Nasal."""
    T: Millimetres
    """Temporal."""
    rule_kept: bool
    """Whether none is wider than the one before it."""


class DiscAnalysis(Output):
    """Disc, cup and rim; without excavation only the disc."""

    disc: Extent
    """The disc."""
    cup: Extent | None = None
    """The cup, as far as it lies in the disc."""
    rim: Rim | None = None
    """The rim between them."""
    ratios: CupToDisc | None = None
    """Cup to disc."""
    ddls: DamageLikelihood | None = None
    """The stage."""
    isnt: Annotated[Isnt | None, EXTRA] = None
    """The rim by anatomy; needs the laterality."""


@operation("analyze_odn")
def analyze_odn(
    disk: DiscOutline,
    cup: DiscOutline,
    scaling_factor_visualization: ScalingFactor = 100.0,
    laterality: Laterality | None = None,
    rim_absence_ratio: Annotated[float, Field(ge=0, le=1)] = RIM_ABSENCE_RATIO,
    n_angles: Annotated[int, Field(ge=4, le=36_000)] = 3600,
    small_disc_mm: Annotated[Millimetres, Field(gt=0)] = SMALL_DISC_MM,
    large_disc_mm: Annotated[Millimetres, Field(gt=0)] = LARGE_DISC_MM,
) -> DiscAnalysis:
    """Measure disc, cup and rim, and stage glaucoma by the disc damage likelihood scale (DDLS).

    The rim's width is taken along rays from the disc's centroid, and its ratio is to the disc's diameter on the same
    line. A rim that slopes, as temporally in myopia, is not an absent one; nor is the opening of Bruch's membrane quite
    the margin that a clinician sees.

    Args:
        disk: outline of the disc on the fundus [[x, y], ...].
        cup: outline of the cup on the fundus [[x, y], ...]; [] where there is no excavation.
        scaling_factor_visualization: pixels of the picture per mm.
        laterality: the eye, L or R.
        rim_absence_ratio: largest ratio of rim to disc that counts as no rim.
        n_angles: how many rays look at the rim.
        small_disc_mm: a disc of a smaller vertical diameter is small.
        large_disc_mm: a disc of a larger vertical diameter is large.

    Raises:
        InputError: the disc encloses nothing, or small discs are larger than large ones.

    Sources:
        Disc damage likelihood scale: PMC1856990, table 1; sizes of discs: doi:10.1007/s00417-015-3239-0.
        Use and reproducibility: PMC8504474.
        ISNT rule: phelcom.com help centre, Measuring the CDR.

    >>> import numpy as np
    >>> turns = np.radians(np.arange(0, 360, 1))
    >>> circle = np.column_stack([np.cos(turns), np.sin(turns)])
    >>> found = analyze_odn.call({"disk": 2 + 0.9 * circle, "cup": 2 + 0.45 * circle})
    >>> found["ddls"], round(found["ratios"]["area_cdr"], 6), round(found["rim"]["min_width"], 3)
    ({'stage': 3, 'disc_size': 'average'}, 0.25, 0.45)
    """
    if small_disc_mm > large_disc_mm:
        raise InputError("small_disc_mm", f"is {small_disc_mm:g}, more than large_disc_mm, {large_disc_mm:g}")
    disc_region = largest_region(disk)
    if disc_region is None:
        raise InputError(
            "disk", f"encloses nothing; it takes three points or more, not on one line ({len(disk)} given)"
        )
    disc = Extent.of(disc_region, scaling_factor_visualization)
    warnings = tuple(_warnings(disc_region))
    cup_region = largest_region(cup)
    inner = None if cup_region is None else clip_to(cup_region, disc_region)
    if inner is None:
        return DiscAnalysis(disc=disc, warnings=warnings)
    excavation = Extent.of(inner, scaling_factor_visualization)
    rim = measure_rim(disc_region, inner, n_angles, rim_absence_ratio, scaling_factor_visualization)
    area_cdr = excavation.area / disc.area
    disc_size = _size(disc.vertical_diameter, small_disc_mm, large_disc_mm)
    return DiscAnalysis(
        disc=disc,
        cup=excavation,
        rim=rim,
        ratios=CupToDisc(
            area_cdr=area_cdr,
            vertical_cdr=excavation.vertical_diameter / disc.vertical_diameter,
            horizontal_cdr=excavation.horizontal_diameter / disc.horizontal_diameter,
            linear_cdr=sqrt(area_cdr),
        ),
        ddls=DamageLikelihood(
            stage=damage_stage(disc_size, rim.min_width_ratio, rim.absence_degrees), disc_size=disc_size
        ),
        isnt=None if laterality is None else _isnt(rim.mean_width, laterality),
        warnings=warnings,
    )


def damage_stage(disc_size: DiscSize, rim_ratio: float, absence_degrees: float) -> int:
    """The stage of a disc by its narrowest rim or, where some is absent, by how much that is.

    >>> damage_stage("average", 0.25, 0), damage_stage("small", 0, 46), damage_stage("large", 0, 360)
    (3, 8, 9)
    """
    if absence_degrees > 0:
        of_small = 7 + sum(absence_degrees > limit + SLACK for limit in RIM_ABSENCES_DEG)
    else:
        of_small = 1 + sum(rim_ratio < limit - SLACK for limit in RIM_RATIOS)
    return min(max(1, of_small - STAGES_LESS[disc_size]), LAST_STAGE)


def _size(vertical_diameter: float, small: float, large: float) -> DiscSize:
    if vertical_diameter < small - SLACK:
        return "small"
    return "large" if vertical_diameter > large + SLACK else "average"


def _isnt(widths: QuarterWidths, laterality: Laterality) -> Isnt:
    superior, nasal, temporal = (getattr(widths, side) for side in ISNT[laterality])
    falling = (widths.inferior, superior, nasal, temporal)
    kept = all(one >= other - TIE for one, other in pairwise(falling))
    return Isnt(**dict(zip("ISNT", falling, strict=True)), rule_kept=kept)


def _warnings(disc: Any) -> Iterator[str]:
    if not disc.covers(disc.centroid):
        yield "the disc is so concave that its centroid lies outside: widths of the rim mean little"
