"""Volume of each pathology."""

from __future__ import annotations

from math import pi

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foveola import InputError, Unit
from foveola_oct.measurements.get_en_face_area_calculations import get_en_face_area_calculations
from foveola_oct.measurements.get_volume_calculations import get_volume_calculations

CUBE = {"pixel_spacing_column": 0.01171875, "pixel_spacing_row": 0.004, "slice_thickness": 0.24}


def call(maps, **more):
    """The documented answer for maps of a macular cube."""
    return get_volume_calculations.call({"pathology_thickness_maps": maps, **CUBE, **more})


def test_a_slab_has_its_volume():
    """10 px of 4 µm over 6 x 6 mm, in pixels and in millimetres."""
    slab = np.full((25, 512), 10.0)
    assert call({"fluid": slab}) == {"volumes": {"fluid": pytest.approx(1.44)}}
    assert call({"fluid": slab * 0.004}, map_unit="mm") == {"volumes": {"fluid": pytest.approx(1.44)}}


def test_half_an_ellipsoid_has_its_volume():
    """A dome of 0.9 x 1.2 mm and 0.2 mm height."""
    a, b, c = 0.9, 1.2, 0.2
    y, x = (np.arange(-50, 50) + 0.5) * 0.05, (np.arange(-200, 200) + 0.5) * 0.01
    dome = c * np.sqrt(np.maximum(1 - (x / a) ** 2 - (y[:, None] / b) ** 2, 0)) / 0.004
    pitch = {"pixel_spacing_column": 0.01, "pixel_spacing_row": 0.004, "slice_thickness": 0.05}
    assert call({"dome": dome}, **pitch)["volumes"]["dome"] == pytest.approx(2 / 3 * pi * a * b * c, rel=0.005)


@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=6), st.floats(0.01, 1))
def test_volume_is_area_times_mean_thickness(thicknesses, slice_thickness):
    """It grows with the distance between B-scans, and is the area's mean height."""
    maps = {"fluid": [[0, *thicknesses]]}
    [volume] = call(maps, slice_thickness=slice_thickness)["volumes"].values()
    [double] = call(maps, slice_thickness=2 * slice_thickness)["volumes"].values()
    areas = get_en_face_area_calculations.call(
        {"pathology_thickness_maps": maps, "pixel_spacing_column": 0.01171875, "slice_thickness": slice_thickness}
    )["areas"]
    assert double == pytest.approx(2 * volume)
    assert volume == pytest.approx(areas["fluid"] * np.mean(thicknesses) * 0.004)


def test_what_is_not_there_has_no_volume():
    """Null and negative samples are 0, the latter with a warning; no map, no volume."""
    answer = call({"fluid": [[None, -5, 2]], "none": [[0]]}, include_extras=True)
    assert answer["volumes"] == {"fluid": pytest.approx(2 * 0.004 * 0.01171875 * 0.24), "none": 0.0}
    assert answer["warnings"][0] == "fluid has negative thickness; it is taken for 0"
    assert call({}) == {"volumes": {}}


def test_map_unit_decides_what_the_maps_count():
    """The parameter says its unit, so that a recipe cannot wire millimetres where pixels are meant."""
    unit = get_volume_calculations.parameters["pathology_thickness_maps"].unit
    assert [unit.choose(word) for word in ("px", "mm")] == [Unit("px"), Unit("mm")]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("pixel_spacing_row", None),
        ("pixel_spacing_row", 3.9),
        ("slice_thickness", 240),
        ("map_unit", "µm"),
        ("pathology_thickness_maps", 5),
    ],
)
def test_bad_requests_name_the_field(field, value):
    """What is wrong is told by the name of the field."""
    with pytest.raises(InputError) as caught:
        call({"fluid": [[1]]}, **{field: value})
    assert caught.value.field == field
