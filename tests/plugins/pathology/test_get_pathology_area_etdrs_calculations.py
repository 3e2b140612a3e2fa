"""Area of each pathology in the levels of the ETDRS circle."""

from __future__ import annotations

from math import pi

import numpy as np
import pytest

from foveola import InputError
from foveola_oct.pathology.get_pathology_area_etdrs_calculations import get_pathology_area_etdrs_calculations
from foveola_oct.retina import ORIENTATIONS

SHAPE, DY, DX = (30, 640), 0.24, 0.0117
FINE = (0.02, 0.02)
RINGS = {"1mm": 0.785398, "3mm": 6.283185, "6mm": 21.205750}
DISCS = {"1mm": 0.785398, "3mm": 7.068583, "6mm": 28.274334}


@pytest.fixture
def call(scan_of):
    """The documented answer for a canonical map of drusen, in any orientation."""

    def make(lesion, *, is_cumulative=False, orientation=ORIENTATIONS[0], pitch=(DY, DX), **more):
        return get_pathology_area_etdrs_calculations.call(
            {
                "pathology_thickness_maps": {"drusen": orientation.to_acquisition(np.asarray(lesion, dtype=float))},
                "is_cumulative": is_cumulative,
                **scan_of(orientation, *pitch),
                **more,
            }
        )

    return make


@pytest.mark.parametrize(("is_cumulative", "expected"), [(False, RINGS), (True, DISCS)], ids=["rings", "discs"])
def test_a_lesion_everywhere_has_the_levels_areas(call, orientation, is_cumulative, expected):
    """The closed areas of rings and discs in every orientation, however thick the lesion is."""
    for thickness in (1.0, 250.0):
        answer = call(np.full(SHAPE, thickness), is_cumulative=is_cumulative, orientation=orientation)
        assert answer == {"areas": {"drusen": pytest.approx(expected, rel=1e-6)}}


def test_a_disc_lies_in_the_inner_levels(call, plane, orientation):
    """A disc of 1 mm radius fills the centre and the inner part of the first ring."""
    y, x = plane((310, 310), *FINE)
    answer = call(np.hypot(y, x) < 1, pitch=FINE, orientation=orientation)["areas"]["drusen"]
    assert answer == {
        "1mm": pytest.approx(pi / 4),
        "3mm": pytest.approx(2.356194, rel=0.003),
        "6mm": 0,
    }


def test_half_a_plane_covers_half_of_each_level(call, plane, orientation):
    """Right of the fovea lies half of everything."""
    _, x = plane(SHAPE, DY, DX)
    answer = call(x > 0, orientation=orientation)["areas"]["drusen"]
    assert answer == pytest.approx({name: area / 2 for name, area in RINGS.items()}, rel=1e-6)


def test_absence_has_no_area(call):
    """Zeros, null and negative samples are no lesion."""
    for absent in (0.0, np.nan, -3.0):
        assert call(np.full(SHAPE, absent))["areas"]["drusen"] == {"1mm": 0, "3mm": 0, "6mm": 0}


def test_coverage_is_an_extra(call):
    """It is nested as the answer and there whether or not something is missing."""
    answer = call(np.ones(SHAPE), include_extras=True)
    assert answer["coverage"] == {"drusen": pytest.approx({"1mm": 1, "3mm": 1, "6mm": 1})}
    half = call(np.ones(SHAPE), valid_window=[0, 15, 0, 640], include_extras=True)
    assert half["coverage"] == {"drusen": pytest.approx({"1mm": 0.5, "3mm": 0.5, "6mm": 0.5})}
    assert half["areas"]["drusen"] == pytest.approx({name: area / 2 for name, area in RINGS.items()}, rel=1e-6)


def test_centres_may_decide(call, plane):
    """With the rule of centres a level's area is a whole number of cells."""
    y, x = plane(SHAPE, DY, DX)
    answer = call(np.ones(SHAPE), coverage="center")["areas"]["drusen"]
    assert answer["1mm"] == pytest.approx((np.hypot(y, x) < 0.5).sum() * DY * DX)


def test_any_unit_is_taken():
    """An area does not depend on what thickness counts."""
    assert get_pathology_area_etdrs_calculations.parameters["pathology_thickness_maps"].unit is None


@pytest.mark.parametrize(
    ("field", "value"),
    [("is_cumulative", "yes"), ("pixel_spacing_row", None), ("scan_protocol", "RADIAL"), ("center_offset_mm", [9, 0])],
)
def test_bad_requests_name_the_field(call, field, value):
    """What is wrong is told by the name of the field."""
    with pytest.raises(InputError) as caught:
        call(np.ones(SHAPE), **{field: value})
    assert caught.value.field == field
