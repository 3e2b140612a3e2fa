"""AREDS stage of age-related macular degeneration."""

from __future__ import annotations

from math import pi
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BeforeValidator, Field

from foveola import EXTRA, InputError, Micrometres, Output, Record, operation
from foveola_oct.retina import DiseaseFlags
from foveola_oct.retina.arrays import Floats
from foveola_oct.retina.lesions import LesionMaps, components, lesion_warnings, require_classes

SOFT_CLASSES = ("soft_drusen", "confluent_drusen")
HARD_CLASS = "hard_drusen"

SMALL_UM = 63.0
"""Drusen below it are small (AREDS; AAO Preferred Practice Pattern, guidelinecentral 557417, table 2)."""
LARGE_UM = 125.0
"""Drusen from it on are large (ibid.)."""
FEW_SMALL_MAX = 15
"""5 to 15 small drusen are a few (EyeRounds atlas, AMD)."""
EXTENSIVE_SOFT = 20
"""Intermediate soft drusen are numerous from here on (ibid.)."""
EXTENSIVE_HARD = 65
"""Intermediate hard drusen, where there is no soft one, are numerous from here on (ibid.)."""

ADVANCED_FLAGS = (
    "geographic_atrophy",
    "wet_amd",
    "neovascular_amd",
    "exudative_amd",
    "choroidal_neovascularization",
    "cnv",
    "mnv",
    "macular_neovascularization",
    "disciform_scar",
)
"""AREDS category 4: geographic atrophy, neovascular disease and what it leaves. Names beside the guide's are ours."""
EARLY_FLAGS = ("dry_amd", "pigmentary_abnormalities")
"""AREDS category 2 where drusen do not say more: an exam flagged dry AMD has some stage of it."""

Stage = Literal["NO_AMD", "EARLY_AMD", "INTERMEDIATE_AMD", "ADVANCED_AMD"]

_ROUNDING_UM = 1e-9
"""What a diameter may lack of a limit that it reaches."""


class DrusenSizes(Record):
    """How many drusen of which size there are."""

    small: int
    """Below `small_um`."""
    medium: int
    """From `small_um` to below `large_um`."""
    large: int
    """From `large_um` on."""
    max_diameter_um: Micrometres
    """Of the largest; 0 without drusen."""


class AmdStage(Output):
    """The stage of age-related macular degeneration."""

    amd_stage: Stage
    """AREDS category 1, 2, 3 or 4."""
    details: Annotated[DrusenSizes, EXTRA]
    """What the drusen were found to be."""


