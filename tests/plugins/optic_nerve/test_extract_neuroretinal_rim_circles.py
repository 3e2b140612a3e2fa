"""Disc and cup: circles that come out as circles, tilted discs, missing slices, and inputs that are wrong."""

from __future__ import annotations

from math import cos, hypot, pi, radians, sin, sqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foveola import InputError
from foveola_oct.optic_nerve.extract_neuroretinal_rim_circles import extract_neuroretinal_rim_circles as operation
from foveola_oct.retina import ORIENTATIONS, Orientation

COLUMN_MM, ROW_MM, SLICE_MM = 0.01, 0.004, 0.12
CENTER_MM = (2.0, 1.5)
DISC_MM, CUP_MM, STEEPNESS = 0.9, 0.5, 0.4
RIGHT = ORIENTATIONS[0]

Flat = dict[str, Any]


def test_round_disc_and_cup_come_out_round(eye, shape, orientation: Orientation) -> None:
    """A disc of 0.9 mm and a cup of 0.5 mm are circles of these radii about their centre, however they were scanned."""
    found = operation.call(eye(orientation))
    for name, radius in (("disc", DISC_MM), ("cup", CUP_MM)):
        _, _, least, most = shape(found[name])
        assert (least, most) == pytest.approx((radius, radius), abs=1e-3)
        np.testing.assert_allclose(np.array(found[name]["px"]), np.array(found[name]["mm"]) * 100, rtol=1e-12)
    assert (found["status"], found["warnings"]) == ("found", [])


def test_ellipse_is_the_same_in_all_orientations(eye, orientation: Orientation) -> None:
    """Not only its shape but every vertex: the frame is the clinician's."""
    one, other = (operation.call(eye(scan))["disc"]["mm"] for scan in (RIGHT, orientation))
    np.testing.assert_allclose(one, other, atol=5e-4 if orientation.is_vertical else 1e-9)


def test_documented_answer_has_disc_and_cup_only(eye) -> None:
    """Without extras the body is the guide's."""
    found = operation.call(eye(include_extras=False))
    assert {name: set(circle) for name, circle in found.items()} == {"disc": {"mm", "px"}, "cup": {"mm", "px"}}


def test_raw_polygon_loses_the_caps(eye, shape) -> None:
    """Through the edges alone the disc has 2.481 of 2.545 mm2 and is 1.68 mm high: why ellipses are the default."""
    found = operation.call(eye(ellipse_preprocessing=False, smooth_circles=False))
    area, *_ = shape(found["disc"])
    y = np.array(found["disc"]["mm"])[:, 1]
    assert area == pytest.approx(2.481, abs=5e-3)
    assert np.ptp(y) == pytest.approx(1.68, abs=1e-9)


def test_raw_polygon_runs_down_the_right_and_up_the_left(eye, orientation: Orientation) -> None:
    """Right edges from top to bottom, then left ones from bottom to top; of a vertical scan the same, turned."""
    points = np.array(operation.call(eye(orientation, ellipse_preprocessing=False, smooth_circles=False))["disc"]["mm"])
    along, across = (0, 1) if orientation.is_vertical else (1, 0)
    first, second = np.split(points, 2)
    assert (np.diff(first[:, along]) > 0).all()
    assert (np.diff(second[:, along]) < 0).all()
    assert first[:, across].min() > CENTER_MM[across] > second[:, across].max()


def test_smoothing_concerns_raw_polygons_only(eye, shape) -> None:
    """A smoothed outline has 360 vertices and nearly the raw one's area; an ellipse is as it was."""
    raw, smooth = (
        operation.call(eye(ellipse_preprocessing=False, smooth_circles=is_smoothed))["disc"]
        for is_smoothed in (False, True)
    )
    assert (len(raw["mm"]), len(smooth["mm"])) == (30, 360)
    assert shape(smooth)[0] == pytest.approx(shape(raw)[0], rel=0.02)
    ellipses = [operation.call(eye(smooth_circles=is_smoothed))["disc"] for is_smoothed in (False, True)]
    assert ellipses[0] == ellipses[1]


def test_surface_above_the_line_is_no_excavation(eye) -> None:
    """0.3 mm above the opening there is no cup, and the status says so."""
    found = operation.call(eye(height=lambda radius: np.full_like(radius, 0.3)))
    assert found["cup"] == {"mm": [], "px": []}
    assert (found["status"], found["warnings"]) == ("no_excavation", [])


