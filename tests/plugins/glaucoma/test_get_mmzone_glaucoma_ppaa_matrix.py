"""Posterior pole asymmetry in a square about the fovea."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foveola import InputError
from foveola_oct.glaucoma.get_mmzone_glaucoma_ppaa_matrix import get_mmzone_glaucoma_ppaa_matrix
from foveola_oct.retina import ORIENTATIONS, LayerThicknessMaps, ThicknessMap

EVEN = (0.125, 0.0625)
"""Cells of 0.75 mm end on samples."""
SPARSE = (0.24, 6 / 512)


def ppaa(orientation, scan, micrometres, **more):
    """Ask for the matrix of a canonical map in µm."""
    pixels = orientation.to_acquisition(np.asarray(micrometres, float) / (scan["pixel_spacing_row"] * 1000))
    request = {"layers_thickness_maps": {"gcl": pixels}, "used_layers": ["gcl"], "use_real_units": True, **scan}
    return get_mmzone_glaucoma_ppaa_matrix.call(request | more)


def rows(matrix):
    """Take the first column, after checking that all are alike."""
    np.testing.assert_allclose(np.ptp(np.array(matrix), axis=1), 0, atol=1e-9)
    return [row[0] for row in matrix]


@pytest.mark.parametrize("pitch", [EVEN, SPARSE], ids=["even", "sparse"])
@pytest.mark.parametrize("angle", [0, -6.7])
def test_constant_has_no_asymmetry(shape_of, orientation, scan_of, pitch, angle):
    """Every difference is 0 and every thickness the constant, turned or not."""
    flat = np.full(shape_of(pitch, 9, 9), 97.8)
    answer = ppaa(orientation, scan_of(orientation, *pitch), flat, fovea_disc_angle_deg=angle)
    assert list(answer) == ["superior", "inferior", "superior_thickness", "inferior_thickness"]
    for half in ("superior", "inferior"):
        np.testing.assert_allclose(answer[half], np.zeros((4, 8)), atol=1e-9)
        np.testing.assert_allclose(answer[f"{half}_thickness"], np.full((4, 8), 97.8), atol=1e-9)


@pytest.mark.parametrize(
    ("pitch", "zone", "differences"),
    [
        pytest.param(EVEN, 6.0, [5.25, 3.75, 2.25, 0.75], id="6_mm"),
        pytest.param(EVEN, 3.0, [2.625, 1.875, 1.125, 0.375], id="3_mm"),
    ],
)
def test_superior_ramp(shape_of, orientation, scan_of, plane, pitch, zone, differences):
    """1 µm per mm upwards: the differences are those of the centres of mirror cells."""
    y_up, _ = plane(shape_of(pitch), *pitch)
    answer = ppaa(orientation, scan_of(orientation, *pitch), 90 + y_up, zone_of_interest=zone)
    assert rows(answer["superior"]) == pytest.approx(differences)
    assert rows(answer["inferior"]) == pytest.approx([-difference for difference in reversed(differences)])
    assert rows(answer["superior_thickness"]) == pytest.approx([90 + difference / 2 for difference in differences])


def test_sparse_ramp(shape_of, orientation, scan_of, plane):
    """25 slices are steps: the outermost difference is 5.2416."""
    y_up, _ = plane(shape_of(SPARSE), *SPARSE)
    answer = ppaa(orientation, scan_of(orientation, *SPARSE), 90 + y_up)
    assert rows(answer["superior"])[0] == pytest.approx(5.2416, abs=1e-6)


def test_what_is_symmetric_about_the_raphe(shape_of, orientation, scan_of, plane):
    """A map equal above and below has no asymmetry, however uneven from left to right."""
    y_up, right = plane(shape_of(SPARSE), *SPARSE)
    answer = ppaa(orientation, scan_of(orientation, *SPARSE), 90 + 3 * right + y_up**2 + right * np.abs(y_up))
    np.testing.assert_allclose(answer["superior"], np.zeros((4, 8)), atol=1e-9)


def test_single_raised_cell(shape_of, orientation, scan_of, plane):
    """One superior cell raised by 10: +10 there, -10 in its mirror cell, and nothing else."""
    y_up, right = plane(shape_of(EVEN), *EVEN)
    raised = (y_up > 1.5) & (y_up < 2.25) & (right > 0.75) & (right < 1.5)
    answer = ppaa(orientation, scan_of(orientation, *EVEN), np.where(raised, 100.0, 90.0))
    superior, inferior = np.zeros((4, 8)), np.zeros((4, 8))
    superior[1, 5], inferior[2, 5] = 10, -10
    np.testing.assert_allclose(answer["superior"], superior, atol=1e-9)
    np.testing.assert_allclose(answer["inferior"], inferior, atol=1e-9)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 99), which=st.integers(0, 7), angle=st.sampled_from([0, 10]), cells=st.sampled_from([2, 8]))
def test_halves_are_each_others_negative(seed, which, angle, cells):
    """Row by row from outside and inside, inferior is minus superior."""
    orientation = ORIENTATIONS[which]
    values = np.random.default_rng(seed).uniform(60, 120, (50, 40))
    pitch = (0.15, 0.12) if orientation.is_vertical else (0.12, 0.15)
    scan = {
        **orientation.model_dump(),
        "pixel_spacing_column": pitch[1],
        "slice_thickness": pitch[0],
        "pixel_spacing_row": 0.004,
    }
    answer = ppaa(orientation, scan, values, fovea_disc_angle_deg=angle, grid_size=cells)
    np.testing.assert_array_equal(np.array(answer["superior"], float), -np.array(answer["inferior"], float)[::-1])


def test_turned_grid_follows_a_turned_raphe(orientation, scan_of, plane):
    """A retina split along the axis of fovea and disc has whole halves in a grid turned along it."""
    y_up, right = plane((240, 240), 0.04, 0.04)
    tilt = np.radians(-10)
    above = right * np.sin(tilt) + y_up * np.cos(tilt) > 0  # clockwise by -10 degrees: the right end is higher
    halves = np.where(above, 100.0, 80.0)
    scan = scan_of(orientation, 0.04, 0.04)
    turned = ppaa(orientation, scan, halves, fovea_disc_angle_deg=-10)
    np.testing.assert_allclose(turned["superior"], np.full((4, 8), 20), atol=0.5)
    upright = ppaa(orientation, scan, halves)
    assert np.abs(np.array(upright["superior"])[3] - 20).max() > 5


def test_pixels_or_micrometres(shape_of, orientation, scan_of, plane):
    """Without real units the same numbers in axial pixels."""
    y_up, _ = plane(shape_of(EVEN), *EVEN)
    scan = scan_of(orientation, *EVEN)
    answer = ppaa(orientation, scan, 4 * (30 + y_up), use_real_units=False)
    assert rows(answer["superior"]) == pytest.approx([5.25, 3.75, 2.25, 0.75])


def test_scan_smaller_than_the_zone(shape_of, orientation, scan_of):
    """Cells that were not scanned are null and named; the others stand."""
    answer = ppaa(orientation, scan_of(orientation, *EVEN), np.full(shape_of(EVEN, 6, 3), 97.8), include_extras=True)
    expected = [[0.0 if 2 <= column < 6 else None for column in range(8)]] * 4
    assert [[cell and round(cell, 9) for cell in row] for row in answer["superior"]] == expected
    assert answer["coverage"]["inferior"][0] == pytest.approx([0, 0, 1, 1, 1, 1, 0, 0])
    assert "superior[0][0]" in answer["warnings"][0]


def test_map_measured_nowhere(shape_of, scan_of):
    """All null is an answer."""
    orientation = ORIENTATIONS[0]
    answer = ppaa(orientation, scan_of(orientation, *EVEN), np.full(shape_of(EVEN), np.nan), include_extras=True)
    assert answer["superior"] == answer["inferior_thickness"] == [[None] * 8] * 4
    unreported, empty = answer["warnings"]
    assert unreported.count("(0%)") == 64
    assert empty == "nothing was measured: every sample of the map is empty"


def test_half_of_a_cell_is_enough(shape_of, scan_of):
    """A cell is reported from one half of it on."""
    orientation = ORIENTATIONS[0]
    values = np.full(shape_of(EVEN), 97.8)
    values[:3] = np.nan
    scan = scan_of(orientation, *EVEN)
    assert ppaa(orientation, scan, values)["superior"][0] == pytest.approx([0] * 8, abs=1e-9)
    assert ppaa(orientation, scan, values, min_coverage=0.51)["superior"][0] == [None] * 8


def test_center_rule(scan_of):
    """By centres the middle row of an odd number belongs to one half alone."""
    orientation = ORIENTATIONS[0]
    values = np.full((25, 24), 100.0)
    values[12] = 300.0
    scan = scan_of(orientation, 0.24, 0.25)
    area, center = (ppaa(orientation, scan, values, grid_size=2, coverage=rule) for rule in ("area", "center"))
    assert area["superior"] == [pytest.approx([0, 0], abs=1e-9)]
    assert center["superior_thickness"] == [pytest.approx([100, 100])]


def test_map_that_knows_its_fovea(orientation, scan_of, plane):
    """In a recipe the map carries its centre; at flat edges the caller tells it."""
    y_up, right = plane((96, 144), 0.125, 0.0625)
    values = 90 + (y_up - 1.0) + 0 * right
    pixels = orientation.to_acquisition(values / 4)
    scan = scan_of(orientation, 0.125, 0.0625)
    slices, columns = np.nonzero(orientation.to_acquisition((np.abs(y_up - 1.0) < 0.1) & (np.abs(right) < 0.04)))
    center = (float(columns.mean()), float(slices.mean()))
    maps = LayerThicknessMaps(maps={"gcl": ThicknessMap(values=pixels, center=center)})
    request = {"used_layers": ["gcl"], "use_real_units": True, **scan}
    known = get_mmzone_glaucoma_ppaa_matrix.call({"layers_thickness_maps": maps, **request})
    assert rows(known["superior"]) == pytest.approx([5.25, 3.75, 2.25, 0.75])
    told = get_mmzone_glaucoma_ppaa_matrix.call(
        {"layers_thickness_maps": {"gcl": pixels}, "map_center": list(center), **request}
    )
    assert told == known


def test_layers_have_a_default(scan_of):
    """rnfl, gcl and ipl are summed."""
    maps = {layer: np.full((24, 24), 10.0) for layer in ("rnfl", "gcl", "ipl", "inl")}
    scan = scan_of(ORIENTATIONS[0], 0.25, 0.25)
    answer = get_mmzone_glaucoma_ppaa_matrix.call({"layers_thickness_maps": maps, "use_real_units": True, **scan})
    np.testing.assert_allclose(answer["superior_thickness"], np.full((4, 8), 120))


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"grid_size": 7}, "grid_size"),
        ({"grid_size": 0}, "grid_size"),
        ({"fovea_disc_angle_deg": 46}, "fovea_disc_angle_deg"),
        ({"use_real_units": 1}, "use_real_units"),
        ({"used_layers": ["inl"]}, "used_layers"),
        ({"zone_of_interest": 21}, "zone_of_interest"),
        ({"pixel_spacing_row": None}, "pixel_spacing_row"),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(f"{k}_{v}" for k, v in value.items()),
)
def test_wrong_input_is_refused_by_name(shape_of, scan_of, wrong, field):
    """What is wrong is named."""
    with pytest.raises(InputError) as refused:
        ppaa(ORIENTATIONS[0], scan_of(ORIENTATIONS[0], *EVEN), np.ones(shape_of(EVEN)), **wrong)
    assert refused.value.field == field
