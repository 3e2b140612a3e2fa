"""What a scan is of."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foveola import InputError
from foveola_oct.exam_info.get_exam_type import get_exam_type

NAMES = {
    "M": "is_macula_scan",
    "D": "is_optic_disk_scan",
    "W": "is_wide_scan",
    "PM": "is_probably_pathological_macula_scan",
    "PW": "is_probably_pathological_wide_scan",
    "U": "something_unusual",
}
STATUS = {"yes": "found", "no": "not_found"}
LANDMARKS = st.sampled_from(["found", "not_found"])
SIDES = st.one_of(st.none(), st.floats(0.1, 20.0))

# no size; lo < 3, hi <= 8; lo >= 3, hi <= 8; lo >= 3, 8 < hi <= 9; lo < 3, 8 < hi <= 9; hi > 9
SIZES = [(None, None), (2.0, 6.0), (3.5, 7.0), (4.0, 8.5), (1.0, 9.0), (2.0, 12.0)]
TABLE = [
    ("yes", "no", "M U M M U W"),
    ("yes", "yes", "W U M M U W"),
    ("no", "yes", "D D D U U PW"),
    ("no", "no", "U U PM PM U PW"),
]


def type_of(height, width, fovea, nerve, **more):
    """Ask for a type, with yes and no for the landmarks."""
    return get_exam_type.call(
        {
            "exam_height_mm": height,
            "exam_width_mm": width,
            "fovea_status": STATUS[fovea],
            "nerve_status": STATUS[nerve],
            **more,
        }
    )


@pytest.mark.parametrize(
    ("size", "fovea", "nerve", "expected"),
    [
        pytest.param(size, fovea, nerve, name, id=f"{size[0]}x{size[1]}-fovea_{fovea}-nerve_{nerve}-{name}")
        for fovea, nerve, row in TABLE
        for size, name in zip(SIZES, row.split(), strict=True)
    ],
)
def test_every_cell_of_the_table(size, fovea, nerve, expected):
    """The 24 cells, whichever side is the longer."""
    assert type_of(*size, fovea, nerve) == {"status": NAMES[expected]}
    assert type_of(*reversed(size), fovea, nerve) == {"status": NAMES[expected]}


@pytest.mark.parametrize(
    ("height", "width", "fovea", "nerve", "expected"),
    [
        (6, 6, "yes", "no", "M"),
        (9, 9, "yes", "yes", "M"),
        (12, 9, "yes", "yes", "W"),
        (6, 6, "no", "yes", "D"),
        (8.5, 8.5, "no", "yes", "U"),
        (12, 9, "no", "yes", "PW"),
        (2, 2, "yes", "no", "U"),
        (2.4, 2.4, "no", "yes", "D"),
        (6, 6, "no", "no", "PM"),
        (6, 1, "yes", "no", "U"),
    ],
)
def test_scans_as_they_come(height, width, fovea, nerve, expected):
    """Sizes of real protocols."""
    assert type_of(height, width, fovea, nerve) == {"status": NAMES[expected]}


@pytest.mark.parametrize("unknown", [None, float("nan"), 0, 0.0, np.float64("nan"), "missing"], ids=repr)
def test_unknown_sides(unknown):
    """Missing, null, NaN and 0 say nothing; one known side is taken for both."""
    sides = {"exam_height_mm": unknown, "exam_width_mm": unknown}
    if unknown == "missing":
        sides = {}
    found = {"fovea_status": "found", "nerve_status": "found"}
    assert get_exam_type.call({**sides, **found}) == {"status": NAMES["W"]}
    assert get_exam_type.call({**sides, "exam_width_mm": 6.0, **found}) == {"status": NAMES["M"]}
    assert get_exam_type.call({**sides, "exam_height_mm": 12.0, **found}) == {"status": NAMES["W"]}


@pytest.mark.parametrize(
    ("side", "fovea", "nerve", "within", "beyond"),
    [(3.0, "yes", "no", "M", "U"), (9.0, "yes", "no", "M", "W"), (8.0, "no", "yes", "D", "U")],
    ids=["unusual", "wide", "optic_disk"],
)
def test_boundaries_are_inclusive(side, fovea, nerve, within, beyond):
    """On a boundary, up to rounding, a scan is within it."""
    outwards = -1 if side == 3.0 else 1
    assert type_of(side, side, fovea, nerve)["status"] == NAMES[within]
    assert type_of(side + outwards * 5e-7, 6.0, fovea, nerve)["status"] == NAMES[within]
    assert type_of(side + outwards * 1e-3, 6.0, fovea, nerve)["status"] == NAMES[beyond]


def test_tolerance_widens_upper_bounds_only():
    """A scan of 9.02 mm that is called 9 mm is a macular one if so told; small scans stay unusual."""
    assert type_of(9.02, 9.02, "yes", "no")["status"] == NAMES["W"]
    assert type_of(9.02, 9.02, "yes", "no", size_tolerance_mm=0.05)["status"] == NAMES["M"]
    assert type_of(8.02, 8.02, "no", "yes", size_tolerance_mm=0.05)["status"] == NAMES["D"]
    assert type_of(2.98, 2.98, "yes", "no", size_tolerance_mm=0.05)["status"] == NAMES["U"]


def test_first_rule_wins_where_the_disc_bound_is_the_larger():
    """With an optic bound above the wide one, a disc scan is found before a pathological wide one."""
    assert type_of(10, 10, "no", "yes", optic_disk_scan_boundary_mm=11)["status"] == NAMES["D"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"exam_height_mm": -1}, "exam_height_mm"),
        ({"exam_width_mm": float("inf")}, "exam_width_mm"),
        ({"exam_width_mm": float("-inf")}, "exam_width_mm"),
        ({"exam_width_mm": "6"}, "exam_width_mm"),
        ({"exam_width_mm": False}, "exam_width_mm"),
        ({"fovea_status": "yes"}, "fovea_status"),
        ({"nerve_status": None}, "nerve_status"),
        ({"unusual_scan_boundary_mm": 9.5}, "unusual_scan_boundary_mm"),
        ({"unusual_scan_boundary_mm": 0}, "unusual_scan_boundary_mm"),
        ({"wide_scan_boundary_mm": 2.9}, "unusual_scan_boundary_mm"),
        ({"optic_disk_scan_boundary_mm": 0}, "optic_disk_scan_boundary_mm"),
        ({"size_tolerance_mm": -0.1}, "size_tolerance_mm"),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(f"{k}_{v}" for k, v in value.items()),
)
def test_wrong_input_is_refused_by_name(wrong, field):
    """What is wrong is named."""
    request = {"exam_height_mm": 6, "exam_width_mm": 6, "fovea_status": "found", "nerve_status": "found"}
    with pytest.raises(InputError) as refused:
        get_exam_type.call(request | wrong)
    assert refused.value.field == field


@pytest.mark.parametrize("missing", ["fovea_status", "nerve_status"])
def test_landmarks_must_be_told(missing):
    """Whether the landmarks were found is required."""
    request = {"fovea_status": "found", "nerve_status": "found"}
    del request[missing]
    with pytest.raises(InputError) as refused:
        get_exam_type.call(request)
    assert refused.value.field == missing


@given(height=SIDES, width=SIDES, fovea=LANDMARKS, nerve=LANDMARKS)
def test_sides_are_interchangeable(height, width, fovea, nerve):
    """Height and width have no say of their own."""
    assert get_exam_type(fovea, nerve, height, width) == get_exam_type(fovea, nerve, width, height)
