"""Thickness in the nine ETDRS fields."""

from __future__ import annotations

from math import pi

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foveola import InputError
from foveola_oct.circles.get_etdrs import get_etdrs
from foveola_oct.retina import ORIENTATIONS

FINE = (0.02, 0.02)
SPARSE = (0.24, 6 / 512)
FIELDS = [(0, 0), *((level, index) for level in (1, 2) for index in range(4))]


def etdrs(orientation, scan, micrometres, **more):
    """Ask for the fields of a canonical map in µm."""
    pixels = orientation.to_acquisition(np.asarray(micrometres, float) / (scan["pixel_spacing_row"] * 1000))
    request = {"layers_thickness_maps": {"rnfl": pixels}, "used_layers": ["rnfl"], "statistics": ["mean"], **scan}
    return get_etdrs.call(request | more)


def each(answer, statistic="mean"):
    """List one statistic of the nine fields."""
    return [answer[str(level)][str(index)][statistic] for level, index in FIELDS]


@pytest.mark.parametrize("pitch", [FINE, SPARSE, (0.05, 0.3)], ids=["fine", "sparse_rows", "sparse_columns"])
def test_constant_has_its_value_and_no_spread(shape_of, orientation, scan_of, pitch):
    """50 px of 4 µm are 200 µm in every field, whatever the orientation and the anisotropy."""
    answer = etdrs(
        orientation, scan_of(orientation, *pitch), np.full(shape_of(pitch), 200.0), statistics=["mean", "std"]
    )
    assert each(answer) == pytest.approx([200.0] * 9, abs=1e-9)
    assert each(answer, "std") == pytest.approx([0.0] * 9, abs=1e-9)


@pytest.mark.parametrize(
    ("axis", "means", "spreads"),
    [
        pytest.param(
            "up",
            [300, 300, 202.466, 300, 397.534, 300, 89.926, 300, 510.074],
            [25, 47.656, 26.757, 47.656, 26.757],
            id="superior",
        ),
        pytest.param(
            "right",
            [300, 397.534, 300, 202.466, 300, 510.074, 300, 89.926, 300],
            [25, 26.757, 47.656, 26.757, 47.656],
            id="right",
        ),
    ],
)
def test_ramp_has_the_moments_of_its_sectors(shape_of, orientation, scan_of, plane, axis, means, spreads):
    """A ramp of 100 µm per mm gives the closed forms, and tells each sector by name."""
    y_up, right = plane(shape_of(FINE), *FINE)
    ramp = 300 + 100 * (y_up if axis == "up" else right)
    answer = etdrs(orientation, scan_of(orientation, *FINE), ramp, statistics=["mean", "std"])
    assert each(answer) == pytest.approx(means, rel=1e-4)
    assert each(answer, "std")[:5] == pytest.approx(spreads, rel=1e-3)


def test_ramp_on_a_sparse_scan(shape_of, orientation, scan_of, plane):
    """B-scans 0.24 mm apart still give the means of a ramp to 0.1 %."""
    y_up, _ = plane(shape_of(SPARSE), *SPARSE)
    answer = etdrs(orientation, scan_of(orientation, *SPARSE), 300 + 100 * y_up)
    assert each(answer) == pytest.approx([300, 300, 202.466, 300, 397.534, 300, 89.926, 300, 510.074], rel=1e-3)


def test_rings_are_told_apart(shape_of, orientation, scan_of, plane):
    """A radial step gives each ring its own value, up to the cells that two rings share."""
    y_up, right = plane(shape_of(FINE), *FINE)
    radius = np.hypot(y_up, right)
    steps = np.select([radius < 0.5, radius < 1.5], [200.0, 350.0], 300.0)
    answer = etdrs(orientation, scan_of(orientation, *FINE), steps)
    assert each(answer) == pytest.approx([200] + [350] * 4 + [300] * 4, rel=1e-2)


def test_layers_add_up(shape_of, orientation, scan_of):
    """10 and 20 px of two layers are 30 px of one; maps may come as a list in the order of the layers."""
    scan, flat = scan_of(orientation, *SPARSE), np.ones(shape_of(SPARSE))
    ten, twenty = orientation.to_acquisition(10 * flat), orientation.to_acquisition(20 * flat)
    request = {"used_layers": ["gcl", "ipl"], "statistics": ["mean"], **scan}
    for maps in ({"ipl": twenty, "gcl": ten, "rnfl": 9 * ten}, [ten, twenty], ten + twenty):
        assert each(get_etdrs.call({"layers_thickness_maps": maps, **request})) == pytest.approx([120.0] * 9)


