"""Volume of each pathology in the levels of the ETDRS circle."""

from __future__ import annotations

import numpy as np
import pytest

from foveola import InputError, Unit
from foveola_oct.pathology.get_pathology_volume_etdrs_calculations import get_pathology_volume_etdrs_calculations
from foveola_oct.pathology.get_pathology_volume_etdrs_calculations_zone import (
    get_pathology_volume_etdrs_calculations_zone,
)
from foveola_oct.retina import ORIENTATIONS

SHAPE, DY, DX = (30, 640), 0.24, 0.0117
RINGS = {"1mm": 0.0314159, "3mm": 0.251327, "6mm": 0.848230}
DISCS = {"1mm": 0.0314159, "3mm": 0.282743, "6mm": 1.130973}


@pytest.fixture
def call(scan_of):
    """The documented answer for a canonical map of fluid, in any orientation."""

    def make(lesion, *, is_cumulative=False, orientation=ORIENTATIONS[0], pitch=(DY, DX), **more):
        return get_pathology_volume_etdrs_calculations.call(
            {
                "pathology_thickness_maps": {"fluid": orientation.to_acquisition(np.asarray(lesion, dtype=float))},
                "is_cumulative": is_cumulative,
                **scan_of(orientation, *pitch),
                **more,
            }
        )

    return make


@pytest.mark.parametrize(("is_cumulative", "expected"), [(False, RINGS), (True, DISCS)], ids=["rings", "discs"])
def test_a_slab_fills_every_level(call, orientation, is_cumulative, expected):
    """10 px of 4 µm have the rings' and the discs' closed volumes in every orientation."""
    answer = call(np.full(SHAPE, 10.0), is_cumulative=is_cumulative, orientation=orientation)
    assert answer == {"volumes": {"fluid": pytest.approx(expected, rel=1e-5)}}


def test_a_lesion_at_the_fovea_is_all_in_the_centre(call, plane, orientation):
    """Within 0.4 mm nothing lies in the rings, and all discs hold the same."""
    y, x = plane((100, 100), 0.05, 0.05)
    lesion = np.where(np.hypot(y, x) < 0.4, 7.0, 0.0)
    whole = lesion.sum() * 0.004 * 0.05**2
    rings = call(lesion, pitch=(0.05, 0.05), orientation=orientation)["volumes"]["fluid"]
    discs = call(lesion, pitch=(0.05, 0.05), orientation=orientation, is_cumulative=True)["volumes"]["fluid"]
    assert rings == {"1mm": pytest.approx(whole), "3mm": 0, "6mm": 0}
    assert list(discs.values()) == pytest.approx([whole] * 3)


def test_rings_add_up_to_discs_and_fields(call, scan_of):
    """However a lesion lies, rings, discs and fields hold the same volume."""
    lesion = np.random.default_rng(7).uniform(-2, 9, SHAPE)
    rings = call(lesion)["volumes"]["fluid"]
    discs = call(lesion, is_cumulative=True)["volumes"]["fluid"]
    fields = get_pathology_volume_etdrs_calculations_zone.call(
        {"pathology_thickness_maps": {"fluid": lesion}, **scan_of(ORIENTATIONS[0], DY, DX)}
    )["volumes"]["fluid"]
    assert list(np.cumsum(list(rings.values()))) == pytest.approx(list(discs.values()))
    assert [sum(level.values()) for level in fields.values()] == pytest.approx(list(rings.values()))


def test_what_was_not_scanned_has_no_volume(call):
    """Unscanned parts count as 0, and the coverage tells how much there was of them."""
    lesion = np.full((120, 120), 10.0)
    lesion[:60] = np.nan
    answer = call(lesion, pitch=(0.05, 0.05), include_extras=True)
    assert answer["volumes"]["fluid"] == pytest.approx({name: volume / 2 for name, volume in RINGS.items()}, rel=1e-5)
    assert answer["coverage"]["fluid"] == pytest.approx({"1mm": 0.5, "3mm": 0.5, "6mm": 0.5})


