"""Lesions en face."""

from __future__ import annotations

import numpy as np
import pytest

from foveola import InputError
from foveola_oct.retina import CircleGrid, EnFaceGeometry, PathologyThicknessMaps, ThicknessMap
from foveola_oct.retina.lesions import (
    LEVELS,
    components,
    etdrs_totals,
    lesion_warnings,
    named_by_level,
    present,
    require_classes,
)

SCAN = EnFaceGeometry(
    scan_protocol="HORIZONTAL_3D",
    slice_direction="TOP_BOTTOM",
    pixel_direction="LEFT_RIGHT",
    pixel_spacing_column=0.05,
    slice_thickness=0.05,
)
AREAS = [np.pi / 4] + [np.pi / 2] * 4 + [27 * np.pi / 16] * 4


def test_what_is_not_positive_is_absent():
    """Null and negative thickness are 0, and what is there stays as it is."""
    assert present(np.array([[np.nan, -2.0, 0.0, 3.5]])).tolist() == [[0.0, 0.0, 0.0, 3.5]]


@pytest.mark.parametrize(
    ("slice_thickness", "is_sparse"),
    [pytest.param(None, False, id="unknown"), (0.1875, False), (0.188, True), (0.24, True)],
)
def test_sparse_exams_are_warned_of(slice_thickness, is_sparse):
    """Fewer than 32 B-scans in 6 mm say little of lesions."""
    warnings = lesion_warnings({"fluid": ThicknessMap(values=np.ones((2, 2)))}, slice_thickness)
    assert [("fewer than 32 in 6 mm" in warning) for warning in warnings] == [True] * is_sparse


def test_negative_thickness_is_warned_of_by_name():
    """Only the map that has it is named; null is no reason for a warning."""
    maps = {"fluid": ThicknessMap(values=[[1.0, np.nan]]), "drusen": ThicknessMap(values=[[-1.0, np.nan]])}
    assert lesion_warnings(maps) == ("drusen has negative thickness; it is taken for 0",)


@pytest.mark.parametrize("name", ["ped", ""])
def test_other_classes_are_refused(name):
    """The first foreign class is named, and what may be given."""
    maps = PathologyThicknessMaps.read({"drusen": [[1]], name: [[1]]})
    with pytest.raises(InputError, match=f"pathology_thickness_maps: holds '{name}'; give only drusen, foci"):
        require_classes(maps, ("drusen", "foci"))


def test_levels_are_named_by_diameter():
    """The three levels are those of 1, 3 and 6 mm."""
    assert LEVELS == ("1mm", "3mm", "6mm")
    assert named_by_level(np.array([1.0, 2.0, 3.0])) == {"1mm": 1.0, "3mm": 2.0, "6mm": 3.0}


def test_totals_of_a_map_of_ones_are_areas():
    """Thickness, area and scanned area of ones are the fields' own areas, and the rings add up to the disc."""
    totals = etdrs_totals(ThicknessMap(values=np.ones((120, 120))), SCAN, CircleGrid())
    for measured in (totals.thickness, totals.area, totals.scanned, totals.whole):
        np.testing.assert_allclose(measured, AREAS, rtol=1e-9)
    np.testing.assert_allclose(totals.covered, 1.0)
    discs = totals.by_level(cumulative=True)
    np.testing.assert_allclose(discs.area, np.pi * np.array([0.25, 2.25, 9.0]))
    np.testing.assert_allclose(discs.covered, 1.0)
    np.testing.assert_allclose(totals.by_level(cumulative=False).area.sum(), discs.area[-1])


def test_totals_know_what_was_scanned():
    """Null, and all beyond the valid window, is unscanned: no lesion, and no coverage."""
    values = np.ones((120, 120))
    values[:, :60] = np.nan
    for one in (
        ThicknessMap(values=values),
        ThicknessMap(values=np.ones((120, 120)), valid_window=(0, 120, 60, 120)),
    ):
        totals = etdrs_totals(one, SCAN, CircleGrid())
        assert totals.covered[[0, 1, 2, 3]] == pytest.approx([0.5, 1, 0.5, 0])
        np.testing.assert_allclose(totals.area, totals.scanned)


def test_a_map_that_knows_its_fovea_is_measured_round_it():
    """The place that the map knows needs no wiring; the caller's word goes before it."""
    lesion = np.zeros((120, 120))
    lesion[20:30, 30:40] = 1.0
    knowing = ThicknessMap(values=lesion, center=(34.5, 24.5))
    assert etdrs_totals(knowing, SCAN, CircleGrid()).area[0] == pytest.approx(0.25)
    assert etdrs_totals(knowing, SCAN, CircleGrid(map_center=(59.5, 59.5))).area[0] == 0


@pytest.mark.parametrize(
    "turn",
    [
        pytest.param(lambda lesion: lesion, id="as_it_is"),
        pytest.param(np.flipud, id="upside_down"),
        pytest.param(np.fliplr, id="mirrored"),
        pytest.param(np.transpose, id="transposed"),
    ],
)
def test_components_hang_together_by_neighbours(turn):
    """Corners hold with eight neighbours, not with four, however the map is turned."""
    lesion = turn(np.array([[1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0], [1, 0, 0, 1]], dtype=bool))
    assert components(lesion).max() == 3
    assert components(lesion, 4).max() == 4
    assert ((components(lesion) > 0) == lesion).all()