@pytest.mark.parametrize(("last", "expected"), [(-90, 200.0), (-81, None)], ids=["half", "60_percent"])
def test_unmeasured_part_of_a_sector(shape_of, orientation, scan_of, plane, last, expected):
    """A sector is reported from half of it; with 60 % missing it is null, and a warning names it."""
    y_up, right = plane(shape_of(FINE), *FINE)
    radius, angle = np.hypot(y_up, right), np.degrees(np.arctan2(-y_up, right))
    hole = (radius > 0.4) & (radius < 1.6) & (angle > -135) & (angle < last)
    values = np.where(hole, np.nan, 200.0)
    answer = etdrs(orientation, scan_of(orientation, *FINE), values, min_coverage=0.49, include_extras=True)
    assert answer["1"]["3"]["mean"] == (None if expected is None else pytest.approx(expected))
    assert each(answer)[1:4] == pytest.approx([200.0] * 3)
    assert answer["coverage"]["1"]["3"] == pytest.approx(0.5 if expected else 0.4, abs=0.02)
    assert any("1.3" in warning for warning in answer["warnings"]) is (expected is None)


def test_exactly_half_of_a_sector_is_enough(shape_of, scan_of):
    """With the default of one half, a sector cut along its middle is reported."""
    orientation = ORIENTATIONS[0]
    values = np.full(shape_of(FINE), 200.0)
    values[: len(values) // 2, : len(values) // 2] = np.nan
    answer = etdrs(orientation, scan_of(orientation, *FINE), values)
    assert each(answer) == pytest.approx([200.0] * 9)


def test_superior_left_corner_counts_as_such(shape_of, orientation, scan_of, plane):
    """What is thick above and to the left of the fovea raises the superior and the left fields alone."""
    y_up, right = plane(shape_of(FINE), *FINE)
    marked = np.where((y_up > 0) & (right < 0), 300.0, 200.0)
    answer = etdrs(orientation, scan_of(orientation, *FINE), marked)
    assert each(answer) == pytest.approx([225, 200, 200, 250, 250, 200, 200, 250, 250])


@pytest.mark.parametrize("protocol", ["HORIZONTAL_3D", "VERTICAL_3D"])
def test_symmetric_map_tells_no_directions_apart(scan_of, protocol):
    """What is the same under both flips has the same fields in the four orientations of its protocol."""
    quarter = np.random.default_rng(3).uniform(200, 300, (15, 20))
    acquired = np.block([[quarter, quarter[:, ::-1]], [quarter[::-1], quarter[::-1, ::-1]]])
    answers = [
        etdrs(orientation, scan_of(orientation, 0.2, 0.15), orientation.canonicalise(acquired))
        for orientation in ORIENTATIONS
        if orientation.scan_protocol == protocol
    ]
    assert len(answers) == 4
    assert answers == [answers[0]] * 4


def test_map_measured_nowhere(shape_of, orientation, scan_of):
    """All null is an answer: nulls, no coverage and a warning."""
    answer = etdrs(orientation, scan_of(orientation, *SPARSE), np.full(shape_of(SPARSE), np.nan), include_extras=True)
    assert each(answer) == [None] * 9
    assert set(answer["coverage"]["2"].values()) == {0.0}
    unreported, empty = answer["warnings"]
    assert [f"{level}.{index} (0%)" in unreported for level, index in FIELDS] == [True] * 9
    assert empty == "nothing was measured: every sample of the map is empty"


@pytest.mark.parametrize("told", [{"map_center": [0, 0]}, {"valid_window": [0, 0, 0, 0]}], ids=["far_off", "no_window"])
def test_nothing_measured_about_the_fovea(shape_of, orientation, scan_of, plane, told):
    """Samples that lie elsewhere, or are said not to have been scanned, leave nine nulls that a warning names."""
    y_up, right = plane(shape_of((0.2, 0.2), 12, 12), 0.2, 0.2)
    far = np.where(np.hypot(y_up, right) < 2, 200.0, np.nan)
    answer = etdrs(orientation, scan_of(orientation, 0.2, 0.2), far, include_extras=True, **told)
    assert each(answer) == [None] * 9
    assert [f"{level}.{index} (0%)" in answer["warnings"][0] for level, index in FIELDS] == [True] * 9


def test_map_of_zeros(shape_of, orientation, scan_of):
    """Zero is a thickness; a band of it may be padding, which a warning says where no window was given."""
    scan, zeros = scan_of(orientation, *SPARSE), np.zeros(shape_of(SPARSE))
    answer = etdrs(orientation, scan, zeros, include_extras=True)
    assert each(answer) == [0.0] * 9
    assert any("padding" in warning for warning in answer["warnings"])
    rows, columns = orientation.to_acquisition(zeros).shape
    told = etdrs(orientation, scan, zeros, valid_window=[0, rows, 0, columns], include_extras=True)
    assert not any("padding" in warning for warning in told["warnings"])


def test_padding_outside_the_valid_window_is_left_out(shape_of, orientation, scan_of):
    """Padded zeros do not bias a mean once the scanned part is known."""
    values = np.zeros(shape_of(SPARSE))
    values[3:] = 200.0
    window = orientation.to_acquisition(values > 0)
    rows, columns = (np.flatnonzero(window.any(axis=axis)) for axis in (1, 0))
    valid = [int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1]
    answer = etdrs(orientation, scan_of(orientation, *SPARSE), values, valid_window=valid)
    assert each(answer) == pytest.approx([200.0] * 9)


def test_outer_fields_of_a_small_map_are_null(shape_of, orientation, scan_of):
    """Of a map of 4 mm the outer fields are covered by less than half; the others stand."""
    answer = etdrs(orientation, scan_of(orientation, *FINE), np.full(shape_of(FINE, 4, 4), 200.0), include_extras=True)
    assert each(answer) == [pytest.approx(200.0)] * 5 + [None] * 4
    assert 0.2 < answer["coverage"]["2"]["0"] < 0.5


def test_zone_limits_the_samples_not_the_rings(shape_of, orientation, scan_of, plane):
    """A zone of 3 mm leaves the outer ring unmeasured and the inner ones as they were."""
    y_up, _ = plane(shape_of(FINE), *FINE)
    scan = scan_of(orientation, *FINE)
    whole, inner = (each(etdrs(orientation, scan, 300 + 100 * y_up, zone_of_interest=zone)) for zone in (6.0, 3.0))
    assert inner == [*(pytest.approx(mean) for mean in whole[:5]), None, None, None, None]


def test_single_slice(orientation, scan_of):
    """One B-scan measures the centre and the inner fields that it runs along; those beside it are null."""
    pitch, shape = ((6 / 512, 1.2), (512, 1)) if orientation.is_vertical else ((1.2, 6 / 512), (1, 512))
    along = {1, 3} if orientation.is_vertical else {0, 2}
    answer = etdrs(orientation, scan_of(orientation, *pitch), np.full(shape, 200.0))
    expected = [200.0] + [200.0 if index in along else None for index in range(4)] + [None] * 4
    assert each(answer) == [value and pytest.approx(value) for value in expected]


def test_fovea_beside_the_middle_of_the_map(shape_of, orientation, scan_of, plane):
    """The fovea may be told as an index of the map, or as an offset in mm of the acquisition frame."""
    y_up, right = plane(shape_of((0.1, 0.05), 9, 9), 0.1, 0.05)
    disc = np.where(np.hypot(y_up - 1.0, right + 1.0) < 0.5, 100.0, 200.0)
    scan = scan_of(orientation, 0.1, 0.05)
    acquired = orientation.to_acquisition(disc)
    slices, columns = np.nonzero(acquired == 100.0)
    center = [float(columns.mean()), float(slices.mean())]
    middle = [(acquired.shape[1] - 1) / 2, (acquired.shape[0] - 1) / 2]
    pitches = [scan["pixel_spacing_column"], scan["slice_thickness"]]
    offset = [(at - mid) * pitch for at, mid, pitch in zip(center, middle, pitches, strict=True)]
    for told in ({"map_center": center}, {"center_offset_mm": offset}):
        answer = etdrs(orientation, scan, disc, **told)
        assert answer["0"]["0"]["mean"] == pytest.approx(100.0, abs=3.0)
        assert each(answer)[1:] == pytest.approx([200.0] * 8, abs=3.0)
    assert etdrs(orientation, scan, disc)["0"]["0"]["mean"] == pytest.approx(200.0)


def test_fovea_on_the_corner_of_the_map(orientation, scan_of):
    """About a corner only a quarter of the circle is measured; the rest is null."""
    answer = etdrs(
        orientation,
        scan_of(orientation, 0.1, 0.1),
        np.full((60, 60), 200.0),
        map_center=[-0.5, -0.5],
        include_extras=True,
    )
    covered = sorted(answer["coverage"]["1"].values())
    assert answer["0"]["0"]["mean"] is None
    assert answer["coverage"]["0"]["0"] == pytest.approx(0.25)
    assert covered == pytest.approx([0, 0, 0.5, 0.5])


@pytest.mark.parametrize(
    ("laterality", "names"),
    [("R", ["nasal", "inferior", "temporal", "superior"]), ("L", ["temporal", "inferior", "nasal", "superior"])],
)
def test_labels_by_laterality(shape_of, orientation, scan_of, laterality, names):
    """The eye adds what anatomy calls the fields; without it there are no labels."""
    scan, flat = scan_of(orientation, *SPARSE), np.full(shape_of(SPARSE), 200.0)
    labels = etdrs(orientation, scan, flat, laterality=laterality, include_extras=True)["labels"]
    assert labels == {
        "0": {"0": "center"},
        "1": dict(zip("0123", names, strict=True)),
        "2": dict(zip("0123", names, strict=True)),
    }
    assert "labels" not in etdrs(orientation, scan, flat, include_extras=True)


def test_answer_is_the_bare_guide_form(shape_of, scan_of):
    """Without extras the body has the three levels and nothing else."""
    answer = etdrs(ORIENTATIONS[0], scan_of(ORIENTATIONS[0], *SPARSE), np.full(shape_of(SPARSE), 200.0))
    assert {level: list(fields) for level, fields in answer.items()} == {
        "0": ["0"],
        "1": ["0", "1", "2", "3"],
        "2": ["0", "1", "2", "3"],
    }
    assert list(answer["2"]["3"]) == ["mean"]


def test_sparse_scan_is_warned_of(shape_of, scan_of):
    """Fewer than 16 B-scans in 6 mm are said to be few."""
    orientation, pitch = ORIENTATIONS[0], (0.5, 0.1)
    answer = etdrs(orientation, scan_of(orientation, *pitch), np.full(shape_of(pitch), 200.0), include_extras=True)
    assert any("fewer than 16" in warning for warning in answer["warnings"])


def test_older_names_are_understood(shape_of, scan_of):
    """`thickness_map` and `layers` are what an older guide called the first two fields."""
    scan = scan_of(ORIENTATIONS[0], *SPARSE)
    pixels = np.full(shape_of(SPARSE), 50.0)
    answer = get_etdrs.call({"thickness_map": {"rnfl": pixels}, "layers": ["rnfl"], "statistics": ["mean"], **scan})
    assert each(answer) == pytest.approx([200.0] * 9)


FLAT = np.full((25, 64), 50.0)
SCAN = {
    "scan_protocol": "HORIZONTAL_3D",
    "slice_direction": "TOP_BOTTOM",
    "pixel_direction": "LEFT_RIGHT",
    "pixel_spacing_column": 6 / 64,
    "pixel_spacing_row": 0.004,
    "slice_thickness": 0.24,
}
REQUEST = {"layers_thickness_maps": {"rnfl": FLAT}, "used_layers": ["rnfl"], "statistics": ["mean"], **SCAN}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"statistics": []}, "statistics"),
        ({"statistics": ["median"]}, "statistics.0"),
        ({"used_layers": []}, "used_layers"),
        ({"used_layers": ["choroid"]}, "used_layers"),
        ({"used_layers": ["rnfl", "rnfl"]}, "used_layers"),
        ({"layers_thickness_maps": {"rnfl": [[1.0, 2.0], [3.0]]}}, "layers_thickness_maps.rnfl"),
        ({"layers_thickness_maps": {"rnfl": FLAT, "gcl": FLAT[1:]}}, "layers_thickness_maps"),
        ({"layers_thickness_maps": {"rnfl": [[]]}}, "layers_thickness_maps.rnfl"),
        ({"layers_thickness_maps": {"rnfl": [[float("inf")]]}}, "layers_thickness_maps.rnfl"),
        ({"slice_direction": "LEFT_RIGHT"}, "slice_direction"),
        ({"pixel_direction": "BOTTOM_TOP"}, "pixel_direction"),
        ({"scan_protocol": "RADIAL"}, "scan_protocol"),
        ({"pixel_spacing_row": 3.9}, "pixel_spacing_row"),
        ({"pixel_spacing_column": 11.7}, "pixel_spacing_column"),
        ({"slice_thickness": 240.0}, "slice_thickness"),
        ({"slice_thickness": 0}, "slice_thickness"),
        ({"pixel_spacing_column": float("nan")}, "pixel_spacing_column"),
        ({"zone_of_interest": 0}, "zone_of_interest"),
        ({"zone_of_interest": 20.1}, "zone_of_interest"),
        ({"min_coverage": 1.5}, "min_coverage"),
        ({"coverage": "nearest"}, "coverage"),
        ({"laterality": "OD"}, "laterality"),
        ({"valid_window": [0, 26, 0, 64]}, "valid_window"),
        ({"map_center": [64, 12]}, "map_center"),
        ({"center_offset_mm": [0.0, 3.1]}, "center_offset_mm"),
        ({"center_offset_mm": [0.0, 0.0], "map_center": [-1, 12]}, "map_center"),
        ({"layers_thickness_maps": {}}, "layers_thickness_maps"),
        ({"layers_thickness_maps": [FLAT, FLAT]}, "used_layers"),
        ({"layers_thickness_maps": {"0": FLAT}}, "used_layers"),
        ({"color": "red"}, "color"),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(value),
)
def test_wrong_input_is_refused_by_name(wrong, field):
    """What is wrong is named, with its place."""
    with pytest.raises(InputError) as refused:
        get_etdrs.call(REQUEST | wrong)
    assert refused.value.field == field