def test_surface_below_the_line_is_all_cup(eye, shape) -> None:
    """0.1 mm above the opening everywhere the cup is the disc."""
    found = operation.call(eye(height=lambda radius: np.full_like(radius, 0.1)))
    assert shape(found["cup"]) == pytest.approx(shape(found["disc"]), rel=1e-9)


def test_surface_on_the_line_only_touches_it(eye) -> None:
    """An ILM exactly on the raised line is no excavation: rounding decides nothing."""
    assert operation.call(eye(height=lambda radius: np.full_like(radius, 0.15)))["status"] == "no_excavation"


def test_higher_line_cuts_off_a_wider_cup(eye, shape) -> None:
    """At 0.2 mm the cup's radius is sqrt(c2 + 0.05 / k)."""
    _, _, least, most = shape(operation.call(eye(d_mm=0.2))["cup"])
    expected = sqrt(CUP_MM**2 + 0.05 / STEEPNESS)
    assert (least, most) == pytest.approx((expected, expected), abs=1e-3)


@pytest.mark.parametrize("is_filled", [False, True])
def test_missing_ilm_leaves_the_ellipse_unchanged(eye, shape, is_filled: bool) -> None:
    """The cup's ellipse is fitted to measured edges: without the ILM of two middle slices it is the same to 1e-3."""
    whole = operation.call(eye())
    found = operation.call(eye(without=(7, 8), fill_absent_slices=is_filled))
    assert shape(found["cup"]) == pytest.approx(shape(whole["cup"]), abs=1e-3)
    missing = [eye()["nerve_slices"][place] for place in (7, 8)]
    assert found["filled_slices"] == {"disc": [], "cup": missing if is_filled else []}
    assert [str(missing[0]) in warning for warning in found["warnings"]] == [True]


def test_filled_raw_cup_is_nearly_the_whole_one(eye, shape) -> None:
    """With the gap filled the raw cup is within 2 % of the one without gap."""
    plain = {"ellipse_preprocessing": False, "smooth_circles": False}
    whole, filled = (shape(operation.call(eye(without=gap, **plain))["cup"])[0] for gap in ((), (7, 8)))
    assert filled == pytest.approx(whole, rel=0.02)


def test_slices_not_listed_are_filled(eye) -> None:
    """A slice that nobody listed lies between others and gets their edges; one with an ILM and no cup gets no cup."""
    request = eye(ellipse_preprocessing=False, smooth_circles=False)
    kept = [place for place in range(len(request["nerve_slices"])) if place not in {6, 7}]
    for name in ("nerve_slices", "nerve_landmarks_list", "ilm_list"):
        request[name] = [request[name][place] for place in kept]
    request["ilm_list"][7] = np.array([[0, 100], [399, 100]])
    found = operation.call(request)
    flat = request["nerve_slices"][7]
    assert found["filled_slices"]["disc"] == [eye()["nerve_slices"][place] for place in (6, 7)]
    assert found["filled_slices"]["cup"] == found["filled_slices"]["disc"]
    rows = np.round(np.array(found["cup"]["mm"])[:, 1] / SLICE_MM - 0.5).astype(int)
    assert flat not in rows


def test_order_of_the_slices_is_free(eye) -> None:
    """Landmarks and ILM follow nerve_slices, whatever its order."""
    request = eye()
    order = np.random.default_rng(1).permutation(len(request["nerve_slices"]))
    shuffled = request | {
        name: [request[name][place] for place in order] for name in ("nerve_slices", "nerve_landmarks_list", "ilm_list")
    }
    assert operation.call(shuffled)["cup"] == operation.call(request)["cup"]


