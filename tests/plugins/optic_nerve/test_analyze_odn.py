"""Disc, cup and rim: circles with known measures, every cell of the DDLS table, and outlines that are none."""

from __future__ import annotations

from math import acos, cos, degrees, hypot, pi, radians, sin, sqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foveola import InputError
from foveola_oct.optic_nerve.analyze_odn import analyze_odn as operation
from foveola_oct.optic_nerve.analyze_odn import damage_stage

CENTER = (2.0, 1.5)
EXTRAS = {"include_extras": True}

Flat = dict[str, Any]


def circle(radius: float, shift: tuple[float, float] = (0, 0), stretch: float = 1.0, count: int = 1000) -> np.ndarray:
    """A polygon of many corners, as high as it is wide times `stretch`."""
    turns = np.arange(count) * (2 * pi / count)
    return np.column_stack([np.cos(turns), stretch * np.sin(turns)]) * radius + CENTER + shift


def analyse(disk: Any, cup: Any, **values: Any) -> Flat:
    """The operation's documented answer."""
    found: Flat = operation.call({"disk": disk, "cup": cup, **values})
    return found


def test_concentric_circles() -> None:
    """R 0.9, c 0.45: areas, diameters, ratios and the rim by closed forms, stage 3 of an average disc."""
    found = analyse(circle(0.9), circle(0.45))
    close = pytest.approx
    assert found["disc"]["area"] == close(2.544690, rel=1e-3)
    assert found["cup"]["area"] == close(0.636173, rel=1e-3)
    assert found["rim"]["area"] == close(1.908518, rel=1e-3)
    assert found["disc"]["vertical_diameter"] == close(1.8, rel=1e-9)
    assert found["disc"]["horizontal_diameter"] == close(1.8, rel=1e-9)
    assert found["disc"]["center_px"] == close([200, 150])
    assert found["ratios"] == close({"area_cdr": 0.25, "vertical_cdr": 0.5, "horizontal_cdr": 0.5, "linear_cdr": 0.5})
    assert found["rim"]["min_width_ratio"] == close(0.25)
    assert found["rim"]["min_width"] == close(0.45, rel=1e-3)
    assert found["rim"]["mean_width"] == close(dict.fromkeys(("right", "inferior", "left", "superior"), 0.45), rel=1e-3)
    assert found["rim"]["absence_degrees"] == 0
    assert found["ddls"] == {"stage": 3, "disc_size": "average"}


def test_rim_that_is_everywhere_the_same_is_narrowest_on_the_right() -> None:
    """Of a whole circle of equal ratios angle 0 is named, and the ends lie there."""
    rim = analyse(circle(0.9), circle(0.45), scaling_factor_visualization=10)["rim"]
    assert rim["min_width_angle"] == 0
    np.testing.assert_allclose(rim["min_width_points_px"], [[24.5, 15], [29, 15]], atol=1e-9)


@pytest.mark.parametrize(
    ("disc_mm", "cup_mm", "stage", "size"),
    [(0.9, 0.45, 3, "average"), (0.7, 0.35, 4, "small"), (1.1, 0.55, 2, "large"), (0.9, 0.05, 1, "average")],
)
def test_stage_of_concentric_circles(disc_mm: float, cup_mm: float, stage: int, size: str) -> None:
    """The same ratio of rim to disc is a higher stage in a small disc."""
    assert analyse(circle(disc_mm), circle(cup_mm))["ddls"] == {"stage": stage, "disc_size": size}


def test_eccentric_cup() -> None:
    """A cup of 0.5 mm, 0.25 to the right in a disc of 0.9: the rim is 0.15 at angle 0, stage 5."""
    found = analyse(circle(0.9), circle(0.5, (0.25, 0)))
    assert found["rim"]["min_width"] == pytest.approx(0.15, rel=1e-3)
    assert found["rim"]["min_width_angle"] == 0
    assert found["rim"]["min_width_ratio"] == pytest.approx(0.083333, rel=1e-3)
    assert found["ddls"]["stage"] == 5
    assert found["rim"]["mean_width"]["superior"] == pytest.approx(found["rim"]["mean_width"]["inferior"], rel=1e-9)


@pytest.mark.parametrize(("shift", "angle"), [((0, 0.25), 90), ((-0.25, 0), -180), ((0, -0.25), -90), ((0.2, 0.2), 45)])
def test_angles_are_clockwise_from_the_right(shift: tuple[float, float], angle: float) -> None:
    """0 is right, 90 inferior, -180 left, -90 superior."""
    assert analyse(circle(0.9), circle(0.5, shift))["rim"]["min_width_angle"] == angle