@pytest.mark.parametrize("missing", [name for name in REQUEST if name != "layers_thickness_maps"])
def test_missing_input_is_named(missing):
    """What the guide requires is required."""
    with pytest.raises(InputError) as refused:
        get_etdrs.call({name: value for name, value in REQUEST.items() if name != missing})
    assert refused.value.field == missing


@settings(max_examples=25, deadline=None)
@given(
    which=st.integers(0, 7),
    base=st.floats(50, 400),
    slopes=st.tuples(st.floats(-20, 20), st.floats(-20, 20)),
    shift=st.tuples(st.floats(-0.4, 0.4), st.floats(-0.4, 0.4)),
)
def test_turning_the_scan_changes_nothing(which, base, slopes, shift):
    """The same retina, acquired in any orientation, has the same fields, wherever the fovea is."""
    rows, columns, dy, dx = 40, 90, 0.17, 0.075
    y = (np.arange(rows) + 0.5 - rows / 2) * dy
    x = (np.arange(columns) + 0.5 - columns / 2) * dx
    retina = base + slopes[0] * y[:, None] + slopes[1] * x + 30 * np.exp(-(y[:, None] ** 2) - x**2)
    answers = []
    for orientation in (ORIENTATIONS[0], ORIENTATIONS[which]):
        across, along = (dx, dy) if orientation.is_vertical else (dy, dx)
        signs = [
            -1 if word in {"BOTTOM_TOP", "RIGHT_LEFT"} else 1
            for word in (orientation.slice_direction, orientation.pixel_direction)
        ]
        offset = (shift[1], shift[0]) if orientation.is_vertical else shift
        scan = {
            **orientation.model_dump(),
            "pixel_spacing_column": along,
            "slice_thickness": across,
            "pixel_spacing_row": 0.004,
            "center_offset_mm": [offset[1] * signs[1], offset[0] * signs[0]],
        }
        answers.append(each(etdrs(orientation, scan, retina)))
    assert answers[1] == pytest.approx(answers[0], rel=1e-9)
    assert all(retina.min() <= mean <= retina.max() for mean in answers[0])


def test_fields_add_up_to_the_circle(shape_of, scan_of, plane):
    """The area-weighted mean of the nine fields is the mean over the whole disc of 6 mm."""
    orientation = ORIENTATIONS[0]
    y_up, right = plane(shape_of(FINE), *FINE)
    bowl = 250 + 5 * (y_up**2 + right**2)
    areas = np.array([pi / 4] + [pi / 2] * 4 + [27 * pi / 16] * 4)
    means = each(etdrs(orientation, scan_of(orientation, *FINE), bowl))
    assert np.average(means, weights=areas) == pytest.approx(250 + 5 * 9 / 2, rel=1e-4)
