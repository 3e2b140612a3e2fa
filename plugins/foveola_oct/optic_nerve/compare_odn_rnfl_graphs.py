"""Symmetry of the nerve fibre layer of two eyes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from foveola import EXTRA, InputError, Millimetres, Output, operation
from foveola_oct.retina.tsnit import KNOTS, interpolate_graph

THICKEST_MM = 2.0
"""No nerve fibre layer is thicker: the number is in micrometres."""
MOST_MISSING = KNOTS // 2
"""With more sectors missing there is no graph to compare (our choice)."""


class Symmetry(Output):
    """How alike the graphs of two eyes are."""

    similarity_score: float | None
    """0, where only one of them has a nerve fibre layer, to 1; null where too much of a graph is missing."""
    pearson_r: Annotated[float | None, EXTRA] = None
    """Correlation of the graphs, as Cirrus prints it; blind to a loss all round one eye."""


@operation("compare_odn_rnfl_graphs")
def compare_odn_rnfl_graphs(
    graph_a: Mapping[str, Millimetres | None],
    graph_b: Mapping[str, Millimetres | None],
    equality_tolerance_mm: Annotated[Millimetres, Field(ge=0)],
    interpolation_points: Annotated[int, Field(ge=KNOTS, le=36_000)],
) -> Symmetry:
    """Compare the thickness graphs round the discs of two eyes, which in health mirror one another.

    The score is 1 less the difference, as far as it exceeds the tolerance, over the thicker of both, each summed round
    the circle.

    Args:
        graph_a: thickness of 36 sectors in TSNIT order, keys "0" to "35"; null where it was not measured.
        graph_b: the same of the other eye.
        equality_tolerance_mm: the difference that counts as none; recommended 0.009: the mean thickness of 95 % of
            healthy pairs differs by -7.9 to +8.8 µm (Mwanza 2011).
        interpolation_points: how many points of the circle are compared; recommended 360.

    Raises:
        InputError: missing or unknown sectors, a negative thickness or one that can only be in µm; naming the sector.

    Sources:
        What healthy eyes differ by, -7.9 to 8.8 µm: Mwanza 2011.

    >>> graphs = {"graph_a": {str(k): 0.10 for k in range(36)}, "graph_b": {str(k): 0.09 for k in range(36)}}
    >>> found = compare_odn_rnfl_graphs.call({**graphs, "equality_tolerance_mm": 0.005, "interpolation_points": 360})
    >>> round(found["similarity_score"], 9)
    0.95
    """
    knots = [_knots("graph_a", graph_a), _knots("graph_b", graph_b)]
    warnings = tuple(
        f"{name} lacks {missing} of {KNOTS} sectors: there is no score"
        for name, missing in zip("ab", (np.count_nonzero(np.isnan(one)) for one in knots), strict=True)
        if missing > MOST_MISSING
    )
    if warnings:
        return Symmetry(similarity_score=None, warnings=warnings)
    a, b = (interpolate_graph(one, interpolation_points) for one in knots)
    differs = np.maximum(np.abs(a - b) - equality_tolerance_mm, 0).sum()
    thicker = np.maximum(a, b).sum()
    return Symmetry(
        similarity_score=float(1 - differs / thicker) if thicker > 0 else 1.0,
        pearson_r=float(np.corrcoef(a, b)[0, 1]) if np.ptp(a) > 0 and np.ptp(b) > 0 else None,
    )


def _knots(field: str, graph: Mapping[str, float | None]) -> NDArray[np.float64]:
    """The graph as an array [36], NaN where it was not measured."""
    keys = [str(index) for index in range(KNOTS)]
    if missing := [key for key in keys if key not in graph]:
        raise InputError(
            field, f"lacks sector {missing[0]}; it takes the keys 0 to {KNOTS - 1}, null where not measured"
        )
    if len(graph) > KNOTS:
        raise InputError(field, f"has {len(graph)} keys; it takes 0 to {KNOTS - 1}, no others")
    for key, thickness in graph.items():
        if thickness is not None and not 0 <= thickness <= THICKEST_MM:
            unit = "; is it in µm?" if thickness > THICKEST_MM else ""
            raise InputError(f"{field}.{key}", f"is {thickness:g}, not a thickness from 0 to {THICKEST_MM:g} mm{unit}")
    return np.array([graph[key] for key in keys], dtype=np.float64)