def test_coverage_of_discs_is_cumulated_too(call):
    """A scan of 3 x 3 mm covers the inner discs, and 9 mm2 of the outer one."""
    coverage = call(np.ones((60, 60)), pitch=(0.05, 0.05), is_cumulative=True, include_extras=True)["coverage"]["fluid"]
    assert coverage == pytest.approx({"1mm": 1, "3mm": 1, "6mm": 1 / np.pi})


def test_the_zone_of_interest_limits_the_samples(call):
    """With a zone of 3 mm the outer ring has only what lies between its inner circle and the square."""
    answer = call(np.full(SHAPE, 10.0), zone_of_interest=3.0)["volumes"]["fluid"]
    assert answer["3mm"] == pytest.approx(RINGS["3mm"], rel=1e-5)
    assert answer["6mm"] == pytest.approx(0.04 * (9 - 2.25 * np.pi), rel=1e-5)


def test_maps_are_independent(scan_of):
    """Maps may have different shapes; all-zero ones have no volume; none is no error."""
    request = {"is_cumulative": False, **scan_of(ORIENTATIONS[0], 0.05, 0.05)}
    answer = get_pathology_volume_etdrs_calculations.call(
        {"pathology_thickness_maps": {"small": np.ones((40, 40)), "none": np.zeros((130, 120))}, **request}
    )["volumes"]
    assert answer["small"]["1mm"] == pytest.approx(np.pi / 4 * 0.004)
    assert answer["none"] == {"1mm": 0, "3mm": 0, "6mm": 0}
    assert get_pathology_volume_etdrs_calculations.call({"pathology_thickness_maps": {}, **request}) == {"volumes": {}}


def test_one_slice_and_a_centre_on_the_border_are_allowed(call):
    """Half of the central disc lies in a scan that ends at the fovea."""
    assert call(np.ones((1, 640)))["volumes"]["fluid"]["1mm"] > 0
    answer = call(np.full((120, 120), 10.0), pitch=(0.05, 0.05), map_center=[59.5, -0.5])
    assert answer["volumes"]["fluid"]["1mm"] == pytest.approx(RINGS["1mm"] / 2, rel=1e-5)


def test_warnings_are_extras(call):
    """Sparse B-scans and negative thickness are said only on request."""
    answer = call(np.full(SHAPE, -1.0), include_extras=True)
    assert set(answer) == {"volumes", "coverage", "warnings"}
    assert [warning.split()[0] for warning in answer["warnings"]] == ["fluid", "B-scans"]


def test_maps_are_in_pixels():
    """A recipe cannot wire maps in millimetres here."""
    assert get_pathology_volume_etdrs_calculations.parameters["pathology_thickness_maps"].unit == Unit("px")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("is_cumulative", None),
        ("is_cumulative", 1),
        ("zone_of_interest", 0),
        ("pixel_spacing_row", None),
        ("slice_thickness", 240),
        ("slice_direction", "LEFT_RIGHT"),
        ("map_center", [1000, 0]),
        ("valid_window", [0, 999, 0, 10]),
        ("coverage", "exact"),
    ],
)
def test_bad_requests_name_the_field(call, field, value):
    """What is wrong is told by the name of the field."""
    with pytest.raises(InputError) as caught:
        call(np.ones(SHAPE), **{field: value})
    assert caught.value.field == field


@pytest.mark.parametrize("field", ["is_cumulative", "pixel_spacing_row", "pathology_thickness_maps"])
def test_required_fields_are_asked_for(scan_of, field):
    """What the guide requires has no default."""
    request = {"pathology_thickness_maps": {}, "is_cumulative": True, **scan_of(ORIENTATIONS[0], DY, DX)}
    del request[field]
    with pytest.raises(InputError) as caught:
        get_pathology_volume_etdrs_calculations.call(request)
    assert caught.value.field == field
