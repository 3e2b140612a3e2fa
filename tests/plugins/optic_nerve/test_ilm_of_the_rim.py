"""The inner surface over the disc, in every form in which it comes, with walls and with holes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from foveola_oct.optic_nerve.extract_neuroretinal_rim_circles import extract_neuroretinal_rim_circles as operation
from foveola_oct.retina import Instance

COLUMN_MM = 0.01
CENTER_MM = (2.0, 1.5)
Flat = dict[str, Any]


def _as_rows(line: np.ndarray) -> list[float | None]:
    return [None if column < 20 else row for column, row in line]


def _with_holes(line: np.ndarray) -> list[float | None]:
    return [None if column % 3 == 1 else row for column, row in line]


def _as_polygon(line: np.ndarray) -> list[Flat]:
    outline = np.vstack([line, np.add(line[::-1], (0, 30))])
    return [{"points": np.roll(outline, 150, axis=0).tolist(), "className": "rnfl"}]


def _as_halves(line: np.ndarray) -> list[Instance]:
    return [Instance(points=half, class_name="ilm") for half in (line[:201], line[200:])]


@pytest.mark.parametrize(
    "form",
    [
        np.ndarray.tolist,
        lambda line: [{"x": x, "y": y} for x, y in line],
        lambda line: line[::-1].tolist(),
        lambda line: line[:, 1].tolist(),
        lambda line: line[:, 1],
        _as_rows,
        _with_holes,
        lambda line: [{"points": line.tolist(), "className": "ilm"}],
        _as_polygon,
        _as_halves,
        lambda line: tuple(_as_halves(line)),
    ],
    ids=[
        "polyline",
        "points by name",
        "from right to left",
        "rows",
        "array of rows",
        "rows with null at the border",
        "rows with holes",
        "open line as instance",
        "closed outline",
        "two pieces",
        "what another step answers",
    ],
)
def test_every_form_of_the_ilm_is_read(eye, shape, form: Callable[[np.ndarray], Any]) -> None:
    """The inner surface may come as a polyline, as rows, as instances; the cup is the same."""
    request = eye()
    found = operation.call(request | {"ilm_list": [form(line) for line in request["ilm_list"]]})
    assert shape(found["cup"]) == pytest.approx(shape(operation.call(request)["cup"]), abs=2e-4)


def test_wall_of_a_polyline_is_kept(eye) -> None:
    """A polyline may fall straight down: the cup begins at the wall, and no chord closes the line above it."""
    wall = [[0, 100], [150, 100], [150, 299], [260, 299], [260, 100], [399, 100]]
    request = eye(ellipse_preprocessing=False, smooth_circles=False)
    found = operation.call(request | {"ilm_list": [wall] * len(request["nerve_slices"])})
    x = np.array(found["cup"]["mm"])[:, 0]
    assert {round(float(one), 9) for one in x} >= {1.505, 2.605}


@pytest.mark.parametrize(("hole_mm", "has_cup"), [(0.4, True), (1.1, False)])
def test_ilm_with_a_hole(eye, shape, hole_mm: float, has_cup: bool) -> None:
    """A hole in the ILM is bridged, unless it is more than half of the opening: then nobody knows."""
    request = eye()
    lines = [
        [row if abs((column + 0.5) * COLUMN_MM - CENTER_MM[0]) > hole_mm / 2 else None for column, row in line]
        for line in request["ilm_list"]
    ]
    found = operation.call(request | {"ilm_list": lines})
    if has_cup:
        assert shape(found["cup"]) == pytest.approx(shape(operation.call(request)["cup"]), abs=1e-3)
    else:
        assert any("do not tell of a cup" in warning for warning in found["warnings"])
