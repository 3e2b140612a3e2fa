"""Area of each pathology in the nine ETDRS fields."""

from __future__ import annotations

from math import pi

import numpy as np
import pytest

from foveola import InputError
from foveola_oct.pathology.get_pathology_area_etdrs_calculations_zone import get_pathology_area_etdrs_calculations_zone
from foveola_oct.retina import ORIENTATIONS

SHAPE, DY, DX = (30, 640), 0.24, 0.0117
AREAS = (0.785398, 1.570796, 5.301438)


@pytest.fixture
def call(scan_of):
    """The areas of a canonical map of drusen, in any orientation."""

    def make(lesion, *, orientation=ORIENTATIONS[0], pitch=(DY, DX), **more):
        return get_pathology_area_etdrs_calculations_zone.call(
            {
                "pathology_thickness_maps": {"drusen": orientation.to_acquisition(np.asarray(lesion, dtype=float))},
                **scan_of(orientation, *pitch),
                **more,
            }
        )

    return make


def test_a_lesion_everywhere_has_the_fields_areas(call, orientation):
    """The closed areas of the nine fields in every orientation."""
    assert call(np.full(SHAPE, 30.0), orientation=orientation) == {
        "areas": {
            "drusen": {
                "0": {"0": pytest.approx(AREAS[0], rel=1e-6)},
                "1": {index: pytest.approx(AREAS[1], rel=1e-6) for index in "0123"},
                "2": {index: pytest.approx(AREAS[2], rel=1e-6) for index in "0123"},
            }
        }
    }


def test_a_disc_is_shared_by_the_inner_fields(call, plane, orientation):
    """A disc of 1 mm radius fills the centre and a part of each inner field."""
    y, x = plane((310, 310), 0.02, 0.02)
    fields = call(np.hypot(y, x) < 1, pitch=(0.02, 0.02), orientation=orientation)["areas"]["drusen"]
    assert fields["0"] == {"0": pytest.approx(pi / 4)}
    assert list(fields["1"].values()) == pytest.approx([0.589049] * 4, rel=0.003)
    assert list(fields["2"].values()) == [0] * 4


def test_the_same_samples_turned_over_swap_their_fields(scan_of):
    """What a TOP_BOTTOM scan has above lies below in a BOTTOM_TOP scan."""
    lesion = np.zeros((120, 120))
    lesion[:40] = 5.0
    upright, inverted = (
        get_pathology_area_etdrs_calculations_zone.call(
            {"pathology_thickness_maps": {"drusen": lesion}, **scan_of(orientation, 0.05, 0.05)}
        )["areas"]["drusen"]["2"]
        for orientation in (ORIENTATIONS[0], ORIENTATIONS[2])
    )
    assert ORIENTATIONS[2].slice_direction == "BOTTOM_TOP"
    assert upright["3"] == pytest.approx(inverted["1"])
    assert upright["1"] == pytest.approx(inverted["3"]) == pytest.approx(0)
    assert upright["3"] > 1


def test_absence_has_no_area(call):
    """Zeros and null are zeros in every field."""
    for absent in (0.0, np.nan):
        fields = call(np.full(SHAPE, absent))["areas"]["drusen"]
        assert {area for level in fields.values() for area in level.values()} == {0.0}


def test_extras_are_nested_as_the_answer(call):
    """Coverage and labels stand where the areas stand."""
    answer = call(np.ones(SHAPE), include_extras=True, laterality="R")
    assert set(answer) == {"areas", "coverage", "labels", "warnings"}
    assert answer["labels"]["drusen"]["2"]["0"] == "nasal"
    assert answer["coverage"]["drusen"]["2"]["0"] == pytest.approx(1)


@pytest.mark.parametrize(
    ("field", "value"),
    [("pixel_spacing_row", None), ("pixel_direction", "TOP_BOTTOM"), ("zone_of_interest", 21), ("min_coverage", 2)],
)
def test_bad_requests_name_the_field(call, field, value):
    """What is wrong is told by the name of the field."""
    with pytest.raises(InputError) as caught:
        call(np.ones(SHAPE), **{field: value})
    assert caught.value.field == field
