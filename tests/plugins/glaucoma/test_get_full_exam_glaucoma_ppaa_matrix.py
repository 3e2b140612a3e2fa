"""Posterior pole asymmetry over the whole exam."""

from __future__ import annotations

import numpy as np
import pytest

from foveola import InputError
from foveola_oct.glaucoma.get_full_exam_glaucoma_ppaa_matrix import get_full_exam_glaucoma_ppaa_matrix
from foveola_oct.retina import ORIENTATIONS

DIFFERENCES = [5.25, 3.75, 2.25, 0.75]


def ppaa(pixels, **more):
    """Ask for the matrix of a map in px."""
    request = {"layers_thickness_maps": {"gcl": pixels}, "used_layers": ["gcl"], "use_real_units": False}
    return get_full_exam_glaucoma_ppaa_matrix.call(request | more)


def ramp(count_rows, columns, height=6.0):
    """Make a map that thickens upwards by 1 per mm, as the mean over each of its rows."""
    y_up = height / 2 - (np.arange(count_rows) + 0.5) * height / count_rows
    return np.broadcast_to(90 + y_up[:, None], (count_rows, columns)).copy()


@pytest.mark.parametrize("shape", [(64, 48), (25, 512), (3, 5), (1, 1)], ids=str)
@pytest.mark.parametrize("angle", [0, 20])
def test_constant_has_no_asymmetry(shape, angle):
    """Every difference is 0 and every thickness the constant, with fewer rows than cells too."""
    answer = ppaa(np.full(shape, 25.0), fovea_disc_angle_deg=angle, min_coverage=0.1)
    assert list(answer) == ["superior", "inferior", "superior_thickness", "inferior_thickness"]
    for half in ("superior", "inferior"):
        reported = [cell for row in answer[half] for cell in row if cell is not None]
        assert reported == pytest.approx([0] * len(reported), abs=1e-9)
        assert len(reported) == 32 if not angle else reported
        thickness = [cell for row in answer[f"{half}_thickness"] for cell in row if cell is not None]
        assert thickness == pytest.approx([25.0] * len(thickness))


def test_superior_ramp():
    """Row r differs by g H (7 - 2 r) / 8 from its mirror image."""
    answer = ppaa(ramp(48, 20))
    np.testing.assert_allclose(answer["superior"], np.outer(DIFFERENCES, np.ones(8)))
    np.testing.assert_allclose(answer["inferior"], -np.outer(DIFFERENCES[::-1], np.ones(8)))


def test_symmetric_map_has_no_asymmetry():
    """A map equal above and below, with an odd number of rows: the middle one is shared."""
    rng = np.random.default_rng(1)
    upper = rng.uniform(60, 120, (12, 30))
    answer = ppaa(np.concatenate([upper, rng.uniform(60, 120, (1, 30)), upper[::-1]]))
    np.testing.assert_allclose(answer["superior"], np.zeros((4, 8)), atol=1e-9)


def test_single_raised_cell():
    """One superior cell raised by 10: +10 there, -10 in its mirror cell of `inferior`."""
    values = np.full((32, 64), 25.0)
    values[4:8, 40:48] += 10
    answer = ppaa(values)
    superior, inferior = np.zeros((4, 8)), np.zeros((4, 8))
    superior[1, 5], inferior[2, 5] = 10, -10
    np.testing.assert_allclose(answer["superior"], superior, atol=1e-9)
    np.testing.assert_allclose(answer["inferior"], inferior, atol=1e-9)


def test_fewer_rows_than_cells():
    """Four rows fill two cells each."""
    answer = ppaa(np.repeat([[40.0], [30.0], [20.0], [10.0]], 8, axis=1))
    assert [row[0] for row in answer["superior_thickness"]] == pytest.approx([40, 40, 30, 30])
    assert [row[0] for row in answer["superior"]] == pytest.approx([30, 30, 10, 10])


def test_halves_are_each_others_negative():
    """Row by row from outside and inside, inferior is minus superior."""
    answer = ppaa(np.random.default_rng(2).uniform(60, 120, (19, 37)))
    np.testing.assert_array_equal(answer["superior"], -np.array(answer["inferior"])[::-1])


