"""Number of drusen and of hyperreflective foci."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BeforeValidator, Field

from foveola import InputError, Output, Unit, operation
from foveola_oct.retina import PathologyThicknessMaps
from foveola_oct.retina.lesions import MAPS_FIELD, components, lesion_warnings, require_classes

COUNTED_CLASSES = ("hard_drusen", "soft_drusen", "confluent_drusen", "drusen", "intraretinal_hyperreflective_foci")
"""User guide, get_pathology_amount."""


class LesionCounts(Output, bare="counts"):
    """How many lesions there are."""

    counts: Mapping[str, int]
    """The number of each pathology's lesions, by its name."""


@operation("get_pathology_amount")
def get_pathology_amount(
    pathology_thickness_maps: Annotated[PathologyThicknessMaps, BeforeValidator(_by_name), MAPS_FIELD],
    connectivity: Literal[8, 4] = 8,
    min_area_px: Annotated[int, Unit("px"), Field(ge=1)] = 1,
) -> LesionCounts:
    """Count the drusen or the hyperreflective foci of an exam: what hangs together en face is one lesion.

    Counts fall with the distance between B-scans, for lesions between them are missed: at 140 µm the category of
    hyperreflective foci is misgraded already. Maps may be of hard_drusen, soft_drusen, confluent_drusen, drusen and
    intraretinal_hyperreflective_foci, by name or as a list of {"thickness_map", "pathology"}.

    Args:
        pathology_thickness_maps: the lesions, also as a list of {"thickness_map", "pathology"}.
        connectivity: whether samples that touch at a corner hang together (8) or not (4). A lesion that drifts by one
            column from slice to slice is one.
        min_area_px: the fewest samples of a lesion that counts. Hard drusen may be one slice and one column large.

    Raises:
        InputError: a pathology that is not counted.

    Sources:
        Counts fall with the distance between B-scans: 165 eyes, biocloudy.com literatureDetail/MzM5ODg3MQ==.
        Foci of up to 30 µm: doi:10.1155/2021/6096017, fig. 1.

    >>> get_pathology_amount.call({"pathology_thickness_maps": {"soft_drusen": [[4, 0, 0], [0, 5, 0], [0, 0, 0]],
    ...                                                         "hard_drusen": [[1, 0, 1], [0, 0, 0], [0, 2, 2]]}})
    {'soft_drusen': 1, 'hard_drusen': 3}
    """
    require_classes(pathology_thickness_maps, COUNTED_CLASSES)
    return LesionCounts(
        counts={
            name: _count(components(lesion.values > 0, connectivity), min_area_px)
            for name, lesion in pathology_thickness_maps.maps.items()
        },
        warnings=lesion_warnings(pathology_thickness_maps.maps),
    )


def _count(labels: np.ndarray, min_area_px: int) -> int:
    sizes = np.bincount(labels.ravel())[1:]
    return int(np.count_nonzero(sizes >= min_area_px))


def _by_name(value: Any) -> Any:
    """Read the list that the guide's older sibling takes as maps by name."""
    if not isinstance(value, Sequence) or isinstance(value, str):
        return value
    maps: dict[str, Any] = {}
    for place, item in enumerate(value):
        if not isinstance(item, Mapping) or not isinstance(item.get("pathology"), str) or "thickness_map" not in item:
            raise InputError(str(place), 'takes {"thickness_map": [[...]], "pathology": "..."}')
        if item["pathology"] in maps:
            raise InputError(str(place), "repeats a pathology")
        maps[item["pathology"]] = item["thickness_map"]
    return maps