@operation("get_amd_stage")
def get_amd_stage(
    pathology_thickness_maps: LesionMaps,
    pixel_spacing_column: Annotated[
        Micrometres,
        BeforeValidator(_not_millimetres),
        Field(ge=1, le=200, description="Distance between neighbouring columns of a B-scan, here in µm."),
    ],
    unique_scan_diseases: DiseaseFlags,
    small_um: Annotated[Micrometres, Field(gt=0)] = SMALL_UM,
    large_um: Annotated[Micrometres, Field(gt=0)] = LARGE_UM,
    few_small_max: Annotated[int, Field(ge=0)] = FEW_SMALL_MAX,
    extensive_soft: Annotated[int, Field(ge=1)] = EXTENSIVE_SOFT,
    extensive_hard: Annotated[int, Field(ge=1)] = EXTENSIVE_HARD,
    advanced_flags: tuple[str, ...] = ADVANCED_FLAGS,
    intermediate_flags: tuple[str, ...] = (),
    early_flags: tuple[str, ...] = EARLY_FLAGS,
    diameter_method: Literal["chord", "equivalent_circle"] = "chord",
    slice_thickness_um: Annotated[Micrometres, Field(gt=0, le=3000)] | None = None,
) -> AmdStage:
    """Stage age-related macular degeneration by the sizes of drusen and by flagged diseases, as AREDS does.

    Drusen are counted on the maps hard_drusen, soft_drusen and confluent_drusen, any of them. The first that holds:
    advanced by a flag; intermediate by a flag, one large druse, or numerous medium ones (soft, or hard where there is
    no soft one); early by a flag, one medium druse, or more than a few small ones; else none. A druse is measured by
    its longest chord on a B-scan: too little where it is widest between two of them, never too much.

    Args:
        pathology_thickness_maps: maps of hard_drusen, soft_drusen and confluent_drusen, any of them.
        pixel_spacing_column: distance between columns.
        unique_scan_diseases: diseases that were flagged on the scan; unknown ones say nothing.
        small_um: drusen below this diameter are small.
        large_um: drusen of this diameter or more are large.
        few_small_max: more small drusen than this are early AMD.
        extensive_soft: as many medium soft drusen as this are intermediate AMD.
        extensive_hard: as many medium hard drusen as this, without a soft one, are intermediate AMD.
        advanced_flags: diseases that are advanced AMD. A flag does not say whether atrophy is central.
        intermediate_flags: diseases that are intermediate AMD, also if they stand among the advanced ones:
            geographic_atrophy, where flagged atrophy is known to be non-central.
        early_flags: diseases that are early AMD at least.
        diameter_method: what the diameter of a druse is: its longest chord on a B-scan, or the diameter of a circle of
            its area en face, which sparse B-scans make too large.
        slice_thickness_um: distance between B-scans, for the circle.

    Raises:
        InputError: maps of other pathologies, limits that cross, or a circle without the distance between B-scans.

    Sources:
        Categories and sizes of drusen: AREDS; AAO Preferred Practice Pattern, eguideline.guidelinecentral.com,
            557417, table 2; bjo.bmj.com 169222, table 1.
        A few, numerous: EyeRounds atlas, AMD (eyerounds.org/atlas).

    >>> get_amd_stage.call({"pathology_thickness_maps": {"soft_drusen": [[0] * 5 + [3] * 6]},
    ...                     "pixel_spacing_column": 12.0, "unique_scan_diseases": []})
    {'amd_stage': 'EARLY_AMD'}
    """
    require_classes(pathology_thickness_maps, (HARD_CLASS, *SOFT_CLASSES))
    if small_um >= large_um:
        raise InputError("large_um", f"is {large_um:g}; it must be more than small_um, {small_um:g}")
    sample_area = None
    if diameter_method == "equivalent_circle":
        if slice_thickness_um is None:
            raise InputError("slice_thickness_um", "is needed by the diameter_method equivalent_circle")
        sample_area = pixel_spacing_column * slice_thickness_um

    diameters = {
        name: _diameters(components(lesion.values > 0), pixel_spacing_column, sample_area)
        for name, lesion in pathology_thickness_maps.maps.items()
    }
    limits = np.array([small_um, large_um]) - _ROUNDING_UM
    sizes = {name: np.bincount(np.digitize(of_class, limits), minlength=3) for name, of_class in diameters.items()}
    nothing = np.zeros(3, dtype=np.int64)
    soft, hard = sum((sizes.get(name, nothing) for name in SOFT_CLASSES), nothing), sizes.get(HARD_CLASS, nothing)
    small, medium, large = (soft + hard).tolist()
    is_extensive = soft[1] >= extensive_soft or (not soft.any() and hard[1] >= extensive_hard)

    flags, moved = _lower(unique_scan_diseases.names), _lower(intermediate_flags)
    findings: dict[Stage, bool] = {
        "ADVANCED_AMD": bool(flags & (_lower(advanced_flags) - moved)),
        "INTERMEDIATE_AMD": bool(flags & moved or large or is_extensive),
        "EARLY_AMD": bool(flags & _lower(early_flags) or medium or small > few_small_max),
    }
    return AmdStage(
        amd_stage=next((stage for stage, is_found in findings.items() if is_found), "NO_AMD"),
        details=DrusenSizes(
            small=small,
            medium=medium,
            large=large,
            max_diameter_um=float(np.concatenate([[0.0], *diameters.values()]).max()),
        ),
        warnings=lesion_warnings(pathology_thickness_maps.maps),
    )


def _diameters(labels: np.ndarray, column_um: float, sample_area: float | None) -> Floats:
    """Measure each component of a class, µm: by its area if samples have one, else by its longest run on a B-scan."""
    if sample_area is not None:
        areas = np.bincount(labels.ravel())[1:] * sample_area
        circles: Floats = np.sqrt(areas * 4 / pi)
        return circles
    turns = np.diff((labels > 0).astype(np.int8), prepend=0, append=0)
    slices, begins = np.nonzero(turns > 0)
    _, ends = np.nonzero(turns < 0)
    longest = np.zeros(labels.max() + 1)
    np.maximum.at(longest, labels[slices, begins], ends - begins)
    return longest[1:] * column_um


def _lower(flags: tuple[str, ...]) -> set[str]:
    return {flag.lower() for flag in flags}


def _not_millimetres(value: Any) -> Any:
    if isinstance(value, int | float | np.floating) and 0 < value < 1:
        raise ValueError("looks like mm: this operation takes it in µm, 12 rather than 0.012")
    return value
