"""How much of the circles about the fovea a pathology covers."""

from __future__ import annotations

import numpy as np
import pytest

from foveola import InputError
from foveola_oct.pathology.get_pathology_circle_overlap_ratios import get_pathology_circle_overlap_ratios
from foveola_oct.retina import ORIENTATIONS, CircleGrid, EnFaceGeometry, ThicknessMap

SHAPE, DY, DX = (30, 640), 0.24, 0.0117
DISCS = ("1mm", "3mm", "6mm")


@pytest.fixture
def call(scan_of):
    """The answer for a canonical map, in any orientation."""

    def make(lesion, *, orientation=ORIENTATIONS[0], pitch=(DY, DX), **more):
        scan = scan_of(orientation, *pitch)
        del scan["pixel_spacing_row"]
        acquired = orientation.to_acquisition(np.asarray(lesion, dtype=float))
        return get_pathology_circle_overlap_ratios.call({"pathology_thickness_map": acquired, **scan, **more})

    return make


@pytest.mark.parametrize(
    ("inner", "outer", "expected"),
    [
        pytest.param(0, 0.75, (100, 25, 6.25), id="disc_beyond_1mm"),
        pytest.param(0, 0.25, (25, 2.7778, 0.69444), id="small_disc"),
        pytest.param(1.5, 3, (0, 0, 75), id="ring"),
        pytest.param(0, 9, (100, 100, 100), id="everywhere"),
        pytest.param(9, 9, (0, 0, 0), id="nowhere"),
    ],
)
def test_round_lesions_cover_their_share(call, plane, orientation, inner, outer, expected):
    """The discs are full discs, not rings, whichever way the scan ran."""
    y, x = plane((620, 620), 0.01, 0.01)
    radius = np.hypot(y, x)
    answer = call((radius >= inner) & (radius < outer), pitch=(0.01, 0.01), orientation=orientation)
    assert answer == pytest.approx(dict(zip(DISCS, expected, strict=True)), rel=0.007, abs=0.5)


def test_half_a_plane_covers_half(call, plane, orientation):
    """Below the fovea lies half of each disc."""
    y, _ = plane(SHAPE, DY, DX)
    assert call(y < 0, orientation=orientation) == pytest.approx(dict.fromkeys(DISCS, 50.0))


def test_a_partly_scanned_disc_is_judged_by_what_was_seen(call):
    """Three quarters of the disc were scanned; a warning says so, as the coverage does."""
    lesion = np.zeros((120, 120))
    lesion[:, 60:] = 4.0
    lesion[:60, :60] = np.nan
    answer = call(lesion, pitch=(0.05, 0.05), include_extras=True)
    assert [answer[disc] for disc in DISCS] == pytest.approx([200 / 3] * 3)
    assert answer["coverage"] == pytest.approx(dict.fromkeys(DISCS, 0.75))
    assert answer["warnings"] == [f"the disc of {disc} is judged by the 75% of it that were scanned" for disc in DISCS]


def test_a_disc_that_was_hardly_scanned_is_not_judged(call):
    """A scan of 3 x 3 mm says nothing of the disc of 6 mm, unless less coverage is enough."""
    answer = call(np.ones((60, 60)), pitch=(0.05, 0.05), include_extras=True)
    assert [answer[disc] for disc in DISCS] == [pytest.approx(100), pytest.approx(100), None]
    assert answer["warnings"] == ["too little was measured of the disc of 6mm (32%): not reported"]
    assert call(np.ones((60, 60)), pitch=(0.05, 0.05), min_coverage=0.3)["6mm"] == pytest.approx(100)
    assert call(np.ones(SHAPE), zone_of_interest=3.0)["6mm"] is None


def test_a_disc_that_was_not_scanned_has_no_ratio(call):
    """Not even where no coverage is demanded."""
    assert call(np.full((10, 10), np.nan), min_coverage=0.0) == dict.fromkeys(DISCS)


def test_unscanned_samples_of_a_recipe_count_neither_way():
    """A map that knows its scanned part and its fovea needs no wiring."""
    scan = EnFaceGeometry(**ORIENTATIONS[0].model_dump(), pixel_spacing_column=0.05, slice_thickness=0.05)
    values = np.zeros((120, 140))
    values[:, 80:] = 1.0
    known = ThicknessMap(values=values, center=(79.5, 59.5), valid_window=(0, 120, 0, 140))
    ratios = get_pathology_circle_overlap_ratios(known, scan, CircleGrid()).ratios
    assert ratios == pytest.approx(dict.fromkeys(DISCS, 50.0))


def test_extras_do_not_disturb_the_bare_answer(call):
    """Coverage and warnings stand beside the discs, only on request."""
    assert tuple(call(np.ones(SHAPE))) == DISCS
    assert set(call(-np.ones(SHAPE), include_extras=True)) == {*DISCS, "coverage", "warnings"}


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"pathology_thickness_map": []}, "pathology_thickness_map"),
        ({"pathology_thickness_map": [[]]}, "pathology_thickness_map"),
        ({"pathology_thickness_map": [[1, 2], [3]]}, "pathology_thickness_map"),
        ({"pathology_thickness_map": None}, "pathology_thickness_map"),
        ({"pixel_spacing_row": 0.004}, "pixel_spacing_row"),
        ({"slice_direction": "RIGHT_LEFT"}, "slice_direction"),
        ({"min_coverage": -0.1}, "min_coverage"),
    ],
    ids=str,
)
def test_bad_requests_name_the_field(call, changed, field):
    """What is wrong is told by the name of the field."""
    with pytest.raises(InputError) as caught:
        call(np.ones(SHAPE), **changed)
    assert caught.value.field.split(".")[0] == field