@pytest.mark.parametrize(
    ("disc_mm", "cup_mm", "ratio", "absent", "stage"),
    [(0.9, 0.7, 0, 96.379, 8), (0.9, 0.7, 0.01, 101.2, 8), (1.1, 0.9, 0, 100.958, 7), (1.1, 0.9, 0.01, 107.147, 7)],
)
def test_cup_that_passes_the_disc(disc_mm: float, cup_mm: float, ratio: float, absent: float, stage: int) -> None:
    """Where the cup reaches the disc the rim is absent, over an arc that the cosine rule gives."""
    shift = 0.4
    found = analyse(circle(disc_mm), circle(cup_mm, (shift, 0)), rim_absence_ratio=ratio)
    reach = disc_mm * (1 - 2 * ratio)
    exact = 2 * degrees(acos((reach**2 + shift**2 - cup_mm**2) / (2 * reach * shift)))
    assert exact == pytest.approx(absent, rel=1e-3)
    assert found["rim"]["absence_degrees"] == pytest.approx(exact, abs=0.101)
    assert found["ddls"]["stage"] == stage
    if ratio == 0:  # the middle of the arc; a tolerance does not move it
        assert found["rim"]["min_width_angle"] == pytest.approx(0, abs=0.1)
        assert found["rim"]["min_width"] == 0


def test_cup_is_clipped_to_the_disc() -> None:
    """The part of the cup outside the disc does not count: 1.324606 mm2 are left, and a rim of 1.220084."""
    found = analyse(circle(0.9), circle(0.7, (0.4, 0)))
    assert found["cup"]["area"] == pytest.approx(1.324606, rel=1e-3)
    assert found["rim"]["area"] == pytest.approx(1.220084, rel=1e-3)


def test_elliptic_disc() -> None:
    """Half-axes 0.8 and 1.0, the cup 0.58 of them: 2.0 mm high is still average; the linear ratios are 0.58."""
    found = analyse(circle(0.8, stretch=1.25), circle(0.8 * 0.58, stretch=1.25))
    assert found["disc"]["vertical_diameter"] == pytest.approx(2.0, rel=1e-9)
    assert found["ratios"] == pytest.approx(
        {"area_cdr": 0.58**2, "vertical_cdr": 0.58, "horizontal_cdr": 0.58, "linear_cdr": 0.58}
    )
    assert found["rim"]["min_width_ratio"] == pytest.approx(0.21)
    assert found["ddls"] == {"stage": 3, "disc_size": "average"}


def test_quarter_turn_swaps_the_diameters() -> None:
    """Turned by 90 degrees, areas and their ratio stay, vertical and horizontal swap."""
    disc, cup = circle(0.8, stretch=1.2), circle(0.4, (0.1, 0.05), stretch=1.1)
    one, other = analyse(disc, cup), analyse(disc[:, ::-1], cup[:, ::-1])
    assert other["ratios"]["area_cdr"] == pytest.approx(one["ratios"]["area_cdr"])
    assert other["ratios"]["vertical_cdr"] == pytest.approx(one["ratios"]["horizontal_cdr"])
    assert other["disc"]["horizontal_diameter"] == pytest.approx(one["disc"]["vertical_diameter"])
    assert other["rim"]["mean_width"]["right"] == pytest.approx(one["rim"]["mean_width"]["inferior"])


STEP = 1e-4

# PMC1856990, table 1: the stages of small, average and large discs by the narrowest rim over the disc's diameter, at
# both ends of each cell, and by the degrees without rim.
BY_RATIO = {
    (0.9, 0.5): (1, 1, 1),
    (0.5 - STEP, 0.4): (2, 1, 1),
    (0.4 - STEP, 0.3): (3, 2, 1),
    (0.3 - STEP, 0.2): (4, 3, 2),
    (0.2 - STEP, 0.1): (5, 4, 3),
    (0.1 - STEP, 0.011): (6, 5, 4),
}
BY_ABSENCE = {
    (0.1, 45): (7, 6, 5),
    (45.1, 90): (8, 7, 6),
    (90.1, 180): (9, 8, 7),
    (180.1, 270): (10, 9, 8),
    (270.1, 360): (10, 10, 9),
}
SIZES = ("small", "average", "large")


@pytest.mark.parametrize(
    ("size", "ratio", "absent", "stage"),
    [
        (size, ratio, 0.0, stages[SIZES.index(size)])
        for ends, stages in BY_RATIO.items()
        for ratio in (*ends, ends[1] - 5e-7)
        for size in SIZES
    ]
    + [
        (size, 0.0, absent, stages[SIZES.index(size)])
        for ends, stages in BY_ABSENCE.items()
        for absent in (*ends, ends[1] + 5e-7)
        for size in SIZES
    ],
)
def test_every_cell_of_the_table(size: Any, ratio: float, absent: float, stage: int) -> None:
    """Each stage at both borders of its cell; a rounding error does not leave it."""
    assert damage_stage(size, ratio, absent) == stage