def test_orientation_brings_the_superior_rows_up(orientation):
    """With an orientation the map is turned first; without one its rows run downwards."""
    values = ramp(48, 24) + np.linspace(0, 3, 24)
    acquired = orientation.to_acquisition(values)
    told = ppaa(acquired, **orientation.model_dump())
    np.testing.assert_allclose(told["superior_thickness"], ppaa(values)["superior_thickness"])
    np.testing.assert_allclose(told["inferior_thickness"], ppaa(values)["inferior_thickness"])


def test_real_units():
    """Axial pixels times their height, in µm."""
    pixels, micrometres = ppaa(ramp(48, 20)), ppaa(ramp(48, 20), use_real_units=True, pixel_spacing_row=0.004)
    np.testing.assert_allclose(micrometres["superior"], np.array(pixels["superior"]) * 4)
    ignored = ppaa(ramp(48, 20), pixel_spacing_row=0.004)
    assert ignored == pixels


def test_unmeasured_cells_are_null():
    """A cell and its differences are null below one half; the warning names it."""
    values = np.full((16, 16), 25.0)
    values[:2, :2] = np.nan
    values[0, 2:4] = np.nan
    answer = ppaa(values, include_extras=True)
    assert answer["superior"][0][:3] == [None, pytest.approx(0), pytest.approx(0)]
    assert answer["inferior"][3][0] is None
    assert answer["inferior_thickness"][3][0] == pytest.approx(25)
    assert answer["coverage"]["superior"][0][:3] == pytest.approx([0, 0.5, 1])
    assert answer["warnings"] == ["too little was measured of superior[0][0] (0%): not reported"]


def test_map_measured_nowhere():
    """All null is an answer."""
    answer = ppaa(np.full((16, 16), np.nan))
    assert answer == dict.fromkeys(answer, [[None] * 8] * 4)


def test_turned_grid_is_turned_in_millimetres(orientation, scan_of, plane):
    """With both pitches a raphe tilted in mm is followed; without one the exam is taken for a square."""
    y_up, right = plane((150, 30), 0.04, 0.1)
    tilt = np.radians(-12)
    above = right * np.sin(tilt) + y_up * np.cos(tilt) > 0
    scan = scan_of(orientation, 0.04, 0.1)
    acquired = orientation.to_acquisition(np.where(above, 30.0, 20.0))
    answer = ppaa(acquired, fovea_disc_angle_deg=-12, **scan)
    differences = [cell for row in answer["superior"] for cell in row if cell is not None]
    assert differences == pytest.approx([10] * len(differences), abs=0.5)
    del scan["slice_thickness"]
    as_square = ppaa(acquired, fovea_disc_angle_deg=-12, **scan)
    assert min(as_square["superior"][3]) < 8


def test_grid_may_have_other_cells():
    """Two cells a side are the quadrants."""
    answer = ppaa(ramp(48, 20), grid_size=2)
    assert answer["superior"] == [pytest.approx([3, 3])]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"use_real_units": True}, "pixel_spacing_row"),
        ({"use_real_units": True, "pixel_spacing_row": None}, "pixel_spacing_row"),
        ({"pixel_spacing_row": 3.9}, "pixel_spacing_row"),
        ({"grid_size": 5}, "grid_size"),
        ({"scan_protocol": "HORIZONTAL_3D"}, "slice_direction"),
        ({"slice_direction": "TOP_BOTTOM", "pixel_direction": "LEFT_RIGHT"}, "scan_protocol"),
        ({**ORIENTATIONS[0].model_dump(), "pixel_direction": "TOP_BOTTOM"}, "pixel_direction"),
        ({"used_layers": ["inl"]}, "used_layers"),
        ({"layers_thickness_maps": {"gcl": []}}, "layers_thickness_maps.gcl"),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(value),
)
def test_wrong_input_is_refused_by_name(wrong, field):
    """What is wrong or missing is named."""
    with pytest.raises(InputError) as refused:
        ppaa(np.ones((8, 8)), **wrong)
    assert refused.value.field == field


def test_units_must_be_chosen():
    """Whether the answer is in real units is required."""
    with pytest.raises(InputError) as refused:
        get_full_exam_glaucoma_ppaa_matrix.call({"layers_thickness_maps": {"gcl": [[1.0]]}})
    assert refused.value.field == "use_real_units"
