"""Volume of each pathology in the nine ETDRS fields."""

from __future__ import annotations

import numpy as np
import pytest

from foveola import InputError, Unit
from foveola_oct.measurements.get_volume_calculations import get_volume_calculations
from foveola_oct.pathology.get_pathology_volume_etdrs_calculations_zone import (
    get_pathology_volume_etdrs_calculations_zone,
)
from foveola_oct.retina import ORIENTATIONS

SHAPE, DY, DX = (30, 640), 0.24, 0.0117
VOLUMES = (0.0314159, 0.0628319, 0.212058)


@pytest.fixture
def call(scan_of):
    """The documented answer for a canonical map of fluid, in any orientation."""

    def make(lesion, *, orientation=ORIENTATIONS[0], pitch=(DY, DX), **more):
        return get_pathology_volume_etdrs_calculations_zone.call(
            {
                "pathology_thickness_maps": {"fluid": orientation.to_acquisition(np.asarray(lesion, dtype=float))},
                **scan_of(orientation, *pitch),
                **more,
            }
        )

    return make


def by_place(fields):
    """The fields that hold something, as level.index."""
    return {f"{level}.{index}" for level, ring in fields.items() for index, volume in ring.items() if volume > 0}


def test_a_slab_fills_every_field(call, orientation):
    """10 px of 4 µm have the fields' closed volumes in every orientation."""
    fields = call(np.full(SHAPE, 10.0), orientation=orientation)["volumes"]["fluid"]
    assert fields == {
        "0": {"0": pytest.approx(VOLUMES[0], rel=1e-5)},
        **{level: {index: pytest.approx(VOLUMES[int(level)], rel=1e-5) for index in "0123"} for level in "12"},
    }


@pytest.mark.parametrize(
    ("place", "up", "right"),
    [("1.0", 0, 1), ("1.1", -1, 0), ("1.2", 0, -1), ("1.3", 1, 0), ("2.0", 0, 2.2), ("2.3", 2.2, 0), ("0.0", 0, 0)],
)
def test_a_lesion_is_in_the_field_where_it_lies(call, plane, orientation, place, up, right):
    """Index 0 is the image's right, 1 inferior, 2 left, 3 superior, whichever way the scan ran."""
    y, x = plane((130, 140), 0.05, 0.05)
    lesion = np.hypot(y - up, x - right) < 0.3
    assert by_place(call(lesion, pitch=(0.05, 0.05), orientation=orientation)["volumes"]["fluid"]) == {place}


def test_a_superior_ramp_is_symmetric(call, plane, orientation):
    """Fluid that grows upwards is the same left and right, most above, and nothing below."""
    y, _ = plane((120, 120), 0.05, 0.05)
    for level in (
        call(np.maximum(10 * y, 0), pitch=(0.05, 0.05), orientation=orientation)["volumes"]["fluid"][k] for k in "12"
    ):
        assert level["0"] == pytest.approx(level["2"])
        assert level["3"] > level["0"] > level["1"] == pytest.approx(0, abs=1e-12)


def test_fields_add_up_to_the_volume(call, plane):
    """All of a lesion inside 6 mm is in the fields."""
    y, x = plane((120, 120), 0.05, 0.05)
    lesion = np.where(np.hypot(y - 0.4, x + 0.7) < 1.1, 12 + 3 * x, 0)
    fields = call(lesion, pitch=(0.05, 0.05))["volumes"]["fluid"]
    pitches = {"pixel_spacing_column": 0.05, "slice_thickness": 0.05, "pixel_spacing_row": 0.004}
    whole = get_volume_calculations.call({"pathology_thickness_maps": {"fluid": lesion}, **pitches})["volumes"]["fluid"]
    assert sum(sum(level.values()) for level in fields.values()) == pytest.approx(whole)


def test_extras_are_nested_as_the_answer(call):
    """Coverage is always there when asked for, labels when the eye is known."""
    answer = call(np.ones(SHAPE), include_extras=True, laterality="L", valid_window=[0, 30, 320, 640])
    assert answer["coverage"]["fluid"]["0"] == {"0": pytest.approx(0.5)}
    assert answer["coverage"]["fluid"]["2"] == pytest.approx({"0": 1, "1": 0.5, "2": 0, "3": 0.5}, abs=1e-9)
    assert answer["labels"]["fluid"]["1"] == {"0": "temporal", "1": "inferior", "2": "nasal", "3": "superior"}
    assert answer["labels"]["fluid"]["0"] == {"0": "center"}
    assert "labels" not in call(np.ones(SHAPE), include_extras=True)


def test_no_maps_no_volumes(scan_of):
    """Nothing is answered by nothing; an all-zero map by zeros."""
    scan = scan_of(ORIENTATIONS[0], DY, DX)
    assert get_pathology_volume_etdrs_calculations_zone.call({"pathology_thickness_maps": {}, **scan}) == {
        "volumes": {}
    }
    zeros = get_pathology_volume_etdrs_calculations_zone.call(
        {"pathology_thickness_maps": {"fluid": np.zeros((2, 2))}, **scan}
    )["volumes"]["fluid"]
    assert by_place(zeros) == set()
    assert [len(level) for level in zeros.values()] == [1, 4, 4]


def test_maps_are_in_pixels():
    """A recipe cannot wire maps in millimetres here."""
    assert get_pathology_volume_etdrs_calculations_zone.parameters["pathology_thickness_maps"].unit == Unit("px")


@pytest.mark.parametrize(
    ("field", "value"),
    [("is_cumulative", True), ("pixel_spacing_row", None), ("pixel_spacing_row", 3.9), ("laterality", "OD")],
)
def test_bad_requests_name_the_field(call, field, value):
    """What is wrong is told by the name of the field; fields are never cumulated."""
    with pytest.raises(InputError) as caught:
        call(np.ones(SHAPE), **{field: value})
    assert caught.value.field == field