@pytest.mark.parametrize(
    ("diameter", "size"),
    [
        (1.499, "small"),
        (1.5 - 1e-9, "average"),
        (1.5, "average"),
        (2.0, "average"),
        (2.0 + 1e-9, "average"),
        (2.001, "large"),
    ],
)
def test_disc_size_is_the_vertical_diameter(diameter: float, size: str) -> None:
    """Small below 1.5 mm, large above 2.0, whatever the width."""
    assert analyse(circle(0.6, stretch=diameter / 1.2), circle(0.2))["ddls"]["disc_size"] == size


@pytest.mark.parametrize(("cup_mm", "stage"), [(0.0 + 1e-4, 1), (0.18, 1), (0.36, 2), (0.54, 3), (0.72, 4), (0.8, 5)])
def test_exact_ratios_are_not_lost_to_rounding(cup_mm: float, stage: int) -> None:
    """In R 0.9 a cup of 0.54 leaves a ratio of exactly 0.2: stage 3, not 4."""
    assert analyse(circle(0.9), circle(cup_mm))["ddls"]["stage"] == stage


@pytest.mark.parametrize(("absent", "stage"), [(45, 6), (90, 7), (180, 8), (270, 9), (360, 10)])
def test_absent_rim_of_known_extent(absent: int, stage: int) -> None:
    """A cup that is the disc over an arc: the extent decides, at its upper border too."""
    turns = np.radians(np.arange(0.05, 360, 0.1))
    radii = np.where(turns < radians(absent), 0.9, 0.5)
    cup = np.column_stack([np.cos(turns), np.sin(turns)]) * radii[:, None] + CENTER
    disc = np.column_stack([np.cos(turns), np.sin(turns)]) * 0.9 + CENTER
    found = analyse(disc, cup)
    assert found["rim"]["absence_degrees"] == pytest.approx(absent, abs=0.11)
    assert found["ddls"]["stage"] in ({stage} if absent == 360 else {stage, stage + 1})
    assert damage_stage("average", 0, absent) == stage


@pytest.mark.parametrize(
    "cup",
    [[], np.empty((0, 2)), [[2, 1.5], [2.1, 1.5]], [[2, 1.5], [2.1, 1.5], [2.2, 1.5]], circle(0.3, (5, 0))],
    ids=["none", "empty array", "two points", "on a line", "outside the disc"],
)
def test_without_excavation_there_is_the_disc_only(cup: Any) -> None:
    """No cup, no rim, no ratio, no stage: null, not zero."""
    found = analyse(circle(0.9), cup)
    assert found["disc"]["area"] == pytest.approx(2.544690, rel=1e-3)
    assert {name for name, part in found.items() if part is None} == {"cup", "rim", "ratios", "ddls"}


@pytest.mark.parametrize(("disc_mm", "stage"), [(0.9, 10), (0.7, 10), (1.1, 9)])
def test_cup_that_covers_the_disc(disc_mm: float, stage: int) -> None:
    """No rim anywhere: area 0, absent over 360 degrees, the last stage."""
    found = analyse(circle(disc_mm), circle(2.0))
    assert found["rim"]["area"] == pytest.approx(0, abs=1e-12)
    assert (found["rim"]["absence_degrees"], found["rim"]["min_width_angle"]) == (360, 0)
    assert found["ddls"]["stage"] == stage


def test_outline_that_crosses_itself_is_mended() -> None:
    """Of a bow tie the larger half is the disc."""
    bow = np.array([(0, 0), (3, 3), (3, 0), (0, 2)], dtype=float)
    crossing = 2 * 3 / 5  # of y = x and y = 2 - 2 x / 3
    assert analyse(bow, [])["disc"]["area"] == pytest.approx(3 * (3 - crossing) / 2)


def test_very_concave_disc_is_warned_of() -> None:
    """A crescent's centroid lies outside of it."""
    turns = np.radians(np.arange(-90, 91))
    arc = np.column_stack([np.cos(turns), np.sin(turns)])
    crescent = np.vstack([arc, 0.9 * arc[::-1]])
    assert len(analyse(crescent, [], **EXTRAS)["warnings"]) == 1
    assert analyse(circle(0.9), [], **EXTRAS)["warnings"] == []