@pytest.mark.parametrize("degrees", [0, 5, 12, -12])
def test_tilted_disc_is_measured_along_itself(eye, degrees: float) -> None:
    """Turning the content of a B-scan about the middle of the opening scales widths by the cosine and nothing else."""
    turn = radians(degrees)
    rotation = np.array([[cos(turn), -sin(turn)], [sin(turn), cos(turn)]])
    pitch = np.array([COLUMN_MM, ROW_MM])
    request = eye(ellipse_preprocessing=False, smooth_circles=False, fill_absent_slices=False)
    for name in ("nerve_landmarks_list", "ilm_list"):
        turned = []
        for points, ends in zip(request[name], eye()["nerve_landmarks_list"], strict=True):
            middle = np.mean(np.array(ends) * pitch, axis=0)
            turned.append(((np.array(points) * pitch - middle) @ rotation.T + middle) / pitch)
        request[name] = turned
    found, upright = operation.call(request), operation.call(eye(ellipse_preprocessing=False, smooth_circles=False))
    for name in ("disc", "cup"):
        offsets = [np.array(one[name]["mm"])[:, 0] - CENTER_MM[0] for one in (found, upright)]
        np.testing.assert_allclose(offsets[0], offsets[1] * cos(turn), atol=1e-4)


def test_vessel_trunk_in_the_cup_is_bridged(eye, shape) -> None:
    """A bump that rises above the line within the cup does not split it."""

    def with_trunk(radius: np.ndarray) -> np.ndarray:
        return np.where(radius < 0.1, 0.4, 0.15 + STEEPNESS * (radius**2 - CUP_MM**2))

    assert shape(operation.call(eye(height=with_trunk))["cup"]) == pytest.approx(
        shape(operation.call(eye())["cup"]), abs=1e-3
    )


@pytest.mark.parametrize(
    ("count", "points"), [(0, 0), (1, 0), (2, 4)], ids=["no slice", "one slice", "two slices: a quadrilateral"]
)
def test_few_slices(eye, count: int, points: int) -> None:
    """Four points are the fewest of an outline, and they are no ellipse."""
    request = eye(smooth_circles=False)
    for name in ("nerve_slices", "nerve_landmarks_list", "ilm_list"):
        request[name] = request[name][6 : 6 + count]
    found = operation.call(request)
    assert len(found["disc"]["mm"]) == points
    assert len(found["cup"]["mm"]) == points
    assert found["status"] == ("found" if points else "not_found")
    assert bool(found["warnings"]) is (points == 0)


def test_without_any_ilm_there_is_the_disc_only(eye, shape) -> None:
    """All ILM missing: the disc is outlined, the cup is not."""
    found = operation.call(eye(without=range(20)))
    assert shape(found["disc"])[1] == pytest.approx(DISC_MM, abs=1e-3)
    assert found["cup"]["mm"] == []
    assert found["status"] == "no_excavation"


@pytest.mark.parametrize(
    "landmarks",
    [
        [[200, 300], [200, 300]],
        [[200, 300], [200, 310]],
        [[200, 300], [None, None]],
        [[None, None], [None, None]],
    ],
    ids=["no width", "no width, tilted", "one landmark", "none"],
)
def test_slice_without_an_opening_is_absent(eye, shape, landmarks: list[Any]) -> None:
    """A slice that does not show both ends of the opening is filled, and does not disturb the ellipse."""
    request = eye()
    request["nerve_landmarks_list"][4] = landmarks
    found = operation.call(request)
    assert found["filled_slices"]["disc"] == [request["nerve_slices"][4]]
    assert shape(found["disc"]) == pytest.approx(shape(operation.call(eye())["disc"]), abs=1e-3)


def test_outermost_valid_landmarks_are_the_ends(eye) -> None:
    """Of three landmarks, in any order and one of them invalid, the leftmost and the rightmost valid ones count."""
    request = eye()
    request["nerve_landmarks_list"] = [
        [right, [None, None], [(left[0] + right[0]) / 2, 300], left] for left, right in request["nerve_landmarks_list"]
    ]
    assert operation.call(request)["disc"] == operation.call(eye())["disc"]


