"""Where several layers or lesions coincide."""

from __future__ import annotations

import numpy as np

from foveola import InputError, Output, operation
from foveola_oct.retina import ThicknessMap, ThicknessMaps
from foveola_oct.retina.lesions import lesion_warnings


class ThicknessOverlap(Output):
    """What several maps have in common."""

    thickness_map_overlap: ThicknessMap
    """The least of the thicknesses where all are positive, 0 elsewhere."""


@operation("get_thickness_maps_overlap")
def get_thickness_maps_overlap(thickness_maps: ThicknessMaps) -> ThicknessOverlap:
    """Find where all of several layers or lesions are present, and how thick they are at most in common.

    En face nothing is known of depth, so the least thickness is the upper bound of what they share.
    A sample that one map did not measure is unknown, unless another one has nothing there.

    Args:
        thickness_maps: maps by name, all of one shape and, if they know it, about one fovea.

    Raises:
        InputError: no map, unequal shapes, or maps of different places.

    Sources:
        Geometry alone: no number is taken from elsewhere.

    >>> get_thickness_maps_overlap.call({"thickness_maps": {"drusen": [[3, 3, 0]], "fluid": [[0, 5, 5]]}})
    {'thickness_map_overlap': [[0.0, 3.0, 0.0]]}
    """
    maps = list(thickness_maps.maps.values())
    if not maps:
        raise InputError("thickness_maps", "must hold at least one map")
    shapes = {one.values.shape for one in maps}
    if len(shapes) > 1:
        raise InputError("thickness_maps", f"are of {len(shapes)} shapes; give maps of one zone")
    known = [one for one in maps if one.center is not None]
    if len({one.center for one in known}) > 1:
        raise InputError("thickness_maps", "have the fovea in different places; give maps of one zone")
    stack = np.stack([one.values for one in maps])
    overlap = np.where((stack <= 0).any(axis=0), 0.0, stack.min(axis=0))
    return ThicknessOverlap(
        thickness_map_overlap=(known or maps)[0].with_values(overlap),
        warnings=lesion_warnings(thickness_maps.maps),
    )