@pytest.mark.parametrize(("laterality", "nasal", "temporal"), [("R", "right", "left"), ("L", "left", "right")])
def test_isnt_is_by_anatomy(laterality: str, nasal: str, temporal: str) -> None:
    """Nasal is right in a right eye and left in a left eye."""
    found = analyse(circle(0.9), circle(0.45, (-0.12, -0.08)), laterality=laterality, **EXTRAS)
    widths, isnt = found["rim"]["mean_width"], found["isnt"]
    expected = [widths[side] for side in ("inferior", "superior", nasal, temporal)]
    assert [isnt[letter] for letter in "ISNT"] == expected
    assert isnt["rule_kept"] is (expected == sorted(expected, reverse=True))


def test_isnt_needs_the_laterality() -> None:
    """Without it there is no nasal side, and no field."""
    assert "isnt" not in analyse(circle(0.9), circle(0.45), **EXTRAS)


def test_healthy_rim_keeps_the_rule() -> None:
    """Widest below, then above, nasally, temporally."""
    turns = np.radians(np.arange(0, 360, 0.5))
    width = 0.3 + 0.06 * np.sin(turns) + 0.02 * np.cos(turns) - 0.1 * np.cos(2 * turns)
    rays = np.column_stack([np.cos(turns), np.sin(turns)])
    found = analyse(0.9 * rays + CENTER, (0.9 - width)[:, None] * rays + CENTER, laterality="R", **EXTRAS)
    assert found["isnt"]["rule_kept"] is True
    mirrored = analyse(0.9 * rays + CENTER, (0.9 - width)[:, None] * rays + CENTER, laterality="L", **EXTRAS)
    assert mirrored["isnt"]["rule_kept"] is False


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("disk", {"disk": []}),
        ("disk", {"disk": [[0, 0], [1, 1]]}),
        ("disk", {"disk": [[0, 0], [1, 1], [2, 2]]}),
        ("disk", {"disk": [[0, 0], [1, None], [2, 0]]}),
        ("disk", {"disk": [[0, 0], [1, np.inf], [2, 0]]}),
        ("disk", {"disk": [[0, 0], [1e12, 0], [2, 9]]}),
        ("disk", {"disk": circle(0.9) * 100}),
        ("disk", {"disk": "disc"}),
        ("cup", {"cup": [[0, 0], [1, np.nan], [2, 0]]}),
        ("cup", {"cup": [[0, 0], [-1e300, 0], [2, 9]]}),
        ("cup", {"cup": None}),
        ("small_disc_mm", {"small_disc_mm": 2.5}),
        ("n_angles", {"n_angles": 3}),
        ("rim_absence_ratio", {"rim_absence_ratio": -0.1}),
        ("laterality", {"laterality": "OD"}),
        ("scaling_factor_visualization", {"scaling_factor_visualization": -1}),
    ],
)
def test_wrong_input_is_refused_by_name(field: str, change: Flat) -> None:
    """An outline that encloses nothing, coordinates that are none, ranges: the error names the field."""
    with pytest.raises(InputError) as error:
        operation.call({"disk": circle(0.9), "cup": circle(0.4)} | change)
    assert error.value.field == field


@settings(max_examples=40, deadline=None)
@given(
    disc_mm=st.floats(0.5, 1.3),
    share=st.floats(0.1, 1.2),
    shift=st.tuples(st.floats(-0.5, 0.5), st.floats(-0.5, 0.5)),
    turn=st.floats(-180, 180),
)
def test_rotation_and_bounds(disc_mm: float, share: float, shift: tuple[float, float], turn: float) -> None:
    """Areas and the narrowest rim do not depend on how the eye was turned; ratios lie between 0 and 1."""
    disc, cup = circle(disc_mm, count=720) - CENTER, circle(disc_mm * share, shift, count=720) - CENTER
    spin = np.array([[cos(radians(turn)), -sin(radians(turn))], [sin(radians(turn)), cos(radians(turn))]])
    one, other = analyse(disc, cup), analyse(disc @ spin, cup @ spin)
    if hypot(*shift) + 1e-3 > disc_mm * (1 + share):
        return
    assert other["ratios"]["area_cdr"] == pytest.approx(one["ratios"]["area_cdr"], rel=1e-9)
    assert other["rim"]["min_width_ratio"] == pytest.approx(one["rim"]["min_width_ratio"], abs=2e-3)
    for name in ("area_cdr", "vertical_cdr", "horizontal_cdr", "linear_cdr"):
        assert 0 < one["ratios"][name] <= 1 + 1e-12
    assert 0 <= one["rim"]["min_width_ratio"] <= 1
    assert 1 <= one["ddls"]["stage"] <= 10
    assert sqrt(one["ratios"]["area_cdr"]) == one["ratios"]["linear_cdr"]