def test_implausible_ellipse_falls_back_to_the_edges(eye) -> None:
    """An axis ratio over 2.5 is no disc: the outline runs from edge to edge, and a warning says so."""
    request = eye()
    request["nerve_landmarks_list"] = [[[180, 300], [220, 300]]] * len(request["nerve_slices"])
    found = operation.call(request | {"smooth_circles": False})
    assert len(found["disc"]["mm"]) == 2 * len(request["nerve_slices"])
    assert any(warning.startswith("disc: no plausible ellipse") for warning in found["warnings"])


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("ilm_list", {"ilm_list": [[]]}),
        ("nerve_landmarks_list", {"nerve_landmarks_list": [[[1, 2], [3, 4]]]}),
        ("nerve_landmarks_list", {"nerve_landmarks_list": [[[1, 2], [3, 4]], [[1, 2]]]}),
        ("nerve_landmarks_list", {"nerve_landmarks_list": [[[1, 2, 3], [3, 4, 5]]] * 15}),
        ("nerve_landmarks_list", {"nerve_landmarks_list": [[[np.inf, 2], [3, 4]]] * 15}),
        ("nerve_landmarks_list", {"nerve_landmarks_list": [[[1e300, 2], [3, 4]]] * 15}),
        ("nerve_landmarks_list", {"nerve_landmarks_list": None}),
        ("nerve_landmarks_list", {"nerve_landmarks_list": np.array(5)}),
        ("nerve_landmarks_list", {"nerve_landmarks_list": [[], []]}),
        ("nerve_landmarks_list", {"nerve_landmarks_list": []}),
        ("nerve_slices", {"nerve_slices": [5] * 15}),
        ("nerve_slices", {"nerve_slices": list(range(11, 26))}),
        ("nerve_slices", {"nerve_slices": list(range(-1, 14))}),
        ("nerve_slices.0", {"nerve_slices": [0.5] * 15}),
        ("ilm_list.3", {"ilm_list": [[]] * 3 + [[[0, 1], [1, None]]] + [[]] * 11}),
        ("ilm_list.3", {"ilm_list": [[]] * 3 + [["a", "b"]] + [[]] * 11}),
        ("ilm_list.3", {"ilm_list": [[]] * 3 + [5] + [[]] * 11}),
        ("ilm_list.3.points", {"ilm_list": [[]] * 3 + [[{"points": "x", "className": "ilm"}]] + [[]] * 11}),
        ("ilm_list.3", {"ilm_list": [[]] * 3 + [[1.0, np.inf]] + [[]] * 11}),
        ("ilm_list.3", {"ilm_list": [[]] * 3 + [{}] + [[]] * 11}),
        ("ilm_list.3", {"ilm_list": [[]] * 3 + [np.array([1j])] + [[]] * 11}),
        ("ilm_list.3", {"ilm_list": [[]] * 3 + [[1, [2, 3]]] + [[]] * 11}),
        ("ilm_list", {"ilm_list": np.array(5)}),
        ("ilm_list", {"ilm_list": "ilm"}),
        ("d_mm", {"d_mm": 0}),
        ("d_mm", {"d_mm": 150}),
        ("scaling_factor_visualization", {"scaling_factor_visualization": 0}),
        ("slice_direction", {"slice_direction": "LEFT_RIGHT"}),
        ("pixel_spacing_row", {"pixel_spacing_row": 3.87}),
        ("num_slices", {"num_slices": 0}),
    ],
)
def test_wrong_input_is_refused_by_name(eye, field: str, change: Flat) -> None:
    """Unequal lengths, slices that are none, coordinates that are none, µm for mm: the error names the field."""
    with pytest.raises(InputError) as error:
        operation.call(eye() | change)
    assert error.value.field == field


@settings(max_examples=25, deadline=None)
@given(
    radius=st.floats(0.3, 1.2),
    ratio=st.floats(0.3, 0.95),
    off=st.tuples(st.floats(-0.2, 0.2), st.floats(-0.2, 0.2)),
    scan=st.sampled_from(ORIENTATIONS),
)
def test_cup_lies_in_the_disc(
    eye, shape, radius: float, ratio: float, off: tuple[float, float], scan: Orientation
) -> None:
    """Whatever the surface, no point of the cup is outside the disc."""

    def pit(distance: np.ndarray) -> np.ndarray:
        return 0.15 + 0.3 * (np.hypot(distance, off[0]) - radius * ratio) + off[1] * np.cos(9 * distance)

    found = operation.call(eye(scan, height=pit))
    if found["cup"]["mm"]:
        reach = [hypot(x - CENTER_MM[0], y - CENTER_MM[1]) for x, y in found["cup"]["mm"]]
        assert max(reach) <= DISC_MM * (1 + 1e-3)
        assert 0 < shape(found["cup"])[0] <= pi * DISC_MM**2 * (1 + 1e-3)
