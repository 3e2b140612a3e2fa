"""Symmetry of two eyes: closed forms, what must not change the score, and graphs that are none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foveola import InputError
from foveola.units import Unit, unit_of
from foveola_oct.optic_nerve.compare_odn_rnfl_graphs import compare_odn_rnfl_graphs as operation

PHI = np.radians(-175 + 10 * np.arange(36))

Graph = dict[str, float | None]


def graph(values: Any) -> Graph:
    """A graph of one value throughout, or of 36; NaN is null."""
    return {str(k): None if np.isnan(value) else float(value) for k, value in enumerate(np.broadcast_to(values, 36))}


def score(a: Any, b: Any, tolerance: float = 0.0, points: int = 360) -> float | None:
    """The documented answer's only field."""
    found = operation.call(
        {"graph_a": graph(a), "graph_b": graph(b), "equality_tolerance_mm": tolerance, "interpolation_points": points}
    )
    assert set(found) == {"similarity_score"}
    return found["similarity_score"]


@pytest.mark.parametrize(
    ("a", "b", "tolerance", "expected"),
    [
        (0.10, 0.10, 0, 1),
        (0.10, 0.09, 0, 0.9),
        (0.10, 0.09, 0.005, 0.95),
        (0.10, 0.09, 0.01, 1),
        (0.10, 0.0, 0.02, 0.2),
        (0.10, 0.0, 0, 0),
        (0.0, 0.0, 0, 1),
        (0.1 + 0.02 * np.cos(PHI), 0.1 + 0.02 * np.cos(-PHI), 0, 1),
    ],
    ids=[
        "same",
        "a tenth less",
        "half of it tolerated",
        "all of it",
        "one eye blank",
        "strictly",
        "both blank",
        "mirror",
    ],
)
def test_closed_forms(a: Any, b: Any, tolerance: float, expected: float) -> None:
    """One less what exceeds the tolerance, over the thicker."""
    assert score(a, b, tolerance) == pytest.approx(expected, abs=1e-9)


def test_missing_sectors_are_bridged_round_the_circle() -> None:
    """Null at both ends of the graph is interpolated across temporal; a straight run loses nothing."""
    ramp = 0.1 + 0.001 * np.abs(np.arange(36) - 17.5)
    holed = ramp.copy()
    holed[[5, 20]] = np.nan
    assert score(ramp, holed) == pytest.approx(1, abs=1e-9)
    flat, ends = np.full(36, 0.1), np.full(36, 0.1)
    ends[[0, 1, 34, 35]] = np.nan
    assert score(flat, ends) == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize(("missing", "is_scored"), [(18, True), (19, False), (36, False)])
def test_half_a_graph_is_enough(missing: int, is_scored: bool) -> None:
    """With more than 18 of 36 sectors null there is no score, but a warning."""
    holed = np.full(36, 0.1)
    holed[:missing] = np.nan
    for a, b in ((holed, 0.1), (0.1, holed)):
        answer = operation.call(
            {
                "graph_a": graph(a),
                "graph_b": graph(b),
                "equality_tolerance_mm": 0,
                "interpolation_points": 36,
                "include_extras": True,
            }
        )
        assert (answer["similarity_score"] is not None) is is_scored
        assert len(answer["warnings"]) == (0 if is_scored else 1)


def test_pearson_is_an_extra() -> None:
    """Correlation is blind to what all sectors lose alike; of a constant there is none."""
    request = {"equality_tolerance_mm": 0, "interpolation_points": 360, "include_extras": True}
    wave = 0.1 + 0.02 * np.cos(PHI)
    found = operation.call({"graph_a": graph(wave), "graph_b": graph(wave / 2), **request})
    assert found["pearson_r"] == pytest.approx(1)
    assert found["similarity_score"] == pytest.approx(0.5)
    assert "pearson_r" not in operation.call({"graph_a": graph(0.1), "graph_b": graph(wave), **request})


thicknesses = st.lists(st.one_of(st.just(float("nan")), st.floats(0, 0.4)), min_size=36, max_size=36).map(np.array)
scorable = thicknesses.filter(lambda values: np.isnan(values).sum() <= 18)


@given(a=scorable, b=scorable, tolerance=st.floats(0, 0.1), points=st.integers(36, 400))
def test_score_is_symmetric_and_bounded(a: np.ndarray, b: np.ndarray, tolerance: float, points: int) -> None:
    """It lies between 0 and 1, does not care which eye comes first, and more tolerance never lowers it."""
    found = score(a, b, tolerance, points)
    assert found is not None
    assert -1e-12 <= found <= 1
    assert score(b, a, tolerance, points) == pytest.approx(found, abs=1e-12)
    assert score(a, b, tolerance + 0.01, points) >= found - 1e-12  # type: ignore[operator]


@given(a=scorable, b=scorable, tolerance=st.floats(0, 0.1), factor=st.floats(0.1, 5), turn=st.integers(0, 35))
def test_scale_and_rotation_change_nothing(
    a: np.ndarray, b: np.ndarray, tolerance: float, factor: float, turn: int
) -> None:
    """The same factor on all, or the same turn of both at a multiple of 36 points, leaves the score."""
    found = score(a, b, tolerance, 72)
    assert score(a * factor, b * factor, tolerance * factor, 72) == pytest.approx(found, abs=1e-6)
    assert score(np.roll(a, turn), np.roll(b, turn), tolerance, 72) == pytest.approx(found, abs=1e-9)


def _without(graph_: Graph) -> Graph:
    return {key: value for key, value in graph_.items() if key != "17"}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (_without, "graph_a"),
        (lambda one: one | {"36": 0.1}, "graph_a"),
        (lambda one: _without(one) | {"seventeen": 0.1}, "graph_a"),
        (lambda one: one | {"4": -0.01}, "graph_a.4"),
        (lambda one: one | {"4": 95.0}, "graph_a.4"),
        (lambda one: one | {"4": float("nan")}, "graph_a.4"),
        (lambda one: one | {"4": "0.1"}, "graph_a.4"),
        (lambda _: [0.1] * 36, "graph_a"),
    ],
    ids=["sector missing", "37 sectors", "other key", "negative", "µm", "NaN", "text", "list"],
)
def test_graphs_that_are_none_are_refused(change: Callable[[Graph], Any], field: str) -> None:
    """The error names the sector, and asks about µm where the number can be nothing else."""
    request = {"graph_b": graph(0.1), "equality_tolerance_mm": 0, "interpolation_points": 360}
    with pytest.raises(InputError) as error:
        operation.call({"graph_a": change(graph(0.1)), **request})
    assert error.value.field == field
    assert ("µm?" in str(error.value)) is ("95" in str(error.value))


@pytest.mark.parametrize(
    "change",
    [
        {"equality_tolerance_mm": -0.1},
        {"interpolation_points": 35},
        {"interpolation_points": 36_001},
        {"interpolation_points": 36.5},
    ],
)
def test_ranges(change: Mapping[str, Any]) -> None:
    """Tolerance and number of points have ranges."""
    request = {"graph_a": graph(0.1), "graph_b": graph(0.1), "equality_tolerance_mm": 0, "interpolation_points": 360}
    with pytest.raises(InputError) as error:
        operation.call(request | change)
    assert error.value.field in change


def test_tolerance_is_a_length() -> None:
    """A recipe may say it in µm."""
    annotation: Any = operation.parameters["equality_tolerance_mm"].annotation
    assert unit_of(annotation) == Unit("mm")
